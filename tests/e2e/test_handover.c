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

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(sigusr2_under_load_fails_no_request, ONE_SERVICE),
		STORY(a_long_answer_outlives_the_handover, ONE_SERVICE),
		STORY(a_bad_configuration_stops_the_handover_not_the_service, ONE_SERVICE),
		STORY(a_killed_child_refuses_no_new_connection, ONE_SERVICE),
	};

	return TELL("handover", stories);
}
