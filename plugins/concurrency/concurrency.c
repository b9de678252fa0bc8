/* concurrency.c - a policy that lets so many requests be under way at once, for each key. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/common/missing.h"
#include "plugins/concurrency/inflight.h"


/* One table for all uses of one name, or at one place: a reload that changes the options goes on with
 * it, and so knows who is under way. The list is control's alone. */
struct table {
	struct table *next;
	struct inflight *inflight;
	uint32_t holds;
	char name[];
};

static struct table *tables;

struct concurrency {
	struct table *table;
	const struct weir_key *key;	/* NULL: all requests count together */
	uint32_t most, queue;
	uint64_t wait;
	enum missing missing;
	struct weir_counter *passed, *refused, *waited, *gave_up, *missed;
};

/* Hooks --------------------------------------------------------------------- */

static void wake(const uint64_t token[2])
{
	weir_ticket_wake((struct weir_ticket){ .id = token[0], .generation = token[1] });
}

static enum weir_verdict refuse(struct weir_exchange *ex, struct weir_counter *counter,
				const char *why)
{
	const struct weir_refusal refusal =
		WEIR_REFUSAL(.status = 429, .reason = WEIR_STR("concurrency-limited"),
			     .why = weir_str_from(why));

	weir_counter_add(counter, 1);
	return weir_refuse_with(ex, &refusal);
}

static enum weir_verdict let_in(const struct concurrency *c)
{
	weir_counter_add(c->passed, 1);
	return WEIR_NEXT;
}

/* The place may be handed over in the moment in which the wait ends otherwise: settling tells, and then
 * on_done gives it back as usual. */
static enum weir_verdict wait_for_a_place(const struct concurrency *c, struct weir_exchange *ex,
					  struct weir_ticket ticket, struct inflight_guest *guest)
{
	enum weir_wait how;

	weir_counter_add(c->waited, 1);
	how = weir_ticket_wait(ex, ticket, c->wait);
	if (inflight_settle(c->table->inflight, guest))
		return how == WEIR_CANCELLED ? WEIR_FAILED : let_in(c);
	if (how == WEIR_CANCELLED)
		return WEIR_FAILED;
	return refuse(ex, c->gave_up, "no request of this client ended while this one waited");
}

/* A ticket is taken only by those who have to wait. */
static enum inflight_answer ask(const struct concurrency *c, struct weir_exchange *ex,
				struct weir_str key, struct inflight_guest *guest,
				struct weir_ticket *ticket)
{
	struct inflight *t = c->table->inflight;
	const char *data = key.len > 0 ? key.data : "";
	enum inflight_answer answer = inflight_enter(t, data, key.len, c->most, 0, guest);

	if (answer != INFLIGHT_FULL || c->queue == 0)
		return answer;
	*ticket = weir_ticket_take(ex);
	if (ticket->id == 0)
		return INFLIGHT_NO_MEMORY;
	guest->token[0] = ticket->id;
	guest->token[1] = ticket->generation;
	return inflight_enter(t, data, key.len, c->most, c->queue, guest);
}

static enum weir_verdict enter(const struct concurrency *c, struct weir_exchange *ex,
			       struct weir_str key, struct inflight_guest *guest)
{
	struct weir_ticket ticket = { 0, 0 };

	switch (ask(c, ex, key, guest, &ticket)) {
	case INFLIGHT_IN:
		return let_in(c);
	case INFLIGHT_WAIT:
		return wait_for_a_place(c, ex, ticket, guest);
	case INFLIGHT_FULL:
		return refuse(ex, c->refused, "too many requests of this client are under way");
	case INFLIGHT_NO_MEMORY:
		break;
	}
	return WEIR_FAILED;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct concurrency *c = here->self;
	struct weir_str key = WEIR_STR("");

	if (c->key != NULL && !weir_key_text(ex, c->key, &key) && c->missing != MISSING_SHARE) {
		weir_counter_add(c->missed, 1);
		return c->missing == MISSING_PASS ? WEIR_NEXT
			: weir_refuse(ex, 403, "the request lacks what those under way are counted by");
	}
	return enter(c, ex, key, here->exchange);
}

/* However it ended, and only if it was let in. */
static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct concurrency *c = here->self;

	(void)ex;
	inflight_leave(c->table->inflight, here->exchange, wake);
}

/* Options ------------------------------------------------------------------- */

static struct weir_str name_of(const struct weir_setup *setup)
{
	bool named = !weir_str_eq(weir_setup_name(setup), WEIR_STR("concurrency"));

	return named ? weir_setup_name(setup) : weir_setup_path(setup);
}

static struct table *table_new(struct weir_str name)
{
	struct table *t = calloc(1, sizeof(*t) + name.len + 1);

	if (t == NULL)
		return NULL;
	if (name.len > 0)
		memcpy(t->name, name.data, name.len);
	t->inflight = inflight_new(weir_dice());
	if (t->inflight == NULL) {
		free(t);
		return NULL;
	}
	t->next = tables;
	tables = t;
	return t;
}

static struct table *table_hold(struct weir_str name)
{
	struct table *t = tables;

	while (t != NULL && !weir_str_eq(weir_str_from(t->name), name))
		t = t->next;
	if (t == NULL)
		t = table_new(name);
	if (t != NULL)
		t->holds++;
	return t;
}

static void table_release(struct table *t)
{
	struct table **at = &tables;

	if (--t->holds > 0)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	inflight_free(t->inflight);
	free(t);
}

static void count_events(struct concurrency *c, const struct weir_setup *setup)
{
	c->passed = weir_counter_open(setup, "passed");
	c->refused = weir_counter_open(setup, "refused");
	c->waited = weir_counter_open(setup, "waited");
	c->gave_up = weir_counter_open(setup, "gave_up");
	c->missed = weir_counter_open(setup, "key_missing");
}

static bool concurrency_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct concurrency *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return weir_fail(error, "out of memory");
	c->table = table_hold(name_of(setup));
	if (c->table == NULL) {
		free(c);
		return weir_fail(error, "out of memory");
	}
	c->key = weir_option_key(setup, "key");
	c->most = (uint32_t)weir_option_integer(setup, "limit");
	c->queue = (uint32_t)weir_option_integer(setup, "queue");
	c->wait = weir_option_duration(setup, "wait");
	c->missing = missing_of(setup);
	count_events(c, setup);
	*self = c;
	return true;
}

static void concurrency_close(void *self)
{
	struct concurrency *c = self;

	table_release(c->table);
	free(c);
}

static bool concurrency_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (weir_option_given(setup, "wait") && weir_option_integer(setup, "queue") == 0)
		return weir_fail(error, "`wait` is for those in a `queue`, and there is none");
	return missing_check(setup, error);
}


static const struct weir_option options[] = {
	{ .name = "limit", .type = WEIR_INTEGER, .min = 1, .max = 1e9, .required = true,
	  .bare = true, .about = "how many requests may be under way at once" },
	{ .name = "key", .type = WEIR_KEY,
	  .about = "whose requests count together, alone or as a list; when absent all do" },
	MISSING_OPTION,
	{ .name = "queue", .type = WEIR_INTEGER, .min = 0, .max = 1e6, .fallback = "0",
	  .about = "how many more of a key may wait for one to end; the rest is refused (429)" },
	{ .name = "wait", .type = WEIR_DURATION, .fallback = "1s", .min = 0.001, .max = 3600,
	  .about = "how long one waits in the queue before it is refused" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = sizeof(struct inflight_guest),
	.on_request = on_request, .on_done = on_done);

WEIR_PLUGIN(concurrency,
	.version = "1.0",
	.summary = "lets so many requests be under way at once, per key",
	.options = options, .check = concurrency_check,
	.open = concurrency_open, .close = concurrency_close,
	.policy = &policy);
