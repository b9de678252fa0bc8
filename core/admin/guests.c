/* guests.c - connections that must get on. */
#include "core/admin/guests.h"

#include <sys/socket.h>

struct guest *guest_new(struct list *guests, int fd)
{
	struct guest *g = mem_alloc(sizeof(*g));

	if (g == NULL)
		return NULL;
	g->fd = fd;
	guest_may_take(g, GUEST_HEAD_TIME);
	list_push_back(guests, &g->link);
	return g;
}

void guest_free(struct guest *g)
{
	if (g == NULL)
		return;
	list_remove(&g->link);
	mem_free(g);
}

void guest_may_take(struct guest *g, uint64_t span)
{
	if (g != NULL)
		g->until = clock_after(clock_now(), span);
}

void guest_asks(struct guest *g)
{
	if (g != NULL)
		g->asked = true;
}

bool guests_some_will_ask(const struct list *guests)
{
	list_for_each(link, guests) {
		if (!container_of(link, struct guest, link)->asked)
			return true;
	}
	return false;
}

uint64_t guests_end_late(struct list *guests, uint64_t now)
{
	uint64_t next = CLOCK_NEVER;

	list_for_each(link, guests) {
		struct guest *g = container_of(link, struct guest, link);

		if (g->until <= now) {
			(void)shutdown(g->fd, SHUT_RDWR);
			g->until = CLOCK_NEVER;
		}
		if (g->until < next)
			next = g->until;
	}
	return next;
}
