/* test_server.c - the admin API over real sockets. */
#include "tests/admin/house.h"

#include <sys/stat.h>
#include <unistd.h>

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
static const struct house_wish on_a_file = { .file = true };

/* --- Answers. --------------------------------------------------------------------------------- */

static void every_question_is_answered_as_json_over_tcp(void **state)
{
	static const char *const paths[] = { "/", "/healthz", "/readyz", "/config", "/routes",
					     "/services", "/plugins", "/explain?url=/x",
					     "/log-level" };
	struct house *h = *state;

	house_opens(h, &on_tcp);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		assert_int_equal(gets(h, paths[i]), 200);
		assert_str(header(h, "content-type"), "application/json");
		assert_str(header(h, "cache-control"), "no-store");
		json_decref(json_loadb(h->body, h->body_len, 0, NULL));
	}
	assert_int_equal(gets(h, "/metrics"), 200);
	assert_string_equal(h->body, "weir_up 1\n");
}

static void head_has_the_length_and_no_body(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_tcp);

	assert_int_equal(asks(h, "HEAD", "/metrics", NULL), 200);
	assert_str(header(h, "content-length"), "10");
	assert_int_equal(h->body_len, 0);
}

static void an_unwell_world_is_503_in_a_problem_document(void **state)
{
	struct house *h = *state;

	h->fake.unready = "draining";
	house_opens(h, &on_tcp);

	assert_int_equal(gets(h, "/readyz"), 503);
	assert_str(header(h, "content-type"), "application/problem+json");
	assert_non_null(strstr(h->body, "draining"));
	assert_int_equal(gets(h, "/healthz"), 200);
}

static void other_methods_and_paths_are_405_and_404(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_a_file);

	assert_int_equal(gets(h, "/reload"), 405);
	assert_str(header(h, "allow"), "POST");
	assert_int_equal(asks(h, "DELETE", "/config", NULL), 405);
	assert_str(header(h, "allow"), "GET, HEAD");
	assert_int_equal(gets(h, "/nothing"), 404);
	assert_non_null(strstr(h->body, "/healthz"));
	assert_int_equal(gets(h, "/config%00x"), 404);
}

static void large_metrics_come_whole(void **state)
{
	struct house *h = *state;

	h->fake.metrics_bytes = 8 << 20;
	house_opens(h, &on_a_file);

	assert_int_equal(gets(h, "/metrics"), 200);
	assert_int_equal(h->body_len, (8 << 20) + 10);
}

static void one_connection_asks_again_and_again(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_tcp);
	fd = connects(h);
	for (int i = 0; i < 50; i++) {
		sends(fd, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
		reads_one(fd, answer, sizeof(answer));
		assert_true(strncmp(answer, "HTTP/1.1 200", 12) == 0);
	}
	close(fd);
}

/* --- Entry. ----------------------------------------------------------------------------------- */

static void commands_over_tcp_need_the_token(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_tcp);

	assert_int_equal(posts(h, "/drain", NULL, ""), 401);
	assert_str(header(h, "www-authenticate"), "Bearer realm=\"weir admin\"");
	assert_int_equal(posts(h, "/drain", "Authorization: Bearer wrong", ""), 401);
	assert_int_equal(atomic_load(&h->fake.drains), 0);
	assert_int_equal(posts(h, "/drain", TOKEN, ""), 202);
	assert_int_equal(atomic_load(&h->fake.drains), 1);
}

static void a_new_token_is_the_one_from_then_on(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_tcp);
	assert_true(server_set_token(h->server, STR("another")));

	assert_int_equal(posts(h, "/drain", TOKEN, ""), 401);
	assert_int_equal(posts(h, "/drain", "Authorization: Bearer another", ""), 202);
}

static void where_others_reach_it_even_health_needs_the_token(void **state)
{
	const struct house_wish reachable = { .token = "open sesame", .reachable = true };
	struct house *h = *state;

	house_opens(h, &reachable);

	assert_int_equal(gets(h, "/healthz"), 401);
	assert_int_equal(asks(h, "GET", "/healthz", TOKEN), 200);
}

static void a_unix_socket_needs_none(void **state)
{
	struct house *h = *state;
	struct stat about;

	house_opens(h, &on_a_file);

	assert_int_equal(posts(h, "/drain", NULL, ""), 202);
	assert_int_equal(stat(h->path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void pages_of_strangers_are_refused(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_a_file);

	assert_int_equal(posts(h, "/drain", "Origin: http://evil.example", ""), 403);
	assert_int_equal(posts(h, "/drain", "Host: rebound.example", ""), 403);
	assert_int_equal(posts(h, "/drain", "Origin: http://localhost", ""), 202);
	assert_int_equal(atomic_load(&h->fake.drains), 1);
}

static void the_probe_answers_three_paths_and_no_command(void **state)
{
	const struct house_wish wish = { .probe = true };
	struct house *h = *state;

	house_opens(h, &wish);

	assert_int_equal(gets(h, "/healthz"), 200);
	assert_int_equal(gets(h, "/readyz"), 200);
	assert_int_equal(gets(h, "/metrics"), 200);
	assert_int_equal(gets(h, "/config"), 404);
	assert_null(strstr(h->body, "/config\""));
	assert_int_equal(gets(h, "/"), 404);
	assert_int_equal(posts(h, "/drain", NULL, ""), 404);
	assert_int_equal(posts(h, "/healthz", NULL, ""), 405);
	assert_str(header(h, "allow"), "GET, HEAD");
}

/* --- Limits. ---------------------------------------------------------------------------------- */

static unsigned status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.", 7) == 0 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
}

static unsigned says(struct house *h, const char *request)
{
	char answer[8192];
	int fd = connects(h);

	sends(fd, request);
	reads_one(fd, answer, sizeof(answer));
	close(fd);
	return status_of(answer);
}

static void what_two_readers_could_read_differently_is_refused(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_a_file);

	assert_int_equal(says(h, "POST /drain HTTP/1.1\r\nhost: localhost\r\n"
			      "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"), 411);
	assert_int_equal(says(h, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n"
			      "host: evil.example\r\n\r\n"), 400);
	assert_int_equal(says(h, "GET http://localhost/readyz HTTP/1.1\r\nhost: localhost\r\n\r\n"),
			 400);
	assert_int_equal(says(h, "POST /drain HTTP/1.1\r\nhost: localhost\r\n"
			      "content-length: 0\r\ncontent-length: 0\r\n\r\n"), 400);
	assert_int_equal(atomic_load(&h->fake.drains), 0);
}

static void a_large_body_is_refused_before_it_is_sent(void **state)
{
	struct house *h = *state;

	house_opens(h, &on_a_file);

	assert_int_equal(says(h, "POST /log-level HTTP/1.1\r\nhost: localhost\r\n"
			      "content-length: 1000000\r\n\r\n"), 413);
}

static void a_body_in_pieces_is_read_whole(void **state)
{
	struct house *h = *state;
	char answer[4096];
	int fd;

	house_opens(h, &on_a_file);
	fd = connects(h);
	sends(fd, "POST /log-level HTTP/1.1\r\nhost: localhost\r\ncontent-length: 11\r\n\r\nleve");
	usleep(20000);
	sends(fd, "l=error");
	reads_one(fd, answer, sizeof(answer));

	assert_int_equal(status_of(answer), 200);
	close(fd);
}

static void a_head_that_is_too_large_is_refused(void **state)
{
	struct house *h = *state;
	static char request[SERVER_MEMORY + 4096];
	size_t at;

	house_opens(h, &on_a_file);
	at = (size_t)snprintf(request, sizeof(request), "GET /");
	memset(request + at, 'x', SERVER_MEMORY + 1000);
	strcpy(request + at + SERVER_MEMORY + 1000, " HTTP/1.1\r\nhost: localhost\r\n\r\n");

	assert_int_equal(says(h, request) / 100, 4);
	assert_int_equal(gets(h, "/readyz"), 200);
}

static void garbage_harms_nobody(void **state)
{
	static const char *const garbage[] = {
		"\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/9.9\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
		"GET /?%zz=%&&&=;# HTTP/1.1\r\nhost: localhost\r\n\r\n",
	};
	struct house *h = *state;

	house_opens(h, &on_tcp);
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		int fd = connects(h);

		sends(fd, garbage[i]);
		close(fd);
	}
	assert_int_equal(gets(h, "/readyz"), 200);
}

static void more_connections_than_the_limit_wait_and_are_served_later(void **state)
{
	struct house *h = *state;
	int held[SERVER_CONNECTIONS];
	char answer[4096];
	int late;

	house_opens(h, &on_tcp);
	for (size_t i = 0; i < ARRAY_LEN(held); i++) {
		held[i] = connects(h);
		sends(held[i], "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
		reads_one(held[i], answer, sizeof(answer));
		assert_int_equal(status_of(answer), 200);
	}
	late = connects(h);
	sends(late, "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n");
	close(held[0]);

	reads_one(late, answer, sizeof(answer));
	assert_int_equal(status_of(answer), 200);
	close(late);
	for (size_t i = 1; i < ARRAY_LEN(held); i++)
		close(held[i]);
}

#define HOUSE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE(every_question_is_answered_as_json_over_tcp),
		HOUSE(head_has_the_length_and_no_body),
		HOUSE(an_unwell_world_is_503_in_a_problem_document),
		HOUSE(other_methods_and_paths_are_405_and_404),
		HOUSE(large_metrics_come_whole),
		HOUSE(one_connection_asks_again_and_again),
		HOUSE(commands_over_tcp_need_the_token),
		HOUSE(a_new_token_is_the_one_from_then_on),
		HOUSE(where_others_reach_it_even_health_needs_the_token),
		HOUSE(a_unix_socket_needs_none),
		HOUSE(pages_of_strangers_are_refused),
		HOUSE(the_probe_answers_three_paths_and_no_command),
		HOUSE(what_two_readers_could_read_differently_is_refused),
		HOUSE(a_large_body_is_refused_before_it_is_sent),
		HOUSE(a_body_in_pieces_is_read_whole),
		HOUSE(a_head_that_is_too_large_is_refused),
		HOUSE(garbage_harms_nobody),
		HOUSE(more_connections_than_the_limit_wait_and_are_served_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
