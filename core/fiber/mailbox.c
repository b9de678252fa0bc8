/* mailbox.c - letters from other threads, and the bell that wakes a sleeping loop. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/fiber/inside.h"

/* The eventfd is edge-triggered and only ever written: each write wakes, none needs a read. */
static void bell_rang(struct source *s, unsigned events)
{
	(void)s, (void)events;
}

bool mailbox_open(struct loop *l, struct weir_error *error)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return fail(error, "eventfd failed: %s; raise the limit of open files",
			    strerror(errno));
	l->mail_source = (struct source){ .fd = fd, .notify = bell_rang };
	if (!poller_add(&l->poller, &l->mail_source, SOURCE_EDGE)) {
		(void)fail(error, "cannot watch an eventfd: %s", strerror(errno));
		(void)close(fd);
		return false;
	}
	(void)poller_wait(&l->poller, 0);	/* that it can be written to is no news */
	return true;
}

void mailbox_close(struct loop *l)
{
	/* A thread whose letter was already opened may still be about to ring. */
	while (atomic_load(&l->posting) > 0)
		sched_yield();
	poller_remove(&l->poller, &l->mail_source);
	(void)close(l->mail_source.fd);
}

static void ring(struct loop *l)
{
	static const uint64_t one = 1;

	while (write(l->mail_source.fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* The order matters on both sides: the sender puts its letter and then looks whether the loop
 * sleeps; the loop says that it sleeps and then looks for letters. One of them sees the other.
 * Whoever finds it asleep first rings, and the others need not. */
void loop_post(struct loop *l, struct letter *letter)
{
	atomic_fetch_add(&l->posting, 1);
	letter->next = atomic_load_explicit(&l->mail, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&l->mail, &letter->next, letter))
		;
	if (atomic_load(&l->asleep) && atomic_exchange(&l->asleep, false))
		ring(l);
	atomic_fetch_sub(&l->posting, 1);
}

void loop_stop(struct loop *l)
{
	atomic_fetch_add(&l->posting, 1);
	atomic_store(&l->stopping, true);
	if (atomic_exchange(&l->asleep, false))
		ring(l);
	atomic_fetch_sub(&l->posting, 1);
}

bool mailbox_sleep(struct loop *l)
{
	atomic_store(&l->asleep, true);
	if (atomic_load(&l->mail) == NULL && !atomic_load(&l->stopping))
		return true;
	mailbox_awake(l);
	return false;
}

void mailbox_awake(struct loop *l)
{
	atomic_store_explicit(&l->asleep, false, memory_order_relaxed);
}

/* They were stacked; the oldest is opened first. */
static struct letter *in_order(struct letter *newest)
{
	struct letter *oldest = NULL;

	while (newest != NULL) {
		struct letter *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	return oldest;
}

void mailbox_read(struct loop *l)
{
	struct letter *letter;

	if (atomic_load_explicit(&l->mail, memory_order_relaxed) == NULL)
		return;
	letter = in_order(atomic_exchange(&l->mail, NULL));
	while (letter != NULL) {
		struct letter *next = letter->next;

		letter->open(letter);
		letter = next;
	}
}
