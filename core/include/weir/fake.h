/* fake.h - a Weir without a gateway and without a network, for tests of plugins: link with
 * `pkg-config --libs --static weir-fake`. */
#ifndef WEIR_FAKE_H
#define WEIR_FAKE_H

#include <weir/plugin.h>

/* A world in which one plugin, or several, are called as the gateway calls them. Its clock moves
 * only when somebody waits, and then at once; its dice fall as told. All of it belongs to the
 * thread that made it. Texts are copied; what is lent lives until weir_fake_free(). Want of memory
 * ends the test. */
struct weir_fake;
struct weir_fake_use;	/* a plugin, opened with options */

struct weir_fake *weir_fake_new(void);
/* Closes every use and ends every exchange. True: nobody misbehaved, but as weir_fake_blames() was
 * asked about; what else there was stands on stderr. NULL is fine. */
bool weir_fake_free(struct weir_fake *f);

/* The table that plugins are given, for code of a test's own that calls the window. */
const struct weir_host *weir_fake_host(void);

/* Misbehaviour ------------------------------------------------------------------
 * Each fault has a word and a sentence: "answered-twice: on_request of stamp ...". The words are in
 * docs/plugins/testing.md. */
uint32_t weir_fake_faults(const struct weir_fake *f);
const char *weir_fake_fault(const struct weir_fake *f, uint32_t at);	/* NULL: there are less */
/* Was there one of this word? It counts as expected then. */
bool weir_fake_blames(struct weir_fake *f, const char *word);
/* The first that nobody has asked about; NULL: there is none. */
const char *weir_fake_unexpected(const struct weir_fake *f);
/* From here on, a wait with a pthread mutex held is a fault too ("mutex-held"). */
void weir_fake_watch_mutexes(struct weir_fake *f);

/* Time, dice, log --------------------------------------------------------------- */
void weir_fake_advance(struct weir_fake *f, uint64_t ns);
void weir_fake_set_wall(struct weir_fake *f, uint64_t ns_since_1970);
/* The next dice; after them they fall as a constant seed says. */
void weir_fake_dice(struct weir_fake *f, const uint64_t *values, uint32_t count);
/* The lines that were logged: "warn: ..."; NULL: there are less. */
const char *weir_fake_said(const struct weir_fake *f, uint32_t at);

/* Waits --------------------------------------------------------------------------
 * A ticket or a descriptor is waited for in real time, up to `patience` (2 s); then its time limit
 * is over on the fake clock. */
uint32_t weir_fake_waits(const struct weir_fake *f);	/* how many there have been */
/* The n-th wait from now (1: the next) is cancelled, and what follows it; 0: none is. */
void weir_fake_cancel_at(struct weir_fake *f, uint32_t n);
void weir_fake_set_patience(struct weir_fake *f, uint64_t real_ns);

/* Others ------------------------------------------------------------------------- */
struct weir_fake_answer {
	uint16_t status;		/* 0: 200 */
	struct weir_str body;
	const struct weir_field *headers;
	size_t header_count;
	struct weir_str reason;		/* present: there is no answer: connect-refused ... */
	uint64_t delay_ns;		/* on the fake clock */
};
/* What a service answers; `name` may be a whole URL, for weir_fetch(). Told several times: one answer
 * after the other, the last for ever. NULL: there is no service of that name. */
void weir_fake_service(struct weir_fake *f, const char *name, const struct weir_fake_answer *answer);
typedef void weir_fake_service_fn(void *arg, const struct weir_call_request *request,
				  struct weir_fake_answer *answer);
/* The same by a function: it fills in `answer`, which is copied when it returns. */
void weir_fake_service_by(struct weir_fake *f, const char *name, weir_fake_service_fn *fn, void *arg);
/* The calls that were made, oldest first; NULL: there are less. */
const struct weir_call_request *weir_fake_call(const struct weir_fake *f, uint32_t at);
/* What DNS says of a name; `count` 0: no such records. Of names not told: NXDOMAIN. */
void weir_fake_name(struct weir_fake *f, const char *name, enum weir_record_kind kind,
		    const struct weir_record *records, uint32_t count, uint32_t ttl);

/* Uses --------------------------------------------------------------------------- */
/* The descriptor of a built plugin; NULL with a sentence. One linked into the test is simply
 * `extern const struct weir_plugin weir_plugin;` */
const struct weir_plugin *weir_fake_load(const char *path, struct weir_error *error);
/* Checks `options` (YAML or JSON, "{}" or NULL: none) against the plugin's table, then check, open
 * and worker_open. NULL with the sentence that the operator would read. */
struct weir_fake_use *weir_fake_open(struct weir_fake *f, const struct weir_plugin *plugin,
				     const char *options, struct weir_error *error);
/* The same as after a reload: the new use may learn from `before`, which stays open. */
struct weir_fake_use *weir_fake_open_after(struct weir_fake_use *before, const char *options,
					   struct weir_error *error);
void weir_fake_close(struct weir_fake_use *use);	/* NULL is fine */
/* What a hook would be given. `ex` may be NULL. */
struct weir_here weir_fake_here(struct weir_fake_use *use, struct weir_exchange *ex);
/* What it said last with weir_ready(); true at first. `sentence` may be NULL. */
bool weir_fake_is_ready(const struct weir_fake_use *use, const char **sentence);
/* What it has counted under this name. */
uint64_t weir_fake_counted(const struct weir_fake_use *use, const char *name);
/* Runs its background until it returns, then what it has sent on errands, one after the other; at the
 * latest the n-th wait of each is cancelled. */
void weir_fake_background(struct weir_fake_use *use, uint32_t waits);

/* Exchanges ---------------------------------------------------------------------- */
/* `target` with its query: "/tariff?code=1". From 192.0.2.1 to api.example, over plain HTTP. */
struct weir_exchange *weir_fake_exchange(struct weir_fake *f, const char *method,
					 const char *target);
/* It is over: its memory is gone, and who still uses it is to blame. */
void weir_fake_end(struct weir_exchange *ex);

void weir_fake_set_part(struct weir_exchange *ex, enum weir_part part, struct weir_str text);
void weir_fake_set_named(struct weir_exchange *ex, enum weir_named what, const char *name,
			 struct weir_str value);	/* WEIR_NAMED_PARAM, WEIR_NAMED_CLAIM */
/* What the client's certificate says; WEIR_PEER_FINGERPRINT is always there when it showed one. */
void weir_fake_add_peer(struct weir_exchange *ex, enum weir_peer which, struct weir_str value);
void weir_fake_add_header(struct weir_exchange *ex, enum weir_side side, const char *name,
			  struct weir_str value);
void weir_fake_set_body(struct weir_exchange *ex, enum weir_side side, struct weir_str body);
void weir_fake_set_repeatable(struct weir_exchange *ex, bool repeatable);	/* as the method is */
void weir_fake_set_time_left(struct weir_exchange *ex, uint64_t ns);	/* 10 s at first */
/* The upstream has answered: from here on there is a response. `reason` is absent, or the word of
 * an answer that Weir makes itself. */
void weir_fake_answered(struct weir_exchange *ex, uint16_t status, struct weir_str reason);

/* The same with headers, a body, or a reason why there is none. */
void weir_fake_answered_with(struct weir_exchange *ex, const struct weir_fake_answer *answer);

/* One hook, with all that the gateway does around it; what the hook does not have is WEIR_NEXT. */
enum weir_verdict weir_fake_on_request(struct weir_fake_use *use, struct weir_exchange *ex);
enum weir_verdict weir_fake_on_response(struct weir_fake_use *use, struct weir_exchange *ex);
void weir_fake_on_done(struct weir_fake_use *use, struct weir_exchange *ex);
/* The request goes to its service, and there is its answer (200 when nothing was told of it). */
void weir_fake_forward(struct weir_exchange *ex);
/* Did on_response want another answer (weir_retry)? Then the service may answer again. */
bool weir_fake_again(struct weir_exchange *ex);
/* All of them, with the service's answer in between. Gives the
 * status that the client sees. */
uint16_t weir_fake_run(struct weir_fake_use *use, struct weir_exchange *ex);

/* What came of it. A refusal and a failure are answers too, with a reason. */
uint16_t weir_fake_status(const struct weir_exchange *ex);	/* 0: none yet */
uint32_t weir_fake_attempts(const struct weir_exchange *ex);	/* how often it was sent */
struct weir_str weir_fake_part(const struct weir_exchange *ex, enum weir_part part);
struct weir_str weir_fake_named(const struct weir_exchange *ex, enum weir_named what,
				const char *name);
struct weir_str weir_fake_header(const struct weir_exchange *ex, enum weir_side side,
				 const char *name);	/* joined, as weir_request_header() */
bool weir_fake_header_nth(const struct weir_exchange *ex, enum weir_side side, uint32_t n,
			  struct weir_field *out);
struct weir_str weir_fake_body(const struct weir_exchange *ex, enum weir_side side);
struct weir_str weir_fake_why(const struct weir_exchange *ex);	/* of weir_refuse() */
struct weir_str weir_fake_logged(const struct weir_exchange *ex, const char *key);
/* What is known of the client, one value after the other; false after the last. */
bool weir_fake_claim_nth(const struct weir_exchange *ex, uint32_t n, struct weir_field *out);
bool weir_fake_logged_nth(const struct weir_exchange *ex, uint32_t n, struct weir_field *out);

#endif
