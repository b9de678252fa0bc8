/* host.h - what Weir does for a plugin: one table of functions, filled in when the plugin is
 * loaded. Plugins do not use it directly; the inline functions of the other headers do. */
#ifndef WEIR_HOST_H
#define WEIR_HOST_H

#include <stdint.h>
#include <weir/error.h>
#include <weir/str.h>

/* Major: must be the same on both sides. Minor: grows with each addition. A plugin that wants
 * to run on an older Weir says so before its first include: #define WEIR_API_MINOR 0. Newer
 * calls are then not declared. */
#define WEIR_API_MAJOR 1
#define WEIR_API_NEWEST 0
#ifndef WEIR_API_MINOR
#define WEIR_API_MINOR WEIR_API_NEWEST
#endif
#if WEIR_API_MINOR > WEIR_API_NEWEST
#error "WEIR_API_MINOR asks for newer headers than these: install those of a newer Weir"
#endif

struct weir_exchange;	/* one request and its response */
struct weir_setup;	/* checked options of one use of a plugin */
struct weir_use;	/* one use of a plugin: for the host's accounts */
struct weir_here;
struct weir_own_key;	/* one that the plugin has compiled itself */
struct weir_key;	/* a compiled key: client.ip, header.NAME ... */
struct weir_template;	/* a compiled template: /v2/{code} */
struct weir_cell;
struct weir_store;	/* what all workers share */
struct weir_counter;
struct weir_watch;
struct weir_pick;
struct weir_reply;
struct weir_refusal;
struct weir_call_request;
struct weir_call_reply;
struct weir_resolved;
struct weir_endpoint;

/* A header, or any other name with a value. Never grows. */
struct weir_field {
	struct weir_str name, value;
};

/* Names one wait of one exchange, also after that exchange is over. Never grows. */
struct weir_ticket {
	uint64_t id, generation;
};

/* WEIR_FAILURE is an error too, for what makes a hook fail: it finds room in the log also when the plugin's
 * other lines have used up theirs. */
enum weir_level { WEIR_ERROR, WEIR_WARN, WEIR_INFO, WEIR_DEBUG, WEIR_FAILURE };

/* WEIR_TRAILERS: fields behind the body of the response, of the header calls alone. */
enum weir_side { WEIR_REQUEST, WEIR_RESPONSE, WEIR_TRAILERS };

/* The parts of a request that are one text each; see exchange.h. New ones at the end. */
enum weir_part {
	WEIR_PART_METHOD = 1, WEIR_PART_SCHEME, WEIR_PART_HOST, WEIR_PART_PATH, WEIR_PART_QUERY,
	WEIR_PART_TARGET, WEIR_PART_CLIENT, WEIR_PART_IDENTITY, WEIR_PART_ID, WEIR_PART_ROUTE,
	WEIR_PART_SERVICE, WEIR_PART_LISTENER, WEIR_PART_PROTOCOL, WEIR_PART_ENDPOINT,
	WEIR_PART_REASON,
};

/* What has a name inside a request; see exchange.h. */
enum weir_named { WEIR_NAMED_PARAM = 1, WEIR_NAMED_QUERY, WEIR_NAMED_COOKIE, WEIR_NAMED_CLAIM };

/* What a client's certificate says; see exchange.h. New ones at the end. */
enum weir_peer {
	WEIR_PEER_SUBJECT = 1, WEIR_PEER_FINGERPRINT, WEIR_PEER_SERIAL, WEIR_PEER_SPIFFE,
	WEIR_PEER_URI, WEIR_PEER_DNS, WEIR_PEER_EMAIL, WEIR_PEER_IP,
};

/* How a wait ended; see wait.h. */
enum weir_wait {
	WEIR_OK,
	WEIR_CANCELLED,		/* clean up and return; every later wait says so too */
	WEIR_TIMED_OUT,		/* its own time limit, or the exchange's */
	WEIR_TOO_LARGE,		/* more bytes than the caller allows */
	WEIR_UNKNOWN,		/* no such service; no such name (NXDOMAIN) */
	WEIR_NO_DATA,		/* the name exists, but has nothing of this kind */
	WEIR_NO_ANSWER,		/* could not be reached, broke off, or failed */
	WEIR_NO_MEMORY,
	WEIR_NOT_HERE,		/* this hook may not wait, or not for this */
};

/* Grows at the end only. `size` is what this host has; `minor` says the same in words. */
struct weir_host {
	size_t size;
	uint32_t major, minor;

	/* setup.h, cell.h [control] */
	bool (*option_given)(const struct weir_setup *, const char *name);
	uint32_t (*option_count)(const struct weir_setup *, const char *name);
	struct weir_str (*option_text)(const struct weir_setup *, const char *name, uint32_t at);
	int64_t (*option_whole)(const struct weir_setup *, const char *name, uint32_t at);
	double (*option_number)(const struct weir_setup *, const char *name, uint32_t at);
	struct weir_str (*option_entry)(const struct weir_setup *, const char *name, uint32_t at);
	const struct weir_setup *(*option_object)(const struct weir_setup *, const char *name,
						  uint32_t at);
	const struct weir_key *(*option_key)(const struct weir_setup *, const char *name);
	const struct weir_template *(*option_template)(const struct weir_setup *, const char *name,
						       uint32_t at);
	struct weir_str (*option_place)(const struct weir_setup *, const char *name);
	void *(*previous)(const struct weir_setup *);
	struct weir_cell *(*cell_new)(const struct weir_setup *, void (*free_value)(void *));

	/* Any thread */
	void (*log)(const struct weir_use *, enum weir_level, struct weir_str line);
	uint64_t (*now)(void);
	uint64_t (*wall)(void);
	uint64_t (*dice)(void);
	void (*ticket_wake)(struct weir_ticket);

	/* exchange.h [worker] */
	struct weir_str (*part)(const struct weir_exchange *, enum weir_part);
	struct weir_str (*named)(const struct weir_exchange *, enum weir_named, struct weir_str);
	bool (*part_set)(struct weir_exchange *, enum weir_part, struct weir_str value);
	bool (*claim_set)(struct weir_exchange *, struct weir_str name, struct weir_str value);
	struct weir_str (*header)(const struct weir_exchange *, enum weir_side, struct weir_str);
	struct weir_str (*header_at)(const struct weir_exchange *, enum weir_side, struct weir_str,
				     uint32_t at);
	uint32_t (*header_count)(const struct weir_exchange *, enum weir_side, struct weir_str);
	bool (*header_nth)(const struct weir_exchange *, enum weir_side, uint32_t n,
			   struct weir_field *out);
	bool (*header_set)(struct weir_exchange *, enum weir_side, struct weir_str name,
			   struct weir_str value);
	bool (*header_add)(struct weir_exchange *, enum weir_side, struct weir_str name,
			   struct weir_str value);
	uint32_t (*header_remove)(struct weir_exchange *, enum weir_side, struct weir_str name);
	uint16_t (*status)(const struct weir_exchange *);
	bool (*status_set)(struct weir_exchange *, uint16_t status);
	bool (*route_to)(struct weir_exchange *, struct weir_str service);
	void (*reply)(struct weir_exchange *, const struct weir_reply *);
	void (*refuse)(struct weir_exchange *, uint16_t status, struct weir_str why);
	bool (*log_value)(struct weir_exchange *, struct weir_str key, struct weir_str value);
	void *(*alloc)(struct weir_exchange *, size_t size);
	bool (*key_text)(struct weir_exchange *, const struct weir_key *, struct weir_str *out);
	bool (*key_hash)(struct weir_exchange *, const struct weir_key *, uint64_t *out);
	struct weir_str (*template_text)(struct weir_exchange *, const struct weir_template *);
	uint32_t (*attempts)(const struct weir_exchange *);
	uint64_t (*time_left)(const struct weir_exchange *);
	void *(*cell_read)(struct weir_exchange *, struct weir_cell *);

	/* wait.h [worker; control with NULL for the exchange] */
	enum weir_wait (*sleep)(struct weir_exchange *, uint64_t ns);
	enum weir_wait (*body_read)(struct weir_exchange *, enum weir_side, size_t most,
				    struct weir_str *out);
	bool (*body_set)(struct weir_exchange *, enum weir_side, struct weir_str body);
	enum weir_wait (*call)(struct weir_exchange *, const struct weir_call_request *,
			       struct weir_call_reply *);
	void (*call_done)(struct weir_call_reply *);
	enum weir_wait (*resolve)(struct weir_exchange *, struct weir_str name, int kind,
				  struct weir_resolved *);
	void (*resolve_done)(struct weir_resolved *);
	enum weir_wait (*wait_fd)(struct weir_exchange *, int fd, unsigned events, uint64_t ns);
	enum weir_wait (*offload)(struct weir_exchange *, void (*fn)(void *), void *arg);
	struct weir_ticket (*ticket_take)(struct weir_exchange *);
	enum weir_wait (*ticket_wait)(struct weir_exchange *, struct weir_ticket, uint64_t ns);

	/* balancer.h [worker, no waits] */
	bool (*pick_usable)(const struct weir_pick *, uint32_t i);
	uint32_t (*pick_in_flight)(const struct weir_pick *, uint32_t i);
	uint32_t (*pick_weight)(const struct weir_pick *, uint32_t i);
	bool (*pick_key)(const struct weir_pick *, const struct weir_key *, uint64_t *hash);

	/* discovery.h, cell.h [control] */
	struct weir_str (*watch_service)(const struct weir_watch *);
	bool (*watch_publish)(struct weir_watch *, const struct weir_endpoint *, uint32_t count,
			      size_t endpoint_size, struct weir_error *error);
	void (*watch_failed)(struct weir_watch *, struct weir_str sentence);
	bool (*cell_publish)(struct weir_cell *, void *value);

	/* policy.h, exchange.h [worker] */
	void (*refuse_with)(struct weir_exchange *, const struct weir_refusal *);
	bool (*identity_set)(struct weir_exchange *, struct weir_str);
	bool (*claim_add)(struct weir_exchange *, struct weir_str name, struct weir_str value);
	struct weir_str (*claim_at)(const struct weir_exchange *, struct weir_str name, uint32_t at);
	/* here.h [any thread] */
	void (*use_ready)(const struct weir_use *, bool ready, struct weir_str sentence);

	/* store.h [any thread, no waits; store_open: control] */
	struct weir_store *(*store_open)(const struct weir_setup *, struct weir_str name, size_t most);
	bool (*store_get)(struct weir_store *, struct weir_str key, void *room, size_t size,
			  size_t *len);
	bool (*store_set)(struct weir_store *, struct weir_str key, struct weir_str value,
			  uint64_t ttl_ns);
	bool (*store_delete)(struct weir_store *, struct weir_str key);
	bool (*store_add)(struct weir_store *, struct weir_str key, int64_t delta, uint64_t ttl_ns,
			  int64_t *sum);
	bool (*store_swap)(struct weir_store *, struct weir_str key, struct weir_str expected,
			   struct weir_str next, uint64_t ttl_ns);

	/* counter.h [counter_open: control; counter_add: any thread] */
	struct weir_counter *(*counter_open)(const struct weir_setup *, struct weir_str name);
	void (*counter_add)(struct weir_counter *, uint64_t n);
	/* setup.h [control] */
	struct weir_str (*setup_name)(const struct weir_setup *);
	struct weir_str (*setup_path)(const struct weir_setup *);
	/* setup.h, exchange.h */
	void *(*context)(const struct weir_setup *);
	bool (*key_compile)(const struct weir_str *parts, uint32_t count, struct weir_own_key *out,
			    struct weir_error *error);
	void (*key_free)(struct weir_own_key *key);
	/* exchange.h [worker] */
	struct weir_str (*peer)(const struct weir_exchange *, enum weir_peer which, uint32_t at);
	int (*retry)(struct weir_exchange *, struct weir_str service, uint64_t after_ns);
	/* wait.h [control] */
	bool (*errand)(const struct weir_use *, void (*fn)(const struct weir_here *, void *arg), void *arg);
	/* exchange.h [worker] */
	bool (*part_rewrite)(struct weir_exchange *, enum weir_part, struct weir_str value,
			     struct weir_error *error);
	/* Any thread */
	uint64_t (*retry_after)(struct weir_str value);
	/* store.h [any thread, no waits] */
	bool (*store_update)(struct weir_store *, struct weir_str key, void *value, size_t size,
			     uint64_t (*step)(void *arg, void *value), void *arg);
	/* policy.h [worker] */
	void (*failed)(struct weir_exchange *, struct weir_str reason);
};

/* Defined by WEIR_PLUGIN, once per plugin, seen by all of its files and by nobody else. */
extern __attribute__((visibility("hidden"))) const struct weir_host *weir_host_slot;

#endif
