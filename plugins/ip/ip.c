/* ip.c - a policy that lets pass, or not, by the client's address. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/common/watched.h"
#include "plugins/ip/lists.h"

struct guard {
	struct ranges allow, deny;
	bool has_allow, has_deny;
	struct watched files[2];	/* allow_file, deny_file; path NULL: not given */
	uint16_t status;
};

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct guard *g = here->self;
	const struct ip_lists lists = {
		.allow = { g->has_allow ? &g->allow : NULL,
			   g->files[0].path != NULL ? weir_cell_read(ex, g->files[0].cell) : NULL },
		.deny = { g->has_deny ? &g->deny : NULL,
			  g->files[1].path != NULL ? weir_cell_read(ex, g->files[1].cell) : NULL },
	};
	struct weir_refusal refusal = WEIR_REFUSAL(.status = g->status, .reason = WEIR_STR("denied"),
		.why = WEIR_STR("this address may not come in here"));

	for (int i = 0; i < 2; i++)	/* no memory to hold it: who cannot decide lets nobody in */
		if (g->files[i].path != NULL && (i == 0 ? lists.allow[1] : lists.deny[1]) == NULL)
			return WEIR_FAILED;
	if (lists_say(&lists, weir_request_client(ex)) == IP_PASSES)
		return WEIR_NEXT;
	return weir_refuse_with(ex, &refusal);
}

/* Reads a file that changes; with two of them, one after the other is looked at. */
static void background(const struct weir_here *here)
{
	struct guard *g = here->self;
	struct watched *both[2];
	uint32_t count = 0;

	for (int i = 0; i < 2; i++)
		if (g->files[i].path != NULL)
			both[count++] = &g->files[i];
	watched_run(here, both, count);
}

/* Lives ----------------------------------------------------------------------- */

static bool read_option(const struct weir_setup *setup, const char *name, struct ranges *out,
			struct weir_error *error)
{
	for (uint32_t i = 0; i < weir_option_count(setup, name); i++) {
		struct weir_str text = weir_option_text_at(setup, name, i);
		struct ip_range range;

		if (!ip_range_read(text, &range))
			return weir_fail(error, "`%.*s` under `%s` is no address and no network",
					 WEIR_ARG(text), name);
		if (!ranges_add(out, &range))
			return weir_fail(error, "out of memory");
	}
	ranges_settle(out);
	return true;
}

static void *read_list(struct weir_str text, struct weir_error *error)
{
	return list_read(text, error);
}

static void guard_close(void *self)
{
	struct guard *g = self;

	ranges_end(&g->allow);
	ranges_end(&g->deny);
	watched_close(&g->files[0]);
	watched_close(&g->files[1]);
	free(g);
}

static bool open_files(struct guard *g, const struct weir_setup *setup, struct weir_error *error)
{
	static const char *const names[] = { "allow_file", "deny_file" };

	for (int i = 0; i < 2; i++)
		if (weir_option_given(setup, names[i]) &&
		    !watched_open(&g->files[i], setup, weir_option_text(setup, names[i]), read_list,
				  list_free, error))
			return false;
	return true;
}

static bool guard_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return weir_fail(error, "out of memory");
	g->status = (uint16_t)weir_option_integer(setup, "status");
	g->has_allow = weir_option_given(setup, "allow");
	g->has_deny = weir_option_given(setup, "deny");
	if (!read_option(setup, "allow", &g->allow, error) ||
	    !read_option(setup, "deny", &g->deny, error) || !open_files(g, setup, error)) {
		guard_close(g);
		return false;
	}
	*self = g;
	return true;
}

static bool guard_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (!weir_option_given(setup, "allow") && !weir_option_given(setup, "deny") &&
	    !weir_option_given(setup, "allow_file") && !weir_option_given(setup, "deny_file"))
		return weir_fail(error, "there is nothing to decide by; give `allow`, `deny`, `allow_file` "
					"or `deny_file`");
	return true;
}

/* What it would say; files are not read for a question. */
static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	struct guard g = { .has_allow = weir_option_given(setup, "allow"),
			   .has_deny = weir_option_given(setup, "deny") };
	struct ip_lists lists = { .allow = { g.has_allow ? &g.allow : NULL },
				  .deny = { g.has_deny ? &g.deny : NULL } };
	bool files = weir_option_given(setup, "allow_file") || weir_option_given(setup, "deny_file");
	enum ip_says says = IP_UNKNOWN;
	bool known = false;

	if (q->client.data == NULL)
		(void)weir_fail(said, "the client's address (--client)");
	else if (read_option(setup, "allow", &g.allow, said) && read_option(setup, "deny", &g.deny, said)) {
		says = lists_say(&lists, q->client);
		known = !files || says == IP_DENIED;	/* no file lets pass who is denied here */
		(void)weir_fail(said, "%s%.*s%s", !known ? "what the files say of " : "", WEIR_ARG(q->client),
				!known ? "" : says == IP_PASSES ? " passes" : says == IP_DENIED ?
				" is in `deny`" : says == IP_UNKNOWN ? " is no address" : " is not in `allow`");
	}
	ranges_end(&g.allow);
	ranges_end(&g.deny);
	if (!known)
		return WEIR_FAILED;
	return says == IP_PASSES ? WEIR_NEXT : WEIR_REFUSED;
}

static const struct weir_option options[] = {
	{ .name = "allow", .type = WEIR_CIDR, .list = true,
	  .about = "addresses and networks that may come in; with it, or `allow_file`, nobody else may" },
	{ .name = "deny", .type = WEIR_CIDR, .list = true,
	  .about = "those that may not, even if they are allowed" },
	{ .name = "allow_file", .type = WEIR_PATH, .about = "more that may, one a line; watched" },
	{ .name = "deny_file", .type = WEIR_PATH, .about = "more that may not, one a line; watched" },
	{ .name = "status", .type = WEIR_INTEGER, .fallback = "403", .min = 400, .max = 499,
	  .about = "of the answer for those who may not" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .explain = explain,
	.traits = WEIR_AUTHORISES);

WEIR_PLUGIN(ip,
	.version = "1.0",
	.summary = "lets pass by the client's address",
	.options = options, .check = guard_check,
	.open = guard_open, .close = guard_close,
	.background = background,
	.policy = &policy);
