/* acl.c - a policy of rules: the first that is about a request says whether it passes. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/acl/rules.h"

struct acl {
	struct rule *rules;
	uint32_t count;
	bool otherwise;		/* allows who no rule is about */
	bool hide;		/* 404 in place of 403 */
	void **blocks;		/* what the rules point into */
	uint32_t block_count, block_room;
};

/* Judging --------------------------------------------------------------------- */

/* The number of the rule that decides; count: none does. */
static uint32_t deciding(const struct acl *acl, const struct subject *s)
{
	uint32_t i = 0;

	while (i < acl->count && rule_misses(&acl->rules[i], s) != MISS_NONE)
		i++;
	return i;
}

static bool allows(const struct acl *acl, uint32_t rule)
{
	return rule < acl->count ? acl->rules[rule].allows : acl->otherwise;
}

static void say_rule(const struct acl *acl, uint32_t rule, struct weir_error *said)
{
	const char *what = allows(acl, rule) ? "allow" : "deny";

	if (rule == acl->count)
		(void)weir_fail(said, "otherwise: %s", what);
	else if (acl->rules[rule].name.data != NULL)
		(void)weir_fail(said, "rule %u \"%.*s\": %s", rule + 1, WEIR_ARG(acl->rules[rule].name), what);
	else
		(void)weir_fail(said, "rule %u: %s", rule + 1, what);
}

static struct weir_str claim_at(void *arg, struct weir_str name, uint32_t n)
{
	const struct weir_exchange *ex = arg;

	return weir_claim_at(ex, name, n);
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct acl *acl = here->self;
	const struct subject subject = {
		.method = weir_request_method(ex), .host = weir_request_host(ex),
		.path = weir_request_path(ex), .client = weir_request_client(ex),
		.identity = weir_request_identity(ex), .claim = claim_at, .arg = ex,
	};
	uint32_t rule = deciding(acl, &subject);
	struct weir_refusal refusal = WEIR_REFUSAL(.status = acl->hide ? 404 : 403,
		.reason = WEIR_STR("denied"), .why = WEIR_STR("this client may not do this"));
	struct weir_error said = { "" };

	if (allows(acl, rule))
		return WEIR_NEXT;
	say_rule(acl, rule, &said);
	(void)weir_log_value(ex, "acl", said.text);
	return weir_refuse_with(ex, &refusal);
}

/* Options --------------------------------------------------------------------- */

static void *keep(struct acl *acl, size_t size)
{
	void *block = calloc(1, size + 1);

	if (acl->block_count == acl->block_room) {
		uint32_t room = acl->block_room > 0 ? acl->block_room * 2 : 16;
		void **more = realloc(acl->blocks, room * sizeof(*more));

		if (more == NULL) {
			free(block);
			return NULL;
		}
		acl->blocks = more;
		acl->block_room = room;
	}
	if (block != NULL)
		acl->blocks[acl->block_count++] = block;
	return block;
}

static bool read_values(struct acl *acl, const struct weir_setup *setup, const char *name,
			struct values *out)
{
	uint32_t count = weir_option_count(setup, name);
	struct weir_str *all = keep(acl, count * sizeof(*all));

	for (out->count = 0; all != NULL && out->count < count; out->count++)
		all[out->count] = weir_option_text_at(setup, name, out->count);
	out->at = all;
	return all != NULL;
}

static bool read_claims(struct acl *acl, const struct weir_setup *setup, struct rule *rule)
{
	uint32_t count = weir_option_count(setup, "claim");
	struct claim_rule *all = keep(acl, count * sizeof(*all));

	for (uint32_t i = 0; all != NULL && i < count; i++) {
		all[i].name = weir_option_key_at(setup, "claim", i);
		if (!read_values(acl, weir_option_object_at(setup, "claim", i), "is", &all[i].is))
			return false;
	}
	rule->claims = all;
	rule->claim_count = count;
	return all != NULL;
}

static bool read_clients(const struct weir_setup *setup, struct rule *rule)
{
	rule->asks_client = weir_option_count(setup, "client") > 0;
	for (uint32_t i = 0; i < weir_option_count(setup, "client"); i++) {
		struct ip_range range;

		if (!ip_range_read(weir_option_text_at(setup, "client", i), &range) ||
		    !ranges_add(&rule->clients, &range))
			return false;
	}
	ranges_settle(&rule->clients);
	return true;
}

static bool read_rule(struct acl *acl, const struct weir_setup *setup, struct rule *rule)
{
	const struct weir_setup *what = weir_option_object(setup, "allow");

	rule->allows = what != NULL;
	rule->name = weir_option_text(setup, "name");
	if (what == NULL)
		what = weir_option_object(setup, "deny");
	return what != NULL && read_values(acl, what, "method", &rule->methods) &&
	       read_values(acl, what, "path", &rule->paths) &&
	       read_values(acl, what, "host", &rule->hosts) &&
	       read_values(acl, what, "identity", &rule->identities) &&
	       read_values(acl, what, "scope", &rule->scopes) && read_claims(acl, what, rule) &&
	       read_clients(what, rule);
}

static void acl_close(void *self)
{
	struct acl *acl = self;

	for (uint32_t i = 0; i < acl->count; i++)
		ranges_end(&acl->rules[i].clients);
	for (uint32_t i = 0; i < acl->block_count; i++)
		free(acl->blocks[i]);
	free(acl->blocks);
	free(acl);
}

static struct acl *read_acl(const struct weir_setup *setup)
{
	uint32_t count = weir_option_count(setup, "rules");
	struct acl *acl = calloc(1, sizeof(*acl));

	if (acl == NULL)
		return NULL;
	acl->otherwise = weir_str_eq(weir_option_text(setup, "otherwise"), WEIR_STR("allow"));
	acl->hide = weir_option_boolean(setup, "hide");
	acl->rules = keep(acl, count * sizeof(*acl->rules));
	for (; acl->rules != NULL && acl->count < count; acl->count++)
		if (!read_rule(acl, weir_option_object_at(setup, "rules", acl->count),
			       &acl->rules[acl->count]))
			break;
	if (acl->count == count)
		return acl;
	acl->count += acl->rules != NULL;
	acl_close(acl);
	return NULL;
}

static bool acl_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	*self = read_acl(setup);
	return *self != NULL || weir_fail(error, "out of memory");
}

/* What a rule's patterns must look like, and that it says one thing. */
static bool check_rule(const struct weir_setup *setup, uint32_t number, struct weir_error *error)
{
	const struct weir_setup *allow = weir_option_object(setup, "allow");
	const struct weir_setup *deny = weir_option_object(setup, "deny");
	const struct weir_setup *what = allow != NULL ? allow : deny;

	if ((allow == NULL) == (deny == NULL))
		return weir_fail(error, "rule %u must have either `allow` or `deny`", number);
	for (uint32_t i = 0; i < weir_option_count(what, "path"); i++) {
		struct weir_str path = weir_option_text_at(what, "path", i);
		const char *star = path.len > 0 ? memchr(path.data, '*', path.len) : NULL;

		if (path.len == 0 || path.data[0] != '/')
			return weir_fail(error, "rule %u: the path `%.*s` must begin with /", number,
					 WEIR_ARG(path));
		if (star != NULL && (star != path.data + path.len - 1 || star[-1] != '/'))
			return weir_fail(error, "rule %u: in the path `%.*s` a * may only stand at the end, "
						"behind a /", number, WEIR_ARG(path));
	}
	return true;
}

static bool acl_check(const struct weir_setup *setup, struct weir_error *error)
{
	for (uint32_t i = 0; i < weir_option_count(setup, "rules"); i++)
		if (!check_rule(weir_option_object_at(setup, "rules", i), i + 1, error))
			return false;
	return true;
}

/* Explaining ------------------------------------------------------------------ */

static struct weir_str claim_asked(void *arg, struct weir_str name, uint32_t n)
{
	const struct weir_question *q = arg;

	for (size_t i = 0; i < q->claim_count; i++)
		if (weir_str_eq(q->claims[i].name, name) && n-- == 0)
			return q->claims[i].value;
	return WEIR_ABSENT;
}

/* "rule 3: deny (rule 1 is not about this method, rule 2 not about this path)" */
static void say_all(const struct acl *acl, const struct subject *s, uint32_t rule,
		    struct weir_error *said)
{
	size_t at;

	say_rule(acl, rule, said);
	at = strlen(said->text);
	for (uint32_t i = 0; i < rule && at + 60 < sizeof(said->text); i++)
		at += (size_t)snprintf(said->text + at, sizeof(said->text) - at, "%srule %u is not about "
				       "this %s", i == 0 ? " (" : ", ", i + 1,
				       miss_word(rule_misses(&acl->rules[i], s)));
	if (rule > 0 && at + 2 < sizeof(said->text))
		strcpy(said->text + at, ")");
}

static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	const struct subject subject = {
		.method = q->method, .host = q->host, .path = q->path, .client = q->client,
		.identity = q->identity, .claim = claim_asked, .arg = (void *)(uintptr_t)q,
	};
	struct acl *acl = read_acl(setup);
	enum weir_verdict verdict;
	uint32_t rule;

	if (acl == NULL) {
		(void)weir_fail(said, "out of memory");
		return WEIR_FAILED;
	}
	rule = deciding(acl, &subject);
	say_all(acl, &subject, rule, said);
	verdict = allows(acl, rule) ? WEIR_NEXT : WEIR_REFUSED;
	acl_close(acl);
	return verdict;
}

/* ----------------------------------------------------------------------------- */

static const struct weir_option claim_options[] = {
	{ .name = "is", .type = WEIR_TEXT, .list = true, .bare = true,
	  .about = "one of these; none: it must be there" },
	{ 0 }
};

static const struct weir_option conditions[] = {
	{ .name = "method", .type = WEIR_TEXT, .list = true, .about = "one of these" },
	{ .name = "host", .type = WEIR_TEXT, .list = true, .about = "one of these, without port" },
	{ .name = "path", .type = WEIR_TEXT, .list = true, .about = "/a, or /a/* for it and all below" },
	{ .name = "client", .type = WEIR_CIDR, .list = true, .about = "its address is in one of these" },
	{ .name = "identity", .type = WEIR_TEXT, .list = true,
	  .about = "one of these; * is any text without a /, ** any text" },
	{ .name = "scope", .type = WEIR_TEXT, .list = true, .about = "all of these are granted" },
	{ .name = "claim", .type = WEIR_MAP, .of = WEIR_OBJECT, .fields = claim_options,
	  .about = "all of these hold: {tier: gold}, {tier: {is: [gold, silver]}}, {tier: {}}" },
	{ 0 }
};

static const struct weir_option rule_options[] = {
	{ .name = "allow", .type = WEIR_OBJECT, .fields = conditions,
	  .about = "who fulfils all of this passes; {}: everybody" },
	{ .name = "deny", .type = WEIR_OBJECT, .fields = conditions,
	  .about = "who fulfils all of this is refused" },
	{ .name = "name", .type = WEIR_TEXT, .about = "for the log and weir explain" },
	{ 0 }
};

static const struct weir_option options[] = {
	{ .name = "rules", .type = WEIR_OBJECT, .list = true, .required = true, .fields = rule_options,
	  .about = "the first that is about a request decides" },
	{ .name = "otherwise", .type = WEIR_CHOICE, .fallback = "deny",
	  .choices = (const char *const[]){ "allow", "deny", NULL }, .about = "when none is" },
	{ .name = "hide", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "who may not gets a 404: there might be nothing" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .explain = explain,
	.traits = WEIR_AUTHORISES);

WEIR_PLUGIN(acl,
	.version = "1.0",
	.summary = "rules about who may do what",
	.options = options, .check = acl_check,
	.open = acl_open, .close = acl_close,
	.policy = &policy);
