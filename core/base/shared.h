/* shared.h - what all workers share by name: small values that expire, in bounded memory. */
#ifndef CORE_BASE_SHARED_H
#define CORE_BASE_SHARED_H

#include "core/base/str.h"

/* A store has a name and lives as long as somebody has it open, so that it outlives a reload: the
 * new configuration opens it before the old one closes it. Its memory is bounded. What is over
 * the bound pushes out what is expired first, then what was asked for least of late; a key
 * that is in use is never among those.
 *
 * It consists of shards with a short lock each. Under a lock nothing is allocated, freed or waited
 * for, and nothing called but the step of shared_update(). All of it may be called on any thread,
 * except where it says control.
 * `now` is the caller's monotonic time; an old one only makes a value live a little longer. */
struct shared;

#define SHARED_FOR_EVER UINT64_MAX	/* a time to live that does not end */

enum {
	SHARED_LEAST = 64 * 1024,	/* bytes of the smallest store */
	SHARED_KEY_MOST = 4096,		/* bytes of a key */
};

/* Gives the store of this name, a new one if there is none; end it with shared_close(). `bytes`
 * is how much memory it may use in all, entries' own needs included; of those who have it open
 * whoever asked for most rules. NULL when out of memory. [control] */
struct shared *shared_open(struct weir_str name, size_t bytes);
/* `bytes` as they were asked for. NULL is fine. [control] */
void shared_close(struct shared *s, size_t bytes);

/* Copies up to `size` bytes of the value to `room`; *len is how long the value is, which may be
 * more. False: there is none, or it is expired. */
bool shared_get(struct shared *s, struct weir_str key, uint64_t now, void *room, size_t size,
		size_t *len);
/* Copies key and value. False: no memory, or it is larger than an eighth of a shard. */
bool shared_set(struct shared *s, struct weir_str key, struct weir_str value, uint64_t now,
		uint64_t ttl);
/* True when there was one. */
bool shared_delete(struct shared *s, struct weir_str key, uint64_t now);
/* Adds to a number: 8 bytes, an int64_t. When there is none it begins at 0 and lives for `ttl`
 * from now on; one that is there keeps its end. *sum may be NULL. False: the value is not 8 bytes
 * long, or no memory; and then nothing has changed. */
bool shared_add(struct shared *s, struct weir_str key, int64_t delta, uint64_t now, uint64_t ttl,
		int64_t *sum);
/* Sets `next` if the value is now exactly `expected` (absent: there is none). False: it is
 * something else, or no memory. */
bool shared_swap(struct shared *s, struct weir_str key, struct weir_str expected,
		 struct weir_str next, uint64_t now, uint64_t ttl);

/* One step that nobody comes between: copies the value to `value` (`size` bytes; zeros behind what there
 * is), lets `step` work out the new one there, and stores that for as long as it says; 0: nothing changes.
 * `step` computes and does nothing else, for a lock is held; it may be run again from the start. False: no
 * memory, or too large. */
typedef uint64_t shared_step(void *arg, void *value);
bool shared_update(struct shared *s, struct weir_str key, uint64_t now, void *value, size_t size,
		   shared_step *step, void *arg);

/* What a store has done so far. */
struct shared_seen {
	struct weir_str name;		/* lent for the call */
	uint64_t entries, bytes, most;
	uint64_t expired, evicted;	/* evicted: before their time, for want of room */
	uint64_t refused;		/* sets for which there was no memory, or that were too large */
};

void shared_see(struct shared *s, struct shared_seen *seen);
/* Calls `visit` for each open store; a lock is held meanwhile. */
void shared_visit(void (*visit)(void *arg, const struct shared_seen *seen), void *arg);

#endif
