/* lone.h - one exchange that nobody serves: no socket, no fiber, no loop that turns. For what is a
 * function of the exchange alone. */
#ifndef TESTS_PROXY_LONE_H
#define TESTS_PROXY_LONE_H

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/proxy/exchange.h"
#include "tests/test.h"

struct lone {
	struct exchange ex;
	struct session session;
	struct worker w;
	struct proxy px;
	struct listener_plan lp;
	struct plan plan;
	struct snapshot snapshot;
	struct snapshot_reader reader;
};

/* A setup: the exchange has a listener, a route, and a plain connection; its request is still empty. */
static inline int lone_begins(void **state)
{
	size_t align = _Alignof(struct lone);
	struct lone *l = aligned_alloc(align, (sizeof(*l) + align - 1) / align * align);

	if (l == NULL)
		return -1;
	memset(l, 0, sizeof(*l));
	rng_init_seed(&l->w.rng, 1);
	l->w.loop.now = l->w.loop.wall = 1000 * NS_PER_S;
	l->px.worker = &l->w;
	l->lp.name = STR("edge");
	l->plan.name = STR("all");
	l->reader.snapshot = &l->snapshot;
	l->session.proxy = &l->px;
	l->session.transport.ops = &transport_plain;
	arena_init(&l->ex.arena, NULL, 1 << 20);
	l->ex.proxy = &l->px;
	l->ex.session = &l->session;
	l->ex.reader = &l->reader;
	l->ex.listener = &l->lp;
	l->ex.plan = &l->plan;
	l->ex.route_until = l->ex.all_until = CLOCK_NEVER;
	record_init(&l->ex.record);
	*state = l;
	return 0;
}

static inline int lone_ends(void **state)
{
	struct lone *l = *state;

	arena_reset(&l->ex.arena);
	free(l);
	return 0;
}

/* Its request, as it would have come. Call it once. */
static inline void lone_asks(struct lone *l, const char *head)
{
	static const struct h1_limits limits = { .head_bytes = 65536, .headers = 100,
						 .target = { .longest = 8192 } };
	struct weir_str bytes = arena_copy(&l->ex.arena, str_from(head));
	enum reason why = REASON_NONE;
	size_t scanned = 0, consumed;

	headers_init(&l->ex.req.headers, &l->ex.arena, 100);
	if (h1_parse_request(bytes, &limits, &scanned, &l->ex.req, &consumed, &why) != H1_DONE)
		fail_msg("this is no request: %s", head);
}

/* Its answer has come, and nothing of it was sent. */
static inline void lone_is_answered(struct lone *l, uint16_t status)
{
	l->ex.res.status = status;
	headers_init(&l->ex.res.headers, &l->ex.arena, 100);
}

#define LONE_TEST(name) cmocka_unit_test_setup_teardown(name, lone_begins, lone_ends)

#endif
