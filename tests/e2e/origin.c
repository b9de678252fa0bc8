/* origin.c - an upstream's life: accepting, choosing what to do next, remembering what it saw. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/origin_inside.h"

static struct act choose_act(struct origin *o, const char *target, bool unread)
{
	struct act a;

	pthread_mutex_lock(&o->lock);
	a = o->always;
	for (unsigned i = 0; target != NULL && i < o->paths; i++)
		if (strcmp(o->at[i].target, target) == 0)
			a = o->at[i].act;
	if (o->once_from != o->once_to && o->once[o->once_from % ORIGIN_ONCE].unread == unread)
		a = o->once[o->once_from++ % ORIGIN_ONCE];
	pthread_mutex_unlock(&o->lock);
	return a;
}

/* Splits "GET /x HTTP/1.1" and counts it. Gives the target, to be freed. */
static char *note_request(struct origin *o, const struct wire_message *m)
{
	char *line = strndup(m->head, strcspn(m->head, "\r"));
	char *version = strrchr(line, ' '), *target;
	size_t n;

	if (version != NULL)
		*version = '\0';
	pthread_mutex_lock(&o->lock);
	n = (size_t)map_get(&o->counts, str_from(line));
	map_set(&o->counts, str_from(line), (void *)(n + 1));
	o->requests++;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
	target = strchr(line, ' ');
	target = strdup(target != NULL ? target + 1 : "");
	free(line);
	return target;
}

static void remember(struct origin *o, const struct wire_message *m)
{
	struct wire_message copy = *m;

	copy.head = strdup(m->head);
	copy.body = strdup(m->body);
	copy.trailers = strdup(m->trailers);
	pthread_mutex_lock(&o->lock);
	wire_message_fini(&o->last);
	o->last = copy;
	pthread_mutex_unlock(&o->lock);
}

static bool serve_one(struct guest *g)
{
	struct wire_message m = { 0 };
	struct act a;
	char *target;
	bool goes_on;

	if (g->served++ == 0) {
		a = choose_act(g->origin, NULL, true);
		if (a.unread)
			return origin_act(g, a, &m) && false;
	}
	if (!wire_read_head(&g->wire, &m)) {
		wire_message_fini(&m);
		return false;
	}
	target = note_request(g->origin, &m);
	a = choose_act(g->origin, target, false);
	free(target);
	goes_on = a.early || origin_read_body(g, a, &m);
	remember(g->origin, &m);
	goes_on = goes_on && origin_act(g, a, &m);
	if (a.early)
		remember(g->origin, &m);
	wire_message_fini(&m);
	return goes_on;
}

static void leave(struct guest *g)
{
	struct origin *o = g->origin;

	pthread_mutex_lock(&o->lock);
	list_remove(&g->link);
	wire_fini(&g->wire);
	free(g);
	o->open--;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

static void *serve(void *arg)
{
	struct guest *g = arg;

	while (!atomic_load(&g->origin->stopping) && serve_one(g))
		;
	leave(g);
	return NULL;
}

static void welcome(struct origin *o, int fd)
{
	struct guest *g = calloc(1, sizeof(*g));
	pthread_attr_t attr;
	pthread_t thread;

	g->origin = o;
	wire_init(&g->wire, fd);
	pthread_mutex_lock(&o->lock);
	list_push_back(&o->guests, &g->link);
	o->open++;
	o->accepted++;
	pthread_mutex_unlock(&o->lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	if (pthread_create(&thread, &attr, serve, g) != 0)
		leave(g);
	pthread_attr_destroy(&attr);
}

static void *accept_all(void *arg)
{
	struct origin *o = arg;

	while (!atomic_load(&o->stopping)) {
		int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			welcome(o, fd);
		else
			usleep(2000);	/* it refuses at the moment, or is about to stop */
	}
	return NULL;
}

struct origin *origin_open(const char *name)
{
	struct origin *o = calloc(1, sizeof(*o));

	(void)snprintf(o->name, sizeof(o->name), "%s", name);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->changed, NULL);
	list_init(&o->guests);
	map_init(&o->counts);
	o->always = answers(200, o->name);
	o->listener = listen_on_loopback(&o->port);
	(void)snprintf(o->address, sizeof(o->address), "127.0.0.1:%u", o->port);
	listen(o->listener, 1024);
	pthread_create(&o->thread, NULL, accept_all, o);
	return o;
}

static void shut_guests(struct origin *o, bool reset)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	pthread_mutex_lock(&o->lock);
	list_for_each(item, &o->guests) {
		struct guest *g = container_of(item, struct guest, link);

		if (reset)
			setsockopt(g->wire.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		shutdown(g->wire.fd, reset ? SHUT_RD : SHUT_RDWR);
	}
	pthread_mutex_unlock(&o->lock);
}

void origin_close(struct origin *o)
{
	if (o == NULL)
		return;
	atomic_store(&o->stopping, true);
	shutdown(o->listener, SHUT_RDWR);
	pthread_join(o->thread, NULL);
	pthread_mutex_lock(&o->lock);
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
	shut_guests(o, false);
	(void)eventually(origin_open_now(o) == 0);
	close(o->listener);
	map_fini(&o->counts);
	wire_message_fini(&o->last);
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->changed);
	free(o);
}

const char *origin_address(const struct origin *o)
{
	return o->address;
}

void origin_always(struct origin *o, struct act a)
{
	pthread_mutex_lock(&o->lock);
	o->always = a;
	pthread_mutex_unlock(&o->lock);
}

void origin_once(struct origin *o, struct act a)
{
	pthread_mutex_lock(&o->lock);
	if (o->once_to - o->once_from == ORIGIN_ONCE)
		abort();
	o->once[o->once_to++ % ORIGIN_ONCE] = a;
	pthread_mutex_unlock(&o->lock);
}

void origin_at(struct origin *o, const char *path, struct act a)
{
	pthread_mutex_lock(&o->lock);
	if (o->paths == ORIGIN_PATHS)
		abort();
	o->at[o->paths].target = path;
	o->at[o->paths++].act = a;
	pthread_mutex_unlock(&o->lock);
}

void origin_lets_go(struct origin *o, unsigned times)
{
	pthread_mutex_lock(&o->lock);
	o->permits += times;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

bool origin_wait_gate(struct origin *o)
{
	struct timespec until;
	bool went = false;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += HANG_MS / 1000;
	pthread_mutex_lock(&o->lock);
	while (o->permits == 0 && !atomic_load(&o->stopping))
		if (pthread_cond_timedwait(&o->changed, &o->lock, &until) == ETIMEDOUT)
			break;
	if (o->permits > 0) {
		o->permits--;
		went = true;
	}
	pthread_mutex_unlock(&o->lock);
	return went;
}

/* A socket that listened once may not listen again: a fresh one takes its number, bound to the same
 * port, so that nobody else is given it. Until it listens the kernel refuses every connection. */
void origin_refuses(struct origin *o)
{
	int fresh;

	shutdown(o->listener, SHUT_RDWR);
	fresh = listen_on_loopback(&o->port);
	dup3(fresh, o->listener, O_CLOEXEC);
	close(fresh);
}

void origin_listens(struct origin *o)
{
	listen(o->listener, 1024);
}

void origin_drops_connections(struct origin *o)
{
	shut_guests(o, true);
}
