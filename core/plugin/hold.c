/* hold.c - what a plugin holds on behalf of one exchange. */
#include "config.h"

#include "core/plugin/hold.h"

#include "core/fiber/fiber.h"

void *hold_new(struct hold_list *list, struct arena *arena, size_t size,
	       void (*drop)(struct hold *h))
{
	struct hold *h = arena != NULL ? arena_take(arena, size) : mem_alloc(size);

	if (h == NULL)
		return NULL;
	*h = (struct hold){ .next = list->first, .drop = drop, .heap = arena == NULL };
	list->first = h;
	return h;
}

static void done_with(struct hold *h)
{
	if (h->heap)
		mem_free(h);
}

void hold_forget(struct hold_list *list, struct hold *h)
{
	struct hold **at = &list->first;

	while (*at != NULL && *at != h)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = h->next;
	done_with(h);
}

void holds_drop(struct hold_list *list)
{
	while (list->first != NULL) {
		struct hold *h = list->first;

		list->first = h->next;
		h->drop(h);
		done_with(h);
	}
}

void errand_begin(struct errand *e)
{
	*e = (struct errand){ { NULL } };
	fiber_self()->local = e;
}

void errand_end(struct errand *e)
{
	holds_drop(&e->holds);
	fiber_self()->local = NULL;
}
