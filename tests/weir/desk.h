/* desk.h - a configuration from a literal, built into a world without running it, and what was said of it.
 * Beside the built-in plugins it may name `knows` (learns claims), `guards` (authorises) and `caches`
 * (answers). */
#ifndef TESTS_WEIR_DESK_H
#define TESTS_WEIR_DESK_H

#include <weir/plugin.h>

#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/plugin/registry.h"
#include "core/weir/assemble.h"
#include "core/weir/offline.h"

struct desk {
	struct offline o;
	struct diagnostics d;
	struct buffer said;
	struct world *w;
};

static inline enum weir_verdict desk_hook(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	(void)ex;
	return WEIR_NEXT;
}

static const struct weir_option desk_options[] = {
	{ .name = "key", .type = WEIR_KEY, .about = "a key" },
	{ .name = "text", .type = WEIR_TEMPLATE, .list = true, .about = "templates" },
	{ .name = "map", .type = WEIR_MAP, .of = WEIR_TEMPLATE, .about = "more of them" },
	{ 0 }
};

static inline void desk_add(struct desk *desk, const char *name, const struct weir_policy *policy,
			    struct weir_plugin *plugin)
{
	struct weir_error error = { "" };

	*plugin = (struct weir_plugin){
		.size = sizeof(*plugin), .major = WEIR_API_MAJOR,
		.option_size = sizeof(struct weir_option), .host = &(const struct weir_host *){ NULL },
		.name = name, .summary = "for tests", .options = desk_options, .policy = policy,
	};
	if (!registry_add(desk->o.registry, plugin, &error))
		fail_msg("%s", error.text);
}

static inline int desk_open(void **state)
{
	static const struct weir_policy knows = WEIR_POLICY(.on_request = desk_hook,
							    .traits = WEIR_SETS_CLAIMS);
	static const struct weir_policy guards = WEIR_POLICY(.on_request = desk_hook,
							     .traits = WEIR_AUTHORISES);
	static const struct weir_policy caches = WEIR_POLICY(.on_request = desk_hook,
							     .traits = WEIR_ANSWERS);
	static struct weir_plugin plugins[3];
	struct weir_error error = { "" };
	struct desk *desk = test_calloc(1, sizeof(*desk));

	assert_true(offline_open(&desk->o, &error));
	desk_add(desk, "knows", &knows, &plugins[0]);
	desk_add(desk, "guards", &guards, &plugins[1]);
	desk_add(desk, "caches", &caches, &plugins[2]);
	*state = desk;
	return 0;
}

static inline void desk_clear(struct desk *desk)
{
	if (desk->said.ceiling == 0)
		return;
	world_free(desk->w);
	desk->w = NULL;
	diagnostics_fini(&desk->d);
	buffer_fini(&desk->said);
	desk->said.ceiling = 0;
}

static inline int desk_close(void **state)
{
	struct desk *desk = *state;

	desk_clear(desk);
	offline_close(&desk->o);
	test_free(desk);
	return 0;
}

/* Builds; desk->w is NULL when it cannot work. Gives all that was said, a line each. */
static inline const char *desk_build(struct desk *desk, const char *text)
{
	struct conf *conf = NULL;

	desk_clear(desk);
	diagnostics_init(&desk->d);
	buffer_init(&desk->said, 1 << 20);
	if (conf_load_text("w.yaml", str_from(text), &conf, &desk->d)) {
		desk->w = assemble_model(desk->o.registry, desk->o.uses, conf, &desk->d);
	} else {
		assemble_look(desk->o.registry, conf, &desk->d);
		conf_free(conf);
	}
	diagnostics_sort(&desk->d);
	assert_true(diagnostics_print(&desk->d, &desk->said));
	assert_true(buffer_add(&desk->said, str_of("", 1)));
	return desk->said.data;
}

/* It is built, and nothing is said. */
static inline void desk_fine(struct desk *desk, const char *text)
{
	assert_string_equal(desk_build(desk, text), "");
	assert_non_null(desk->w);
}

/* It is built, with this warning. */
static inline void desk_warns(struct desk *desk, const char *text, const char *warning)
{
	assert_string_equal(desk_build(desk, text), warning);
	assert_non_null(desk->w);
}

/* It cannot work, and this is why. */
static inline void desk_refuses(struct desk *desk, const char *text, const char *why)
{
	assert_string_equal(desk_build(desk, text), why);
	assert_null(desk->w);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

#endif
