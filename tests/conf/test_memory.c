/* test_memory.c - each allocation fails once, in turn, while a configuration is read, checked,
 * shown and printed: the answer is the same as ever or "no", it is said, and nothing stays
 * behind. */
#include "core/base/json.h"
#include "core/conf/manual.h"
#include "core/conf/schema.h"
#include "core/conf/show.h"
#include "tests/alloc.h"
#include "tests/conf/folder.h"
#include "tests/conf/loading.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_IS_TAKEN	/* a sanitizer has one of its own: there only our own allocations fail */
#endif

#ifndef HEAP_IS_TAKEN
/* The heap of the whole program, that of libyaml and jansson included. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *block);

static uint64_t asked, fail_at;
static int64_t live;

static bool fails(void)
{
	return ++asked == fail_at;
}

static void *counted(void *block)
{
	live += block != NULL;
	return block;
}

void *malloc(size_t size)
{
	return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
	if (old == NULL)
		return malloc(size);
	return fails() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t all;

	return __builtin_mul_overflow(count, size, &all) ? NULL : realloc(old, all);
}

void free(void *block)
{
	live -= block != NULL;
	__libc_free(block);
}
#endif

static struct folder folder;
static struct folder_path path;
static struct buffer usual;	/* what it all looks like with memory enough */

static const struct weir_option limit_options[] = {
	{ .name = "rate", .type = WEIR_RATE, .fallback = "1/s" },
	{ .name = "to", .type = WEIR_SERVICE },
	{ .name = "keys", .type = WEIR_KEY, .fallback = "[client.ip, host]" },
	{ 0 }
};

static const struct schema_plugin plugins[] = {
	{ "limit", ROLE_POLICY, "limits", limit_options },
};

static void write_files(void)
{
	folder = folder_make();
	folder_write(&folder, "token", "s3cret\n");
	folder_write(&folder, "1.yaml", "services: {b: {discover: [file, {dns: {}}], health: "
		     "/h}}\n");
	folder_write(&folder, "w.yaml",
		     "listen: {l: {address: '0.0.0.0:80', limits: {body: 1m}}}\n"
		     "include: ['[0-9].yaml']\n"
		     "admin: {address: '127.0.0.1:1', token: \"${file:token}\"}\n"
		     "x-e: &e ['10.0.0.1:80', {address: 'h:1', weight: 3}]\n"
		     "defaults: {route: {timeout: 3s}, service: {eject: 7}}\n"
		     "plugins: {defaults: {limit: {rate: 2/s}}}\n"
		     "chains: {c: [{limit: {to: a}}]}\n"
		     "services: {a: {endpoints: *e}}\n"
		     "routes:\n"
		     "  - {to: a, match: {host: [h.example, '*.example'], header: {X-A: b}}}\n"
		     "  - {split: {a: 1, b: 2}, policies: [{use: c}, {any: [limit, {use: c}]}]}\n");
	path = folder_path(&folder, "w.yaml");
}

static bool check_one(void *context, struct conf_slot *slot)
{
	struct loaded *l = context;

	return slot->role != ROLE_POLICY ||
	       conf_check_slot(l->conf, slot, limit_options, &l->d);
}

static bool print_json(struct buffer *out, json_t *value)
{
	bool done = value != NULL && json_print(out, value, 1);

	json_decref(value);
	return done;
}

/* Everything once; `out` holds what came of it. */
static bool story(struct buffer *out)
{
	struct loaded l = { .conf = NULL };
	bool fine;

	diagnostics_init(&l.d);
	fine = conf_load(path.text, &l.conf, &l.d) && conf_visit_slots(l.conf, check_one, &l);
	assert_int_equal(fine, diagnostics_fine(&l.d));
	fine = fine && print_json(out, show_configuration(l.conf)) &&
	       print_json(out, schema_of_configuration(plugins, 1)) &&
	       manual_of_configuration(out, MANUAL_MARKDOWN);
	conf_free(l.conf);
	diagnostics_fini(&l.d);
	return fine;
}

static void assert_as_usual_or_no(bool fine, struct buffer *out)
{
	if (fine)
		assert_true(str_eq(buffer_str(out), buffer_str(&usual)));
	buffer_fini(out);
}

static void our_own_allocations_may_fail(void **state)
{
	uint64_t n = 0, needed;

	(void)state;
	do {
		struct buffer out;
		bool fine;

		buffer_init(&out, 1 << 20);
		alloc_fail_at(++n);
		fine = story(&out);
		needed = alloc_count();
		alloc_fail_at(0);
		assert_as_usual_or_no(fine, &out);
	} while (needed >= n);
	assert_true(n > 10);
}

static void allocations_of_the_libraries_may_fail(void **state)
{
#ifdef HEAP_IS_TAKEN
	(void)state;
	skip();
#else
	uint64_t n = 0, needed;

	(void)state;
	do {
		struct buffer out;
		int64_t before = live;
		bool fine;

		buffer_init(&out, 1 << 20);
		asked = 0;
		fail_at = ++n;
		fine = story(&out);
		needed = asked;
		fail_at = 0;
		assert_as_usual_or_no(fine, &out);
		assert_int_equal(live, before);
	} while (needed >= n);
	assert_true(n > 100);
#endif
}

static int begin(void **state)
{
	(void)state;
	write_files();
	buffer_init(&usual, 1 << 20);
	assert_true(story(&usual));
	return 0;
}

static int end(void **state)
{
	(void)state;
	buffer_fini(&usual);
	folder_remove(&folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_allocations_may_fail),
		cmocka_unit_test(allocations_of_the_libraries_may_fail),
	};

	return cmocka_run_group_tests_name("conf memory", tests, begin, end);
}
