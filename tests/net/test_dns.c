/* test_dns.c - names asked of a real name server, which this test starts. */
#include "core/net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "tests/test.h"

static struct worker worker;
static pid_t server;
static char servers[64], big[8192];
static int silent = -1;

/* --- The server. ---------------------------------------------------------------------------------- */

/* A port that is free for UDP. */
static int udp_port(int *fd)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);

	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&sa, &len), 0);
	return ntohs(sa.sin_port);
}

static void become_server(int port)
{
	char number[32], *args[80] = {
		(char *)"dnsmasq", (char *)"--keep-in-foreground", (char *)"--conf-file=/dev/null", (char *)"--no-resolv",
		(char *)"--no-hosts", (char *)"--pid-file", (char *)"--user=root", number,
		(char *)"--listen-address=127.0.0.1", (char *)"--bind-interfaces", (char *)"--local=/test/",
		(char *)"--auth-ttl=7", (char *)"--local-ttl=7",
		(char *)"--host-record=four.test,10.0.0.1,60", (char *)"--host-record=both.test,10.0.0.2,fd00::2,90",
		(char *)"--host-record=twice.test,10.0.0.3", (char *)"--host-record=twice.test,10.0.0.4",
		(char *)"--srv-host=_orders._tcp.test,four.test,8080,1,5",
	};
	unsigned count = 0;

	while (args[count] != NULL)
		count++;
	/* More than a datagram holds: it is asked for again over TCP. */
	for (unsigned i = 0; i < 40; i++) {
		char *room = big + i * 100;

		(void)snprintf(room, 100, "--txt-record=large.test,%060u", i);
		args[count++] = room;
	}
	(void)snprintf(number, sizeof(number), "--port=%d", port);
	execvp(args[0], args);
	execv("/usr/sbin/dnsmasq", args);
	_exit(127);
}

static bool answers(void);

/* False: it ended; somebody has the port for TCP, perhaps. */
static bool server_runs(void)
{
	int status;

	for (int i = 0; i < 200; i++) {
		if (waitpid(server, &status, WNOHANG) == server) {
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 127)
				return false;
			print_message("there is no dnsmasq here\n");
			exit(77);
		}
		if (answers())
			return true;
		usleep(10000);
	}
	return false;
}

static void start_server(void)
{
	int fd, port = udp_port(&fd);

	close(fd);
	server = fork();
	if (server == 0)
		become_server(port);
	dns_close(&worker);
	(void)snprintf(servers, sizeof(servers), "127.0.0.1:%d", port);
	dns_use_servers(servers);
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_true(worker_init(&worker, 0, NULL, &error));
	for (int i = 0; i < 20; i++) {
		start_server();
		if (server_runs())
			return 0;
	}
	fail_msg("dnsmasq does not answer");
	return -1;
}

static int end(void **state)
{
	(void)state;
	dns_close(&worker);
	worker_fini(&worker);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}

/* --- Who asks. ------------------------------------------------------------------------------------- */

struct asking {
	const char *name;
	int type;			/* 0: a host */
	uint64_t patience;
	enum dns_result result;
	struct dns_host host;
	struct buffer packet;
	struct fiber *fiber;
	bool over;
};

static void ask(void *arg)
{
	struct asking *a = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(clock_now(), a->patience), REASON_TIMEOUT);
	a->result = a->type == 0 ? dns_host(&worker, a->name, &a->host)
				 : dns_query(&worker, a->name, a->type, &a->packet);
	deadline_leave(&d);
	a->over = true;
}

static void begins(struct asking *a)
{
	a->over = false;
	if (a->patience == 0)
		a->patience = 20 * NS_PER_S;
	buffer_init(&a->packet, 65535);
	a->fiber = fiber_start(&worker.loop, ask, a);
}

static void ends(struct asking *a)
{
	while (!a->over)
		loop_turn(&worker.loop, NS_PER_MS);
}

static struct asking asked(const char *name, int type)
{
	struct asking a = { .name = name, .type = type };

	begins(&a);
	ends(&a);
	return a;
}

/* While it begins: with little patience, for what is lost then is lost. */
static bool answers(void)
{
	struct asking a = { .name = "four.test", .type = ns_t_a, .patience = 50 * NS_PER_MS };

	begins(&a);
	ends(&a);
	buffer_fini(&a.packet);
	return a.result == DNS_FOUND;
}

static uint32_t ttl_of(const struct asking *a, int number)
{
	ns_msg msg;
	ns_rr rr;

	assert_int_equal(ns_initparse((const unsigned char *)a->packet.data, (int)buffer_len(&a->packet),
				      &msg), 0);
	assert_int_equal(ns_parserr(&msg, ns_s_an, number, &rr), 0);
	return ns_rr_ttl(rr);
}

static bool has(const struct dns_host *host, const char *ip)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, ip, &sa.sin_addr), 1);
	for (uint32_t i = 0; i < host->count; i++) {
		const struct sockaddr_in *at = (const struct sockaddr_in *)&host->at[i];

		if (at->sin_family == AF_INET && at->sin_addr.s_addr == sa.sin_addr.s_addr)
			return true;
	}
	return false;
}

static void a_host_has_its_addresses_and_how_long_they_hold(void **state)
{
	struct asking a = asked("four.test", 0);

	(void)state;
	assert_int_equal(a.result, DNS_FOUND);
	assert_int_equal(a.host.count, 1);
	assert_true(has(&a.host, "10.0.0.1"));
	assert_int_equal(a.host.ttl, 60);

	a = asked("twice.test", 0);
	assert_true(has(&a.host, "10.0.0.3") && has(&a.host, "10.0.0.4"));
	assert_int_equal(a.host.ttl, 7);
}

static void the_hosts_file_counts(void **state)
{
	struct asking a = asked("localhost", 0);

	(void)state;
	assert_int_equal(a.result, DNS_FOUND);
	assert_true(a.host.count > 0);
}

static void records_come_as_they_are_with_their_time(void **state)
{
	struct asking a = asked("four.test", ns_t_a);

	(void)state;
	assert_int_equal(a.result, DNS_FOUND);
	assert_int_equal(ttl_of(&a, 0), 60);
	buffer_fini(&a.packet);

	a = asked("both.test", ns_t_aaaa);
	assert_int_equal(a.result, DNS_FOUND);
	assert_int_equal(ttl_of(&a, 0), 90);
	buffer_fini(&a.packet);

	a = asked("_orders._tcp.test", ns_t_srv);
	assert_int_equal(a.result, DNS_FOUND);
	assert_int_equal(ttl_of(&a, 0), 7);
	buffer_fini(&a.packet);
}

static void no_name_no_data_and_no_answer_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(asked("nobody.test", ns_t_a).result, DNS_UNKNOWN);
	assert_int_equal(asked("nobody.test", 0).result, DNS_UNKNOWN);
	assert_int_equal(asked("four.test", ns_t_srv).result, DNS_NO_DATA);
	assert_int_equal(asked("four.test", ns_t_aaaa).result, DNS_NO_DATA);
	assert_int_equal(asked("elsewhere.example", ns_t_a).result, DNS_FAILED);	/* it refuses */
	assert_int_equal(asked("not a name..", ns_t_a).result, DNS_UNKNOWN);
}

static void what_is_too_large_for_a_datagram_comes_over_tcp(void **state)
{
	struct asking a = asked("large.test", ns_t_txt);

	(void)state;
	assert_int_equal(a.result, DNS_FOUND);
	assert_true(buffer_len(&a.packet) > 40 * 60);
	buffer_fini(&a.packet);
}

static void many_may_ask_at_once(void **state)
{
	static struct asking many[100];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		many[i] = (struct asking){ .name = i % 2 ? "four.test" : "nobody.test", .type = ns_t_a };
		begins(&many[i]);
	}
	for (unsigned i = 0; i < 100; i++) {
		ends(&many[i]);
		assert_int_equal(many[i].result, i % 2 ? DNS_FOUND : DNS_UNKNOWN);
		buffer_fini(&many[i].packet);
	}
}

/* --- A server that says nothing. --------------------------------------------------------------------- */

static int begin_silence(void **state)
{
	(void)state;
	dns_close(&worker);
	(void)snprintf(servers, sizeof(servers), "127.0.0.1:%d", udp_port(&silent));
	return 0;
}

static int end_silence(void **state)
{
	(void)state;
	dns_close(&worker);
	close(silent);
	return 0;
}

static void who_waits_too_long_is_told(void **state)
{
	struct asking a = { .name = "four.test", .type = ns_t_a, .patience = 20 * NS_PER_MS };

	(void)state;
	begins(&a);
	ends(&a);

	assert_int_equal(a.result, DNS_FAILED);
}

static void who_leaves_is_not_waited_for(void **state)
{
	struct asking a = { .name = "four.test", .type = 0 }, b = { .name = "four.test", .type = ns_t_a };

	(void)state;
	begins(&a);
	begins(&b);
	loop_turn(&worker.loop, NS_PER_MS);
	fiber_cancel(a.fiber);
	ends(&a);
	fiber_cancel(b.fiber);
	ends(&b);

	assert_int_equal(a.result, DNS_CANCELLED);
	assert_int_equal(b.result, DNS_CANCELLED);
}

static void the_end_of_a_worker_ends_what_is_out(void **state)
{
	struct asking a = { .name = "four.test", .type = ns_t_a };

	(void)state;
	begins(&a);
	loop_turn(&worker.loop, NS_PER_MS);
	dns_close(&worker);
	ends(&a);

	assert_int_equal(a.result, DNS_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_has_its_addresses_and_how_long_they_hold),
		cmocka_unit_test(the_hosts_file_counts),
		cmocka_unit_test(records_come_as_they_are_with_their_time),
		cmocka_unit_test(no_name_no_data_and_no_answer_are_told_apart),
		cmocka_unit_test(what_is_too_large_for_a_datagram_comes_over_tcp),
		cmocka_unit_test(many_may_ask_at_once),
		cmocka_unit_test_setup_teardown(who_waits_too_long_is_told, begin_silence, end_silence),
		cmocka_unit_test_setup_teardown(who_leaves_is_not_waited_for, begin_silence, end_silence),
		cmocka_unit_test_setup_teardown(the_end_of_a_worker_ends_what_is_out, begin_silence,
						end_silence),
	};

	return cmocka_run_group_tests_name("dns", tests, begin, end);
}
