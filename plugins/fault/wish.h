/* wish.h - what a request asks to be done to it: "delay=200ms abort=503". Pure. */
#ifndef FAULT_WISH_H
#define FAULT_WISH_H

#include <weir/str.h>

#include <stdint.h>

struct wish {
	uint64_t delay;		/* ns */
	uint16_t abort;		/* status, 400 .. 599 */
};

/* Both, either, or "none", in any order, with spaces, commas or semicolons between. False: it is something
 * else, and then nothing is asked for. */
bool wish_read(struct weir_str text, struct wish *wish);

#endif
