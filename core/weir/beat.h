/* beat.h - what a serving child owes its parent: it listens to it, and tells it that every worker turns. */
#ifndef CORE_WEIR_BEAT_H
#define CORE_WEIR_BEAT_H

#include "core/fiber/worker.h"
#include "core/weir/control.h"

/* Lives on the control loop, in its owner. */
struct beat {
	struct control *control;
	struct loop *loop;
	struct worker *const *workers;
	uint32_t count;
	struct source source;
	bool watching;
	struct timer timer;
	uint64_t looked;		/* when it last looked at them */
	uint64_t seen[MESSAGE_WORKERS];	/* their turns, then */
	uint32_t stuck_ms[MESSAGE_WORKERS];
};

/* From now on the loop reads `control` whenever it has something to say, and looks at the workers
 * once a second. All are lent. At most MESSAGE_WORKERS workers. [control thread] */
bool beat_start(struct beat *b, struct control *control, struct loop *loop,
		struct worker *const *workers, uint32_t count, struct weir_error *error);
void beat_stop(struct beat *b);

/* How long this worker has been stuck, in ms; 0 when it turns. For /healthz too. Any thread may ask
 * about numbers that are a second old. */
uint32_t beat_stuck_ms(const struct beat *b, uint32_t worker);

#endif
