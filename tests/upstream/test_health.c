/* test_health.c - endpoints are asked how they are. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/codec/buffers.h"
#include "core/upstream/describe.h"
#include "core/upstream/roster.h"
#include "tests/upstream/story.h"

/* An origin that answers each check as the test wishes, whenever the loops turn. */
struct scene {
	struct story story;
	int listener, client;
	struct address where;
	const char *answer;		/* NULL: it accepts and says nothing */
	uint32_t asked;
	char request[512];
	struct service *svc;
	enum health wanted;
	uint32_t wanted_asked;
};

static int begin(void **state)
{
	struct scene *s = test_calloc(1, sizeof(*s));
	struct weir_error error = { .text = "" };

	story_begin(&s->story);
	assert_true(buffers_open(&s->story.control, &error));
	s->listener = story_listen(&s->where);
	(void)fcntl(s->listener, F_SETFL, O_NONBLOCK);
	s->client = -1;
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	story_close(&s->story, s->svc);
	buffers_close(&s->story.control);
	story_end(&s->story);
	close(s->client);
	close(s->listener);
	test_free(s);
	return 0;
}

static void answers(struct scene *s)
{
	ssize_t n;

	if (s->client < 0)
		s->client = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK);
	if (s->client < 0)
		return;
	n = recv(s->client, s->request, sizeof(s->request) - 1, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		s->request[n] = '\0';
		s->asked++;
		if (s->answer == NULL)
			return;
		(void)send(s->client, s->answer, strlen(s->answer), MSG_NOSIGNAL);
	}
	close(s->client);
	s->client = -1;
}

static struct endpoint *endpoint_of(struct scene *s)
{
	return s->svc->newest->tiers[0].members[0];
}

static bool is_as_wanted(void *arg)
{
	struct scene *s = arg;

	answers(s);
	return endpoint_health(endpoint_of(s)).state == s->wanted && s->asked >= s->wanted_asked;
}

static void until(struct scene *s, enum health health, uint32_t more_asked)
{
	s->wanted = health;
	s->wanted_asked = s->asked + more_asked;
	story_until(&s->story, is_as_wanted, s);
}

static void serve(struct scene *s, uint32_t unhealthy, uint32_t healthy)
{
	struct service_settings settings = {
		.health = { .on = true, .path = STR("/healthz"), .interval = NS_PER_MS,
			    .timeout = 20 * NS_PER_S, .unhealthy = unhealthy, .healthy = healthy },
	};
	const char *text = s->where.text;

	s->svc = story_service(&s->story, &text, 1, &settings);
}

static const char well[] = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
static const char ill[] = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";

static void the_first_answer_decides_at_once(void **state)
{
	struct scene *s = *state;

	s->answer = well;
	serve(s, 3, 5);
	assert_int_equal(endpoint_health(endpoint_of(s)).state, HEALTH_UNKNOWN);
	until(s, HEALTH_GOOD, 0);

	assert_int_equal(s->asked, 1);
	assert_non_null(strstr(s->request, "GET /healthz HTTP/1.1\r\n"));
	assert_non_null(strstr(s->request, s->where.text));
}

static void the_host_asked_for_may_be_given(void **state)
{
	struct scene *s = *state;
	struct service_settings settings = {
		.health = { .on = true, .path = STR("/"), .host = STR("tariff.internal") },
	};
	const char *text = s->where.text;

	s->answer = well;
	s->svc = story_service(&s->story, &text, 1, &settings);
	until(s, HEALTH_GOOD, 0);

	assert_non_null(strstr(s->request, "\r\nhost: tariff.internal\r\n"));
}

static void a_first_failure_decides_at_once_too(void **state)
{
	struct scene *s = *state;

	s->answer = ill;
	serve(s, 3, 5);
	until(s, HEALTH_BAD, 0);

	assert_int_equal(s->asked, 1);
	assert_int_equal(endpoint_health(endpoint_of(s)).status, 503);
}

static void so_many_in_a_row_make_it_unhealthy_and_healthy_again(void **state)
{
	struct scene *s = *state;
	uint32_t asked;

	s->answer = well;
	serve(s, 3, 2);
	until(s, HEALTH_GOOD, 1);
	asked = s->asked;
	s->answer = ill;
	until(s, HEALTH_BAD, 1);
	assert_true(s->asked - asked >= 3);

	asked = s->asked;
	s->answer = well;
	until(s, HEALTH_GOOD, 1);
	assert_true(s->asked - asked >= 2);
	assert_true(atomic_load(&endpoint_of(s)->warm_from) > 0);
}

static void nonsense_is_a_failure(void **state)
{
	struct scene *s = *state;

	s->answer = "hello\r\n\r\n";
	serve(s, 1, 1);
	until(s, HEALTH_BAD, 0);

	assert_int_equal(endpoint_health(endpoint_of(s)).why, REASON_UPSTREAM_INVALID);
}

static void silence_is_a_failure_after_the_timeout(void **state)
{
	struct scene *s = *state;
	struct service_settings settings = {
		.health = { .on = true, .path = STR("/"), .interval = NS_PER_MS,
			    .timeout = 100 * NS_PER_MS },
	};
	const char *text = s->where.text;

	s->svc = story_service(&s->story, &text, 1, &settings);
	until(s, HEALTH_BAD, 0);

	assert_int_equal(endpoint_health(endpoint_of(s)).why, REASON_HEAD_TIMEOUT);
}

static void without_a_path_a_connection_is_enough(void **state)
{
	struct scene *s = *state;
	struct service_settings settings = { .health = { .on = true, .interval = NS_PER_MS } };
	const char *text = s->where.text;

	s->svc = story_service(&s->story, &text, 1, &settings);
	until(s, HEALTH_GOOD, 0);
	assert_int_equal(s->asked, 0);

	close(s->listener);
	s->listener = -1;
	until(s, HEALTH_BAD, 0);
	assert_int_equal(endpoint_health(endpoint_of(s)).why, REASON_CONNECT_REFUSED);
}

static void checks_go_on_over_a_reload(void **state)
{
	struct scene *s = *state;
	struct service *before;

	s->answer = well;
	serve(s, 3, 2);
	until(s, HEALTH_GOOD, 0);
	before = s->svc;
	serve(s, 3, 2);
	story_close(&s->story, before);
	assert_int_equal(endpoint_health(endpoint_of(s)).state, HEALTH_GOOD);
	s->answer = ill;
	until(s, HEALTH_BAD, 3);
}

static void an_endpoint_that_left_is_not_asked_any_more(void **state)
{
	struct scene *s = *state;
	struct service *before;
	struct endpoint *ep;
	const char *other = "127.0.0.1:1";

	s->answer = well;
	serve(s, 3, 2);
	until(s, HEALTH_GOOD, 0);
	ep = endpoint_of(s);
	before = s->svc;
	s->svc = story_service(&s->story, &other, 1, NULL);

	assert_null(ep->check);
	story_close(&s->story, before);
	assert_int_equal(s->svc->roster->asking, 0);
	assert_int_equal(endpoint_health(ep).state, HEALTH_UNCHECKED);
}

static void a_question_that_is_out_does_not_keep_a_service_open(void **state)
{
	struct scene *s = *state;
	struct service *before;
	const char *other = "127.0.0.1:1";

	s->answer = NULL;
	serve(s, 3, 2);
	until(s, HEALTH_UNKNOWN, 1);
	assert_int_equal(s->svc->roster->asking, 1);
	before = s->svc;
	s->svc = story_service(&s->story, &other, 1, NULL);
	story_close(&s->story, before);

	story_turns(&s->story, 0);
	assert_int_equal(s->svc->roster->asking, 0);
}

static void note_cause(void *arg, const char *text)
{
	(void)snprintf(arg, 200, "%s", text);
}

static void it_is_not_ready_before_the_first_answers(void **state)
{
	struct scene *s = *state;
	char cause[200] = "";

	s->answer = ill;
	serve(s, 3, 2);
	assert_false(upstreams_ready(s->story.world, note_cause, cause));
	assert_string_equal(cause, "service tariff-svc: 1 endpoints were not checked yet");
	until(s, HEALTH_BAD, 0);

	assert_true(upstreams_ready(s->story.world, note_cause, cause));
}

static void see_why(void *arg, const struct service_row *row)
{
	(void)snprintf(arg, 200, "%.*s: %.*s", STR_ARG(row->endpoints[0].state),
		       STR_ARG(row->endpoints[0].why));
}

static void people_are_told_why(void **state)
{
	struct scene *s = *state;
	char why[200];

	s->answer = ill;
	serve(s, 3, 1);
	assert_true(upstreams_describe(s->story.world, see_why, why));
	assert_string_equal(why, "unknown: its first check has not come back");
	until(s, HEALTH_BAD, 0);
	assert_true(upstreams_describe(s->story.world, see_why, why));
	assert_string_equal(why, "unhealthy: its check failed: status 503");
	s->answer = well;
	until(s, HEALTH_GOOD, 0);
	assert_true(upstreams_describe(s->story.world, see_why, why));
	assert_string_equal(why, "healthy: its check passes");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(the_first_answer_decides_at_once),
		TEST(the_host_asked_for_may_be_given),
		TEST(a_first_failure_decides_at_once_too),
		TEST(so_many_in_a_row_make_it_unhealthy_and_healthy_again),
		TEST(nonsense_is_a_failure),
		TEST(silence_is_a_failure_after_the_timeout),
		TEST(without_a_path_a_connection_is_enough),
		TEST(checks_go_on_over_a_reload),
		TEST(an_endpoint_that_left_is_not_asked_any_more),
		TEST(a_question_that_is_out_does_not_keep_a_service_open),
		TEST(it_is_not_ready_before_the_first_answers),
		TEST(people_are_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
