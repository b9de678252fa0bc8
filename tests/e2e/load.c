/* load.c - clients that keep asking. */
#include "tests/e2e/load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/e2e/client.h"

enum { LOAD_MOST = 64 };

struct load {
	char address[64], request[4096];
	bool fresh;
	atomic_bool stopping;
	atomic_ulong answered, refused, cut, wrong;
	atomic_uint last_wrong;
	pthread_t threads[LOAD_MOST];
	unsigned clients;
};

/* A kept connection may be closed by the other side just as it is used: that is no failure, and such a
 * request is asked again on a fresh one. */
static bool closed_unasked(const struct client *c, unsigned served)
{
	return served > 0 && c->answer.head[0] == '\0' && c->wire.end == c->wire.start;
}

/* One request; false when the connection is of no more use. */
static bool ask_once(struct load *l, struct client *c, unsigned served)
{
	unsigned status;

	if (!client_try_send(c, l->request, strlen(l->request)) || !client_reads(c)) {
		if (!closed_unasked(c, served))
			atomic_fetch_add(&l->cut, 1);
		return false;
	}
	status = wire_status(&c->answer);
	if (status != 200) {
		atomic_fetch_add(&l->wrong, 1);
		atomic_store(&l->last_wrong, status);
		return false;
	}
	atomic_fetch_add(&l->answered, 1);
	return !l->fresh && !str_eq_nocase(client_header(c, "connection"), STR("close"));
}

static void *keep_asking(void *arg)
{
	struct load *l = arg;

	while (!atomic_load(&l->stopping)) {
		struct client *c = client_try_connect(l->address);
		unsigned served = 0;

		if (c == NULL) {
			atomic_fetch_add(&l->refused, 1);
			usleep(1000);
			continue;
		}
		while (!atomic_load(&l->stopping) && ask_once(l, c, served))
			served++;
		client_close(c);
	}
	return NULL;
}

struct load *load_start(const char *address, const char *target, unsigned clients, bool fresh)
{
	struct load *l = calloc(1, sizeof(*l));

	(void)snprintf(l->address, sizeof(l->address), "%s", address);
	(void)snprintf(l->request, sizeof(l->request),
		       "GET %s HTTP/1.1\r\nhost: a.example\r\n%s\r\n", target,
		       fresh ? "connection: close\r\n" : "");
	l->fresh = fresh;
	l->clients = clients < LOAD_MOST ? clients : LOAD_MOST;
	for (unsigned i = 0; i < l->clients; i++)
		pthread_create(&l->threads[i], NULL, keep_asking, l);
	return l;
}

struct load_count load_so_far(struct load *l)
{
	return (struct load_count){
		.answered = atomic_load(&l->answered), .refused = atomic_load(&l->refused),
		.cut = atomic_load(&l->cut), .wrong = atomic_load(&l->wrong),
		.last_wrong = atomic_load(&l->last_wrong),
	};
}

bool load_goes_on(struct load *l, unsigned long answers)
{
	unsigned long until = load_so_far(l).answered + answers;

	return eventually(load_so_far(l).answered >= until);
}

struct load_count load_stop(struct load *l)
{
	struct load_count count;

	atomic_store(&l->stopping, true);
	for (unsigned i = 0; i < l->clients; i++)
		pthread_join(l->threads[i], NULL);
	count = load_so_far(l);
	free(l);
	return count;
}
