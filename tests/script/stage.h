/* stage.h - Lua policies on real fibers before a host of cardboard: what they ask for is made up, what they
 * do is written down. */
#ifndef TESTS_SCRIPT_STAGE_H
#define TESTS_SCRIPT_STAGE_H

#include "core/fiber/wait.h"
#include "core/fiber/worker.h"
#include "core/script/script.h"
#include "tests/test.h"

enum { STAGE_MOST = 8192 };

/* One request. */
struct weir_exchange {
	const char *path;
	const char *body;
	char header[128];		/* x-in: `path` when empty */
	char set[512];			/* "name=value;" of headers that were set */
	char reply[256];		/* "status body" or "denied status why" */
	char service[64], logged[128];
	uint16_t status;		/* of the response; 0: none yet */
	enum weir_verdict verdict;
	char failed[32];		/* the reason of a failure */
	bool cancelled, ended;
	uint64_t began, took;		/* monotonic ns, waits included */
	struct fiber *fiber;
	void *memory[256];		/* what weir_alloc() gave */
	uint32_t memories;
};

struct stage {
	struct worker worker;
	char folder[64];
	struct script *script;
	void *self, *here;
	struct script_rules rules;
	struct weir_str folders[1];
	struct weir_error error;
	char said[STAGE_MOST];		/* the log, a line each */
	uint64_t time_ns;
	size_t memory;
};

/* The one stage; bound to the calling thread. */
extern struct stage stage;

int stage_begin(void **state);
int stage_end(void **state);

/* Writes NAME into the folder of scripts. */
void stage_writes(const char *name, const char *text);
/* Loads `text` as the policy "play" and opens it on the worker; false: stage.error says why. */
bool stage_loads(const char *text);
/* Loads it, and asserts that it can be. */
void stage_plays(const char *text);
/* The same with `text` as the body of policy.request(req, options). */
void stage_plays_request(const char *text);

/* Starts a hook for this request on a fiber of its own. */
void stage_starts(struct weir_exchange *ex, enum weir_side side);
/* Turns until all of them have ended. */
void stage_turns(struct weir_exchange *ex, size_t count);
/* Both for one request with this path: gives the verdict. */
enum weir_verdict stage_requests(struct weir_exchange *ex, const char *path);
/* Asserts that a policy with this body of policy.request replies "status body", or fails and says so. */
void stage_replies(const char *body, const char *want);
void stage_fails(const char *body, const char *sentence);
/* Asserts that a line of the log has it. */
void stage_said(const char *text);

/* stage_shared.c: a store that lives as long as the stage, tickets, and the service "up". */
struct stage_calls {
	unsigned count;
	char last[512];			/* "METHOD path name=value body" */
	bool refuses;
};

extern struct stage_calls stage_calls;

void stage_fill_shared(struct weir_host *host);
void stage_end_shared(void);

#endif
