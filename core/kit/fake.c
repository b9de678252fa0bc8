/* fake.c - the world of a test: its clock, its dice, its log, and who misbehaved in it. */
#include "core/kit/inside.h"

#include "core/base/clock.h"

#define FIRST_NOW (1000 * NS_PER_S)
#define FIRST_WALL (1767225600 * NS_PER_S)	/* 2026-01-01T00:00:00Z */
#define PATIENCE (2 * NS_PER_S)

struct weir_fake *fake_world;

void *fake_must(void *memory)
{
	if (memory != NULL)
		return memory;
	fputs("weir-fake: out of memory\n", stderr);
	abort();
}

struct weir_str fake_copy(struct arena *arena, struct weir_str s)
{
	char *at;

	if (s.data == NULL)
		return WEIR_ABSENT;
	at = fake_must(arena_take(arena, s.len + 1));
	memcpy(at, s.data, s.len);
	at[s.len] = '\0';
	return str_of(at, s.len);
}

struct weir_fake *weir_fake_new(void)
{
	struct weir_fake *f = fake_must(mem_alloc(sizeof(*f)));

	arena_init(&f->arena, NULL, FAKE_WORLD);
	f->worker = pthread_self();
	(void)pthread_mutex_init(&f->lock, NULL);
	f->now = FIRST_NOW;
	f->wall = FIRST_WALL;
	f->patience = PATIENCE;
	f->faults.end = &f->faults.first;
	f->said.end = &f->said.first;
	f->called_end = &f->called;
	rng_init_seed(&f->rng, 1);
	fake_host_fill();
	f->before = fake_world;
	fake_world = f;
	return f;
}

static bool nothing_unexpected(const struct weir_fake *f)
{
	bool clean = true;

	for (const struct fake_line *l = f->faults.first; l != NULL; l = l->next) {
		if (l->expected)
			continue;
		fprintf(stderr, "weir-fake: %s\n", l->text);
		clean = false;
	}
	return clean;
}

bool weir_fake_free(struct weir_fake *f)
{
	bool clean;

	if (f == NULL)
		return true;
	for (struct weir_exchange *ex = f->exchanges; ex != NULL; ex = ex->next)
		weir_fake_end(ex);
	fake_tables_free(f);
	while (f->uses != NULL) {
		struct weir_fake_use *use = f->uses;

		f->uses = use->next;
		weir_fake_close(use);
		arena_reset(&use->arena);
		mem_free(use);
	}
	fake_stores_close(f);
	clean = nothing_unexpected(f);
	while (f->exchanges != NULL) {
		struct weir_exchange *ex = f->exchanges;

		f->exchanges = ex->next;
		mem_free(ex);
	}
	fake_world = f->before;
	(void)pthread_mutex_destroy(&f->lock);
	arena_reset(&f->arena);
	mem_free(f);
	return clean;
}

/* Lines ------------------------------------------------------------------------ */

void fake_line_add(struct weir_fake *f, struct fake_lines *lines, enum fault fault,
		   const char *format, ...)
{
	struct fake_line *l;
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)pthread_mutex_lock(&f->lock);
	l = fake_must(arena_zero(&f->arena, sizeof(*l)));
	l->fault = fault;
	l->text = fake_must(arena_take(&f->arena, strlen(text) + 1));
	strcpy(l->text, text);
	*lines->end = l;
	lines->end = &l->next;
	lines->count++;
	(void)pthread_mutex_unlock(&f->lock);
}

const struct fake_line *fake_line_at(const struct fake_lines *lines, uint32_t at)
{
	const struct fake_line *l = lines->first;

	for (; l != NULL && at > 0; at--)
		l = l->next;
	return l;
}

const char *weir_fake_said(const struct weir_fake *f, uint32_t at)
{
	const struct fake_line *l = fake_line_at(&f->said, at);

	return l != NULL ? l->text : NULL;
}

/* Time and dice ---------------------------------------------------------------- */

void weir_fake_advance(struct weir_fake *f, uint64_t ns)
{
	f->now = clock_after(f->now, ns);
	f->wall = clock_after(f->wall, ns);
}

void weir_fake_set_wall(struct weir_fake *f, uint64_t ns_since_1970)
{
	f->wall = ns_since_1970;
}

void weir_fake_dice(struct weir_fake *f, const uint64_t *values, uint32_t count)
{
	f->dice = fake_must(arena_take(&f->arena, (count + (size_t)1) * sizeof(*values)));
	memcpy(f->dice, values, count * sizeof(*values));
	f->dice_count = count;
	f->dice_at = 0;
}

/* Calls into plugins ------------------------------------------------------------ */

const char *hook_word(enum hook hook)
{
	static const char *const words[] = {
		"no hook", "check", "open", "close", "worker_open", "worker_close", "on_request",
		"on_response", "on_done", "background", "watch", "build", "pick", "report", "judge",
		"send",
	};

	return words[hook];
}

struct fake_frame fake_enter(struct weir_fake_use *use, enum hook hook, struct weir_exchange *ex)
{
	struct weir_fake *f = use->fake;
	struct fake_frame before = { f->hook, f->running, f->running_ex, f->hook_waits };

	f->hook = hook;
	f->running = use;
	f->running_ex = ex;
	f->hook_waits = 0;
	return before;
}

void fake_leave(struct weir_fake *f, struct fake_frame before)
{
	f->hook = before.hook;
	f->running = before.running;
	f->running_ex = before.ex;
	f->hook_waits = before.hook_waits;
}
