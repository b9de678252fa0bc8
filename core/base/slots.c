/* slots.c - names to small dense numbers, and arrays over such numbers. */
#include "core/base/slots.h"

#include <assert.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/mem.h"

struct slot {
	char *name;
	size_t len;
	uint32_t holders;
	uint32_t next;			/* in its chain: number + 1 */
	uint32_t next_free;		/* in the queue of free ones: number + 1 */
	bool queued;
};

void slots_init(struct slots *s)
{
	*s = (struct slots){ 0 };
	pthread_mutex_init(&s->lock, NULL);
}

void slots_fini(struct slots *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		mem_free(s->at[i].name);
	mem_free(s->at);
	mem_free(s->heads);
	pthread_mutex_destroy(&s->lock);
	*s = (struct slots){ 0 };
}

void slots_on_reuse(struct slots *s, void (*reused)(void *arg, uint32_t number), void *arg)
{
	assert(s->count == 0);
	s->reused = reused;
	s->arg = arg;
}

static uint32_t *head_of(struct slots *s, struct weir_str name)
{
	return &s->heads[hash64(hash_seed(), name) & (s->room - 1)];
}

static struct weir_str name_of(const struct slot *slot)
{
	return str_of(slot->name, slot->len);
}

/* The number + 1 of a name, or 0. */
static uint32_t find(struct slots *s, struct weir_str name)
{
	uint32_t at;

	if (s->room == 0)
		return 0;
	at = *head_of(s, name);
	while (at != 0 && !str_eq(name_of(&s->at[at - 1]), name))
		at = s->at[at - 1].next;
	return at;
}

static void link_in(struct slots *s, uint32_t number)
{
	uint32_t *head = head_of(s, name_of(&s->at[number]));

	s->at[number].next = *head;
	*head = number + 1;
}

static void link_out(struct slots *s, uint32_t number)
{
	uint32_t *at = head_of(s, name_of(&s->at[number]));

	while (*at != number + 1)
		at = &s->at[*at - 1].next;
	*at = s->at[number].next;
}

static bool grow(struct slots *s)
{
	uint32_t room = s->room > 0 ? s->room * 2 : 64;
	struct slot *at = mem_resize(s->at, room, sizeof(*at));
	uint32_t *heads;

	if (at == NULL)
		return false;
	s->at = at;
	heads = mem_array(room, sizeof(*heads));
	if (heads == NULL)
		return false;
	mem_free(s->heads);
	s->heads = heads;
	s->room = room;
	for (uint32_t i = 0; i < s->count; i++)
		link_in(s, i);
	return true;
}

static void queue_free(struct slots *s, uint32_t number)
{
	struct slot *slot = &s->at[number];

	if (slot->queued)
		return;
	slot->queued = true;
	slot->next_free = 0;
	if (s->free_last != 0)
		s->at[s->free_last - 1].next_free = number + 1;
	else
		s->free_first = number + 1;
	s->free_last = number + 1;
}

/* Gives the number + 1 of one that nobody holds, or 0. */
static uint32_t pop_free(struct slots *s)
{
	while (s->free_first != 0) {
		uint32_t got = s->free_first;
		struct slot *slot = &s->at[got - 1];

		s->free_first = slot->next_free;
		if (s->free_first == 0)
			s->free_last = 0;
		slot->queued = false;
		if (slot->holders == 0)
			return got;
	}
	return 0;
}

/* Gives the number + 1 of one without a name, or 0 with a sentence. */
static uint32_t nameless(struct slots *s, struct weir_error *error)
{
	uint32_t got = pop_free(s);

	if (got != 0) {
		link_out(s, got - 1);
		mem_free(s->at[got - 1].name);
		if (s->reused != NULL)
			s->reused(s->arg, got - 1);
		return got;
	}
	if (s->count >= SLOTS_MOST) {
		fail(error, "there are more than %d names of one kind; use fewer", SLOTS_MOST);
		return 0;
	}
	if (s->count == s->room && !grow(s)) {
		fail_memory(error);
		return 0;
	}
	return ++s->count;
}

/* Gives the number + 1, or 0 with a sentence. */
static uint32_t number_for(struct slots *s, struct weir_str name, struct weir_error *error)
{
	uint32_t got = find(s, name);
	char *copy;

	if (got != 0)
		return got;
	copy = str_dup(name);
	if (copy == NULL) {
		fail_memory(error);
		return 0;
	}
	got = nameless(s, error);
	if (got == 0) {
		mem_free(copy);
		return 0;
	}
	s->at[got - 1] = (struct slot){ .name = copy, .len = name.len };
	link_in(s, got - 1);
	return got;
}

bool slots_take(struct slots *s, struct weir_str name, uint32_t *number, struct weir_error *error)
{
	uint32_t got;

	pthread_mutex_lock(&s->lock);
	got = number_for(s, name, error);
	if (got != 0) {
		s->at[got - 1].holders++;
		*number = got - 1;
	}
	pthread_mutex_unlock(&s->lock);
	return got != 0;
}

void slots_give(struct slots *s, uint32_t number)
{
	pthread_mutex_lock(&s->lock);
	assert(number < s->count && s->at[number].holders > 0);
	if (--s->at[number].holders == 0)
		queue_free(s, number);
	pthread_mutex_unlock(&s->lock);
}

struct weir_str slots_name(struct slots *s, uint32_t number, char *at, size_t room)
{
	struct weir_str name = STR_ABSENT;

	pthread_mutex_lock(&s->lock);
	if (number < s->count && s->at[number].holders > 0) {
		name = str_of(at, s->at[number].len < room ? s->at[number].len : room);
		memcpy(at, s->at[number].name, name.len);
	}
	pthread_mutex_unlock(&s->lock);
	return name;
}

uint32_t slots_count(struct slots *s)
{
	uint32_t count;

	pthread_mutex_lock(&s->lock);
	count = s->count;
	pthread_mutex_unlock(&s->lock);
	return count;
}

/* --- arrays ---------------------------------------------------------------------------------- */

void slot_array_init(struct slot_array *a, size_t size)
{
	a->size = size;
	atomic_init(&a->table, NULL);
}

void slot_array_fini(struct slot_array *a)
{
	struct slot_table *t = atomic_load(&a->table);

	for (unsigned i = 0; t != NULL && i < SLOT_CHUNKS; i++)
		mem_free(atomic_load(&t->chunks[i]));
	mem_free(t);
	atomic_store(&a->table, NULL);
}

static struct slot_table *table_of(struct slot_array *a)
{
	struct slot_table *t = atomic_load_explicit(&a->table, memory_order_relaxed);

	if (t != NULL)
		return t;
	t = mem_alloc(sizeof(*t));
	atomic_store_explicit(&a->table, t, memory_order_release);
	return t;
}

void *slot_array_grow(struct slot_array *a, uint32_t number)
{
	struct slot_table *t;
	char *chunk;

	if (number >= SLOTS_MOST)
		return NULL;
	t = table_of(a);
	chunk = t != NULL ? mem_array(SLOT_CHUNK, a->size) : NULL;
	if (chunk == NULL)
		return NULL;
	atomic_store_explicit(&t->chunks[number / SLOT_CHUNK], chunk, memory_order_release);
	return chunk + a->size * (number % SLOT_CHUNK);
}

void *slot_array_peek(const struct slot_array *a, uint32_t number)
{
	struct slot_table *t = atomic_load_explicit(&a->table, memory_order_acquire);
	char *chunk;

	if (t == NULL || number >= SLOTS_MOST)
		return NULL;
	chunk = atomic_load_explicit(&t->chunks[number / SLOT_CHUNK], memory_order_acquire);
	return chunk != NULL ? chunk + a->size * (number % SLOT_CHUNK) : NULL;
}
