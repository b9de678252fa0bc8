/* test_kept.c - the last good configuration outlives its files, for the child that follows a crash. */
#include "core/weir/kept.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/net/socket.h"
#include "tests/test.h"

static struct control control;
static int parents_end;
static char folder[64], path[96], part[96];
static struct conf *conf;

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct conf *load(void)
{
	struct conf *loaded = NULL;
	struct diagnostics d;

	diagnostics_init(&d);
	assert_true(conf_load(path, &loaded, &d));
	diagnostics_fini(&d);
	return loaded;
}

static int begin(void **state)
{
	int ends[2];

	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/weir-kept-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/w.yaml", folder);
	(void)snprintf(part, sizeof(part), "%s/part.yaml", folder);
	write_file(path, "include: part.yaml\nlisten: 127.0.0.1:1\n");
	write_file(part, "services: {app: {endpoints: [\"127.0.0.1:9\"]}}\nroutes: [{to: app}]\n");
	conf = load();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	parents_end = ends[0];
	control = (struct control){ .fd = ends[1], .kept = -1, .birth = BIRTH_RESTART };
	return 0;
}

static int end(void **state)
{
	(void)state;
	conf_free(conf);
	(void)unlink(path);
	(void)unlink(part);
	(void)rmdir(folder);
	socket_close(control.fd);
	socket_close(control.kept);
	socket_close(parents_end);
	return 0;
}

/* What the parent was given, as the next child gets it. */
static void crash(void)
{
	struct message m;

	kept_leave(&control, conf);
	assert_int_equal(message_receive(parents_end, &m), MESSAGE_OK);
	assert_int_equal(m.head.type, MESSAGE_KEEP);
	assert_int_equal(m.fd_count, 1);
	control.kept = m.fds[0];
}

static void what_is_left_is_loaded_although_its_files_are_gone(void **state)
{
	struct conf *again = NULL;
	struct diagnostics d;

	(void)state;
	crash();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(part), 0);

	diagnostics_init(&d);
	assert_true(kept_load(&control, path, &again, &d));

	assert_non_null(conf_service(again, STR("app")));
	assert_int_equal(again->sources.count, conf->sources.count);
	diagnostics_fini(&d);
	conf_free(again);
}

static void what_is_left_cannot_be_changed_any_more(void **state)
{
	(void)state;
	crash();

	assert_int_equal(write(control.kept, "x", 1), -1);
	assert_int_equal(ftruncate(control.kept, 0), -1);
	assert_int_equal(fcntl(control.kept, F_GET_SEALS) & F_SEAL_SEAL, F_SEAL_SEAL);
}

static void without_a_parent_nothing_is_left(void **state)
{
	struct message m;

	(void)state;
	control.alone = true;

	kept_leave(&control, conf);

	assert_int_equal(message_receive(parents_end, &m), MESSAGE_NONE);
}

static void only_a_child_that_follows_a_crash_may_use_it(void **state)
{
	(void)state;
	assert_false(kept_may_be_used(&control));
	crash();

	assert_true(kept_may_be_used(&control));
	control.birth = BIRTH_FIRST;
	assert_false(kept_may_be_used(&control));
	control.birth = BIRTH_HANDOVER;
	assert_false(kept_may_be_used(&control));
}

/* Gives what is said when this was left. */
static const char *said_of(struct weir_str left)
{
	static char said[256];
	struct conf *again = NULL;
	struct diagnostics d;
	int fd = memfd_create("left", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, left.data, left.len), (ssize_t)left.len);
	control.kept = fd;
	diagnostics_init(&d);
	assert_false(kept_load(&control, path, &again, &d));
	assert_true(d.count > 0);
	(void)snprintf(said, sizeof(said), "%s", d.items[0].text);
	conf_free(again);
	diagnostics_fini(&d);
	socket_close(fd);
	control.kept = -1;
	return said;
}

static void what_makes_no_sense_is_refused_with_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(said_of(STR("")), "what was kept cannot be read");
	assert_true(said_of(STR("this was never packed"))[0] != '\0');
}

static void what_is_no_file_is_refused_with_a_sentence(void **state)
{
	struct conf *again = conf;
	struct diagnostics d;

	(void)state;
	diagnostics_init(&d);

	assert_false(kept_load(&control, path, &again, &d));

	assert_null(again);
	assert_string_equal(d.items[0].text, "what was kept cannot be read");
	diagnostics_fini(&d);
}

int main(void)
{
#define kept(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		kept(what_is_left_is_loaded_although_its_files_are_gone),
		kept(what_is_left_cannot_be_changed_any_more),
		kept(without_a_parent_nothing_is_left),
		kept(only_a_child_that_follows_a_crash_may_use_it),
		kept(what_makes_no_sense_is_refused_with_a_sentence),
		kept(what_is_no_file_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
