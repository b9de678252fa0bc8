/* list.h - intrusive doubly linked rings. A link that is in no list points to itself. */
#ifndef CORE_BASE_LIST_H
#define CORE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/mem.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_push_front(struct list *head, struct list *item)
{
	item->next = head->next;
	item->prev = head;
	head->next->prev = item;
	head->next = item;
}

static inline void list_push_back(struct list *head, struct list *item)
{
	list_push_front(head->prev, item);
}

/* Harmless for an item that is in no list. */
static inline void list_remove(struct list *item)
{
	item->next->prev = item->prev;
	item->prev->next = item->next;
	list_init(item);
}

/* Takes the first item off, or gives NULL. */
static inline struct list *list_pop_front(struct list *head)
{
	struct list *item = head->next;

	if (item == head)
		return NULL;
	list_remove(item);
	return item;
}

#define list_for_each(item, head) \
	for (struct list *item = (head)->next; item != (head); item = item->next)

/* The item itself may be removed in the body. */
#define list_for_each_safe(item, head) \
	for (struct list *item = (head)->next, *item##_next = item->next; item != (head); \
	     item = item##_next, item##_next = item->next)

#endif
