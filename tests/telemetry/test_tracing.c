/* test_tracing.c - spans from rings into batches, and from there to tracers that do as they like. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/plugin/uses.h"
#include "core/telemetry/tracing.h"
#include "tests/alloc.h"
#include "tests/telemetry/example.h"

/* Holds are counted, nothing else: there is no plugin. */
static int holds;

void use_hold(struct weir_use *use)
{
	(void)use;
	holds++;
}

void use_release(struct weir_use *use)
{
	(void)use;
	holds--;
}

/* The tracer: gives what it is told to, and counts. */
static struct {
	enum weir_sent gives[16];	/* then SENT */
	unsigned calls, spans, largest;
	uint64_t retry_after;
	bool hangs;
	bool path_is_right;
} puppet;

static enum weir_sent play(const struct weir_here *here, struct weir_batch *batch)
{
	enum weir_sent result = puppet.calls < 16 ? puppet.gives[puppet.calls] : WEIR_SENT;

	(void)here;
	puppet.calls++;
	batch->retry_after_ns = puppet.retry_after;
	batch->why = STR("it says no");
	while (puppet.hangs)
		if (wait_sleep(NS_PER_S) == WAKE_CANCEL)
			return WEIR_SEND_LATER;
	if (result != WEIR_SENT)
		return result;
	puppet.spans += batch->count;
	puppet.largest = batch->count > puppet.largest ? batch->count : puppet.largest;
	puppet.path_is_right = str_eq(weir_batch_span(batch, batch->count - 1)->path,
				      STR("/tariff/010121"));
	return WEIR_SENT;
}

static const struct weir_tracer tracer = WEIR_TRACER(.send = play);

struct scene {
	struct worker control;
	struct weir_use use;
	struct weir_use *uses[1];
	struct use_here here[1];
	struct trace_counts counts;
	struct tracing_settings set;
	struct tracing *t;
};

static void scene_begins(struct scene *s)
{
	struct weir_error error = { "" };

	memset(s, 0, sizeof(*s));
	memset(&puppet, 0, sizeof(puppet));
	holds = 0;
	assert_true(worker_init(&s->control, UINT32_MAX, &(struct fiber_limits){ .most = 16 }, &error));
	trace_counts_init(&s->counts);
	s->use = (struct weir_use){ .tracer = &tracer, .places = 1, .here = s->here,
				    .name = STR("puppet"), .path = STR("trace, export 1") };
	s->uses[0] = &s->use;
	s->set = (struct tracing_settings){
		.control = &s->control, .workers = 2, .uses = s->uses, .use_count = 1,
		.counts = &s->counts, .buffer = 65536, .batch = 4, .queue = 8,
		.every = 5 * NS_PER_MS, .patience = NS_PER_S, .flush = 20 * NS_PER_MS };
}

static void tracing_begins(struct scene *s)
{
	struct weir_error error = { "" };

	s->t = tracing_new(&s->set, &error);
	assert_non_null(s->t);
	tracing_start(s->t);
}

static void end_it(void *arg)
{
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_INTERNAL);
	tracing_end(arg);
	deadline_leave(&d);
}

static void scene_ends(struct scene *s)
{
	struct loop *l = &s->control.loop;

	if (s->t != NULL)
		(void)fiber_start(l, end_it, s->t);
	while (fiber_count(l) > 0)
		loop_turn(l, NS_PER_MS);
	assert_int_equal(holds, 0);
	worker_fini(&s->control);
}

static void keep(struct scene *s, uint32_t worker, unsigned count)
{
	static const struct span_origin origin = { .kind = WEIR_SPAN_SERVER, .low = 1, .span = 2 };

	for (unsigned i = 0; i < count; i++) {
		struct span_room room;
		struct weir_span span;
		struct record r;

		example_record(&r);
		span = span_of(&r, &origin, &room);
		tracing_keep(tracing_here(s->t, worker), &span);
	}
}

#define turn_until(s, condition) \
	do { \
		uint64_t end_ = clock_after(clock_now(), 20 * NS_PER_S); \
		while (!(condition) && clock_now() < end_) \
			loop_turn(&(s)->control.loop, NS_PER_MS); \
		assert_true(condition); \
	} while (0)

static uint64_t lost(struct scene *s, enum trace_loss why)
{
	return counter_read(&s->counts.at[why == LOSS_BUFFER_FULL ? 0 : 1].lost[why]);
}

static void spans_of_all_workers_come_in_batches(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	tracing_begins(&s);
	keep(&s, 0, 3);
	keep(&s, 1, 3);

	turn_until(&s, puppet.spans == 6);
	assert_int_equal(puppet.largest, 4);
	assert_true(counter_read(&s.counts.at[1].sent) == 6);
	assert_true(gauge_read(&s.counts.at[1].waiting) == 0);
	scene_ends(&s);
}

static void a_batch_comes_again_until_it_is_taken(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	puppet.gives[0] = WEIR_SEND_LATER;
	tracing_begins(&s);
	keep(&s, 0, 1);

	turn_until(&s, puppet.spans == 1);
	assert_int_equal(puppet.calls, 2);
	assert_true(puppet.path_is_right);
	scene_ends(&s);
}

static void patience_ends(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	puppet.gives[0] = WEIR_SEND_LATER;
	puppet.retry_after = 3600 * NS_PER_S;
	s.set.patience = 30 * NS_PER_MS;
	tracing_begins(&s);
	keep(&s, 0, 2);

	turn_until(&s, lost(&s, LOSS_UNREACHABLE) == 2);
	keep(&s, 0, 1);
	turn_until(&s, puppet.spans == 1);
	scene_ends(&s);
}

static void what_is_refused_is_lost_at_once(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	puppet.gives[0] = WEIR_SEND_NEVER;
	tracing_begins(&s);
	keep(&s, 0, 3);

	turn_until(&s, lost(&s, LOSS_REFUSED) == 3);
	assert_int_equal(puppet.calls, 1);
	scene_ends(&s);
}

static void over_the_queue_the_newest_are_lost(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	puppet.hangs = true;
	tracing_begins(&s);
	keep(&s, 0, 20);

	turn_until(&s, lost(&s, LOSS_QUEUE_FULL) == 12);
	assert_true(gauge_read(&s.counts.at[1].waiting) == 8);
	scene_ends(&s);
	assert_true(lost(&s, LOSS_STOPPED) == 8);
	assert_true(gauge_read(&s.counts.at[1].waiting) == 0);
}

static void a_full_ring_loses_spans_and_counts_them(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	s.set.every = 3600 * NS_PER_S;
	tracing_begins(&s);
	keep(&s, 0, 1000);

	turn_until(&s, lost(&s, LOSS_BUFFER_FULL) > 0);	/* the bell was rung */
	turn_until(&s, puppet.spans > 0);
	assert_true(puppet.spans + lost(&s, LOSS_BUFFER_FULL) + lost(&s, LOSS_QUEUE_FULL) <= 1000);
	scene_ends(&s);
}

static void what_is_left_is_handed_on_at_the_end(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	s.set.every = 3600 * NS_PER_S;
	tracing_begins(&s);
	keep(&s, 0, 2);
	keep(&s, 1, 1);
	scene_ends(&s);

	assert_int_equal(puppet.spans, 3);
}

static void one_that_was_never_started_is_freed(void **state)
{
	struct weir_error error = { "" };
	struct scene s;

	(void)state;
	scene_begins(&s);
	s.t = tracing_new(&s.set, &error);
	assert_int_equal(holds, 1);
	tracing_free(s.t);
	tracing_free(NULL);
	s.t = NULL;
	scene_ends(&s);
}

static void without_memory_there_is_none(void **state)
{
	struct weir_error error;
	struct scene s;

	(void)state;
	scene_begins(&s);
	for (uint64_t n = 1; s.t == NULL; n++) {
		error.text[0] = '\0';
		alloc_fail_at(n);
		s.t = tracing_new(&s.set, &error);
		alloc_fail_at(0);
		assert_true((s.t == NULL) == (error.text[0] != '\0'));
		assert_true(s.t != NULL || holds == 0);
		assert_true(n < 100);
	}
	tracing_free(s.t);
	s.t = NULL;
	scene_ends(&s);
}

static void without_memory_spans_are_lost_and_counted(void **state)
{
	struct scene s;

	(void)state;
	scene_begins(&s);
	tracing_begins(&s);
	loop_turn(&s.control.loop, 0);
	for (uint64_t n = 1; n <= 3; n++) {
		unsigned spans = puppet.spans;
		uint64_t before = lost(&s, LOSS_NO_MEMORY);

		keep(&s, 0, 1);
		alloc_fail_at(n);
		turn_until(&s, puppet.spans > spans || lost(&s, LOSS_NO_MEMORY) > before);
		alloc_fail_at(0);
		assert_int_equal(puppet.spans, spans);
	}
	scene_ends(&s);
}

static void the_same_share_of_ids_is_sampled_everywhere(void **state)
{
	const uint64_t all = 1ull << 56;
	struct trace_rules rules = { .sample = all / 4 };

	(void)state;
	assert_true(trace_samples(&rules, UINT64_MAX));
	assert_true(trace_samples(&rules, all / 4 * 3));
	assert_false(trace_samples(&rules, all / 4 * 3 - 1));
	assert_false(trace_samples(&rules, 0xff00000000000000));
	rules.sample = all;
	assert_true(trace_samples(&rules, 0));
	rules.sample = 0;
	assert_false(trace_samples(&rules, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_of_all_workers_come_in_batches),
		cmocka_unit_test(a_batch_comes_again_until_it_is_taken),
		cmocka_unit_test(patience_ends),
		cmocka_unit_test(what_is_refused_is_lost_at_once),
		cmocka_unit_test(over_the_queue_the_newest_are_lost),
		cmocka_unit_test(a_full_ring_loses_spans_and_counts_them),
		cmocka_unit_test(what_is_left_is_handed_on_at_the_end),
		cmocka_unit_test(one_that_was_never_started_is_freed),
		cmocka_unit_test(without_memory_there_is_none),
		cmocka_unit_test(without_memory_spans_are_lost_and_counted),
		cmocka_unit_test(the_same_share_of_ids_is_sampled_everywhere),
	};

	return cmocka_run_group_tests_name("tracing", tests, NULL, NULL);
}
