/* store.h - small values that all workers share, and that outlive a reload. */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H

#include <weir/host.h>

/* Counters, limits, answers kept for a while. A store is opened in `open`, belongs to that use,
 * and is known again by the plugin's name and its own: uses that open the same name share one,
 * and a use that a reload opens anew finds what the old one has put there. Its memory is
 * bounded. When it is full, what is expired goes first, then what was asked for least of late;
 * what is in use stays.
 *
 * Nothing here waits, and all but weir_store_open() may be called on any thread. Keys and values
 * are any bytes, copied. Times to live are nanoseconds from now on. */

#define WEIR_FOR_EVER UINT64_MAX

/* Lends a store until `close`; NULL when out of memory, or not in `open`. `most`: bytes in all,
 * entries' own needs (about 80 each) included; 0: 16 MiB; of several uses that share it the largest
 * counts. [control] */
#define weir_store_open(setup, name, most) \
	weir_host_slot->store_open(setup, WEIR_TEXT_OF(name), most)

/* Copies up to `size` bytes of the value to `room`; *len is its length, which may be more. False:
 * there is none any more. */
static inline bool weir_store_get(struct weir_store *store, struct weir_str key, void *room,
				  size_t size, size_t *len)
{
	return weir_host_slot->store_get(store, key, room, size, len);
}

/* False: no memory, or larger than the store takes: an entry may be an eighth of a shard, which is
 * a 32nd of the store or 64 KiB; a key 4096 bytes. */
static inline bool weir_store_set(struct weir_store *store, struct weir_str key,
				  struct weir_str value, uint64_t ttl_ns)
{
	return weir_host_slot->store_set(store, key, value, ttl_ns);
}

/* True when there was one. */
static inline bool weir_store_delete(struct weir_store *store, struct weir_str key)
{
	return weir_host_slot->store_delete(store, key);
}

/* Adds to a number, which is a value of 8 bytes, an int64_t. When there is none it begins at 0 and
 * lives for `ttl_ns`; adding to one does not prolong it. *sum (or NULL) is what it is then. False
 * and unchanged: the value is no number, the sum would be none, or no memory. */
static inline bool weir_store_add(struct weir_store *store, struct weir_str key, int64_t delta,
				  uint64_t ttl_ns, int64_t *sum)
{
	return weir_host_slot->store_add(store, key, delta, ttl_ns, sum);
}

/* Sets `next` if the value is exactly `expected` at this moment (absent: if there is none). False:
 * somebody was faster, so read and try again; or weir_store_set() would be false too. */
static inline bool weir_store_swap(struct weir_store *store, struct weir_str key,
				   struct weir_str expected, struct weir_str next, uint64_t ttl_ns)
{
	return weir_host_slot->store_swap(store, key, expected, next, ttl_ns);
}

/* One step that nobody comes between: copies the value to `value` (`size` bytes; zeros behind what there
 * is), lets `step` work out the new one there, and stores that for as many ns as it says; 0: nothing
 * changes. `step` computes and does nothing else, for a lock is held: no calls, no waits. It may be run
 * again from the start. False: no memory, or larger than the store takes. */
typedef uint64_t weir_store_step(void *arg, void *value);
static inline bool weir_store_update(struct weir_store *store, struct weir_str key, void *value,
				     size_t size, weir_store_step *step, void *arg)
{
	return weir_host_slot->store_update(store, key, value, size, step, arg);
}

#endif
