/* visit.c - a request to the admin API: read, answered, released. */
#include "core/admin/visit.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/admin/paths.h"
#include "core/http/message.h"
#include "core/http/target.h"

enum { VISIT_MEMORY = 256 * 1024, INDENT = 2 };

/* --- Its life. -------------------------------------------------------------------------------- */

static void split_target(struct visit *v)
{
	size_t question = str_find(v->target, '?');

	v->name = str_head(v->target, question);
	v->query = str_skip(v->target, question + 1);
}

bool visit_init(struct visit *v, const struct admin_world *world, struct weir_str target)
{
	*v = (struct visit){ .world = world };
	arena_init(&v->arena, NULL, VISIT_MEMORY);
	buffer_init(&v->body, VISIT_BODY);
	buffer_init(&v->answer, VISIT_ANSWER);
	v->target = arena_copy(&v->arena, target);
	split_target(v);
	return !v->arena.overflowed;
}

void visit_set_method(struct visit *v, struct weir_str method)
{
	v->method = arena_copy(&v->arena, method);
}

void visit_fini(struct visit *v)
{
	buffer_fini(&v->answer);
	buffer_fini(&v->body);
	arena_reset(&v->arena);
}

struct weir_str visit_parameter(struct visit *v, const char *name)
{
	return query_get(&v->arena, v->query, str_from(name));
}

bool visit_is_command(const struct visit *v)
{
	return str_eq(v->method, STR("POST"));
}

static bool is_question(const struct visit *v)
{
	return str_eq(v->method, STR("GET")) || str_eq(v->method, STR("HEAD"));
}

/* --- Answers. --------------------------------------------------------------------------------- */

static void say(struct visit *v, unsigned status, const char *content_type)
{
	buffer_drop(&v->answer, buffer_len(&v->answer));
	v->status = status;
	v->content_type = content_type;
}

/* Cannot fail: what a visit says when there is no room for anything else. */
static void say_too_large(struct visit *v)
{
	static const char text[] = "{\"status\": 500, \"title\": \"Internal Server Error\", "
				   "\"detail\": \"there is no memory for the answer\"}\n";

	say(v, 500, "application/problem+json");
	if (!buffer_add(&v->answer, STR(text)))
		buffer_drop(&v->answer, buffer_len(&v->answer));
}

static void put(struct visit *v, unsigned status, const char *content_type, json_t *document)
{
	say(v, status, content_type);
	if (document == NULL || !json_print(&v->answer, document, INDENT) ||
	    !buffer_add(&v->answer, STR("\n")))
		say_too_large(v);
	json_decref(document);
}

void visit_json(struct visit *v, unsigned status, json_t *document)
{
	put(v, status, "application/json", document);
}

void visit_problem(struct visit *v, unsigned status, json_t *more, const char *format, ...)
{
	char detail[2 * WEIR_ERROR_ROOM];
	json_t *document = json_object();
	va_list args;

	va_start(args, format);
	(void)vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	json_object_set_new(document, "status", json_integer(status));
	json_set_str(document, "title", status_phrase(status));
	json_set_str(document, "detail", str_from(detail));
	if (more != NULL)
		json_object_update(document, more);
	json_decref(more);
	put(v, status, "application/problem+json", document);
}

void visit_not_here(struct visit *v)
{
	visit_problem(v, 501, NULL, "this Weir has nothing behind %.*s", STR_ARG(v->name));
}

/* --- Which function. -------------------------------------------------------------------------- */

static void say_no_path(struct visit *v)
{
	json_t *more = json_object(), *names = json_array();

	paths_add_names(names, v->probe);
	json_object_set_new(more, "paths", names);
	visit_problem(v, 404, more, "there is no %.*s here; see `paths`",
		      STR_ARG(str_head(v->name, 200)));
}

static void say_other_method(struct visit *v)
{
	v->allow = path_methods(v->path, v->probe);
	visit_problem(v, 405, NULL, "%s takes %s", v->path->name, v->allow);
}

void visit_run(struct visit *v)
{
	visit_fn *fn = NULL;

	if (v->path == NULL) {
		say_no_path(v);
		return;
	}
	if (is_question(v))
		fn = v->path->get;
	else if (visit_is_command(v) && !v->probe)
		fn = v->path->post;
	if (fn != NULL)
		fn(v);
	else
		say_other_method(v);
}

bool visit_waits(const struct visit *v)
{
	return v->path != NULL && v->path->waits && !v->probe && visit_is_command(v);
}
