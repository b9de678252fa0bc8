/* handover.h - what one image of the parent leaves to the next, as text in the environment. */
#ifndef CORE_WEIR_HANDOVER_H
#define CORE_WEIR_HANDOVER_H

#include "core/base/buffer.h"
#include "core/weir/parent.h"

enum {
	HANDOVER_PROTOCOL = 1,
	HANDOVER_MOST = 120000,	/* bytes: the kernel takes 128 KiB in one variable */
};

/* One line each:
 *     weir 1
 *     child PID FD serving|draining STOP_MS
 *     kept FD
 *     listen NAME own|activated FD,FD,... ADDRESS
 * False when it does not fit. */
bool handover_write(const struct parent *p, struct buffer *out);

/* Puts it into an empty parent. Every descriptor is checked; a line that makes no sense is logged
 * and left out. False when it is not ours at all. */
bool handover_read(struct parent *p, struct weir_str text);

#endif
