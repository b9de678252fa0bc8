/* test_systemd.c - what the service manager hands over and is told, and life as process 1. */
#include "tests/test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "core/weir/takeover.h"
#include "tests/weir/house.h"
#include "tests/weir/toy.h"

static struct house house;
static struct address manager;
static char notify_variable[160];

static int raze(void **state)
{
	(void)state;
	house_raze(&house);
	return 0;
}

/* A socket that plays the service manager; its name goes into the house's environment. */
static int be_manager(void)
{
	struct timeval wait = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[128];

	snprintf(name, sizeof(name), "unix:@%s", house.folder);
	assert_true(address_parse(&manager, str_from(name), NULL));
	assert_int_equal(bind(fd, &manager.any, manager.len), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), 0);
	snprintf(notify_variable, sizeof(notify_variable), "NOTIFY_SOCKET=@%s", house.folder);
	house.variables[0] = notify_variable;
	return fd;
}

/* Reads what the manager is told until it begins so. */
static char *told(int fd, const char *beginning)
{
	static char text[1024];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		if (strncmp(text, beginning, strlen(beginning)) == 0)
			return text;
	}
	fail_msg("the manager was never told %s", beginning);
	return NULL;
}

static void the_manager_is_told_of_ready_reload_and_stop(void **state)
{
	char want[64];
	int fd;

	(void)state;
	house_build(&house, "");
	fd = be_manager();
	house_start(&house);

	snprintf(want, sizeof(want), "\nMAINPID=%d\n", (int)house.pid);
	assert_non_null(strstr(told(fd, "READY=1"), want));
	house_signal(&house, SIGHUP);
	assert_non_null(strstr(told(fd, "RELOADING=1"), "MONOTONIC_USEC="));
	(void)told(fd, "READY=1");
	house_write(&house, "fail a typing mistake\n");
	house_signal(&house, SIGHUP);
	(void)told(fd, "RELOADING=1");
	assert_non_null(strstr(told(fd, "READY=1"), "refused: a typing mistake"));
	house_signal(&house, SIGTERM);
	(void)told(fd, "STOPPING=1");
	close(fd);
}

static void a_handover_keeps_the_main_pid(void **state)
{
	char want[64];
	int fd;

	(void)state;
	house_build(&house, "");
	fd = be_manager();
	house_start(&house);
	(void)told(fd, "READY=1");

	house_signal(&house, SIGUSR2);

	(void)told(fd, "RELOADING=1");
	snprintf(want, sizeof(want), "\nMAINPID=%d\n", (int)house.pid);
	assert_non_null(strstr(told(fd, "READY=1"), want));
	close(fd);
}

static void the_managers_watchdog_is_fed(void **state)
{
	int fd;

	(void)state;
	house_build(&house, "");
	fd = be_manager();
	house.variables[1] = "WATCHDOG_USEC=400000";
	house_start(&house);

	(void)told(fd, "WATCHDOG=1");
	(void)told(fd, "WATCHDOG=1");
	close(fd);
}

static void a_child_does_not_speak_to_the_manager(void **state)
{
	static char environment[1 << 18];	/* make and CI make it large */
	char path[64];
	FILE *f;
	int fd;

	(void)state;
	house_build(&house, "");
	fd = be_manager();
	house_open(&house);

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)ask(&house).pid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(environment, 1, sizeof(environment), f) > 0);
	fclose(f);
	assert_null(memmem(environment, sizeof(environment), "NOTIFY_SOCKET", 13));
	assert_non_null(memmem(environment, sizeof(environment), "WEIR_CONTROL", 12));
	close(fd);
}

/* Starts the house as a service manager does that has opened its socket. */
static void start_activated(const char *name, const struct address *bound)
{
	struct listen_options options = { .backlog = 16 };
	char names[80], pid[32];
	int fd = socket_listen(bound, &options, NULL);

	assert_true(fd >= 0);
	house.pid = fork();
	if (house.pid == 0) {
		(void)!freopen(house.log, "ae", stderr);
		dup2(fd, 3);
		(void)socket_set_cloexec(3, false);
		snprintf(names, sizeof(names), "LISTEN_FDNAMES=%s", name);
		snprintf(pid, sizeof(pid), "LISTEN_PID=%d", (int)getpid());
		putenv(names);
		putenv(pid);
		putenv((char *)"LISTEN_FDS=1");
		execl(house.image, house.image, "toy", house.file, NULL);
		_exit(127);
	}
	close(fd);
}

static void a_socket_with_the_listeners_name_is_used(void **state)
{
	struct address elsewhere;
	struct greeting g;
	pid_t old;

	(void)state;
	house_build(&house, "");
	assert_true(address_parse(&elsewhere, STR("127.0.0.2:0"), NULL));
	address_set_port(&elsewhere, house.address.port);

	start_activated("edge", &elsewhere);

	close(visit(&elsewhere, &g));
	old = g.pid;
	assert_int_equal(kill(old, SIGKILL), 0);
	close(visit(&elsewhere, &g));
	assert_int_not_equal(g.pid, old);
	house_signal(&house, SIGUSR2);
	old = g.pid;
	while (g.pid == old)
		close(visit(&elsewhere, &g));
}

static void a_socket_with_the_listeners_address_is_used(void **state)
{
	struct greeting g;

	(void)state;
	house_build(&house, "");

	start_activated("unknown", &house.address);

	close(visit(&house.address, &g));
	assert_string_equal(g.birth, "first");
}

static void systemds_own_tool_activates_it(void **state)
{
	struct greeting g;

	(void)state;
	if (access("/usr/bin/systemd-socket-activate", X_OK) != 0)
		skip();	/* systemd-socket-activate is not installed */
	house_build(&house, "");
	house.wrapper[0] = "systemd-socket-activate";
	house.wrapper[1] = "--fdname=edge";
	house.wrapper[2] = "-l";
	house.wrapper[3] = house.address.text;
	house_start(&house);

	close(visit(&house.address, &g));

	assert_string_equal(g.birth, "first");
	house_signal(&house, SIGTERM);
	assert_int_equal(house_exit(&house), 0);
}

static bool can_unshare(void)
{
	return system("unshare --pid --fork --kill-child true >/dev/null 2>&1") == 0;
}

/* The parent in its own pid namespace: the only child of `unshare`. */
static pid_t first_child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	if (f != NULL) {
		(void)!fscanf(f, "%d", &child);
		fclose(f);
	}
	return child;
}

static unsigned zombies_of(pid_t pid)
{
	char path[64], state;
	unsigned count = 0;
	int child;
	FILE *f, *about;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	while (f != NULL && fscanf(f, "%d", &child) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/stat", child);
		about = fopen(path, "re");
		if (about == NULL)
			continue;
		if (fscanf(about, "%*d (%*[^)]) %c", &state) == 1 && state == 'Z')
			count++;
		fclose(about);
	}
	if (f != NULL)
		fclose(f);
	return count;
}

static void as_process_1_it_serves_buries_and_stops(void **state)
{
	pid_t first;

	(void)state;
	if (!can_unshare())
		skip();	/* pid namespaces are not permitted here */
	house_build(&house, "");
	house.wrapper[0] = "unshare";
	house.wrapper[1] = "--pid";
	house.wrapper[2] = "--fork";
	house.wrapper[3] = "--kill-child";
	house_open(&house);
	first = first_child_of(house.pid);
	assert_true(first > 0);

	/* A child dies, with an orphan of its own; both are buried. */
	tell(&house, "orphan");
	tell(&house, "exit");
	(void)ask(&house);
	house_says(&house, "exited with 0");
	while (zombies_of(first) > 0)
		usleep(10000);

	assert_int_equal(kill(first, SIGUSR2), 0);
	house_says(&house, "finishes its requests and ends");
	(void)ask(&house);

	assert_int_equal(kill(first, SIGTERM), 0);
	assert_int_equal(house_exit(&house), 0);
}

int main(int argc, char **argv)
{
#define story(f) cmocka_unit_test_teardown(f, raze)
	const struct CMUnitTest tests[] = {
		story(the_manager_is_told_of_ready_reload_and_stop),
		story(a_handover_keeps_the_main_pid),
		story(the_managers_watchdog_is_fed),
		story(a_child_does_not_speak_to_the_manager),
		story(a_socket_with_the_listeners_name_is_used),
		story(a_socket_with_the_listeners_address_is_used),
		story(systemds_own_tool_activates_it),
		story(as_process_1_it_serves_buries_and_stops),
	};

	if (takeover_answer())
		return 0;
	if (argc > 1 && strcmp(argv[1], "toy") == 0)
		return toy_main(argc, argv);
	return cmocka_run_group_tests_name("systemd", tests, NULL, NULL);
}
