/* test_timer.c - the wheel against a list that is searched from end to end. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/fiber/timer.h"
#include "tests/test.h"

enum { TIMERS = 200 };

struct entry {
	struct timer timer;
	struct book *book;
	uint64_t at;		/* what the reference says; 0: not set */
	uint64_t fired_at;
};

/* The wheel and, beside it, the simplest thing that does the same. */
struct book {
	struct timer_wheel wheel;
	struct rng rng;
	uint64_t now;
	uint32_t set;
	int early, late;
	struct entry entries[TIMERS];
};

static void entry_fires(struct timer *t)
{
	struct entry *e = container_of(t, struct entry, timer);

	if (e->at == 0 || e->at > e->book->now)
		e->book->early++;
	e->at = 0;
	e->book->set--;
}

static void book_open(struct book *b, uint64_t seed, uint64_t now)
{
	memset(b, 0, sizeof(*b));
	b->now = now;
	rng_init_seed(&b->rng, seed);
	timer_wheel_init(&b->wheel, now);
	for (int i = 0; i < TIMERS; i++) {
		b->entries[i].book = b;
		timer_init(&b->entries[i].timer, entry_fires);
	}
}

/* Spans of all sizes, from nothing to twice the wheel's whole reach. */
static uint64_t some_span(struct book *b)
{
	uint64_t bits = rng_below(&b->rng, 52);

	return rng_next(&b->rng) & ((1ull << bits) - 1);
}

static void set_one(struct book *b)
{
	struct entry *e = &b->entries[rng_below(&b->rng, TIMERS)];

	if (e->at == 0)
		b->set++;
	e->at = b->now + some_span(b);
	if (e->at == 0)
		e->at = 1;
	timer_set(&b->wheel, &e->timer, e->at);
}

static void clear_one(struct book *b)
{
	struct entry *e = &b->entries[rng_below(&b->rng, TIMERS)];

	if (e->at != 0)
		b->set--;
	e->at = 0;
	timer_clear(&b->wheel, &e->timer);
}

/* The earliest that the reference knows. */
static uint64_t earliest(const struct book *b)
{
	uint64_t first = CLOCK_NEVER;

	for (int i = 0; i < TIMERS; i++)
		if (b->entries[i].at != 0 && b->entries[i].at < first)
			first = b->entries[i].at;
	return first;
}

/* "At most a tick late", and the tick that runs is not over. */
static void check(const struct book *b)
{
	assert_int_equal(b->early, 0);
	assert_int_equal(b->wheel.count, b->set);
	for (int i = 0; i < TIMERS; i++) {
		const struct entry *e = &b->entries[i];

		assert_int_equal(timer_is_set(&e->timer), e->at != 0);
		assert_true(e->at == 0 || e->at + 2 * NS_PER_MS > b->now);
	}
	assert_true(timer_wheel_next(&b->wheel) == CLOCK_NEVER ? b->set == 0 :
		    timer_wheel_next(&b->wheel) < earliest(b) + 2 * NS_PER_MS);
}

/* As a loop does: sometimes a little time passes, sometimes as much as the wheel allows. */
static void time_passes(struct book *b)
{
	uint64_t next = timer_wheel_next(&b->wheel);

	if (rng_below(&b->rng, 4) == 0)
		b->now += some_span(b);
	else if (next != CLOCK_NEVER && next > b->now)
		b->now = next;
	else
		b->now += rng_below(&b->rng, 3000000);
	timer_wheel_advance(&b->wheel, b->now);
}

static void the_wheel_does_what_a_simple_list_does(void **state)
{
	static struct book b;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		book_open(&b, seed, seed % 2 == 0 ? 0 : seed * 987654321987654ull);
		for (int step = 0; step < 2000; step++) {
			uint32_t dice = rng_below(&b.rng, 8);

			if (dice < 4)
				set_one(&b);
			else if (dice < 5)
				clear_one(&b);
			else
				time_passes(&b);
			check(&b);
		}
	}
}

static void every_timer_fires_when_the_wheel_is_asked_when(void **state)
{
	static struct book b;
	int turns = 0;

	(void)state;
	book_open(&b, 7, 123456789);
	for (int i = 0; i < TIMERS; i++)
		set_one(&b);
	while (b.set > 0) {
		uint64_t next = timer_wheel_next(&b.wheel);

		assert_true(next != CLOCK_NEVER);
		b.now = next > b.now ? next : b.now;
		timer_wheel_advance(&b.wheel, b.now);
		check(&b);
		assert_true(++turns < TIMERS * 8);
	}
	assert_true(timer_wheel_next(&b.wheel) == CLOCK_NEVER);
}

/* Timers that set and clear timers ------------------------------------------- */

struct pair {
	struct timer timer;
	struct timer *victim;
	struct timer_wheel *wheel;
	int fired;
	uint64_t again_at;
};

static void pair_fires(struct timer *t)
{
	struct pair *p = container_of(t, struct pair, timer);

	p->fired++;
	if (p->victim != NULL)
		timer_clear(p->wheel, p->victim);
	if (p->again_at != 0)
		timer_set(p->wheel, t, p->again_at);
	p->again_at = 0;
}

static void one_that_fires_may_clear_another_due_at_the_same_time(void **state)
{
	struct timer_wheel w;
	struct pair a = { .wheel = &w }, b = { .wheel = &w };

	(void)state;
	timer_wheel_init(&w, 0);
	timer_init(&a.timer, pair_fires);
	timer_init(&b.timer, pair_fires);
	a.victim = &b.timer;
	b.victim = &a.timer;
	timer_set(&w, &a.timer, 70 * NS_PER_MS);
	timer_set(&w, &b.timer, 70 * NS_PER_MS);

	timer_wheel_advance(&w, 100 * NS_PER_MS);

	assert_int_equal(a.fired + b.fired, 1);
	assert_int_equal(w.count, 0);
}

static void one_that_fires_may_set_itself_again(void **state)
{
	struct timer_wheel w;
	struct pair a = { .wheel = &w, .again_at = 1 };

	(void)state;
	timer_wheel_init(&w, 0);
	timer_init(&a.timer, pair_fires);
	timer_set(&w, &a.timer, 5 * NS_PER_MS);

	timer_wheel_advance(&w, 5 * NS_PER_MS);
	assert_int_equal(a.fired, 1);
	assert_true(timer_is_set(&a.timer));

	timer_wheel_advance(&w, 6 * NS_PER_MS);
	assert_int_equal(a.fired, 2);
	assert_false(timer_is_set(&a.timer));
}

static void clearing_one_that_is_not_set_is_harmless(void **state)
{
	struct timer_wheel w;
	struct timer t;

	(void)state;
	timer_wheel_init(&w, 0);
	timer_init(&t, NULL);
	timer_clear(&w, &t);
	timer_set(&w, &t, 99);
	timer_clear(&w, &t);
	timer_clear(&w, &t);

	assert_int_equal(w.count, 0);
	assert_true(timer_wheel_next(&w) == CLOCK_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wheel_does_what_a_simple_list_does),
		cmocka_unit_test(every_timer_fires_when_the_wheel_is_asked_when),
		cmocka_unit_test(one_that_fires_may_clear_another_due_at_the_same_time),
		cmocka_unit_test(one_that_fires_may_set_itself_again),
		cmocka_unit_test(clearing_one_that_is_not_set_is_harmless),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
