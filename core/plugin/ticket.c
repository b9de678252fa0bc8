/* ticket.c - generation-tagged slots through which foreign threads wake fibers. */
#include "config.h"

#include "core/plugin/ticket.h"

#include <pthread.h>

#include "core/base/error.h"
#include "core/fiber/wait.h"
#include "core/plugin/window.h"

enum { CHUNK = 256, CHUNKS = TICKETS_MOST / CHUNK };

/* A slot is lent to one exchange at a time. Its letter is in the post at most once: a slot
 * whose letter is still under way when the exchange ends comes home when the letter is opened. */
struct slot {
	struct letter letter;
	struct table *table;
	struct slot *next_free;
	uint64_t generation;	/* grows when the slot comes home; 0 is never given out */
	uint32_t number;
	bool lent, woken, posted;

	/* [its worker] */
	struct fiber *waiting;
	struct hold_list *holds;	/* where it is held, */
	struct ticket_hold *hold;	/* and by what */
};

/* The lock guards all of it but `waiting`. It is held for a few words at a time. */
struct table {
	pthread_mutex_t lock;
	struct loop *loop;	/* NULL: closed */
	uint32_t place;
	struct slot *chunks[CHUNKS];
	uint32_t chunk_count;
	struct slot *free;
};

/* What the exchange keeps: ends the ticket with it. */
struct ticket_hold {
	struct hold hold;
	struct slot *slot;
};

static struct table *tables;
static uint32_t table_count;

bool tickets_open(const struct crew *crew, struct weir_error *error)
{
	table_count = crew_places(crew);
	tables = mem_array(table_count, sizeof(*tables));
	if (tables == NULL)
		return fail_memory(error);
	for (uint32_t i = 0; i < table_count; i++) {
		struct worker *w = i < crew->count ? crew->workers[i] : crew->control;

		(void)pthread_mutex_init(&tables[i].lock, NULL);
		tables[i].loop = &w->loop;
		tables[i].place = i;
	}
	return true;
}

/* The tables themselves stay: a thread that nobody knows of may still hold a ticket. */
void tickets_close(void)
{
	for (uint32_t i = 0; i < table_count; i++) {
		(void)pthread_mutex_lock(&tables[i].lock);
		tables[i].loop = NULL;
		(void)pthread_mutex_unlock(&tables[i].lock);
	}
}

void tickets_fini(void)
{
	for (uint32_t i = 0; i < table_count; i++) {
		for (uint32_t k = 0; k < tables[i].chunk_count; k++)
			mem_free(tables[i].chunks[k]);
		(void)pthread_mutex_destroy(&tables[i].lock);
	}
	mem_free(tables);
	tables = NULL;
	table_count = 0;
}

/* Slots ------------------------------------------------------------------- */

static void opened(struct letter *l);

static bool add_chunk(struct table *t)
{
	struct slot *chunk;

	if (t->chunk_count == CHUNKS)
		return false;
	chunk = mem_array(CHUNK, sizeof(*chunk));
	if (chunk == NULL)
		return false;
	for (uint32_t i = CHUNK; i-- > 0;) {
		chunk[i].letter.open = opened;
		chunk[i].table = t;
		chunk[i].generation = 1;
		chunk[i].number = t->chunk_count * CHUNK + i;
		chunk[i].next_free = t->free;
		t->free = &chunk[i];
	}
	t->chunks[t->chunk_count++] = chunk;
	return true;
}

/* With the lock held. */
static void come_home(struct slot *s)
{
	s->next_free = s->table->free;
	s->table->free = s;
}

static struct slot *lend(struct table *t)
{
	struct slot *s = NULL;

	(void)pthread_mutex_lock(&t->lock);
	if (t->loop != NULL && (t->free != NULL || add_chunk(t))) {
		s = t->free;
		t->free = s->next_free;
		s->lent = true;
		s->woken = false;
		s->waiting = NULL;
	}
	(void)pthread_mutex_unlock(&t->lock);
	return s;
}

/* Whoever still has the ticket has nothing. */
static void give_back(struct slot *s)
{
	(void)pthread_mutex_lock(&s->table->lock);
	s->generation++;
	s->lent = false;
	if (!s->posted)
		come_home(s);
	(void)pthread_mutex_unlock(&s->table->lock);
}

/* The exchange is over. */
static void dropped(struct hold *h)
{
	give_back(container_of(h, struct ticket_hold, hold)->slot);
}

/* On the ticket's worker. */
static void opened(struct letter *l)
{
	struct slot *s = container_of(l, struct slot, letter);
	bool lent;

	(void)pthread_mutex_lock(&s->table->lock);
	s->posted = false;
	lent = s->lent;
	if (!lent)
		come_home(s);
	(void)pthread_mutex_unlock(&s->table->lock);
	if (lent && s->waiting != NULL)
		fiber_wake(s->waiting);
}

/* Finding ----------------------------------------------------------------- */

static struct table *table_of(struct weir_ticket ticket)
{
	uint64_t place = ticket.id >> 32;

	return place > 0 && place <= table_count ? &tables[place - 1] : NULL;
}

/* The slot, if the ticket still means it. With the lock held. */
static struct slot *slot_of(struct table *t, struct weir_ticket ticket)
{
	uint32_t number = (uint32_t)ticket.id;
	struct slot *s;

	if (number / CHUNK >= t->chunk_count)
		return NULL;
	s = &t->chunks[number / CHUNK][number % CHUNK];
	return s->lent && s->generation == ticket.generation ? s : NULL;
}

struct weir_ticket ticket_take(struct hold_list *holds, struct arena *arena)
{
	const struct weir_ticket none = { 0, 0 };
	const struct worker *w = worker_self();
	struct slot *s;

	if (w == NULL || tables == NULL || holds == NULL)
		return none;
	s = lend(&tables[crew_place(table_count, w)]);
	if (s == NULL)
		return none;
	s->holds = holds;
	s->hold = hold_new(holds, arena, sizeof(*s->hold), dropped);
	if (s->hold == NULL) {
		give_back(s);
		return none;
	}
	s->hold->slot = s;
	return (struct weir_ticket){ (uint64_t)(s->table->place + 1) << 32 | s->number,
				     s->generation };
}

/* Posting under the lock: the loop cannot end between the look and the letter. */
void ticket_wake(struct weir_ticket ticket)
{
	struct table *t = table_of(ticket);
	struct slot *s;

	if (t == NULL)
		return;
	(void)pthread_mutex_lock(&t->lock);
	s = slot_of(t, ticket);
	if (s != NULL && t->loop != NULL && !s->woken) {
		s->woken = true;
		if (!s->posted)
			loop_post(t->loop, &s->letter);
		s->posted = true;
	}
	(void)pthread_mutex_unlock(&t->lock);
}

/* Waiting ----------------------------------------------------------------- */

static bool is_woken(struct slot *s)
{
	bool woken;

	(void)pthread_mutex_lock(&s->table->lock);
	woken = s->woken;
	(void)pthread_mutex_unlock(&s->table->lock);
	return woken;
}

static struct slot *own_slot(struct weir_ticket ticket)
{
	const struct worker *w = worker_self();
	struct table *t = table_of(ticket);
	struct slot *s;

	if (t == NULL || w == NULL || t->place != crew_place(table_count, w))
		return NULL;
	(void)pthread_mutex_lock(&t->lock);
	s = slot_of(t, ticket);
	(void)pthread_mutex_unlock(&t->lock);
	return s;
}

enum weir_wait ticket_wait(struct weir_ticket ticket, uint64_t timeout_ns)
{
	struct fiber *self = fiber_self();
	struct slot *s = own_slot(ticket);
	struct deadline until;
	enum wake why = WAKE_EVENT;
	bool woken;

	if (self == NULL || s == NULL || s->waiting != NULL)
		return WEIR_NOT_HERE;
	deadline_enter(&until, clock_after(self->loop->now, timeout_ns), REASON_NONE);
	s->waiting = self;
	while (!(woken = is_woken(s)) && why == WAKE_EVENT)
		why = fiber_park();
	s->waiting = NULL;
	deadline_leave(&until);
	if (woken) {
		hold_forget(s->holds, &s->hold->hold);
		give_back(s);
	}
	if (why == WAKE_CANCEL)
		return WEIR_CANCELLED;
	return woken ? WEIR_OK : WEIR_TIMED_OUT;
}

/* Host -------------------------------------------------------------------- */

static struct weir_ticket host_take(struct weir_exchange *ex)
{
	return ticket_take(window_holds(ex), window_arena(ex));
}

static enum weir_wait host_wait(struct weir_exchange *ex, struct weir_ticket ticket, uint64_t ns)
{
	(void)ex;
	return ticket_wait(ticket, ns);
}

void ticket_fill_host(struct weir_host *host)
{
	host->ticket_take = host_take;
	host->ticket_wake = ticket_wake;
	host->ticket_wait = host_wait;
}
