/* command_explain.c - `weir explain`: why a request goes where it goes. */
#include <stdio.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/weir/commands.h"
#include "core/weir/explain.h"
#include "core/weir/explain_ask.h"
#include "core/weir/explain_print.h"
#include "core/weir/offline.h"

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the configuration; or --admin" },
	{ "admin", 0, "ADDR", "ask a running Weir: HOST:PORT or unix:PATH" },
	{ "token", 0, "FILE", "the file with its token, where it wants one" },
	{ "header", 'H', "'NAME: VALUE'", "a header of the request; may be repeated" },
	{ "listener", 0, "NAME", "the listener it comes to; the first that serves routes" },
	{ "client", 0, "IP", "the client's address" },
	{ "identity", 0, "NAME", "who the client is, by certificate or token" },
	{ "claim", 0, "NAME=VALUE", "what a policy would have learnt; may be repeated" },
	{ "json", 0, NULL, "the answer as JSON" },
	{ NULL, 0, NULL, NULL }
};

static bool read_pair(const char *given, char separator, struct admin_pair *pair)
{
	struct weir_str s = str_from(given);
	size_t cut = str_find(s, separator);

	pair->name = str_trim(str_head(s, cut));
	pair->value = cut < s.len ? str_trim(str_skip(s, cut + 1)) : STR("");
	return cut < s.len && pair->name.len > 0;
}

static bool read_pairs(const struct command_line *line, const char *option, char separator,
		       struct admin_pair *pairs, unsigned *count)
{
	const char *given;
	uint32_t at = 0;

	while ((given = command_each(line, option, &at)) != NULL) {
		if (*count == ADMIN_PAIRS || !read_pair(given, separator, &pairs[(*count)++])) {
			fprintf(stderr, "weir explain: --%s \"%s\": write NAME%cVALUE, at most %d\n",
				option, given, separator, ADMIN_PAIRS);
			return false;
		}
	}
	return true;
}

static bool read_question(const struct command_line *line, struct admin_question *q)
{
	*q = (struct admin_question){
		.method = str_from(line->arguments[0]),
		.url = str_from(line->arguments[1]),
		.listener = str_from(command_value(line, "listener")),
		.client = str_from(command_value(line, "client")),
		.identity = str_from(command_value(line, "identity")),
	};
	return read_pairs(line, "header", ':', q->headers, &q->header_count) &&
	       read_pairs(line, "claim", '=', q->claims, &q->claim_count);
}

static void say_findings(const struct diagnostics *d)
{
	struct buffer b;

	buffer_init(&b, 1 << 20);
	(void)diagnostics_print(d, &b);
	if (buffer_len(&b) > 0)
		(void)fwrite(b.data, 1, buffer_len(&b), stderr);
	buffer_fini(&b);
}

static json_t *ask_file(const char *path, const struct admin_question *q, struct weir_error *error)
{
	struct diagnostics d;
	struct offline o;
	struct world *w;
	json_t *answer = NULL;

	diagnostics_init(&d);
	if (offline_open(&o, error)) {
		w = offline_build(&o, path, &d);
		say_findings(&d);
		if (w != NULL)
			answer = explain(w, NULL, q, error);
		else
			(void)weir_fail(error, "%s cannot be used", path);
		world_free(w);
	}
	offline_close(&o);
	diagnostics_fini(&d);
	return answer;
}

static int run(const struct command_line *line)
{
	const char *path = command_value(line, "config"), *admin = command_value(line, "admin");
	struct weir_error error = { "" };
	struct admin_question q;
	json_t *answer;

	if ((path == NULL) == (admin == NULL)) {
		fprintf(stderr, "weir explain: give either -c FILE or --admin ADDR\n");
		return COMMAND_MISUSED;
	}
	if (!read_question(line, &q))
		return COMMAND_MISUSED;
	answer = path != NULL ? ask_file(path, &q, &error)
			      : explain_ask(admin, command_value(line, "token"), &q, &error);
	if (answer == NULL) {
		fprintf(stderr, "weir explain: %s\n", error.text);
		return 1;
	}
	if (command_has(line, "json"))
		(void)(json_dumpf(answer, stdout, JSON_INDENT(2)), putchar('\n'));
	else
		explain_print(answer, stdout);
	json_decref(answer);
	return 0;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "say which route a request takes and why, with its policies and endpoints",
	.arguments = "METHOD URL",
	.least = 2, .most = 2,
	.options = options,
	.run = run,
};
