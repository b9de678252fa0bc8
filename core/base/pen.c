/* pen.c - one thread's way into a sink. */
#include "core/base/pen.h"

#include <assert.h>

#include "core/base/mem.h"
#include "core/base/scribe.h"
#include "core/base/sink.h"

struct pen *pens_join(struct pens *ps, size_t room)
{
	struct pen *p = aligned_alloc(alignof(struct pen), sizeof(*p)), *first;

	if (p == NULL)
		return NULL;
	*p = (struct pen){ .state = PEN_OPEN };
	if (!ring_init(&p->ring, room)) {
		mem_free(p);
		return NULL;
	}
	first = atomic_load(&ps->incoming);
	do {
		p->next = first;
	} while (!atomic_compare_exchange_weak(&ps->incoming, &first, p));
	return p;
}

static void pen_free(struct pen *p)
{
	ring_fini(&p->ring);
	mem_free(p);
}

void pen_close(struct pen *p)
{
	if (p == NULL)
		return;
	if (atomic_exchange(&p->state, PEN_LEFT) == PEN_ORPHAN)
		pen_free(p);
	else
		scribe_wake();
}

char *pen_begin(struct pen *p, size_t most)
{
	assert(most <= SINK_LINE);
	return ring_begin(&p->ring, most);
}

void pen_end(struct pen *p, size_t used)
{
	ring_end(&p->ring, used);
	if (atomic_load_explicit(&scribe_dozing, memory_order_seq_cst) ||
	    ring_held(&p->ring) > p->ring.room / 2)
		scribe_wake();
}

void pens_welcome(struct pens *ps)
{
	struct pen *p = atomic_exchange(&ps->incoming, NULL);

	while (p != NULL) {
		struct pen *next = p->next;

		p->next = ps->known;
		ps->known = p;
		p = next;
	}
}

bool pens_quiet(struct pens *ps)
{
	for (struct pen *p = ps->known; p != NULL; p = p->next)
		if (!ring_empty(&p->ring) || atomic_load(&p->state) == PEN_LEFT)
			return false;
	return atomic_load(&ps->incoming) == NULL;
}

/* True once the pen is closed and empty: nothing can come any more. In this order. */
static bool pen_done(struct pen *p)
{
	return atomic_load(&p->state) == PEN_LEFT && ring_empty(&p->ring);
}

uint64_t pens_tidy(struct pens *ps)
{
	uint64_t lost = 0;

	for (struct pen **at = &ps->known; *at != NULL;) {
		struct pen *p = *at;
		bool done = pen_done(p);
		uint64_t dropped = ring_dropped(&p->ring);

		lost += dropped - p->dropped_seen;
		p->dropped_seen = dropped;
		if (done) {
			*at = p->next;
			pen_free(p);
		} else {
			at = &p->next;
		}
	}
	return lost;
}

void pens_let_go(struct pens *ps)
{
	while (ps->known != NULL) {
		struct pen *p = ps->known;

		ps->known = p->next;
		if (atomic_exchange(&p->state, PEN_ORPHAN) == PEN_LEFT)
			pen_free(p);
	}
}
