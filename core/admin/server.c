/* server.c - the thread that turns libmicrohttpd's daemon, from first to last connection. */
#include "core/admin/server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/admin/server_inside.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/net/socket.h"

#define ACCEPT_LAST (250 * NS_PER_MS)	/* a handshake under way needs a round trip */
#define ANSWER_LAST (5 * NS_PER_S)	/* a client may take so long to ask and be answered at the end */
#define LOOK_AGAIN_MS 20		/* while finishing */

/* --- The end. --------------------------------------------------------------------------------- */

static bool somebody_waits(const struct server *s)
{
	struct pollfd p = { .fd = s->listen_fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* Those who are on their way in while the address is given up are still let in. */
static void stop_accepting(struct server *s, enum server_phase phase)
{
	if (phase == SERVER_FINISHING) {
		if (s->quiet_at == 0)
			s->quiet_at = clock_now() + ACCEPT_LAST;
		if (clock_now() < s->quiet_at || somebody_waits(s))
			return;
	}
	(void)MHD_quiesce_daemon(s->daemon);
	s->quiet = true;
}

/* True when nothing is left to wait for. Who was let in is answered, also when the question is yet to
 * come; who has been answered and keeps the connection expects that it may end. */
static bool is_over(struct server *s)
{
	uint64_t now = clock_now();

	if (!s->quiet || (s->helper.open && !helper_is_idle(&s->helper)))
		return false;
	if (s->end_at == 0)
		s->end_at = now + ANSWER_LAST;
	return (s->visits == 0 && !guests_some_will_ask(&s->guests)) || now >= s->end_at;
}

/* --- The thread. ------------------------------------------------------------------------------ */

static int wait_ms(struct server *s, enum server_phase phase, uint64_t next)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	uint64_t now = clock_now(), ms = next <= now ? 0 : (next - now) / NS_PER_MS + 1;

	if (next == CLOCK_NEVER || ms > 60000)
		ms = 60000;
	if (s->again)
		return 0;
	if (MHD_get_timeout(s->daemon, &timeout) == MHD_YES && timeout < ms)
		ms = timeout;
	if (phase >= SERVER_FINISHING && ms > LOOK_AGAIN_MS)
		ms = LOOK_AGAIN_MS;
	return (int)ms;
}

/* Sleeps until the daemon has something to do, or the phase changes. */
static enum server_phase sleep_until_something(struct server *s, uint64_t next)
{
	enum server_phase phase = (enum server_phase)atomic_load(&s->phase);
	struct pollfd watched[] = {
		{ .fd = s->wake, .events = POLLIN },
		{ .fd = phase == SERVER_WAITING ? -1 : s->events, .events = POLLIN },
	};
	uint64_t rings;

	(void)poll(watched, ARRAY_LEN(watched),
		   phase == SERVER_WAITING ? -1 : wait_ms(s, phase, next));
	if (watched[0].revents != 0 && read(s->wake, &rings, sizeof(rings)) < 0)
		log_debug("%s: eventfd: %s", s->name, strerror(errno));
	return (enum server_phase)atomic_load(&s->phase);
}

static void serve(struct server *s)
{
	uint64_t next = CLOCK_NEVER;

	for (;;) {
		enum server_phase phase = sleep_until_something(s, next);

		if (phase == SERVER_WAITING)
			continue;
		if (phase >= SERVER_FINISHING && !s->quiet)
			stop_accepting(s, phase);
		s->again = false;
		(void)MHD_run(s->daemon);
		next = guests_end_late(&s->guests, clock_now());
		if (phase >= SERVER_FINISHING && is_over(s))
			return;
	}
}

static void *run(void *arg)
{
	struct server *s = arg;

	(void)pthread_setname_np(pthread_self(), s->rules.probe ? "weir-probe" : "weir-admin");
	log_name_thread(s->name);
	serve(s);
	helper_close(&s->helper);
	MHD_stop_daemon(s->daemon);
	s->daemon = NULL;
	if (s->finished != NULL && atomic_load(&s->phase) != SERVER_CLOSING)
		s->finished(s->arg);
	return NULL;
}

/* --- Opening and closing. --------------------------------------------------------------------- */

static void server_free(struct server *s)
{
	if (s->daemon != NULL) {
		(void)MHD_quiesce_daemon(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	helper_close(&s->helper);
	socket_close(s->listen_fd);
	socket_close(s->wake);
	pthread_mutex_destroy(&s->lock);
	mem_free((void *)s->rules.name.data);
	mem_free((void *)s->rules.token.data);
	mem_free(s);
}

static bool copy(struct weir_str *to, struct weir_str from)
{
	char *own = from.len > 0 ? str_dup(from) : NULL;

	if (from.len > 0 && own == NULL)
		return false;
	*to = own != NULL ? str_of(own, from.len) : STR_ABSENT;
	return true;
}

static bool set_rules(struct server *s, const struct server_setup *setup)
{
	s->rules.probe = setup->probe;
	s->rules.local = address_is_local(&setup->bound);
	s->rules.file = setup->bound.kind == ADDRESS_UNIX;
	return copy(&s->rules.name, setup->host) && copy(&s->rules.token, setup->token);
}

static bool start(struct server *s, const struct server_setup *setup, struct weir_error *error)
{
	int number;

	if (!set_rules(s, setup))
		return fail_memory(error);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0)
		return fail(error, "cannot make an eventfd: %s", strerror(errno));
	if (!setup->probe && !helper_open(&s->helper, s->name, error))
		return false;
	s->daemon = daemon_start(s, error);
	if (s->daemon == NULL)
		return false;
	number = pthread_create(&s->thread, NULL, run, s);
	return number == 0 || fail(error, "cannot start a thread for %s: %s", s->name,
				   strerror(number));
}

struct server *server_open(int fd, const struct server_setup *setup, struct weir_error *error)
{
	struct server *s = mem_alloc(sizeof(*s));

	if (s == NULL) {
		socket_close(fd);
		(void)fail_memory(error);
		return NULL;
	}
	s->name = setup->name;
	s->world = setup->world;
	s->finished = setup->finished;
	s->arg = setup->arg;
	s->listen_fd = fd;
	s->wake = -1;
	list_init(&s->guests);
	pthread_mutex_init(&s->lock, NULL);
	if (start(s, setup, error))
		return s;
	server_free(s);
	return NULL;
}

void server_wake(struct server *s)
{
	uint64_t one = 1;

	if (write(s->wake, &one, sizeof(one)) < 0)
		log_debug("%s: eventfd: %s", s->name, strerror(errno));
}

/* The phase only grows. */
static void enter(struct server *s, enum server_phase phase)
{
	int before = atomic_load(&s->phase);

	while (before < (int)phase && !atomic_compare_exchange_weak(&s->phase, &before, (int)phase))
		;
	server_wake(s);
}

void server_start(struct server *s)
{
	enter(s, SERVER_SERVING);
}

bool server_set_token(struct server *s, struct weir_str token)
{
	struct weir_str next, before;

	if (!copy(&next, token))
		return false;
	pthread_mutex_lock(&s->lock);
	before = s->rules.token;
	s->rules.token = next;
	pthread_mutex_unlock(&s->lock);
	mem_free((void *)before.data);
	return true;
}

void server_finish(struct server *s)
{
	enter(s, SERVER_FINISHING);
}

void server_yield(struct server *s)
{
	enter(s, SERVER_YIELDING);
}

void server_close(struct server *s)
{
	if (s == NULL)
		return;
	enter(s, SERVER_CLOSING);
	pthread_join(s->thread, NULL);
	server_free(s);
}
