/* loading.h - for tests of conf: a text becomes a configuration, and what was said about it is
 * one string. */
#ifndef TESTS_CONF_LOADING_H
#define TESTS_CONF_LOADING_H

#include "tests/test.h"

#include "core/base/buffer.h"
#include "core/conf/conf.h"

struct loaded {
	struct diagnostics d;
	struct conf *conf;
	struct buffer said;
	bool fine;
};

static inline void listen_to(struct loaded *l)
{
	assert_true(diagnostics_print(&l->d, &l->said));
	assert_true(buffer_add(&l->said, str_of("", 1)));
}

static inline struct loaded load(const char *text)
{
	struct loaded l = { .conf = NULL };

	diagnostics_init(&l.d);
	buffer_init(&l.said, 1 << 20);
	l.fine = conf_load_text("w.yaml", str_from(text), &l.conf, &l.d);
	listen_to(&l);
	return l;
}

static inline struct loaded load_file(const char *path)
{
	struct loaded l = { .conf = NULL };

	diagnostics_init(&l.d);
	buffer_init(&l.said, 1 << 20);
	l.fine = conf_load(path, &l.conf, &l.d);
	listen_to(&l);
	return l;
}

static inline void unload(struct loaded *l)
{
	conf_free(l->conf);
	diagnostics_fini(&l->d);
	buffer_fini(&l->said);
}

/* The configuration is refused (or warned about) with exactly these lines. */
static inline void assert_says(const char *text, const char *lines)
{
	struct loaded l = load(text);

	assert_string_equal(l.said.data, lines);
	unload(&l);
}

static inline void assert_fine(const char *text)
{
	assert_says(text, "");
}

/* What a listener and a service need, so that a text may hold one thing of interest. */
#define FRAME \
	"listen: 0.0.0.0:8080\n" \
	"services: {a: {endpoints: ['10.0.0.1:80']}}\n"

/* One route on line 3; `inside` begins in column 17. */
#define ROUTE(inside) FRAME "routes: [{to: a, " inside "}]\n"

static inline const struct conf_values *first_route(const struct loaded *l)
{
	uint32_t count;
	const struct conf_value *routes = conf_items(l->conf->top, "routes", &count);

	assert_true(count > 0);
	return routes[0].object;
}

static inline const struct conf_values *service(const struct loaded *l, const char *name)
{
	const struct conf_entry *entry = conf_service(l->conf, str_from(name));

	assert_non_null(entry);
	return entry->value.object;
}

static inline const struct conf_values *listener(const struct loaded *l, uint32_t at)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(l->conf->top, "listen", &count);

	assert_true(count > at);
	return entries[at].value.object;
}

#endif
