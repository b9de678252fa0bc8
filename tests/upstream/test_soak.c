/* test_soak.c - sets are published and services reloaded while three threads pick, lease and report. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/plugin/use.h"
#include "core/upstream/describe.h"
#include "core/upstream/pools.h"
#include "core/upstream/watch.h"
#include "tests/upstream/story.h"

enum { WORKERS = 3, FIBERS = 4, ROUNDS = 300, PORTS = 3, RELOAD_EVERY = 10, CLIENTS = 64 };

static struct soak {
	struct worker workers[WORKERS], control;
	struct upstreams *world;
	struct address where[PORTS];
	int listeners[PORTS];
	_Atomic(struct service *) current;
	_Atomic(struct service *) seen[WORKERS][FIBERS];
	_Atomic bool over, origin_over;
	_Atomic uint32_t running, picked, leased;
	struct weir_watch *watch;
	uint32_t watches;
} soak;

/* A discovery plugin that only lends its watch. */
static void watch(const struct weir_here *here, struct weir_watch *w)
{
	(void)here;
	soak.watch = w;
	soak.watches++;
	(void)wait_sleep(CLOCK_NEVER / 2);
	if (soak.watch == w)
		soak.watch = NULL;
}

static const struct weir_discovery discovery = WEIR_DISCOVERY(.watch = watch);
static struct use_here places[WORKERS + 1];
static struct weir_use uses[2] = {
	{ .role = AS_DISCOVERY, .discovery = &discovery, .here = places, .places = WORKERS + 1,
	  .name = { "one", 3 } },
	{ .role = AS_DISCOVERY, .discovery = &discovery, .here = places, .places = WORKERS + 1,
	  .name = { "two", 3 } },
};

/* The origins: they accept, and close what they have accepted in no good order. */
static void *originate(void *arg)
{
	int clients[CLIENTS], at = 0;
	struct pollfd fds[PORTS];

	memset(clients, -1, sizeof(clients));
	for (int i = 0; i < PORTS; i++)
		fds[i] = (struct pollfd){ .fd = soak.listeners[i], .events = POLLIN };
	while (!atomic_load(&soak.origin_over)) {
		if (poll(fds, PORTS, 5) <= 0)
			continue;
		for (int i = 0; i < PORTS; i++) {
			if (!(fds[i].revents & POLLIN))
				continue;
			socket_close(clients[at]);
			clients[at] = accept(soak.listeners[i], NULL, NULL);
			at = (at + 1) % CLIENTS;
		}
	}
	for (int i = 0; i < CLIENTS; i++)
		socket_close(clients[i]);
	return arg;
}

/* One exchange, as the proxy would make it. */
static void exchange(struct worker *w, struct service *svc)
{
	static const enum reason ends[] = { REASON_NONE, REASON_NONE, REASON_UPSTREAM_RESET,
					    REASON_CLIENT_GONE };
	struct pick_ask ask = { .repeatable = rng_below(&w->rng, 2) == 0 };
	enum reason end = ends[rng_below(&w->rng, 4)];
	struct upstream *up;
	struct endpoint *ep;

	if (service_admit(svc, w) != REASON_NONE)
		return;
	while (ask.attempts < 3 && service_pick(svc, w, &ask, &ep) == REASON_NONE) {
		enum reason why = pool_lease(svc, w, ep, ask.repeatable ? TRUST_ALL : TRUST_YOUNG, &up);

		atomic_fetch_add(&soak.picked, 1);
		if (why == REASON_NONE) {
			atomic_fetch_add(&soak.leased, 1);
			if (rng_below(&w->rng, 4) == 0)
				(void)wait_sleep(rng_below(&w->rng, 2000) * NS_PER_US);
			if (rng_below(&w->rng, 3) == 0)
				pool_discard(up);
			else
				pool_return(up);
			why = end;
		}
		if (why == REASON_NONE)
			endpoint_answered(&ask, 200);
		endpoint_report(&ask, why, why == REASON_NONE ? 200 : 0);
	}
	pick_end(&ask);
	service_release(svc, w);
	if (ask.attempts == 0)
		(void)wait_sleep(NS_PER_MS);
}

struct life {
	struct worker *w;
	uint32_t place, number;
};

static void live(void *arg)
{
	struct life *life = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	while (!atomic_load(&soak.over)) {
		struct service *svc = atomic_load(&soak.current);

		atomic_store(&soak.seen[life->place][life->number], svc);
		exchange(life->w, svc);
		fiber_yield();
	}
	atomic_store(&soak.seen[life->place][life->number], NULL);
	deadline_leave(&d);
	atomic_fetch_sub(&soak.running, 1);
}

/* Control's part ------------------------------------------------------------------- */

static struct service *service_of(uint32_t round)
{
	struct service_tier tier = { .discover = &uses[round % 2] };
	struct service_spec spec = {
		.name = STR("soaked"), .tiers = &tier, .tier_count = 1,
		.settings = {
			.limits = { .requests = 8 + round % 4, .connections = 6, .queue = 100 },
			.timeouts = { .keepalive = 20 * NS_PER_MS },
			.eject = { .after = 3, .span = 5 * NS_PER_MS },
			.slow_start = 10 * NS_PER_MS,
			.health = { .on = round % 3 == 0, .interval = 5 * NS_PER_MS },
		},
	};
	struct weir_error error = { .text = "" };
	struct service *svc = service_new(soak.world, &spec, &error);

	if (svc == NULL || !service_open(svc, &error))
		fail_msg("%s", error.text);
	return svc;
}

static void publish(struct rng *dice)
{
	struct weir_endpoint rows[PORTS];
	uint32_t count = 0;

	/* Now and then there is none at all. */
	for (uint32_t i = 0; i < PORTS; i++)
		if (rng_below(dice, 3) > 0)
			rows[count++] = (struct weir_endpoint){
				.address = address_text(&soak.where[i]), .weight = 1 + i };
	if (soak.watch != NULL)
		assert_true(watch_publish(soak.watch, rows, count, sizeof(rows[0]), NULL));
}

static bool all_have_moved_on(const struct service *svc)
{
	for (int p = 0; p < WORKERS; p++)
		for (int f = 0; f < FIBERS; f++)
			if (atomic_load(&soak.seen[p][f]) != svc)
				return false;
	return true;
}

static void reload(uint32_t round)
{
	struct service *old = atomic_load(&soak.current), *svc = service_of(round);

	atomic_store(&soak.current, svc);
	service_commit(svc);
	while (!all_have_moved_on(svc))
		(void)wait_sleep(NS_PER_MS);
	service_close(old);
	service_unref(old);
}

static void control_life(void *arg)
{
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		publish(&soak.control.rng);
		(void)wait_sleep(rng_below(&soak.control.rng, 3) * NS_PER_MS);
		if (i % RELOAD_EVERY == 0)
			reload(i / RELOAD_EVERY);
	}
	atomic_store(&soak.over, true);
	deadline_leave(&d);
	(void)arg;
}

static void open_worker(struct worker *w)
{
	assert_true(upstream_worker_open(soak.world, w, NULL));
}

static void begin_world(void)
{
	struct worker *workers[WORKERS];

	for (uint32_t i = 0; i < WORKERS; i++) {
		workers[i] = &soak.workers[i];
		assert_true(worker_init(workers[i], i, NULL, NULL));
		workers[i]->begin = open_worker;
		workers[i]->end = upstream_worker_close;
	}
	assert_true(worker_init(&soak.control, UINT32_MAX, NULL, NULL));
	soak.control.begin = open_worker;
	soak.control.end = upstream_worker_close;
	soak.world = upstreams_new(workers, WORKERS, &soak.control, NULL);
	assert_non_null(soak.world);
	for (int i = 0; i < PORTS; i++)
		soak.listeners[i] = story_listen(&soak.where[i]);
}

static struct life lives[WORKERS][FIBERS];

static void begin_threads(void)
{
	atomic_store(&soak.current, service_of(0));
	service_commit(atomic_load(&soak.current));
	atomic_store(&soak.running, WORKERS * FIBERS);
	for (uint32_t p = 0; p < WORKERS; p++) {
		for (uint32_t f = 0; f < FIBERS; f++) {
			lives[p][f] = (struct life){ &soak.workers[p], p, f };
			assert_non_null(fiber_start(&soak.workers[p].loop, live, &lives[p][f]));
		}
	}
	assert_non_null(fiber_start(&soak.control.loop, control_life, NULL));
	assert_true(worker_start(&soak.control, NULL));
	for (uint32_t p = 0; p < WORKERS; p++)
		assert_true(worker_start(&soak.workers[p], NULL));
}

struct sums {
	uint64_t endpoints, load, requests, connections, idle, waiting;
};

static void add_up(void *arg, const struct service_row *row)
{
	struct sums *sums = arg;

	for (uint32_t i = 0; i < row->endpoint_count; i++)
		sums->load += row->endpoints[i].load;
	sums->endpoints += row->endpoint_count;
	sums->requests += row->requests;
	sums->connections += row->connections;
	sums->idle += row->idle;
	sums->waiting += row->waiting;
}

static void end_threads(void)
{
	while (atomic_load(&soak.running) > 0) {
		struct sums sums = { 0 };

		assert_true(upstreams_describe(soak.world, add_up, &sums));
		usleep(2000);
	}
	for (uint32_t p = 0; p < WORKERS; p++)
		loop_stop(&soak.workers[p].loop);
	for (uint32_t p = 0; p < WORKERS; p++)
		worker_join(&soak.workers[p]);
	loop_stop(&soak.control.loop);
	worker_join(&soak.control);
}

static void everything_comes_home(void **state)
{
	struct sums sums = { 0 };
	pthread_t origin;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	begin_world();
	assert_int_equal(pthread_create(&origin, NULL, originate, NULL), 0);
	begin_threads();
	end_threads();
	atomic_store(&soak.origin_over, true);
	pthread_join(origin, NULL);

	assert_true(upstreams_describe(soak.world, add_up, &sums));
	assert_int_equal(sums.load, 0);
	assert_int_equal(sums.requests, 0);
	assert_int_equal(sums.connections, 0);
	assert_int_equal(sums.idle, 0);
	assert_int_equal(sums.waiting, 0);
	assert_true(atomic_load(&soak.picked) > ROUNDS);
	assert_true(atomic_load(&soak.leased) > ROUNDS);
	service_close(atomic_load(&soak.current));
	service_unref(atomic_load(&soak.current));
	upstreams_free(soak.world);
	for (uint32_t p = 0; p < WORKERS; p++)
		worker_fini(&soak.workers[p]);
	worker_fini(&soak.control);
	for (int i = 0; i < PORTS; i++)
		close(soak.listeners[i]);
	log_set_level(LOG_LEVEL_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
