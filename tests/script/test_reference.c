/* test_reference.c - what scripts can call is what the reference tells of, and the other way round. */
#include <stdlib.h>

#include "core/base/buffer.h"
#include "core/base/mem.h"
#include "core/conf/source.h"
#include "core/script/binding.h"
#include "tests/script/stage.h"

static void the_reference_in_docs_is_what_the_program_prints(void **state)
{
	const char *source = getenv("WEIR_SOURCE");
	struct weir_error error = { "" };
	struct weir_str page;
	struct arena arena;
	struct buffer out;
	char path[1024];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/docs/lua/reference.md", source != NULL ? source : ".");
	arena_init(&arena, NULL, 1 << 20);
	buffer_init(&out, 1 << 20);
	if (!source_read(&arena, path, 1 << 20, true, &page, &error))
		fail_msg("%s", error.text);
	assert_true(bindings_print(&out));
	if (!str_eq(buffer_str(&out), page))
		fail_msg("the bindings have changed; run: weir manual lua > docs/lua/reference.md");
	buffer_fini(&out);
	arena_reset(&arena);
}

static void a_page_that_does_not_fit_is_refused(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out, 1000);
	assert_false(bindings_print(&out));
	buffer_fini(&out);
}

/* The part of a signature that names something: "weir.store:get". */
static struct weir_str name_in(const char *signature)
{
	return str_of(signature, strspn(signature, "abcdefghijklmnopqrstuvwxyz_0123456789.:"));
}

/* A module with all names of the reference that are globals. */
static void write_names(void)
{
	struct buffer b;

	buffer_init(&b, 1 << 16);
	assert_true(buffer_print(&b, "return {"));
	for (const struct binding_group *group = binding_groups; group->title != NULL; group++) {
		for (int i = 0; i < 4 && group->rows[i] != NULL; i++) {
			for (const struct binding *row = group->rows[i]; row->name != NULL; row++)
				assert_true(buffer_print(&b, "['%.*s']=true,",
							 STR_ARG(name_in(row->signature))));
		}
	}
	assert_true(buffer_print(&b, "}%c", '\0'));
	stage_writes("names.lua", b.data);
	buffer_fini(&b);
}

static const char walk[] =
	"local names = require('names') local policy = {} function policy.request() local seen = {} "
	"local function look(prefix, t) for name, value in pairs(t) do "
	"  local full = prefix .. name "
	"  if type(value) == 'table' then look(full .. (full == 'weir.store' and ':' or '.'), value) "
	"  else assert(names[full], full .. ' is not told of') seen[full] = true end end end "
	"for _, name in ipairs {'string', 'table', 'utf8', 'math', 'coroutine', 'weir'} do "
	"  look(name .. '.', _ENV[name]) end "
	"for full in pairs(names) do "
	"  if not full:match('^re[qs]%f[.:]') and not full:match('^headers') and "
	"     not full:match('^answer') then "
	"    assert(seen[full] or not full:match('[.:]') and _ENV[full] ~= nil, full .. ' is not there') end end "
	"end return policy";

static void every_name_is_there_and_told_of(void **state)
{
	struct weir_exchange ex;

	(void)state;
	write_names();
	stage_plays(walk);
	if (stage_requests(&ex, "/") != WEIR_NEXT)
		fail_msg("%s", stage.said);
}

/* Methods and fields of the request: none is there that is not told of, and each of them answers. */
static void every_field_of_a_request_is_there(void **state)
{
	static const char *const fields[] = {
		"method", "scheme", "host", "path", "query_string", "target", "client", "identity", "id",
		"route", "service", "listener", "protocol", "endpoint", "attempt", "time_left", "headers",
		"params", "query", "cookies", "claims", "log", "reply", "deny", "redirect", "route_to", "body",
		"json", "set_body", "key",
	};
	const struct binding *const *rows = binding_groups[0].rows;
	struct weir_exchange ex;
	char code[1024] = "local x ";
	size_t count = 0;

	(void)state;
	for (const struct binding *row = rows[0]; row->name != NULL; row++, count++) {
		assert_true(count < sizeof(fields) / sizeof(fields[0]));
		assert_string_equal(row->name, fields[count]);
		(void)snprintf(code + strlen(code), sizeof(code) - strlen(code), "x = req.%s ", row->name);
	}
	stage_plays_request(code);
	if (stage_requests(&ex, "/") != WEIR_NEXT)
		fail_msg("%s", stage.said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_in_docs_is_what_the_program_prints),
		cmocka_unit_test(a_page_that_does_not_fit_is_refused),
		cmocka_unit_test_setup_teardown(every_name_is_there_and_told_of, stage_begin, stage_end),
		cmocka_unit_test_setup_teardown(every_field_of_a_request_is_there, stage_begin, stage_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
