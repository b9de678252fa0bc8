/* tickets.c - how a thread of a plugin's own wakes an exchange that is made up. */
#include "core/kit/host_inside.h"

#include <time.h>

#include "core/base/clock.h"

struct fake_ticket {
	struct fake_ticket *next;
	struct weir_exchange *ex;	/* NULL: of background or watch */
	uint64_t id;
	bool woken, spent;
};

/* Real threads wake: they and the waiting test meet here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;

static struct fake_ticket *find(const struct weir_fake *f, struct weir_ticket ticket)
{
	struct fake_ticket *t = f != NULL ? f->tickets : NULL;

	while (t != NULL && t->id != ticket.id)
		t = t->next;
	return t;
}

static struct weir_ticket take(struct weir_exchange *ex)
{
	struct weir_fake *f = fake_of(ex);
	struct fake_ticket *t;

	if (ex != NULL && !fake_may_look(ex, "weir_ticket_take"))
		return (struct weir_ticket){ 0, 0 };
	(void)pthread_mutex_lock(&f->lock);	/* of the arena */
	t = fake_must(arena_zero(&f->arena, sizeof(*t)));
	(void)pthread_mutex_unlock(&f->lock);
	t->ex = ex;
	t->id = ++f->ticket_count;
	(void)pthread_mutex_lock(&lock);
	t->next = f->tickets;
	f->tickets = t;
	(void)pthread_mutex_unlock(&lock);
	return (struct weir_ticket){ t->id, 1 };
}

/* Harmless at any time and any number of times. */
static void wake(struct weir_ticket ticket)
{
	struct fake_ticket *t;

	(void)pthread_mutex_lock(&lock);
	t = find(fake_world, ticket);
	if (t != NULL)
		t->woken = true;
	(void)pthread_cond_broadcast(&woken);
	(void)pthread_mutex_unlock(&lock);
}

static bool wait_really(struct fake_ticket *t, uint64_t ns)
{
	uint64_t until = clock_after(clock_wall(), ns);
	struct timespec at = { (time_t)(until / NS_PER_S), (long)(until % NS_PER_S) };
	bool came;

	(void)pthread_mutex_lock(&lock);
	while (!t->woken && pthread_cond_timedwait(&woken, &lock, &at) == 0)
		;
	came = t->woken;
	t->spent = came;
	(void)pthread_mutex_unlock(&lock);
	return came;
}

static enum weir_wait wait_for(struct weir_exchange *ex, struct weir_ticket ticket, uint64_t ns)
{
	struct fake_ticket *t = find(fake_world, ticket);
	enum weir_wait how;

	if (t == NULL || t->spent || t->ex != ex)
		return WEIR_NOT_HERE;
	how = fake_wait(ex, "weir_ticket_wait", 0);
	if (how != WEIR_OK)
		return how;
	if (wait_really(t, fake_world->patience))
		return WEIR_OK;
	how = fake_wait(ex, "weir_ticket_wait", ns);
	return how == WEIR_OK ? WEIR_TIMED_OUT : how;
}

void fake_fill_tickets(struct weir_host *host)
{
	host->ticket_take = take;
	host->ticket_wake = wake;
	host->ticket_wait = wait_for;
}
