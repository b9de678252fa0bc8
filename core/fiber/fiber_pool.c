/* fiber_pool.c - fibers that have ended, for the next ones: warm first, the cold given back. */
#include "config.h"

#include "core/fiber/checkers.h"
#include "core/fiber/inside.h"

/* How often we look for cold stacks; and how many are given back in one go and after what
 * pause the next ones, for giving back costs microseconds each. */
#define LOOK_SPAN (500 * NS_PER_MS)
#define PAUSE_SPAN (10 * NS_PER_MS)
enum { AT_ONCE = 64, MEASURED_AT_ONCE = 256 };

static struct fiber *fiber_of(struct list *link)
{
	return container_of(link, struct fiber, link);
}

static struct fiber *make(struct loop *l)
{
	struct fiber *f = mem_alloc(sizeof(*f));

	if (f == NULL)
		return NULL;
	f->loop = l;
	list_init(&f->link);
	list_init(&f->joiners);
	timer_init(&f->timer, fiber_timer_fired);
	f->made_before = l->pool.made;
	l->pool.made = f;
	return f;
}

/* No fiber is idle with a stack: one without, or a new one. */
static struct fiber *take_bare(struct loop *l)
{
	struct list *item = list_pop_front(&l->pool.bare);
	struct fiber *f = item != NULL ? fiber_of(item) : make(l);

	if (f == NULL)
		return NULL;
	if (stack_map(&f->stack, l->limits.stack))
		return f;
	list_push_front(&l->pool.bare, &f->link);
	return NULL;
}

struct fiber *fiber_pool_take(struct loop *l)
{
	struct fiber_pool *p = &l->pool;
	struct list *item = list_pop_front(&p->warm);

	if (unlikely(item == NULL))
		return take_bare(l);
	if (--p->count < p->low)
		p->low = p->count;
	return fiber_of(item);
}

void fiber_pool_return(struct loop *l, struct fiber *f)
{
	struct fiber_pool *p = &l->pool;

	list_push_front(&p->warm, &f->link);
	if (++p->count <= l->limits.warm || timer_is_set(&p->look))
		return;
	p->low = p->count;
	timer_set(&l->timers, &p->look, clock_after(l->now, LOOK_SPAN));
}

static void measure(struct fiber_pool *p, const struct fiber *f)
{
	size_t touched = stack_touched(&f->stack);

	if (touched > p->high_water)
		p->high_water = touched;
}

static void give_back(struct loop *l, struct fiber *f)
{
	measure(&l->pool, f);
	timer_clear(&l->timers, &f->timer);
	stack_unmap(&f->stack);
	list_push_front(&l->pool.bare, &f->link);
	l->pool.count--;
}

/* Newest first means that the oldest `low` have not been used since the last look. */
static void look(struct timer *t)
{
	struct fiber_pool *p = container_of(t, struct fiber_pool, look);
	struct loop *l = container_of(p, struct loop, pool);
	uint32_t cold = p->low > l->limits.warm ? p->low - l->limits.warm : 0;
	uint32_t now = cold < AT_ONCE ? cold : AT_ONCE;
	bool more = l->cool != NULL && l->cool(l);

	for (uint32_t i = 0; i < now; i++) {
		struct list *oldest = p->warm.prev;

		list_remove(oldest);
		give_back(l, fiber_of(oldest));
	}
	if (cold > now) {
		p->low -= now;
		timer_set(&l->timers, t, clock_after(l->now, PAUSE_SPAN));
	} else if (p->count > l->limits.warm || more) {
		p->low = p->count;
		timer_set(&l->timers, t, clock_after(l->now, LOOK_SPAN));
	}
}

void fiber_pool_init(struct fiber_pool *p)
{
	list_init(&p->warm);
	list_init(&p->bare);
	timer_init(&p->look, look);
}

void fiber_pool_fini(struct loop *l)
{
	struct fiber *f = l->pool.made;

	while (f != NULL) {
		struct fiber *before = f->made_before;

		stack_unmap(&f->stack);
		mem_free(f);
		f = before;
	}
	l->pool.made = NULL;
}

/* Goes on where it stopped the last time: ten thousand at once would hold up the loop. */
size_t fiber_high_water(struct loop *l)
{
	struct fiber_pool *p = &l->pool;
	const struct fiber *f = p->measured != NULL ? p->measured->made_before : NULL;
	const struct fiber *first = f != NULL ? f : p->made;

	f = first;
	for (int i = 0; i < MEASURED_AT_ONCE && f != NULL; i++) {
		measure(p, f);
		p->measured = f;
		f = f->made_before != NULL ? f->made_before : p->made;
		if (f == first)
			break;
	}
	return p->high_water;
}
