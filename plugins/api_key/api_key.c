/* api_key.c - a policy that lets pass who brings a key whose hash stands in a file. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/api_key/keys.h"
#include "plugins/common/guard.h"
#include "plugins/common/query.h"
#include "plugins/common/say.h"
#include "plugins/common/watched.h"

enum { LONGEST = 512 };

struct guard {
	struct watched file;
	struct weir_str header, query;
	bool forward;
};

/* In one place, once. MISSING: in none. */
enum found { FOUND, MISSING, SEVERAL };

static enum found find(const struct guard *g, struct weir_exchange *ex, struct weir_str *out)
{
	uint32_t count = weir_request_header_count(ex, g->header);
	struct weir_str in_query = g->query.data != NULL ? weir_request_query_value(ex, g->query)
							  : WEIR_ABSENT;

	if (count + (in_query.data != NULL) > 1)
		return SEVERAL;
	*out = count == 1 ? weir_request_header_at(ex, g->header, 0) : in_query;
	return out->data != NULL && out->len > 0 ? FOUND : MISSING;
}

static bool take_away(const struct guard *g, struct weir_exchange *ex)
{
	struct weir_str query = weir_request_query(ex);
	char *rest;

	weir_request_header_remove(ex, g->header);
	if (g->query.data == NULL || query.len == 0)
		return true;
	rest = weir_alloc(ex, query.len);
	if (rest == NULL)
		return false;
	return weir_request_set_query(ex, ((struct weir_str){
		rest, query_without(query, g->query, rest) }));
}

static bool is_again(const struct api_key *key, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (weir_str_eq(key->claims[i].name, key->claims[at].name))
			return true;
	return false;
}

static bool tell(struct weir_exchange *ex, const struct api_key *key)
{
	bool ok = weir_identity_set(ex, key->identity);

	for (uint32_t i = 0; ok && i < key->claim_count; i++)
		ok = is_again(key, i) ? weir_claim_add(ex, key->claims[i].name, key->claims[i].value)
				      : weir_claim_set(ex, key->claims[i].name, key->claims[i].value);
	return ok;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	static const struct weir_str challenge = { "ApiKey", 6 };
	const struct guard *g = here->self;
	const struct keys *keys = weir_cell_read(ex, g->file.cell);
	const struct api_key *key;
	struct weir_str given;

	switch (find(g, ex, &given)) {
	case MISSING:
		return guard_refuse(ex, 401, "credentials-missing", "the request has no API key", challenge);
	case SEVERAL:
		return guard_refuse(ex, 400, "credentials-invalid", "the request has more than one API key",
				    challenge);
	case FOUND:
		break;
	}
	if (keys == NULL)
		return WEIR_FAILED;
	key = given.len <= LONGEST ? keys_find(keys, given) : NULL;
	if (key == NULL)
		return guard_refuse(ex, 401, "credentials-invalid", "the API key is not known", challenge);
	if (!tell(ex, key) || (!g->forward && !take_away(g, ex)))
		return WEIR_FAILED;
	return WEIR_NEXT;
}

static void background(const struct weir_here *here)
{
	struct guard *g = here->self;
	struct watched *const files[] = { &g->file };

	watched_run(here, files, 1);
}

/* Lives ----------------------------------------------------------------------- */

static void *read_keys(struct weir_str text, struct weir_error *error)
{
	return keys_read(text, error);
}

static void guard_close(void *self)
{
	struct guard *g = self;

	watched_close(&g->file);
	free(g);
}

static bool guard_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return weir_fail(error, "out of memory");
	g->header = weir_option_text(setup, "header");
	g->query = weir_option_text(setup, "query");
	g->forward = weir_option_boolean(setup, "forward");
	if (!watched_open(&g->file, setup, weir_option_text(setup, "file"), read_keys, keys_free, error)) {
		guard_close(g);
		return false;
	}
	*self = g;
	return true;
}

/* The file is not read for a question. */
static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	struct weir_str query = weir_option_text(setup, "query");

	(void)q;
	say(said, "a key of %.*s, in %.*s", WEIR_ARG(weir_option_text(setup, "file")),
	    WEIR_ARG(weir_option_text(setup, "header")));
	if (query.data != NULL)
		say(said, " or the query's %.*s", WEIR_ARG(query));
	return WEIR_FAILED;
}

static const struct weir_option options[] = {
	{ .name = "file", .type = WEIR_PATH, .required = true, .bare = true,
	  .about = "hashed keys, one a line, and whose they are; watched" },
	{ .name = "header", .type = WEIR_HEADER_NAME, .fallback = "x-api-key",
	  .about = "the header with the key" },
	{ .name = "query", .type = WEIR_TEXT, .about = "a query parameter with the key, instead" },
	{ .name = "forward", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "the service gets the key too" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .explain = explain,
	.traits = WEIR_SETS_CLAIMS | WEIR_AUTHORISES);

WEIR_PLUGIN(api_key,
	.version = "1.0",
	.summary = "lets pass who brings a key whose hash stands in a file",
	.options = options,
	.open = guard_open, .close = guard_close,
	.background = background,
	.policy = &policy);
