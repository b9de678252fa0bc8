/* snapshot.c - pins: plain counters of the worker, and the letter that says the last one is gone. */
#include "core/proxy/snapshot.h"

#include "core/base/mem.h"
#include "core/upstream/service.h"

/* On the control thread: one more reader has let go. */
static void on_gone(struct letter *l)
{
	struct snapshot_reader *r = container_of(l, struct snapshot_reader, gone);
	struct snapshot *s = r->snapshot;

	if (atomic_fetch_sub_explicit(&s->unread_left, 1, memory_order_acq_rel) == 1)
		s->unread(s);
}

static void tell_if_gone(struct snapshot_reader *r)
{
	if (!r->left || r->pins > 0)
		return;
	r->gone.open = on_gone;
	loop_post(r->snapshot->control, &r->gone);
}

void snapshot_unpin(struct snapshot_reader *r)
{
	r->pins--;
	tell_if_gone(r);
}

void snapshot_leave(struct snapshot_reader *r)
{
	r->left = true;
	tell_if_gone(r);
}

struct service *snapshot_service(const struct snapshot *s, struct weir_str name)
{
	uint32_t from = 0, to = s->service_count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = str_compare(name, s->services[middle]->name);

		if (order == 0)
			return s->services[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
