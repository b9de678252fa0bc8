/* test_conf.c - a whole configuration, from text to typed values. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/conf/conf.h"

struct loaded {
	struct diagnostics d;
	struct conf *conf;
	bool fine;
};

static struct loaded load(const char *text)
{
	struct loaded l = { .fine = false };

	diagnostics_init(&l.d);
	l.fine = conf_load_text("test.yaml", str_from(text), &l.conf, &l.d);
	return l;
}

static void unload(struct loaded *l)
{
	conf_free(l->conf);
	diagnostics_fini(&l->d);
}

#define SMALLEST \
	"listen: 0.0.0.0:8080\n" \
	"services: {a: {endpoints: ['10.0.0.1:80']}}\n" \
	"routes: [{to: a}]\n"

static void ten_lines_are_enough(void **state)
{
	struct loaded l = load(SMALLEST);
	const struct conf_entry *listeners;
	uint32_t count;

	(void)state;
	assert_true(l.fine);

	listeners = conf_entries(l.conf->top, "listen", &count);
	assert_int_equal(count, 1);
	assert_str(listeners[0].key, "default");
	assert_str(conf_text(listeners[0].value.object, "address"), "0.0.0.0:8080");

	unload(&l);
}

static void resilience_is_on_by_default(void **state)
{
	struct loaded l = load(SMALLEST);
	const struct conf_values *route, *service;
	uint32_t count;

	(void)state;
	route = conf_items(l.conf->top, "routes", &count)[0].object;
	service = conf_service(l.conf, STR("a"))->value.object;

	assert_int_equal(conf_integer(conf_object(route, "retry"), "attempts"), 2);
	assert_true(conf_duration(conf_object(service, "timeouts"), "connect") == NS_PER_S);
	assert_int_equal(conf_integer(conf_object(service, "eject"), "after"), 5);
	assert_str(conf_slots(service, "balance", &count)->name, "least_request");

	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_lines_are_enough),
		cmocka_unit_test(resilience_is_on_by_default),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
