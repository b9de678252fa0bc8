/* explain.c - what kind of token is wanted, for `weir explain`: nothing is fetched or verified. */
#include <stdlib.h>

#include "plugins/common/say.h"
#include "plugins/jwt/jwt.h"

static struct weir_str issuer_name(const struct weir_setup *is)
{
	struct weir_str name = weir_option_text(is, "issuer");

	if (name.data == NULL)
		name = weir_option_text(is, "jwks_url");
	return name.data != NULL ? name : WEIR_STR("any issuer");
}

/* "a token of https://login.example/ for orders, or of billing for orders" */
static void say_issuers(struct weir_error *said, const struct weir_setup *setup)
{
	for (uint32_t i = 0; i < weir_option_count(setup, "issuers"); i++) {
		const struct weir_setup *is = weir_option_object_at(setup, "issuers", i);

		if (is == NULL)
			return;
		say(said, "%s of %.*s", i == 0 ? "a token" : ", or", WEIR_ARG(issuer_name(is)));
		say_texts(said, " for ", is, "audience", " or ");
	}
}

static void say_places(struct weir_error *said, const struct weir_setup *setup)
{
	bool given = weir_option_given(setup, "header") || weir_option_given(setup, "cookie") ||
		     weir_option_given(setup, "query");
	const char *join = ", in ";

	if (!given)
		say(said, ", in authorization: Bearer");
	if (weir_option_given(setup, "header")) {
		say(said, "%s%.*s", join, WEIR_ARG(weir_option_text(setup, "header")));
		join = " or ";
	}
	if (weir_option_given(setup, "cookie")) {
		say(said, "%sthe cookie %.*s", join, WEIR_ARG(weir_option_text(setup, "cookie")));
		join = " or ";
	}
	if (weir_option_given(setup, "query"))
		say(said, "%sthe query's %.*s", join, WEIR_ARG(weir_option_text(setup, "query")));
}

static void say_needs(struct weir_error *said, const struct weir_setup *setup)
{
	say_texts(said, ", with the scopes ", setup, "scopes", " and ");
	for (uint32_t i = 0; i < weir_option_count(setup, "claims"); i++) {
		const struct weir_setup *claim = weir_option_object_at(setup, "claims", i);

		say(said, ", with the claim %.*s", WEIR_ARG(weir_option_key_at(setup, "claims", i)));
		if (claim != NULL)
			say_texts(said, ": ", claim, "is", " or ");
	}
}

/* The claims of the question as if a token had said them. free() it. */
static struct learnt *claims_asked(const struct weir_question *q)
{
	struct learnt *l = calloc(1, sizeof(*l) + q->claim_count * sizeof(l->at[0]));

	for (size_t i = 0; l != NULL && i < q->claim_count; i++)
		l->at[l->count++] = (struct learnt_field){ .name = q->claims[i].name,
							   .value = q->claims[i].value };
	return l;
}

static enum fault try_claims(const struct weir_setup *setup, const struct weir_question *q,
			     struct weir_str *lacks)
{
	struct learnt *l = claims_asked(q);
	enum fault fault = FAULT_MEMORY;
	struct needs needs;

	if (needs_open(&needs, setup) && l != NULL)
		fault = needs_check(&needs, l, lacks);
	needs_close(&needs);
	free(l);
	return fault;
}

enum weir_verdict jwt_explain(const struct weir_setup *setup, const struct weir_question *q,
			      struct weir_error *said)
{
	bool optional = weir_option_boolean(setup, "optional");
	struct weir_str lacks = WEIR_ABSENT;
	enum fault fault = q->claim_count > 0 ? try_claims(setup, q, &lacks) : FAULT_NONE;

	if (fault != FAULT_NONE) {
		say(said, "%.*s%s%.*s", WEIR_ARG(fault_row(fault)->sentence), lacks.data != NULL ? ": " : "",
		    WEIR_ARG(lacks));
		return fault == FAULT_MEMORY ? WEIR_FAILED : WEIR_REFUSED;
	}
	if (q->claim_count > 0)
		say(said, "these claims are enough, if they come with ");
	else if (optional)
		say(said, "no token is needed; one that comes must be ");
	say_issuers(said, setup);
	say_places(said, setup);
	say_needs(said, setup);
	return q->claim_count > 0 || optional ? WEIR_NEXT : WEIR_FAILED;
}
