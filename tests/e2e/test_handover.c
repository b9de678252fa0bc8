/* test_handover.c - the process changes, the sockets stay: no client is refused, no request fails. */
#include "tests/e2e/story.h"

#include <signal.h>

#include "tests/e2e/load.h"

static void nothing_was_lost(struct load_count seen)
{
	print_message("%lu answered, %lu refused, %lu cut, %lu wrong (%u)\n", seen.answered,
		      seen.refused, seen.cut, seen.wrong, seen.last_wrong);
	assert_int_equal(seen.refused, 0);
	assert_int_equal(seen.cut, 0);
	assert_int_equal(seen.wrong, 0);
	assert_true(seen.answered > 0);
}

static void becomes_another_child(struct story *s, pid_t old)
{
	assert_true(eventually(gateway_child(s->gateway) != old && gateway_child(s->gateway) > 0));
	assert_true(eventually(admin_get(s->gateway, "/readyz") == 200));
}

static void sigusr2_under_load_fails_no_request(struct story *s)
{
	struct load *kept = load_start(s->edge, "/", 8, false);
	struct load *fresh = load_start(s->edge, "/", 8, true);
	pid_t parent = s->gateway->pid;

	assert_true(load_goes_on(fresh, 50));
	for (int i = 0; i < 3; i++) {
		pid_t old = gateway_child(s->gateway);

		gateway_signal(s->gateway, SIGUSR2);
		becomes_another_child(s, old);
		assert_true(load_goes_on(fresh, 50));
		assert_true(load_goes_on(kept, 50));
		assert_true(eventually(kill(old, 0) != 0));
	}

	nothing_was_lost(load_stop(fresh));
	nothing_was_lost(load_stop(kept));
	assert_int_equal(s->gateway->pid, parent);
}

static void a_long_answer_outlives_the_handover(struct story *s)
{
	pid_t old = gateway_child(s->gateway);

	origin_always(s->a, dripping(answers(200, "an answer that takes its time, byte by byte"), 40));
	client_asks(s->client, "GET", "/");
	assert_true(client_reads_head(s->client));

	gateway_signal(s->gateway, SIGUSR2);
	becomes_another_child(s, old);

	assert_true(client_reads_body(s->client));
	assert_int_equal(get_once(s->edge, "/"), 200);
	assert_true(eventually(kill(old, 0) != 0));
}

static void a_bad_configuration_stops_the_handover_not_the_service(struct story *s)
{
	pid_t old = gateway_child(s->gateway);

	gateway_writes(s->gateway, LISTEN "routes: [{to: nobody}]\n");
	gateway_signal(s->gateway, SIGUSR2);

	assert_true(gateway_logs(s->gateway, "nobody"));
	assert_true(eventually(gateway_child(s->gateway) == old));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

/* Killed in the middle: what was being answered is lost, but everybody who connects is served. */
static void a_killed_child_refuses_no_new_connection(struct story *s)
{
	struct load *fresh = load_start(s->edge, "/", 8, true);
	struct load_count seen;

	assert_true(load_goes_on(fresh, 50));
	for (int i = 0; i < 3; i++) {
		pid_t old = gateway_child(s->gateway);

		kill(old, SIGKILL);
		becomes_another_child(s, old);
		assert_true(load_goes_on(fresh, 50));
	}

	seen = load_stop(fresh);
	print_message("%lu answered, %lu refused, %lu cut\n", seen.answered, seen.refused, seen.cut);
	assert_int_equal(seen.refused, 0);
	assert_in_range(seen.cut, 0, 3 * 8);
	assert_true(gateway_logs(s->gateway, "signal"));
}

#define WITH_PARTS LISTEN "include: \"*.part\"\nservices: {app: {endpoints: [\"${A}\"]}}\n"
#define PART "routes: [{to: app, response_headers: {set: {x-secret: \"${file:secret}\"}}}]\n"

static void serves_as_before(struct story *s)
{
	story_reconnects(s);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	client_saw_header(s->client, "x-secret", "hush");
}

static void crashes(struct story *s)
{
	pid_t old = gateway_child(s->gateway);

	kill(old, SIGKILL);
	becomes_another_child(s, old);
}

static void begins_with_parts(struct story *s)
{
	gateway_writes_file(s->gateway, "secret", "hush\n");
	gateway_writes_file(s->gateway, "routes.part", PART);
	story_starts(s, WITH_PARTS);
	serves_as_before(s);
}

/* Not the file alone: what it includes, and the secrets it reads. */
static void after_a_crash_a_broken_file_is_replaced_by_the_last_good_one(struct story *s)
{
	begins_with_parts(s);
	gateway_writes(s->gateway, "listen: [");
	gateway_writes_file(s->gateway, "secret", "loud");
	gateway_writes_file(s->gateway, "routes.part", "nonsense");
	gateway_writes_file(s->gateway, "another.part", "nonsense");

	for (int i = 0; i < 2; i++) {
		crashes(s);
		serves_as_before(s);
		assert_true(gateway_metric(s->gateway, "weir_config_reloads_total",
					   "result=\"refused\"", NULL) == 1);
	}
	assert_true(gateway_logs(s->gateway, "in force before the crash"));

	gateway_writes_file(s->gateway, "another.part", "");
	gateway_writes_file(s->gateway, "routes.part", "");
	assert_int_equal(story_reloads(s, ONE_SERVICE), 200);
	crashes(s);
	assert_int_equal(get_once(s->edge, "/"), 200);
	assert_true(gateway_metric(s->gateway, "weir_config_reloads_total", "result=\"refused\"",
				   NULL) == 0);
}

static void after_a_crash_a_file_that_cannot_come_into_force_is_replaced_too(struct story *s)
{
	begins_with_parts(s);
	gateway_writes_file(s->gateway, "same.part", "routes: [{to: app}]");

	crashes(s);

	serves_as_before(s);
	assert_true(gateway_logs(s->gateway, "in force before the crash"));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(sigusr2_under_load_fails_no_request, ONE_SERVICE),
		STORY(a_long_answer_outlives_the_handover, ONE_SERVICE),
		STORY(a_bad_configuration_stops_the_handover_not_the_service, ONE_SERVICE),
		STORY(a_killed_child_refuses_no_new_connection, ONE_SERVICE),
		STORY(after_a_crash_a_broken_file_is_replaced_by_the_last_good_one, NULL),
		STORY(after_a_crash_a_file_that_cannot_come_into_force_is_replaced_too, NULL),
	};

	return TELL("handover", stories);
}
