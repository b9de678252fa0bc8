/* account.c - whose memory it is. */
#include "core/script/account.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

/* Before each block. Lua wants 8-aligned memory, no more. */
struct head {
	uint32_t owner, unused;
};

static void add(struct account *a, size_t more, size_t less)
{
	atomic_store_explicit(&a->used,
			      atomic_load_explicit(&a->used, memory_order_relaxed) + more - less,
			      memory_order_relaxed);
}

static void drop(struct accounts *a, struct head *h, size_t size)
{
	add(a->at[h->owner], 0, size);
	free(h);
}

static bool fits(struct accounts *a, size_t more)
{
	const struct account *payer = a->at[a->current];
	size_t used = atomic_load_explicit(&payer->used, memory_order_relaxed);

	if (likely(used + more <= payer->pressure && more <= payer->most))
		return true;
	if (a->pressed != NULL)
		a->pressed(a);
	if (used <= payer->most && more <= payer->most - used)
		return true;
	if (a->refused != NULL)
		a->refused(a);
	return false;
}

static void *first(struct accounts *a, size_t size)
{
	struct head *h = fits(a, size) ? malloc(sizeof(*h) + size) : NULL;

	if (h == NULL)
		return NULL;
	h->owner = a->current;
	add(a->at[h->owner], size, 0);
	return h + 1;
}

/* Who lets a block grow takes it over. A block that shrinks must not be refused. */
static void *resize(struct accounts *a, struct head *h, size_t old, size_t size)
{
	uint32_t payer = size > old ? a->current : h->owner;
	struct head *fresh;

	if (size > old && !fits(a, h->owner == payer ? size - old : size))
		return NULL;
	fresh = realloc(h, sizeof(*h) + size);
	if (fresh == NULL && size > old)
		return NULL;
	if (fresh == NULL)
		fresh = h;
	add(a->at[fresh->owner], 0, old);
	add(a->at[payer], size, 0);
	fresh->owner = payer;
	return fresh + 1;
}

void *account_allocate(void *ud, void *block, size_t old, size_t size)
{
	struct accounts *a = ud;

	if (block == NULL)
		return size > 0 ? first(a, size) : NULL;
	if (size > 0)
		return resize(a, (struct head *)block - 1, old, size);
	drop(a, (struct head *)block - 1, old);
	return NULL;
}

/* Opening and leaving -------------------------------------------------------- */

bool accounts_init(struct accounts *a)
{
	*a = (struct accounts){ .count = 1 };
	a->at[0] = mem_alloc(sizeof(*a->at[0]));
	if (a->at[0] == NULL)
		return false;
	a->at[0]->most = a->at[0]->pressure = SIZE_MAX;
	return true;
}

void accounts_fini(struct accounts *a)
{
	for (uint32_t i = 0; i < a->count; i++)
		mem_free(a->at[i]);
	a->count = 0;
}

static bool is_free(const struct account *a)
{
	return a->left && atomic_load_explicit(&a->used, memory_order_relaxed) == 0;
}

uint32_t account_open(struct accounts *a, const char *name, size_t most)
{
	uint32_t number = 1;

	while (number < a->count && !is_free(a->at[number]))
		number++;
	if (number == ACCOUNTS_MOST)
		return 0;
	if (number == a->count) {
		a->at[number] = mem_alloc(sizeof(*a->at[number]));
		if (a->at[number] == NULL)
			return 0;
		a->count++;
	}
	if (a->retire != NULL && a->at[number]->left)
		a->retire(a->at[number]);
	*a->at[number] = (struct account){ .most = most, .pressure = most - most / 4 };
	(void)snprintf(a->at[number]->name, sizeof(a->at[number]->name), "%s", name);
	return number;
}

/* Half of what is left, and never less than three quarters of all. */
void account_collected(struct account *a)
{
	size_t used = atomic_load_explicit(&a->used, memory_order_relaxed);
	size_t least = a->most - a->most / 4;
	size_t half = used < a->most ? used + (a->most - used) / 2 : a->most;

	a->pressure = half > least ? half : least;
}

void account_leave(struct accounts *a, uint32_t number)
{
	a->at[number]->left = true;
}
