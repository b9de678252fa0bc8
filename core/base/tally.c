/* tally.c - what plugins count. */
#include "config.h"

#include "core/base/tally.h"

#include <pthread.h>

#include "core/base/list.h"

struct line {
	_Atomic uint64_t columns[TALLIES_MOST];
} __attribute__((aligned(64)));

struct board {
	struct list link;
	struct board_name name;		/* its texts are owned */
	uint32_t holds, lines;
	_Atomic uint32_t count;
	struct tally tallies[TALLIES_MOST];
	struct line line[];
};

static struct list all = LIST_INIT(all);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool copy(struct weir_str *to, struct weir_str from)
{
	*to = str_of(str_dup(from), from.len);
	return to->data != NULL;
}

static void drop(struct weir_str s)
{
	mem_free((char *)(uintptr_t)s.data);
}

static void board_free(struct board *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		drop(b->tallies[i].word);
	drop(b->name.plugin);
	drop(b->name.use);
	drop(b->name.place);
	free(b);
}

static struct board *board_new(const struct board_name *name, uint32_t lines)
{
	size_t size = sizeof(struct board) + lines * sizeof(struct line);
	struct board *b = aligned_alloc(64, (size + 63) & ~(size_t)63);

	if (b == NULL)
		return NULL;
	memset(b, 0, size);
	b->lines = lines;
	if (copy(&b->name.plugin, name->plugin) && copy(&b->name.use, name->use) &&
	    copy(&b->name.place, name->place))
		return b;
	board_free(b);
	return NULL;
}

static struct board *find_board(const struct board_name *name)
{
	list_for_each(item, &all) {
		struct board *b = container_of(item, struct board, link);

		if (str_eq(b->name.place, name->place) && str_eq(b->name.plugin, name->plugin) &&
		    str_eq(b->name.use, name->use))
			return b;
	}
	return NULL;
}

struct board *board_open(const struct board_name *name, uint32_t threads)
{
	struct board *b;

	(void)pthread_mutex_lock(&lock);
	b = find_board(name);
	if (b == NULL && (b = board_new(name, threads > 0 ? threads : 1)) != NULL)
		list_push_back(&all, &b->link);
	if (b != NULL)
		b->holds++;
	(void)pthread_mutex_unlock(&lock);
	return b;
}

void board_close(struct board *b)
{
	bool last;

	if (b == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --b->holds == 0;
	if (last)
		list_remove(&b->link);
	(void)pthread_mutex_unlock(&lock);
	if (last)
		board_free(b);
}

static struct tally *find_tally(struct board *b, struct weir_str word)
{
	for (uint32_t i = 0; i < b->count; i++)
		if (str_eq(b->tallies[i].word, word))
			return &b->tallies[i];
	return NULL;
}

static struct tally *add_tally(struct board *b, struct weir_str word)
{
	struct tally *t = &b->tallies[b->count];

	if (b->count == TALLIES_MOST || !copy(&t->word, word))
		return NULL;
	t->board = b;
	t->column = b->count++;
	return t;
}

struct tally *board_tally(struct board *b, struct weir_str word)
{
	struct tally *t;

	(void)pthread_mutex_lock(&lock);
	t = find_tally(b, word);
	if (t == NULL)
		t = add_tally(b, word);
	(void)pthread_mutex_unlock(&lock);
	return t;
}

/* Threads are numbered as they come, so that no two of them write to one line, where possible. */
static uint32_t thread_number(void)
{
	static _Atomic uint32_t next;
	static __thread uint32_t own;

	if (own == 0)
		own = 1 + atomic_fetch_add_explicit(&next, 1, memory_order_relaxed) % UINT16_MAX;
	return own;
}

void tally_add(struct tally *t, uint64_t n)
{
	struct line *line;

	if (t == NULL)
		return;
	line = &t->board->line[thread_number() % t->board->lines];
	atomic_fetch_add_explicit(&line->columns[t->column], n, memory_order_relaxed);
}

uint64_t tally_read(const struct tally *t)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < t->board->lines; i++)
		sum += atomic_load_explicit(&t->board->line[i].columns[t->column],
					    memory_order_relaxed);
	return sum;
}

void board_visit(const struct board *b, void (*visit)(void *arg, struct weir_str word, uint64_t n),
		 void *arg)
{
	for (uint32_t i = 0; b != NULL && i < b->count; i++)
		visit(arg, b->tallies[i].word, tally_read(&b->tallies[i]));
}

void tallies_visit(void (*visit)(void *arg, const struct board_name *board, struct weir_str word,
				 uint64_t n), void *arg)
{
	(void)pthread_mutex_lock(&lock);
	list_for_each(item, &all) {
		struct board *b = container_of(item, struct board, link);

		for (uint32_t i = 0; i < b->count; i++)
			visit(arg, &b->name, b->tallies[i].word, tally_read(&b->tallies[i]));
	}
	(void)pthread_mutex_unlock(&lock);
}
