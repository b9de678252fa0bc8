/* replay.h - the part of a request's body that has passed, kept for another try while it fits. */
#ifndef CORE_PROXY_REPLAY_H
#define CORE_PROXY_REPLAY_H

#include "core/base/buffer.h"

/* Over the bound only the right to try again is lost. */
struct replay {
	struct buffer kept;
	bool wanted;		/* another try is possible at all */
	bool lost;		/* it did not fit */
};

void replay_init(struct replay *r, bool wanted, size_t most);
void replay_keep(struct replay *r, struct weir_str data);
void replay_fini(struct replay *r);

/* All that has passed can be sent again. */
static inline bool replay_whole(const struct replay *r)
{
	return r->wanted && !r->lost;
}

#endif
