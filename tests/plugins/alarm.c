/* alarm.c - a test plugin with a thread of its own that wakes exchanges, also those that are
 * over. */
#include <weir/plugin.h>

#include <pthread.h>
#include <stdlib.h>

enum { OLD = 64 };

/* One thread wakes the newest ticket, and rings all the old ones again, which must harm nobody. */
struct alarm {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t rung;
	struct weir_ticket newest, old[OLD];
	unsigned count;
	bool pending, stop;
};

static void ring_all(const struct alarm *a)
{
	for (unsigned i = 0; i < OLD && i < a->count; i++)
		weir_ticket_wake(a->old[i]);
	weir_ticket_wake(a->newest);
	weir_ticket_wake(a->newest);
}

static void *ring(void *arg)
{
	struct alarm *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		if (!a->pending) {
			pthread_cond_wait(&a->rung, &a->lock);
			continue;
		}
		a->pending = false;
		ring_all(a);
		a->old[a->count++ % OLD] = a->newest;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void order(struct alarm *a, struct weir_ticket ticket)
{
	pthread_mutex_lock(&a->lock);
	if (a->pending)
		weir_ticket_wake(a->newest);
	a->newest = ticket;
	a->pending = true;
	pthread_cond_signal(&a->rung);
	pthread_mutex_unlock(&a->lock);
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_ticket ticket = weir_ticket_take(ex);

	if (ticket.id == 0)
		return WEIR_FAILED;
	order(here->self, ticket);
	switch (weir_ticket_wait(ex, ticket, 5000000000ull)) {
	case WEIR_OK:
		weir_request_header_set(ex, "x-alarm", "rung");
		return WEIR_NEXT;
	case WEIR_CANCELLED:
		return WEIR_FAILED;
	default:
		return weir_refuse(ex, 503, "the alarm did not ring");
	}
}

static bool alarm_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct alarm *a = calloc(1, sizeof(*a));

	(void)setup;
	if (a == NULL)
		return weir_fail(error, "out of memory");
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->rung, NULL);
	if (pthread_create(&a->thread, NULL, ring, a) != 0) {
		free(a);
		return weir_fail(error, "no thread could be had");
	}
	*self = a;
	return true;
}

static void alarm_close(void *self)
{
	struct alarm *a = self;

	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->rung);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->rung);
	free(a);
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

WEIR_PLUGIN(alarm,
	.summary = "is woken by a thread of its own",
	.open = alarm_open, .close = alarm_close,
	.policy = &policy);
