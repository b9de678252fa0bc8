/* log_level.c - GET and POST /log-level: which lines are written, changed while it runs. */
#include <string.h>

#include "core/admin/paths.h"
#include "core/base/log.h"
#include "core/http/target.h"

static void tell(struct visit *v)
{
	visit_json(v, 200, json_pack("{s:s}", "level", log_level_word(log_level())));
}

void visit_log_level(struct visit *v)
{
	tell(v);
}

/* ?level=debug, a form (curl -d level=debug), or {"level": "debug"}. */
static struct weir_str wanted(struct visit *v)
{
	struct weir_str level = visit_parameter(v, "level"), body = buffer_str(&v->body);
	json_t *document;

	if (level.data != NULL || body.len == 0)
		return level;
	if (body.data[0] != '{')
		return query_get(&v->arena, body, STR("level"));
	document = json_read(body, VISIT_BODY, NULL);
	level = arena_copy(&v->arena, json_str(json_object_get(document, "level")));
	json_decref(document);
	return level;
}

void visit_set_log_level(struct visit *v)
{
	struct weir_str word = wanted(v);
	enum log_level level, before = log_level();
	char text[16];

	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(str_head(word, sizeof(text) - 1)));
	if (!log_level_parse(text, &level)) {
		visit_problem(v, 400, NULL, "level=%.*s: write level=error, warn, info or debug",
			      STR_ARG(str_head(word, 40)));
		return;
	}
	log_set_level(level);
	log_info("log level: %s, was %s", log_level_word(level), log_level_word(before));
	tell(v);
}
