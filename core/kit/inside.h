/* inside.h - what the files of the fake host know of one another's worlds. */
#ifndef CORE_KIT_INSIDE_H
#define CORE_KIT_INSIDE_H

#include <pthread.h>
#include <weir/fake.h>
#include <weir/fake_roles.h>

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/http/header.h"
#include "core/kit/fault.h"
#include "core/plugin/abi.h"
#include "core/plugin/setup.h"

enum {
	FAKE_WORLD = 64 << 20, FAKE_EXCHANGE = 16 << 20,	/* bytes of arenas */
	FAKE_WAITS = 10000,	/* in one hook */
	FAKE_AGAIN = 4,	/* as in the gateway */
	FAKE_PARTS = 16, FAKE_NAMED = 256, FAKE_LOGGED = 16,
	FAKE_PEER = 100,	/* enum weir_named of what the client's certificate says */
	FAKE_CANARY = 16,	/* bytes behind each scratch */
};

/* Where the plugin is now: says what it may do. */
enum hook {
	HOOK_NONE, HOOK_CHECK, HOOK_OPEN, HOOK_CLOSE, HOOK_WORKER_OPEN, HOOK_WORKER_CLOSE,
	HOOK_REQUEST, HOOK_RESPONSE, HOOK_DONE, HOOK_BACKGROUND, HOOK_WATCH, HOOK_BUILD, HOOK_PICK,
	HOOK_REPORT, HOOK_JUDGE, HOOK_SEND,
};

/* Texts that are added and looked up by number. */
struct fake_line {
	struct fake_line *next;
	enum fault fault;
	bool expected;
	char *text;
};

struct fake_lines {
	struct fake_line *first, **end;
	uint32_t count;
};

struct weir_fake {
	struct weir_fake *before;	/* the world that was there when this one was made */
	struct arena arena;
	pthread_t worker;
	pthread_mutex_t lock;		/* of faults and log: foreign threads write too */
	struct fake_lines faults, said;
	uint64_t now, wall, patience;
	struct rng rng;
	uint64_t *dice;
	uint32_t dice_count, dice_at;

	enum hook hook;
	struct weir_fake_use *running;
	struct weir_exchange *running_ex;
	uint32_t waits, hook_waits, cancel_at;
	bool cancelled;			/* of what runs without an exchange */
	bool watches_mutexes;
	uint32_t open_replies, open_names;

	struct fake_service *services;
	struct fake_called *called, **called_end;
	struct fake_name *names;
	struct weir_fake_use *uses;
	struct weir_exchange *exchanges;
	struct fake_held_store *stores;
	struct fake_ticket *tickets;
	uint64_t ticket_count;

	struct weir_str watched;	/* the service of the watch that runs */
	struct weir_endpoint *published;
	uint32_t published_count, publications;
	const char *watch_failure;
	struct weir_fake_table *tables;
};

/* What a background has asked for, in the order in which it is run. */
struct fake_errand {
	struct fake_errand *next;
	void (*fn)(const struct weir_here *here, void *arg);
	void *arg;
};

struct weir_fake_use {
	struct weir_fake_use *next;
	struct weir_fake *fake;
	struct arena arena;
	const struct weir_plugin *given;	/* as it was built */
	struct weir_plugin plugin;	/* of full size */
	struct kind_roles roles;
	struct weir_setup setup;
	struct setup_life life;
	struct weir_here here;
	struct weir_cell *cells;
	struct weir_counter *counters;
	struct fake_errand *errands, **errands_end;
	bool opened, worker_opened, closed;
	bool not_ready;
	const char *ready_sentence;
};

/* One use's bytes in one exchange. */
struct fake_scratch {
	struct fake_scratch *next;
	struct weir_fake_use *use;
	size_t size;
	unsigned char bytes[];
};

struct fake_named {
	enum weir_named what;
	struct weir_str name, value;
};

enum stage { STAGE_REQUEST, STAGE_RESPONSE, STAGE_DONE, STAGE_OVER };

struct weir_exchange {
	struct weir_fake *fake;
	struct weir_exchange *next;
	struct arena arena;
	enum stage stage;
	struct headers headers[3];	/* by enum weir_side */
	struct weir_str body[2];
	struct weir_str parts[FAKE_PARTS];	/* by enum weir_part */
	struct fake_named named[FAKE_NAMED];
	uint32_t named_count;
	struct weir_field logged[FAKE_LOGGED];
	uint32_t logged_count;
	struct fake_scratch *scratch;
	uint16_t status;
	uint32_t replies, refusals;	/* in the hook that runs */
	uint16_t refused_status;
	struct weir_str refused_reason, failed_reason;
	struct weir_field *refused_headers;
	size_t refused_count;
	struct weir_str why;
	uint32_t attempts;
	bool forwarded, repeatable;
	struct { bool wanted; struct weir_str service; uint64_t after; uint32_t count; } again;
	uint64_t until;			/* its deadline on the fake clock */
	bool cancelled;
};

/* fake.c */
extern struct weir_fake *fake_world;	/* the newest, or NULL */
void *fake_must(void *memory);		/* ends the test for want of memory */
struct weir_str fake_copy(struct arena *arena, struct weir_str s);	/* ends with NUL */
void fake_line_add(struct weir_fake *f, struct fake_lines *lines, enum fault fault,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
const struct fake_line *fake_line_at(const struct fake_lines *lines, uint32_t at);
const char *hook_word(enum hook hook);
/* Around every call into a plugin: what was before, to be given back. */
struct fake_frame {
	enum hook hook;
	struct weir_fake_use *running;
	struct weir_exchange *ex;
	uint32_t hook_waits;
};
struct fake_frame fake_enter(struct weir_fake_use *use, enum hook hook, struct weir_exchange *ex);
void fake_leave(struct weir_fake *f, struct fake_frame before);

/* host.c */
/* The world of an exchange; the newest when it is in none. */
struct weir_fake *fake_of(const struct weir_exchange *ex);
extern struct weir_host fake_host;	/* filled by the first weir_fake_new() */
void fake_host_fill(void);
/* False, and the fault is noted, when the plugin may not touch `ex` in `call`. */
bool fake_may_look(const struct weir_exchange *ex, const char *call);
/* The same, and for edits: neither after a cancellation, nor in on_done. */
bool fake_may_edit(struct weir_exchange *ex, const char *call);

/* waits.c */
/* One wait of `ns` of the fake clock. */
enum weir_wait fake_wait(struct weir_exchange *ex, const char *call, uint64_t ns);
/* calls.c: what was never given back in this hook. */
void fake_look_for_leaks(struct weir_fake *f);

/* mutex.c, when it is linked; NULL otherwise. */
extern int (*weir_fake_mutexes_held)(void);

/* cells.c */
struct weir_cell *fake_cell_new(struct setup_life *life, void (*free_value)(void *value));
void fake_cells_free(struct weir_cell *first);
/* stores.c */
struct weir_store *fake_store_open(struct setup_life *life, struct weir_str name, size_t most);
/* Is this thread in a step of weir_store_update()? Then that call is a fault. */
bool fake_in_step(const char *call);
void fake_stores_close(struct weir_fake *f);
/* counters.c */
struct weir_counter *fake_counter_open(struct setup_life *life, struct weir_str name);
/* roles.c */
void fake_tables_free(struct weir_fake *f);

#endif
