/* bucket.h - under which name a bucket is kept: whose limit it is, and the key. Pure. */
#ifndef RATE_LIMIT_BUCKET_H
#define RATE_LIMIT_BUCKET_H

#include <weir/str.h>

#include <stdint.h>

enum {
	BUCKET_KEY_MOST = 200,	/* of longer ones the rest counts as a digest */
	BUCKET_ROOM = 8 + BUCKET_KEY_MOST,
};

/* A number for the name of a limit. */
uint64_t bucket_owner(struct weir_str name);
/* Writes it to `room` and lends that. */
struct weir_str bucket_name(char room[BUCKET_ROOM], uint64_t owner, struct weir_str key);

#endif
