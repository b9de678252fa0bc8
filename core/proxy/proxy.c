/* proxy.c - a worker begins and ends to carry traffic. */
#include "core/proxy/proxy.h"

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/proxy/exchange.h"
#include "core/proxy/mirror.h"
#include "core/proxy/session.h"
#include "core/telemetry/stats.h"

/* Free ones that are kept warm; idle sessions beyond it go back to the heap when they end. */
enum { KEEP_SESSIONS = 1024, KEEP_EXCHANGES = 256 };

bool proxy_open(struct worker *w, struct weir_error *error)
{
	struct proxy *px = mem_alloc(sizeof(*px));

	if (px == NULL)
		return fail_memory(error);
	px->worker = w;
	slab_init(&px->sessions, sizeof(struct session), KEEP_SESSIONS);
	slab_init(&px->exchanges, sizeof(struct exchange), KEEP_EXCHANGES);
	worker_cools(w, &px->sessions);
	worker_cools(w, &px->exchanges);
	list_init(&px->open);
	list_init(&px->copies);
	w->slots[WORKER_PROXY] = px;
	return true;
}

void proxy_close(struct worker *w)
{
	struct proxy *px = proxy_of(w);

	if (px == NULL)
		return;
	slab_fini(&px->sessions);
	slab_fini(&px->exchanges);
	mem_free(px);
	w->slots[WORKER_PROXY] = NULL;
}

void proxy_use(struct proxy *px, struct snapshot *s)
{
	struct snapshot_reader *before = px->reader;
	uint32_t place = px->worker->index;

	px->reader = &s->readers[place < s->workers ? place : s->workers];	/* control: the last */
	if (before != NULL)
		snapshot_leave(before);
}

void proxy_accept(struct proxy *px, uint32_t listener_slot, struct snapshot_reader *reader,
		  struct shared_limit *limit, int fd, const struct peer *peer)
{
	session_open(px, listener_slot, reader, limit, fd, peer);
}

void proxy_end_sessions(struct proxy *px, uint32_t listener_slot)
{
	list_for_each_safe(link, &px->open) {
		struct session *s = container_of(link, struct session, link);

		if (s->listener_slot == listener_slot)
			session_end_here(s);
	}
}

void proxy_move_sessions(struct proxy *px, uint32_t (*slot_after)(void *arg, uint32_t slot),
			 void *arg)
{
	list_for_each(link, &px->open) {
		struct session *s = container_of(link, struct session, link);
		uint32_t slot = slot_after(arg, s->listener_slot);

		if (slot == s->listener_slot)
			continue;
		if (px->stats != NULL) {
			stats_connection(px->stats, s->listener_slot, -1);
			stats_connection(px->stats, slot, 1);
		}
		s->listener_slot = slot;
	}
}

void proxy_note_end(struct proxy *px)
{
	void (*drained)(struct proxy *px) = px->drained;

	if (!px->draining || px->session_count > 0 || px->mirrors > 0 || drained == NULL)
		return;
	px->drained = NULL;
	drained(px);
}

void proxy_drain(struct proxy *px, void (*drained)(struct proxy *px))
{
	px->draining = true;
	px->drained = drained;
	list_for_each_safe(link, &px->open)
		session_end_soon(container_of(link, struct session, link));
	proxy_note_end(px);
}

void proxy_cut(struct proxy *px)
{
	list_for_each_safe(link, &px->open)
		session_cut(container_of(link, struct session, link));
	mirrors_cut(px);
}
