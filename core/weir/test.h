/* test.h - tests of Lua policies: what one test has to do with, from its file to its report. */
#ifndef CORE_WEIR_TEST_H
#define CORE_WEIR_TEST_H

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <weir/fake.h>

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/script/script.h"

struct command_line;

/* What is run, and how results are told. */
struct test_report {
	bool tap, begun;
	const char *filter;		/* part of a test's name; NULL: all run */
	const struct command_line *line;	/* its --path: where modules lie too */
	uint64_t time_ns;		/* of one hook */
	uint32_t passed, failed, skipped;
	FILE *out;
};

/* A file NAME_test.lua with the policy NAME.lua beside it, while it is run. */
struct test_file {
	const char *path;
	struct test_report *report;
	lua_State *L;			/* of the tests; scripts have their own */
	struct script *script;
	struct test_world *world;	/* of the test that runs; NULL: none does */
};

/* One test: a world of its own, so that no test sees what another has left. */
struct test_world {
	struct test_file *file;
	struct weir_fake *fake;
	struct test_use *uses;		/* the policy, opened with the options asked for so far */
	struct arena arena;		/* of answers */
	bool service_failed;		/* a function of the test raised; its error lies in the registry */
};

/* test_file.c: runs the tests of NAME_test.lua; that it could not be read is a failure too. */
void test_file_run(const char *path, struct test_report *report);

/* test_report.c */
void report_begin(struct test_report *r, const char *path);
void report_passed(struct test_report *r, const char *path, const char *name);
void report_failed(struct test_report *r, const char *path, const char *name, const char *why);
void report_skipped(struct test_report *r, const char *path, const char *name, const char *why);
void report_end(struct test_report *r);

/* test_world.c: pushes `t`, whose methods work on file->world. */
void test_push_t(lua_State *L, struct test_file *file);
void test_world_open(struct test_file *file);
/* Gives the first misbehaviour that no test asked about (lent until the next world), or NULL. */
const char *test_world_close(struct test_file *file);
/* The policy with these options (JSON); raises with what is wrong with them. */
struct weir_fake_use *test_use(lua_State *L, struct test_world *w, const char *options);
struct test_world *test_world_of(lua_State *L);	/* of a method of `t` */

/* test_request.c, test_service.c, test_check.c: methods of `t`. */
extern const luaL_Reg test_requests[], test_services[], test_checks[];
/* Fills an answer from the value at `at`: a table, or a text that is its body. Raises. What it points
 * to lies in `arena`. */
void test_answer(lua_State *L, int at, struct arena *arena, struct weir_fake_answer *answer);

/* How far things were when a request began. */
struct test_since {
	uint32_t lines, calls;
	uint64_t now;
	uint32_t waits;
};

/* test_result.c: pushes what came of it, as a table. */
void test_push_result(lua_State *L, const struct test_world *w, const struct weir_exchange *ex,
		      const struct test_since *since);
/* Misbehaviour so far was expected. */
void test_forgive(struct test_world *w);
/* Pushes a call that the policy has made, as a table. */
void test_push_call(lua_State *L, const struct weir_call_request *call);

/* test_value.c */
/* Pushes a buffer that goes with its place on the stack, however that ends. */
struct buffer *test_buffer(lua_State *L);
/* The value as JSON, which is YAML too; raises for functions and the like, and for what has no end. */
void test_value_json(lua_State *L, int at, struct buffer *out);
/* The value as a reader of Lua would write it, cut where it gets long. */
void test_value_show(lua_State *L, int at, struct buffer *out);
/* Are they equal, tables by what is in them? If not, `where` says in which part: ".headers.x". */
bool test_value_equal(lua_State *L, int a, int b, struct buffer *where);

/* Nanoseconds from seconds or "250ms" at `at`; raises. */
uint64_t test_span(lua_State *L, int at);

/* Raises "file:line: sentence" and what else was said. */
int test_fail(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
