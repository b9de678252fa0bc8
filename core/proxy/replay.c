/* replay.c - the part of a request's body that has passed, kept for another try while it fits. */
#include "core/proxy/replay.h"

void replay_init(struct replay *r, bool wanted, size_t most)
{
	*r = (struct replay){ .wanted = wanted };
	buffer_init(&r->kept, most);
}

void replay_keep(struct replay *r, struct weir_str data)
{
	if (!r->wanted || r->lost)
		return;
	if (!buffer_add(&r->kept, data)) {
		r->lost = true;
		buffer_fini(&r->kept);
	}
}

void replay_fini(struct replay *r)
{
	buffer_fini(&r->kept);
}
