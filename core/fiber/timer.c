/* timer.c - a hierarchical timing wheel: each level a digit of the time in base 64. */
#include "core/fiber/timer.h"

#include "core/base/clock.h"
#include "core/base/mem.h"

/* A timer stands on the level of the highest digit in which its tick differs from the
 * wheel's, in the slot of that digit. So within a level all slots that are in use lie ahead
 * of the wheel's own digit, and whatever is on a lower level is due earlier. When the wheel
 * comes to a slot of a higher level, what stands there moves down. What differs above the
 * top level waits in the top level's slot 0, which is reached when its digits wrap. */
enum { BITS = 6, MASK = TIMER_SLOTS - 1, TOP = TIMER_LEVELS - 1 };

void timer_wheel_init(struct timer_wheel *w, uint64_t now_ns)
{
	for (int level = 0; level < TIMER_LEVELS; level++) {
		w->occupied[level] = 0;
		for (int slot = 0; slot < TIMER_SLOTS; slot++)
			list_init(&w->slots[level][slot]);
	}
	w->tick = now_ns / NS_PER_MS;
	w->count = 0;
}

void timer_init(struct timer *t, void (*fire)(struct timer *t))
{
	list_init(&t->link);
	t->at = 0;
	t->fire = fire;
}

/* The first tick at which it is due, but not before `least`. */
static uint64_t tick_of(const struct timer *t, uint64_t least)
{
	uint64_t tick = t->at / NS_PER_MS + (t->at % NS_PER_MS != 0);

	return tick > least ? tick : least;
}

static void put(struct timer_wheel *w, struct timer *t, uint64_t tick)
{
	uint64_t differs = (tick ^ w->tick) | 1;
	unsigned level = (63u - (unsigned)__builtin_clzll(differs)) / BITS;
	unsigned slot;

	if (level < TIMER_LEVELS) {
		slot = tick >> level * BITS & MASK;
	} else {
		level = TOP;
		slot = 0;
	}
	list_push_back(&w->slots[level][slot], &t->link);
	w->occupied[level] |= 1ull << slot;
}

/* The list that is left empty is the slot itself: which one, its address tells. */
static void unlink_timer(struct timer_wheel *w, struct timer *t)
{
	struct list *next = t->link.next;

	list_remove(&t->link);
	if (list_empty(next)) {
		size_t index = (size_t)(next - &w->slots[0][0]);

		w->occupied[index / TIMER_SLOTS] &= ~(1ull << index % TIMER_SLOTS);
	}
}

void timer_set(struct timer_wheel *w, struct timer *t, uint64_t at_ns)
{
	if (t->at != 0)
		unlink_timer(w, t);
	else
		w->count++;
	t->at = at_ns != 0 ? at_ns : 1;
	put(w, t, tick_of(t, w->tick + 1));
}

void timer_clear(struct timer_wheel *w, struct timer *t)
{
	if (t->at == 0)
		return;
	unlink_timer(w, t);
	t->at = 0;
	w->count--;
}

/* The tick at which the next slot in use is reached. */
static uint64_t next_tick(const struct timer_wheel *w)
{
	for (unsigned level = 0; level < TIMER_LEVELS; level++) {
		unsigned digit = w->tick >> level * BITS & MASK;
		uint64_t ahead = w->occupied[level] & (~1ull << digit);
		uint64_t above = w->tick >> (level + 1) * BITS;

		if (ahead != 0) {
			uint64_t slot = (uint64_t)__builtin_ctzll(ahead);

			return (above << BITS | slot) << level * BITS;
		}
	}
	if (w->occupied[TOP] != 0)
		return ((w->tick >> TIMER_LEVELS * BITS) + 1) << TIMER_LEVELS * BITS;
	return UINT64_MAX;
}

/* The wheel has come to this slot: what stands there belongs further down now. */
static void move_down(struct timer_wheel *w, unsigned level, unsigned slot)
{
	struct list *from = &w->slots[level][slot], moving, *item;

	if (list_empty(from))
		return;
	moving = *from;
	moving.next->prev = moving.prev->next = &moving;
	list_init(from);
	w->occupied[level] &= ~(1ull << slot);
	while ((item = list_pop_front(&moving)) != NULL) {
		struct timer *t = container_of(item, struct timer, link);

		put(w, t, tick_of(t, w->tick));
	}
}

/* At a tick whose low digits are zero, the level above them has come to a new slot. */
static void come_to(struct timer_wheel *w, uint64_t tick)
{
	unsigned level = 0;

	w->tick = tick;
	while (level < TOP && (tick >> level * BITS & MASK) == 0)
		level++;
	if (level > 0)
		move_down(w, level, tick >> level * BITS & MASK);
}

static void fire_slot(struct timer_wheel *w, unsigned slot)
{
	struct list *due = &w->slots[0][slot];

	while (!list_empty(due)) {
		struct timer *t = container_of(due->next, struct timer, link);

		timer_clear(w, t);
		t->fire(t);
	}
}

void timer_wheel_advance(struct timer_wheel *w, uint64_t now_ns)
{
	uint64_t now = now_ns / NS_PER_MS, next;

	while (w->count > 0 && (next = next_tick(w)) <= now) {
		come_to(w, next);
		fire_slot(w, next & MASK);
	}
	if (now > w->tick)
		w->tick = now;
}

uint64_t timer_wheel_next(const struct timer_wheel *w)
{
	uint64_t tick = w->count > 0 ? next_tick(w) : UINT64_MAX;

	return tick < CLOCK_NEVER / NS_PER_MS ? tick * NS_PER_MS : CLOCK_NEVER;
}
