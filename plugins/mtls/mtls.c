/* mtls.c - a policy: lets pass whose certificate has one of these names or fingerprints. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/common/say.h"
#include "plugins/mtls/pattern.h"

struct words {
	struct weir_str *at;	/* lent by the options */
	uint32_t count;
};

/* Without any word every verified certificate is good. */
struct mtls {
	struct words dns, uri, email, spiffe, subject;
	char (*fingerprints)[FINGERPRINT];
	uint32_t fingerprint_count;
};

/* Hooks ------------------------------------------------------------------------------------- */

static bool plain_matches(struct weir_str pattern, struct weir_str name)
{
	return weir_str_eq(pattern, name);
}

static bool one_matches(const struct words *words, struct weir_str name,
			bool (*matches)(struct weir_str pattern, struct weir_str name))
{
	for (uint32_t i = 0; i < words->count; i++)
		if (matches(words->at[i], name))
			return true;
	return false;
}

/* Any of the certificate's names of this kind. */
static bool any_matches(const struct words *words, const struct weir_exchange *ex, enum weir_peer kind,
			bool (*matches)(struct weir_str pattern, struct weir_str name))
{
	struct weir_str name;

	if (words->count == 0)
		return false;
	for (uint32_t n = 0; (name = weir_peer_at(ex, kind, n)).data != NULL; n++)
		if (one_matches(words, name, matches))
			return true;
	return false;
}

static bool has_fingerprint(const struct mtls *m, const struct weir_exchange *ex)
{
	struct weir_str shown = weir_peer(ex, WEIR_PEER_FINGERPRINT);

	for (uint32_t i = 0; i < m->fingerprint_count; i++)
		if (weir_str_eq(shown, (struct weir_str){ m->fingerprints[i], FINGERPRINT }))
			return true;
	return false;
}

static bool takes_all(const struct mtls *m)
{
	return m->dns.count + m->uri.count + m->email.count + m->spiffe.count + m->subject.count +
	       m->fingerprint_count == 0;
}

static bool is_allowed(const struct mtls *m, const struct weir_exchange *ex)
{
	return takes_all(m) || any_matches(&m->dns, ex, WEIR_PEER_DNS, dns_matches) ||
	       any_matches(&m->spiffe, ex, WEIR_PEER_SPIFFE, spiffe_matches) ||
	       any_matches(&m->uri, ex, WEIR_PEER_URI, plain_matches) ||
	       any_matches(&m->email, ex, WEIR_PEER_EMAIL, plain_matches) ||
	       any_matches(&m->subject, ex, WEIR_PEER_SUBJECT, plain_matches) || has_fingerprint(m, ex);
}

static enum weir_verdict refuse(struct weir_exchange *ex, const char *reason, const char *why)
{
	const struct weir_refusal refusal = WEIR_REFUSAL(.status = 403, .reason = weir_str_from(reason),
							 .why = weir_str_from(why));

	return weir_refuse_with(ex, &refusal);
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct mtls *m = here->self;

	if (!weir_peer_known(ex))
		return refuse(ex, "client-cert-missing", "a client certificate is required here");
	if (!is_allowed(m, ex))
		return refuse(ex, "denied", "this client certificate is not allowed here");
	return WEIR_NEXT;
}

/* Options ----------------------------------------------------------------------------------- */

static bool read_words(const struct weir_setup *setup, const char *name, struct words *words)
{
	uint32_t count = weir_option_count(setup, name);

	words->at = calloc(count + 1u, sizeof(*words->at));
	if (words->at == NULL)
		return false;
	for (; words->count < count; words->count++)
		words->at[words->count] = weir_option_text_at(setup, name, words->count);
	return true;
}

static bool read_fingerprints(const struct weir_setup *setup, struct mtls *m)
{
	uint32_t count = weir_option_count(setup, "fingerprint");

	m->fingerprints = calloc(count + 1u, sizeof(*m->fingerprints));
	if (m->fingerprints == NULL)
		return false;
	for (; m->fingerprint_count < count; m->fingerprint_count++)
		if (!fingerprint_read(weir_option_text_at(setup, "fingerprint", m->fingerprint_count),
				      m->fingerprints[m->fingerprint_count]))
			return false;
	return true;
}

static void mtls_close(void *self)
{
	struct mtls *m = self;

	free(m->dns.at);
	free(m->uri.at);
	free(m->email.at);
	free(m->spiffe.at);
	free(m->subject.at);
	free(m->fingerprints);
	free(m);
}

static bool mtls_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct mtls *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return weir_fail(error, "out of memory");
	if (!read_words(setup, "dns", &m->dns) || !read_words(setup, "uri", &m->uri) ||
	    !read_words(setup, "email", &m->email) || !read_words(setup, "spiffe", &m->spiffe) ||
	    !read_words(setup, "subject", &m->subject) || !read_fingerprints(setup, m)) {
		mtls_close(m);
		return weir_fail(error, "out of memory");
	}
	*self = m;
	return true;
}

static bool mtls_check(const struct weir_setup *setup, struct weir_error *error)
{
	char digits[FINGERPRINT];

	for (uint32_t i = 0; i < weir_option_count(setup, "dns"); i++) {
		struct weir_str name = weir_option_text_at(setup, "dns", i);

		if (!dns_pattern_valid(name))
			return weir_fail(error, "dns: `%.*s` is no host name; a * may only stand for the "
					 "first label, as in *.example.com", WEIR_ARG(name));
	}
	for (uint32_t i = 0; i < weir_option_count(setup, "spiffe"); i++) {
		struct weir_str id = weir_option_text_at(setup, "spiffe", i);

		if (!spiffe_pattern_valid(id))
			return weir_fail(error, "spiffe: `%.*s` is no SPIFFE id; expected one such as "
					 "spiffe://example.org/ns/*/sa/web, or /** at its end",
					 WEIR_ARG(id));
	}
	for (uint32_t i = 0; i < weir_option_count(setup, "fingerprint"); i++)
		if (!fingerprint_read(weir_option_text_at(setup, "fingerprint", i), digits))
			return weir_fail(error, "fingerprint: expected the 64 hex digits of a SHA-256, with "
					 "or without colons");
	return true;
}

/* Explaining -------------------------------------------------------------------------------- */

static void say_all(const struct weir_setup *setup, struct weir_error *said)
{
	static const char *const names[] = { "dns", "spiffe", "uri", "email", "subject" };
	const char *join = " with ";
	char before[32];

	say(said, "a client certificate");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(before, sizeof(before), "%s%s ", join, names[i]);
		say_texts(said, before, setup, names[i], " or ");
		join = weir_option_count(setup, names[i]) > 0 ? ", or " : join;
	}
	if (weir_option_count(setup, "fingerprint") > 0)
		say(said, "%sa fingerprint that is listed", join);
	else if (*join == ' ')
		say(said, " that the listener's client_ca has signed");
}

/* Is who asks one of those that are named? Which kind of name it is, the question does not say. */
static bool is_named(const struct mtls *m, struct weir_str who)
{
	return who.data != NULL && (one_matches(&m->dns, who, dns_matches) ||
	       one_matches(&m->spiffe, who, spiffe_matches) || one_matches(&m->uri, who, plain_matches) ||
	       one_matches(&m->email, who, plain_matches) || one_matches(&m->subject, who, plain_matches));
}

static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	void *self = NULL;
	bool named;

	if (!mtls_open(setup, &self, said))
		return WEIR_FAILED;
	named = is_named(self, q->identity);
	mtls_close(self);
	if (named)
		say(said, "%.*s is allowed, by ", WEIR_ARG(q->identity));
	say_all(setup, said);
	return named ? WEIR_NEXT : WEIR_FAILED;
}

static const struct weir_option options[] = {
	{ .name = "dns", .type = WEIR_TEXT, .list = true,
	  .about = "DNS names that are allowed; *.example.com is any one label before example.com" },
	{ .name = "spiffe", .type = WEIR_TEXT, .list = true,
	  .about = "SPIFFE ids that are allowed; * is any segment, ** at the end any that follow" },
	{ .name = "uri", .type = WEIR_TEXT, .list = true, .about = "URIs that are allowed, exactly" },
	{ .name = "email", .type = WEIR_TEXT, .list = true,
	  .about = "e-mail addresses that are allowed, exactly" },
	{ .name = "subject", .type = WEIR_TEXT, .list = true,
	  .about = "subjects that are allowed, exactly, as in \"CN=web,O=Example\" (RFC 2253)" },
	{ .name = "fingerprint", .type = WEIR_TEXT, .list = true,
	  .about = "SHA-256 fingerprints of certificates that are allowed" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .explain = explain,
	.traits = WEIR_AUTHORISES);

WEIR_PLUGIN(mtls,
	.version = "1.0",
	.summary = "lets pass whose client certificate has one of these names",
	.options = options, .check = mtls_check,
	.open = mtls_open, .close = mtls_close,
	.policy = &policy);
