/* turns.c - whose turn it is, when each has turns in proportion to its weight, evenly spread. */
#include "plugins/round_robin/turns.h"

/* The step of weight 1. Weights may be large (they come in thousandths), so that this is too. */
static const uint64_t STEP = (uint64_t)1 << 44;

static bool before(const struct turn *a, const struct turn *b)
{
	return (int64_t)(a->next - b->next) < 0;
}

static void swap(struct turn *a, struct turn *b)
{
	struct turn t = *a;

	*a = *b;
	*b = t;
}

static void sift_down(struct turn *heap, uint32_t count, uint32_t at)
{
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= count)
			return;
		if (child + 1 < count && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &heap[at]))
			return;
		swap(&heap[child], &heap[at]);
		at = child;
	}
}

static void sift_up(struct turn *heap, uint32_t at)
{
	while (at > 0 && before(&heap[at], &heap[(at - 1) / 2])) {
		swap(&heap[at], &heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

size_t turns_size(uint32_t count)
{
	return sizeof(struct turns) + count * sizeof(struct turn);
}

/* splitmix64: one number becomes as many as are wanted. */
static uint64_t more_dice(uint64_t *dice)
{
	uint64_t z = *dice += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void turns_init(struct turns *t, const uint32_t *weights, uint32_t count, uint64_t dice)
{
	t->count = count;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t step = STEP / weights[i];

		t->heap[i].index = i;
		t->heap[i].next = more_dice(&dice) % step;
	}
	for (uint32_t i = count / 2; i-- > 0;)
		sift_down(t->heap, count, i);
}

/* Turns that were missed until `now` are gone. */
static uint64_t next_after(uint64_t next, uint64_t step, uint64_t now)
{
	if ((int64_t)(next - now) > 0)
		return next;
	return next + ((now - next) / step + 1) * step;
}

/* Those that were set aside stand behind the heap; they come back at their next turn after
 * `now`. */
static void put_back(struct turns *t, const struct turns_ask *ask, uint32_t left, uint64_t now)
{
	for (uint32_t i = left; i < t->count; i++) {
		struct turn *missed = &t->heap[i];

		missed->next = next_after(missed->next,
					  STEP / ask->weight(ask->arg, missed->index), now);
		sift_up(t->heap, i);
	}
}

uint32_t turns_pick(struct turns *t, const struct turns_ask *ask)
{
	uint32_t left = t->count, index;
	uint64_t now;

	while (left > 0 && !ask->usable(ask->arg, t->heap[0].index)) {
		swap(&t->heap[0], &t->heap[--left]);
		sift_down(t->heap, left, 0);
	}
	if (left == 0) {	/* nobody went: no time has passed */
		for (uint32_t i = t->count / 2; i-- > 0;)
			sift_down(t->heap, t->count, i);
		return TURNS_NONE;
	}
	index = t->heap[0].index;
	now = t->heap[0].next;
	t->heap[0].next += STEP / ask->weight(ask->arg, index);
	sift_down(t->heap, left, 0);
	if (left < t->count)
		put_back(t, ask, left, now);
	return index;
}
