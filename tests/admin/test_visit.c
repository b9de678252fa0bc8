/* test_visit.c - what each path answers, without a socket. */
#include "tests/test.h"

#include "core/admin/paths.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "tests/admin/fake_world.h"

struct scene {
	struct fake_world fake;
	struct visit visit;
	json_t *answer;
};

static int begin(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	fake_world_init(&scene.fake);
	assert_true(visit_init(&scene.visit, &scene.fake.world, STR("/")));
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	json_decref(s->answer);
	visit_fini(&s->visit);
	fake_world_fini(&s->fake);
	return 0;
}

static const json_t *asks(struct scene *s, const char *method, const char *target)
{
	visit_fini(&s->visit);
	json_decref(s->answer);
	assert_true(visit_init(&s->visit, &s->fake.world, str_from(target)));
	visit_set_method(&s->visit, str_from(method));
	s->visit.path = paths_find(s->visit.name, false);
	visit_run(&s->visit);
	s->answer = json_loadb(buffer_str(&s->visit.answer).data,
			       buffer_len(&s->visit.answer), 0, NULL);
	return s->answer;
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "(none)";
}

static void says_problem(const struct scene *s, unsigned status, const char *words)
{
	assert_int_equal(s->visit.status, status);
	assert_string_equal(s->visit.content_type, "application/problem+json");
	assert_int_equal(json_integer_value(json_object_get(s->answer, "status")), status);
	assert_string_not_equal(text(s->answer, "title"), "(none)");
	if (strstr(text(s->answer, "detail"), words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text(s->answer, "detail"), words);
}

static void the_index_names_every_path_with_its_methods(void **state)
{
	struct scene *s = *state;
	const json_t *index = asks(s, "GET", "/"), *paths = json_object_get(index, "paths"), *one;
	size_t i;

	assert_int_equal(s->visit.status, 200);
	assert_true(json_array_size(paths) >= 12);
	json_array_foreach(paths, i, one) {
		assert_non_null(paths_find(str_from(text(one, "path")), false));
		assert_string_not_equal(text(one, "about"), "(none)");
		if (strcmp(text(one, "path"), "/reload") == 0)
			assert_string_equal(text(one, "methods"), "POST");
	}
}

static void a_path_that_is_not_there_is_404_with_those_that_are(void **state)
{
	struct scene *s = *state;
	const json_t *answer = asks(s, "GET", "/nothing?x");

	says_problem(s, 404, "/nothing");
	assert_true(json_array_size(json_object_get(answer, "paths")) >= 12);
}

static void bytes_that_are_no_utf8_do_not_break_the_answer(void **state)
{
	struct scene *s = *state;

	assert_non_null(asks(s, "GET", "/\xff\xfe\"\\"));
	assert_int_equal(s->visit.status, 404);
}

static void another_method_is_405_with_allow(void **state)
{
	struct scene *s = *state;

	asks(s, "GET", "/reload");
	says_problem(s, 405, "/reload takes POST");
	assert_string_equal(s->visit.allow, "POST");
	asks(s, "POST", "/metrics");
	assert_string_equal(s->visit.allow, "GET, HEAD");
	asks(s, "DELETE", "/log-level");
	assert_string_equal(s->visit.allow, "GET, HEAD, POST");
	assert_int_equal(atomic_load(&s->fake.reloads), 0);
}

static void what_nobody_answers_is_501(void **state)
{
	static const char *const paths[] = { "/healthz", "/readyz", "/metrics", "/config", "/routes",
					     "/services", "/plugins", "/explain?url=/" };
	struct scene *s = *state;

	memset(&s->fake.world, 0, sizeof(s->fake.world));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		asks(s, "GET", paths[i]);
		says_problem(s, 501, "nothing behind");
	}
	asks(s, "POST", "/reload");
	says_problem(s, 501, "/reload");
	asks(s, "POST", "/drain");
	says_problem(s, 501, "/drain");
}

static void health_tells_its_causes(void **state)
{
	struct scene *s = *state;

	assert_true(json_is_true(json_object_get(asks(s, "GET", "/healthz"), "alive")));
	assert_int_equal(s->visit.status, 200);
	s->fake.sick = "worker 1 has been stuck for 7000 ms";
	s->fake.unready = "draining";

	asks(s, "HEAD", "/healthz");
	says_problem(s, 503, "worker 1 has been stuck");
	assert_true(json_is_false(json_object_get(s->answer, "alive")));
	asks(s, "GET", "/readyz");
	says_problem(s, 503, "draining");
	assert_int_equal(json_array_size(json_object_get(s->answer, "causes")), 1);
}

static void metrics_are_prometheus_text(void **state)
{
	struct scene *s = *state;

	asks(s, "GET", "/metrics");

	assert_int_equal(s->visit.status, 200);
	assert_string_equal(s->visit.content_type, "text/plain; version=0.0.4; charset=utf-8");
	assert_str(buffer_str(&s->visit.answer), "weir_up 1\n");
}

static void metrics_that_are_too_many_are_not_sent_in_part(void **state)
{
	struct scene *s = *state;

	s->fake.metrics_bytes = VISIT_ANSWER + 1u;
	asks(s, "GET", "/metrics");

	says_problem(s, 500, "64 MiB");
}

static void a_list_can_be_asked_for_one_name(void **state)
{
	struct scene *s = *state;

	assert_int_equal(json_array_size(asks(s, "GET", "/routes")), 2);
	assert_int_equal(json_array_size(asks(s, "GET", "/routes?name=b")), 1);
	assert_string_equal(text(json_array_get(s->answer, 0), "name"), "b");
	asks(s, "GET", "/routes?name=zebra");
	says_problem(s, 404, "no route named \"zebra\"");
	assert_int_equal(json_array_size(asks(s, "GET", "/plugins")), 0);
	assert_int_equal(s->visit.status, 200);
}

static void a_world_that_has_no_answer_says_why(void **state)
{
	struct scene *s = *state;

	s->fake.refusal = "no configuration is in force";
	asks(s, "GET", "/config");
	says_problem(s, 503, "no configuration is in force");
	asks(s, "GET", "/services");
	says_problem(s, 503, "no configuration is in force");
}

static void explain_hands_the_question_over_decoded(void **state)
{
	struct scene *s = *state;

	asks(s, "GET", "/explain?method=POST&url=http%3A%2F%2Fa.example%2Fx%3Fy%3D1&header=x-a%3A+b"
	     "&claim=sub%3Dann&claim=k=v&listener=edge&client=10.0.0.1");

	assert_int_equal(s->visit.status, 200);
	assert_string_equal(s->fake.url, "POST http://a.example/x?y=1");
	assert_string_equal(s->fake.header, "x-a|b");
	assert_string_equal(s->fake.claim, "sub|ann");
	assert_int_equal(s->fake.asked.claim_count, 2);
}

static void explain_asks_for_get_when_no_method_is_given(void **state)
{
	struct scene *s = *state;

	asks(s, "GET", "/explain?url=/x");

	assert_string_equal(s->fake.url, "GET /x");
}

static void a_question_that_makes_no_sense_is_400_and_says_what_would(void **state)
{
	struct scene *s = *state;
	char many[1024] = "/explain?url=/";

	asks(s, "GET", "/explain");
	says_problem(s, 400, "/explain?method=GET&url=http://HOST/PATH");
	asks(s, "GET", "/explain?uri=/x");
	says_problem(s, 400, "\"uri\" is not known here");
	asks(s, "GET", "/explain?url=/&url=/");
	says_problem(s, 400, "url is given twice");
	asks(s, "GET", "/explain?url=/&header=nocolon");
	says_problem(s, 400, "\"nocolon\" is no NAME:VALUE");
	for (int i = 0; i <= ADMIN_PAIRS; i++)
		strcat(many, "&claim=a=b");
	asks(s, "GET", many);
	says_problem(s, 400, "at most 32");
	s->fake.refusal = "there is no listener x";
	asks(s, "GET", "/explain?url=/");
	says_problem(s, 400, "there is no listener x");
}

static void reload_answers_with_the_diagnostics(void **state)
{
	struct scene *s = *state;
	const json_t *answer = asks(s, "POST", "/reload");

	assert_int_equal(s->visit.status, 200);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	assert_int_equal(json_array_size(json_object_get(answer, "diagnostics")), 1);

	s->fake.refusal = "the new configuration cannot be used";
	answer = asks(s, "POST", "/reload");
	says_problem(s, 422, "cannot be used");
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_int_equal(json_array_size(json_object_get(answer, "diagnostics")), 1);
}

static void drain_is_accepted(void **state)
{
	struct scene *s = *state;

	asks(s, "POST", "/drain");

	assert_int_equal(s->visit.status, 202);
	assert_int_equal(atomic_load(&s->fake.drains), 1);
}

static void sets_level(struct scene *s, const char *target, const char *body)
{
	visit_fini(&s->visit);
	assert_true(visit_init(&s->visit, &s->fake.world, str_from(target)));
	visit_set_method(&s->visit, STR("POST"));
	s->visit.path = paths_find(s->visit.name, false);
	assert_true(buffer_add(&s->visit.body, str_from(body)));
	visit_run(&s->visit);
}

static void the_log_level_is_told_and_set(void **state)
{
	struct scene *s = *state;

	log_set_level(LOG_LEVEL_WARN);
	assert_string_equal(text(asks(s, "GET", "/log-level"), "level"), "warn");
	sets_level(s, "/log-level?level=error", "");
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
	sets_level(s, "/log-level", "level=warn");
	assert_int_equal(log_level(), LOG_LEVEL_WARN);
	sets_level(s, "/log-level", "{\"level\": \"error\"}");
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
}

static void a_level_that_is_none_changes_nothing(void **state)
{
	static const char *const bodies[] = { "", "level=", "level=loud", "{\"level\": 3}", "{", "x",
					      "{\"level\": \"debugdebugdebugdebug\"}" };
	struct scene *s = *state;

	log_set_level(LOG_LEVEL_WARN);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		sets_level(s, "/log-level", bodies[i]);
		assert_int_equal(s->visit.status, 400);
		assert_int_equal(log_level(), LOG_LEVEL_WARN);
	}
}

#define SCENE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(the_index_names_every_path_with_its_methods),
		SCENE(a_path_that_is_not_there_is_404_with_those_that_are),
		SCENE(bytes_that_are_no_utf8_do_not_break_the_answer),
		SCENE(another_method_is_405_with_allow),
		SCENE(what_nobody_answers_is_501),
		SCENE(health_tells_its_causes),
		SCENE(metrics_are_prometheus_text),
		SCENE(metrics_that_are_too_many_are_not_sent_in_part),
		SCENE(a_list_can_be_asked_for_one_name),
		SCENE(a_world_that_has_no_answer_says_why),
		SCENE(explain_hands_the_question_over_decoded),
		SCENE(explain_asks_for_get_when_no_method_is_given),
		SCENE(a_question_that_makes_no_sense_is_400_and_says_what_would),
		SCENE(reload_answers_with_the_diagnostics),
		SCENE(drain_is_accepted),
		SCENE(the_log_level_is_told_and_set),
		SCENE(a_level_that_is_none_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
