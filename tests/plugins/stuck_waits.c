/* stuck_waits.c - every wait there is, one function each: the second file of the test plugin `stuck`. */
#include "stuck.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

/* On a helper thread. */
static void block(void *arg)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };

	(void)nanosleep(&moment, NULL);
	*(bool *)arg = true;
}

static enum weir_wait offload(struct weir_exchange *ex)
{
	bool ran = false;
	enum weir_wait how = weir_offload(ex, block, &ran);

	return ran ? how : WEIR_NO_ANSWER;	/* whatever else happened, it has run to its end */
}

static enum weir_wait wait_fd(struct weir_exchange *ex)
{
	enum weir_wait how;
	int ends[2];

	if (pipe(ends) != 0)
		return WEIR_NO_MEMORY;
	how = weir_wait_fd(ex, ends[0], WEIR_READABLE, 3600 * SECOND);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return how;
}

static enum weir_wait read_body(struct weir_exchange *ex)
{
	struct weir_str body;

	return weir_read_body(ex, 1024, &body);
}

static enum weir_wait ask(struct weir_exchange *ex, struct weir_call_request request)
{
	struct weir_call_reply reply;
	enum weir_wait how;

	request.timeout_ns = 3600 * SECOND;
	how = weir_call(ex, &request, &reply);
	weir_call_done(&reply);
	return how;
}

static enum weir_wait wait_ticket(const struct stuck *s, struct weir_exchange *ex)
{
	struct weir_ticket ticket = weir_ticket_take(ex);

	if (ticket.id == 0)
		return WEIR_NO_MEMORY;
	ringer_give(s->ringer, ticket);
	return weir_ticket_wait(ex, ticket, 3600 * SECOND);
}

static bool is(const struct stuck *s, struct weir_str way)
{
	return weir_str_eq(s->wait, way);
}

enum weir_wait stuck_wait(const struct stuck *s, struct weir_exchange *ex)
{
	if (is(s, WEIR_STR("sleep")))
		return weir_sleep(ex, 3600 * SECOND);
	if (is(s, WEIR_STR("body")))
		return read_body(ex);
	if (is(s, WEIR_STR("call")))
		return ask(ex, (struct weir_call_request)WEIR_CALL(.service = s->service,
								   .path = WEIR_STR("/held")));
	if (is(s, WEIR_STR("fetch")))
		return ask(ex, (struct weir_call_request)WEIR_CALL(.url = s->url));
	if (is(s, WEIR_STR("fd")))
		return wait_fd(ex);
	if (is(s, WEIR_STR("offload")))
		return offload(ex);
	return wait_ticket(s, ex);
}

/* The thread --------------------------------------------------------------------- */

enum { GIVEN_MOST = 64 };

struct ringer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct weir_ticket tickets[GIVEN_MOST];
	unsigned count;
	bool stop;
};

/* A tenth of a second later, and twice: by then, and by the second time at the latest, the exchange may be
 * over. */
static void *ring(void *arg)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };
	struct ringer *r = arg;

	pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		struct weir_ticket ticket;

		if (r->count == 0) {
			pthread_cond_wait(&r->given, &r->lock);
			continue;
		}
		ticket = r->tickets[--r->count];
		pthread_mutex_unlock(&r->lock);
		(void)nanosleep(&moment, NULL);
		weir_ticket_wake(ticket);
		(void)nanosleep(&moment, NULL);
		weir_ticket_wake(ticket);
		pthread_mutex_lock(&r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct ringer *ringer_new(void)
{
	struct ringer *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->given, NULL);
	if (pthread_create(&r->thread, NULL, ring, r) == 0)
		return r;
	free(r);
	return NULL;
}

void ringer_free(struct ringer *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->given);
	free(r);
}

void ringer_give(struct ringer *r, struct weir_ticket ticket)
{
	pthread_mutex_lock(&r->lock);
	if (r->count < GIVEN_MOST)
		r->tickets[r->count++] = ticket;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
}
