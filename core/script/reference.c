/* reference.c - docs/lua/reference.md, from the rows of the bindings. */
#include "core/script/binds.h"
#include "core/script/objects.h"

const struct binding_group binding_groups[] = {
	{ "req", "The request. It is given to every hook; kept beyond its end it is of no use.",
	  { bindings_request } },
	{ "res", "The answer, in `response` and `done`: the upstream's, or one that Weir made.",
	  { bindings_response } },
	{ "req.headers and res.headers", "Names have no case.", { bindings_headers } },
	{ "weir: calls and waiting",
	  "A service is one of the configuration's, named as there. Options are `method`, `headers`, "
	  "`body` (a table is sent as JSON), `timeout` (5 s) and `max` (1 MiB of the answer's body).",
	  { bindings_call, bindings_answer } },
	{ "weir: what is shared",
	  "Shared by all workers, kept over reloads, and each script's own. Memory is bounded: what is "
	  "expired goes first, then what was asked for least of late. Values are copied: texts, numbers, "
	  "booleans and tables of these.", { bindings_cache, bindings_counter, bindings_store } },
	{ "weir.json", NULL, { bindings_json } },
	{ "weir: digests", NULL, { bindings_digest } },
	{ "weir.base64 and weir.hex", NULL, { bindings_base64, bindings_hex } },
	{ "weir.re",
	  "Perl's regular expressions (PCRE2), on bytes, with at most 15 groups. What takes too many steps "
	  "raises an error: it must not pass for a text that does not match.", { bindings_re } },
	{ "weir: time and chance", NULL, { bindings_time } },
	{ "weir.log", "Bounded to ten lines a second for each use, and ten errors, beside what Weir says of "
	  "it; the rest is counted.", { bindings_log } },
	{ "Lua itself", "Lua 5.4, without files, processes, bytecode and `debug`.", { bindings_base } },
	{ "string", "Patterns are those of Lua 5.4, matched in counted steps; what is wrong with one is "
	  "said at once.", { bindings_find, bindings_gsub, bindings_string } },
	{ "table", NULL, { bindings_table, bindings_sort } },
	{ "utf8", NULL, { bindings_utf8 } },
	{ "math", NULL, { bindings_math } },
	{ "coroutine", NULL, { bindings_coroutine } },
	{ NULL, NULL, { NULL } }
};

static bool print_row(struct buffer *out, const struct binding *row)
{
	return buffer_print(out, "| `%s` | %s | %s | %s |\n", row->signature, row->about,
			    row->waits ? "yes" : "", row->since);
}

static bool print_group(struct buffer *out, const struct binding_group *group)
{
	bool ok = buffer_print(out, "\n## %s\n\n", group->title);

	if (group->about != NULL)
		ok = ok && buffer_print(out, "%s\n\n", group->about);
	ok = ok && buffer_print(out, "| | | waits | since |\n|---|---|---|---|\n");
	for (int i = 0; i < 4 && group->rows[i] != NULL; i++) {
		for (const struct binding *row = group->rows[i]; row->name != NULL; row++)
			ok = ok && print_row(out, row);
	}
	return ok;
}

bool bindings_print(struct buffer *out)
{
	bool ok = buffer_print(out, "# Lua reference\n\nPrinted from the bindings of the program "
			       "(`weir manual lua`). The tour is in [README.md](README.md).\n\n"
			       "What may wait parks the request, not the worker, and may be called in every "
			       "hook and everywhere in it. Times are seconds or `\"250ms\"`, sizes bytes or "
			       "`\"64k\"`.\n");

	for (const struct binding_group *group = binding_groups; group->title != NULL; group++)
		ok = ok && print_group(out, group);
	return ok;
}
