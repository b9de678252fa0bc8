/* stuck.c - a test plugin of two source files that waits in the way it is told, and counts how that ended. */
#include "stuck.h"

#include <stdlib.h>

/* So much is waited for on each worker; no lock is needed. */
struct own {
	unsigned waits;
};

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct stuck *s = here->self;
	struct own *own = here->worker;
	bool *waits = here->exchange;

	*waits = true;
	own->waits++;
	weir_counter_add(s->began, 1);
	switch (stuck_wait(s, ex)) {
	case WEIR_OK:
		weir_counter_add(s->waited, 1);
		return WEIR_NEXT;
	case WEIR_CANCELLED:
		weir_counter_add(s->cancelled, 1);
		return WEIR_FAILED;
	case WEIR_TIMED_OUT:
		weir_counter_add(s->timed_out, 1);
		return weir_refuse(ex, 503, "it took too long");
	default:
		weir_counter_add(s->other, 1);
		return weir_refuse(ex, 503, "it did not work");
	}
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct stuck *s = here->self;
	const bool *waits = here->exchange;

	(void)ex;
	if (*waits)
		weir_counter_add(s->done, 1);
}

static bool stuck_worker_open(void *self, void **worker, struct weir_error *error)
{
	(void)self;
	*worker = calloc(1, sizeof(struct own));
	return *worker != NULL || weir_fail(error, "out of memory");
}

static void stuck_worker_close(void *self, void *worker)
{
	(void)self;
	free(worker);
}

static bool stuck_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct stuck *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return weir_fail(error, "out of memory");
	s->wait = weir_option_text(setup, "in");
	s->service = weir_option_text(setup, "service");
	s->url = weir_option_text(setup, "url");
	s->began = weir_counter_open(setup, "began");
	s->waited = weir_counter_open(setup, "waited");
	s->cancelled = weir_counter_open(setup, "cancelled");
	s->timed_out = weir_counter_open(setup, "timed_out");
	s->other = weir_counter_open(setup, "other");
	s->done = weir_counter_open(setup, "done");
	s->ringer = ringer_new();
	if (s->ringer == NULL) {
		free(s);
		return weir_fail(error, "no thread could be had");
	}
	*self = s;
	return true;
}

static void stuck_close(void *self)
{
	struct stuck *s = self;

	ringer_free(s->ringer);
	free(s);
}

static const char *const ways[] = { "sleep", "body", "call", "fetch", "fd", "offload", "ticket", NULL };

static const struct weir_option options[] = {
	{ .name = "in", .type = WEIR_CHOICE, .choices = ways, .required = true, .bare = true,
	  .about = "what to wait for" },
	{ .name = "service", .type = WEIR_SERVICE, .about = "whom to call" },
	{ .name = "url", .type = WEIR_URL, .about = "what to fetch" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = sizeof(bool), .on_request = on_request, .on_done = on_done);

WEIR_PLUGIN(stuck,
	.summary = "waits in the way it is told",
	.options = options,
	.open = stuck_open, .close = stuck_close,
	.worker_open = stuck_worker_open, .worker_close = stuck_worker_close,
	.policy = &policy);
