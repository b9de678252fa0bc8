/* test_server_life.c - how a server begins and ends, and what happens while a command runs. */
#include "tests/admin/house.h"

#include <pthread.h>
#include <unistd.h>

#include "core/admin/helper.h"
#include "core/base/log.h"
#include "core/base/mem.h"

#define TOKEN "Authorization: Bearer open sesame"

static int begin(void **state)
{
	*state = house_new();
	log_set_level(LOG_LEVEL_ERROR);
	return 0;
}

static int end(void **state)
{
	house_free(*state);
	return 0;
}

static const struct house_wish on_tcp = { .token = "open sesame" };

static unsigned status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.", 7) == 0 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
}

/* --- Commands that take long. ----------------------------------------------------------------- */

static const char reload_request[] = "POST /reload HTTP/1.1\r\nhost: localhost\r\n"
				     "authorization: Bearer open sesame\r\n"
				     "content-length: 0\r\n\r\n";

static void health_and_metrics_are_answered_while_a_reload_runs(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	atomic_store(&h->fake.holds, true);
	fd = connects(h);
	sends(fd, reload_request);
	sem_wait(&h->fake.entered);

	assert_int_equal(gets(h, "/healthz"), 200);
	assert_int_equal(gets(h, "/metrics"), 200);
	assert_int_equal(posts(h, "/log-level?level=error", TOKEN, ""), 200);

	sem_post(&h->fake.go);
	reads_one(fd, answer, sizeof(answer));
	assert_int_equal(status_of(answer), 200);
	assert_non_null(strstr(answer, "\"ok\": true"));
	close(fd);
}

static void commands_wait_their_turn_up_to_a_bound(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fds[HELPER_WAITING + 1], last;

	house_opens(h, &on_tcp);
	atomic_store(&h->fake.holds, true);
	last = (int)ARRAY_LEN(fds) - 1;
	for (int i = 0; i < last; i++) {
		fds[i] = connects(h);
		sends(fds[i], reload_request);
		if (i == 0)
			sem_wait(&h->fake.entered);
	}
	/* They are handed over in the order of the connections. */
	assert_int_equal(gets(h, "/healthz"), 200);
	fds[last] = connects(h);
	sends(fds[last], reload_request);
	reads_one(fds[last], answer, sizeof(answer));
	assert_int_equal(status_of(answer), 503);
	assert_non_null(strcasestr(answer, "retry-after: 5"));

	for (int i = 0; i < last; i++)
		sem_post(&h->fake.go);
	for (int i = 0; i < last; i++) {
		reads_one(fds[i], answer, sizeof(answer));
		assert_int_equal(status_of(answer), 200);
	}
	assert_int_equal(atomic_load(&h->fake.reloads), last);
	for (int i = 0; i <= last; i++)
		close(fds[i]);
}

static void a_client_that_leaves_during_a_reload_harms_nobody(void **state)
{
	struct house *h = *state;
	int fd;

	house_opens(h, &on_tcp);
	atomic_store(&h->fake.holds, true);
	fd = connects(h);
	sends(fd, reload_request);
	sem_wait(&h->fake.entered);
	close(fd);
	sem_post(&h->fake.go);

	assert_true(eventually(posts(h, "/drain", TOKEN, "") == 202));
}

/* --- Beginning and end. ----------------------------------------------------------------------- */

static void nobody_is_accepted_before_the_start(void **state)
{
	const struct house_wish wish = { .token = "open sesame", .waiting = true };
	struct house *h = *state;
	struct timeval soon = { .tv_usec = 100000 };
	char answer[4096];
	int fd;

	house_opens(h, &wish);
	fd = connects(h);
	sends(fd, "GET /readyz HTTP/1.0\r\n\r\n");
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)), 0);
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), -1);

	server_start(h->server);

	reads_all(fd, answer, sizeof(answer));
	assert_int_equal(status_of(answer), 200);
	close(fd);
}

static void one_that_was_never_started_closes(void **state)
{
	const struct house_wish wish = { .waiting = true };
	struct house *h = *state;

	house_opens(h, &wish);
	server_close(h->server);
	h->server = NULL;
}

static void finishing_answers_the_reload_that_asked_for_it(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd, idle;

	house_opens(h, &on_tcp);
	atomic_store(&h->fake.holds, true);
	idle = connects(h);
	fd = connects(h);
	sends(fd, reload_request);
	sem_wait(&h->fake.entered);

	server_finish(h->server);
	assert_int_equal(sem_trywait(&h->finished), -1);
	sem_post(&h->fake.go);

	reads_all(fd, answer, sizeof(answer));
	assert_int_equal(status_of(answer), 200);
	assert_non_null(strcasestr(answer, "connection: close"));
	sem_wait(&h->finished);
	assert_int_equal(read(idle, answer, sizeof(answer)), 0);
	close(fd);
	close(idle);
}

static void finishing_answers_who_has_come(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	server_finish(h->server);
	fd = connects(h);
	sends(fd, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");

	reads_all(fd, answer, sizeof(answer));

	assert_int_equal(status_of(answer), 200);
	sem_wait(&h->finished);
	close(fd);
}

/* Asks so long. One that is not to end may be asked for any time. */
static bool is_finished(struct house *h, long ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return sem_timedwait(&h->finished, &until) == 0;
}

/* Let in, but its question is still on its way: nobody else can answer it. */
static void yielding_answers_who_was_let_in(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	fd = connects(h);
	assert_int_equal(gets(h, "/healthz"), 200);	/* they are let in in their order */
	server_yield(h->server);
	assert_false(is_finished(h, 100));
	sends(fd, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");

	reads_all(fd, answer, sizeof(answer));

	assert_int_equal(status_of(answer), 200);
	sem_wait(&h->finished);
	close(fd);
}

static void yielding_leaves_newcomers_to_the_successor(void **state)
{
	struct house *h = *state;
	struct server_setup setup = { .name = "admin", .world = &h->fake.world };
	struct weir_error error = { "" };
	struct server *successor;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	server_yield(h->server);
	sem_wait(&h->finished);
	fd = connects(h);
	sends(fd, "GET /readyz HTTP/1.0\r\n\r\n");
	setup.bound = h->bound;
	successor = server_open(dup(h->listener), &setup, &error);
	assert_non_null(successor);
	server_start(successor);

	reads_all(fd, answer, sizeof(answer));

	assert_int_equal(status_of(answer), 200);
	close(fd);
	server_close(successor);
}

static void closing_waits_for_the_command_that_runs(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	fd = connects(h);
	sends(fd, reload_request);
	sem_wait(&h->fake.entered);
	server_close(h->server);
	h->server = NULL;

	reads_all(fd, answer, sizeof(answer));
	assert_int_equal(status_of(answer), 200);
	close(fd);
}

static void *asks_on(void *arg)
{
	struct house *h = arg;
	char answer[16384];

	for (int i = 0; i < 40; i++) {
		int fd = connects(h);

		sends(fd, i % 4 == 0 ? reload_request
				     : "GET / HTTP/1.0\r\nhost: localhost\r\n\r\n");
		if (i % 4 == 1)
			shutdown(fd, SHUT_RDWR);
		else
			reads_one(fd, answer, sizeof(answer));
		close(fd);
	}
	return NULL;
}

static void many_ask_at_once_and_the_token_changes(void **state)
{
	struct house *h = *state;
	pthread_t threads[4];

	house_opens(h, &on_tcp);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, asks_on, h), 0);
	for (int i = 0; i < 100; i++)
		assert_true(server_set_token(h->server, STR("open sesame")));
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);

	assert_true(eventually(gets(h, "/healthz") == 200));
	assert_true(atomic_load(&h->fake.reloads) > 0);
}

#define HOUSE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE(health_and_metrics_are_answered_while_a_reload_runs),
		HOUSE(commands_wait_their_turn_up_to_a_bound),
		HOUSE(a_client_that_leaves_during_a_reload_harms_nobody),
		HOUSE(nobody_is_accepted_before_the_start),
		HOUSE(one_that_was_never_started_closes),
		HOUSE(finishing_answers_the_reload_that_asked_for_it),
		HOUSE(finishing_answers_who_has_come),
		HOUSE(yielding_answers_who_was_let_in),
		HOUSE(yielding_leaves_newcomers_to_the_successor),
		HOUSE(closing_waits_for_the_command_that_runs),
		HOUSE(many_ask_at_once_and_the_token_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
