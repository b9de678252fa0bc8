/* pool.c - leases, returns, and what becomes of connections that nobody uses. */
#include "config.h"

#include "core/upstream/pools.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

enum { IDLE_MOST = 1024 };	/* connections that a pool keeps */

/* So young a connection is trusted without a look. */
#define YOUNG NS_PER_S

static void count(struct pool *pool, enum service_count what)
{
	tally_add(pool->ep->roster, pool->here->place, what, 1);
}

/* Pools -------------------------------------------------------------------- */

static void idle_for_long(struct timer *t);

static bool make_room(struct upstream_here *here, uint32_t slot)
{
	uint32_t room = here->pool_room > 0 ? here->pool_room : 64;
	struct pool **pools;

	while (room <= slot)
		room *= 2;
	pools = mem_resize(here->pools, room, sizeof(struct pool *));
	if (pools == NULL)
		return false;
	memset(pools + here->pool_room, 0, (room - here->pool_room) * sizeof(struct pool *));
	here->pools = pools;
	here->pool_room = room;
	return true;
}

static struct pool *pool_new(struct upstream_here *here, struct endpoint *ep)
{
	struct pool *pool;

	if (ep->slot >= here->pool_room && !make_room(here, ep->slot))
		return NULL;
	pool = slab_take(&here->pool_slab);
	if (pool == NULL)
		return NULL;
	*pool = (struct pool){ .ep = endpoint_ref(ep), .here = here };
	list_init(&pool->idle);
	list_init(&pool->wanting);
	timer_init(&pool->expiry, idle_for_long);
	here->pools[ep->slot] = pool;
	return pool;
}

static struct pool *pool_of(const struct upstream_here *here, const struct endpoint *ep)
{
	return ep->slot < here->pool_room ? here->pools[ep->slot] : NULL;
}

struct pool *pool_pin(struct worker *w, struct endpoint *ep)
{
	struct upstream_here *here = upstream_here_of(w);
	struct pool *pool = pool_of(here, ep);

	if (unlikely(pool == NULL))
		pool = pool_new(here, ep);
	if (likely(pool != NULL))
		pool->pins++;
	return pool;
}

/* Connections ---------------------------------------------------------------- */

void pool_close(struct upstream *up)
{
	struct pool *pool = up->pool;
	struct gate *gate = up->gate;

	transport_close(&up->transport);
	slab_give(&pool->here->upstream_slab, up);
	if (gate != NULL)
		gate_leave(gate, pool->here->place);
}

/* Out of the idle ones; whoever calls decides what becomes of it. */
static void take_out(struct upstream *up)
{
	struct pool *pool = up->pool;

	list_remove(&up->link);
	pool->idle_count--;
	up->transport.idle = NULL;
	pool_note_taken(up);
}

static void close_idle(struct upstream *up, enum service_count why)
{
	count(up->pool, why);
	take_out(up);
	pool_close(up);
}

void pool_drop_idle(struct upstream *up)
{
	close_idle(up, SERVICE_EXPIRED);
}

/* While events are being marked: bytes that nobody asked for, or the end. */
static void idle_stirred(struct transport *t)
{
	close_idle(container_of(t, struct upstream, transport), SERVICE_STALE);
}

static struct upstream *oldest_of(struct pool *pool)
{
	return container_of(pool->idle.prev, struct upstream, link);
}

static void set_expiry(struct pool *pool)
{
	struct timer_wheel *wheel = &pool->here->worker->loop.timers;

	if (list_empty(&pool->idle) || pool->keepalive == CLOCK_NEVER)
		timer_clear(wheel, &pool->expiry);
	else
		timer_set(wheel, &pool->expiry,
			  clock_after(oldest_of(pool)->idle_since, pool->keepalive));
}

/* One timer for all: it stands where the oldest expires, or before, when that one was lent since. */
static void idle_for_long(struct timer *t)
{
	struct pool *pool = container_of(t, struct pool, expiry);
	uint64_t now = loop_now(&pool->here->worker->loop);

	while (!list_empty(&pool->idle) &&
	       clock_after(oldest_of(pool)->idle_since, pool->keepalive) <= now)
		close_idle(oldest_of(pool), SERVICE_EXPIRED);
	set_expiry(pool);
}

static void pool_free(struct pool *pool)
{
	timer_clear(&pool->here->worker->loop.timers, &pool->expiry);
	pool->here->pools[pool->ep->slot] = NULL;
	tls_memory_forget(&pool->memory);
	endpoint_unref(pool->ep);
	slab_give(&pool->here->pool_slab, pool);
}

/* Nobody will come to a pool whose endpoint has left, once the last pin is off. */
static void free_if_over(struct pool *pool)
{
	if (!atomic_load_explicit(&pool->ep->gone, memory_order_acquire))
		return;
	while (!list_empty(&pool->idle))
		close_idle(oldest_of(pool), SERVICE_EXPIRED);
	if (pool->pins == 0 && pool->leased == 0)
		pool_free(pool);
}

void pool_unpin(struct worker *w, struct endpoint *ep)
{
	struct pool *pool = pool_of(upstream_here_of(w), ep);

	if (--pool->pins == 0)
		free_if_over(pool);
}

void pool_retire(struct upstream_here *here, struct endpoint *ep)
{
	struct pool *pool = pool_of(here, ep);

	if (pool != NULL)
		free_if_over(pool);
}

void pool_end(struct pool *pool)
{
	if (pool == NULL)
		return;
	while (!list_empty(&pool->idle))
		close_idle(oldest_of(pool), SERVICE_EXPIRED);
	pool_free(pool);
}

/* Leases --------------------------------------------------------------------- */

/* True when the socket holds neither bytes nor an end. Bytes nobody asked for could be taken for the
 * next answer: they are as bad as an end. */
static bool socket_is_quiet(const struct transport *t)
{
	char byte;

	return recv(t->source.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	       (errno == EAGAIN || errno == EWOULDBLOCK);
}

static bool is_trusted(const struct upstream *up, enum trust trust, uint64_t now)
{
	return trust == TRUST_ALL || (trust == TRUST_YOUNG && now - up->idle_since < YOUNG);
}

static bool is_fit(const struct upstream *up, enum trust trust, uint64_t now)
{
	const struct transport *t = &up->transport;

	if (transport_gone(t) || transport_readable(t))
		return false;
	return is_trusted(up, trust, now) || socket_is_quiet(t);
}

static struct upstream *take_idle(struct pool *pool, uint64_t identity, enum trust trust)
{
	uint64_t now = loop_now(&pool->here->worker->loop);

	while (!list_empty(&pool->idle)) {
		struct upstream *up = container_of(pool->idle.next, struct upstream, link);

		if (clock_after(up->idle_since, pool->keepalive) <= now || up->identity != identity) {
			close_idle(up, SERVICE_EXPIRED);
		} else if (!is_fit(up, trust, now)) {
			close_idle(up, SERVICE_STALE);
		} else {
			take_out(up);
			return up;
		}
	}
	return NULL;
}

static void begin_lease(struct pool *pool, struct service *svc, struct upstream *up)
{
	pool->leased++;
	up->svc = svc;
	up->uses++;
	if (up->uses > 1)
		count(pool, SERVICE_HITS);
}

/* A new one, or one that came home while it waited for the permit to dial. */
static enum reason lease_new(struct service *svc, struct pool *pool, struct upstream **out)
{
	enum reason why = REASON_NONE;

	if (svc->connections != NULL)
		why = pool_enter(svc, pool, out);
	if (why != REASON_NONE || *out != NULL)
		return why;
	return pool_dial(svc, pool, svc->connections, out);
}

enum reason pool_lease(struct service *svc, struct worker *w, struct endpoint *ep, enum trust trust,
		       struct upstream **out)
{
	struct pool *pool = pool_of(upstream_here_of(w), ep);
	enum reason why = REASON_NONE;

	*out = take_idle(pool, tls_client_identity(svc->settings.tls), trust);
	if (*out == NULL)
		why = lease_new(svc, pool, out);
	if (why == REASON_NONE)
		begin_lease(pool, svc, *out);
	return why;
}

/* A read that just filled its buffer leaves the latch set: then the socket is asked. */
static bool may_be_kept(struct pool *pool, struct upstream *up)
{
	struct transport *t = &up->transport;

	if (atomic_load_explicit(&pool->ep->gone, memory_order_relaxed) || transport_gone(t) ||
	    t->ops->pending(t) || pool->idle_count >= IDLE_MOST || pool->keepalive <= NOT_KEPT)
		return false;
	if (!transport_readable(t))
		return true;
	if (!socket_is_quiet(t))
		return false;
	t->latched &= (typeof(t->latched))~SOURCE_IN;
	return true;
}

static void begin_idle(struct pool *pool, struct upstream *up)
{
	up->idle_since = loop_now(&pool->here->worker->loop);
	up->svc = NULL;
	up->transport.idle = idle_stirred;
	list_push_front(&pool->idle, &up->link);
	pool->idle_count++;
	pool_note_idle(up);
	if (!timer_is_set(&pool->expiry))
		set_expiry(pool);
}

static void end_lease(struct upstream *up)
{
	up->transport.owner = NULL;
	up->transport.reader = up->transport.writer = NULL;
	up->pool->leased--;
}

void pool_return(struct upstream *up)
{
	struct pool *pool = up->pool;

	end_lease(up);
	pool->keepalive = up->svc->settings.timeouts.keepalive;
	if (!may_be_kept(pool, up))
		pool_close(up);
	else if (!pool_hand_over(pool, up))
		begin_idle(pool, up);
	if (pool->pins == 0)
		free_if_over(pool);
}

void pool_discard(struct upstream *up)
{
	struct pool *pool;

	if (up == NULL)
		return;
	pool = up->pool;
	end_lease(up);
	pool_close(up);
	if (pool->pins == 0)
		free_if_over(pool);
}
