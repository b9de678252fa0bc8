/* visit.h - one request to the admin API, and the answer it gets. */
#ifndef CORE_ADMIN_VISIT_H
#define CORE_ADMIN_VISIT_H

#include "core/admin/world.h"
#include "core/base/arena.h"
#include "core/base/buffer.h"

struct path;

enum {
	VISIT_BODY = 65536,		/* bytes of the longest body of a request */
	VISIT_ANSWER = 64 << 20,	/* and of an answer */
};

/* What of the head matters to us. A field that came twice counts twice. */
struct visit_fields {
	struct weir_str host, origin, authorization, length;
	unsigned hosts, origins, authorizations, lengths;
	bool chunked;
};

/* Lives from the moment its target is read until the answer has gone out or the client is gone. One
 * thread at a time has it: the server's, or the helper's while a command runs. */
struct visit {
	const struct admin_world *world;
	struct arena arena;		/* decoded parameters */
	struct weir_str method;
	struct weir_str target, name, query;	/* "/explain?url=x", "/explain", "url=x" */
	const struct path *path;	/* NULL: there is none of that name */
	bool probe;			/* it came to the probe */
	struct buffer body;

	unsigned status;		/* 0: no answer yet */
	const char *content_type;
	const char *challenge;		/* WWW-Authenticate, or NULL */
	const char *allow;		/* Allow, or NULL */
	const char *retry_after;	/* seconds, or NULL */
	struct buffer answer;
};

/* Copies the target; false when out of memory: visit_fini() it nevertheless. */
bool visit_init(struct visit *v, const struct admin_world *world, struct weir_str target);
void visit_set_method(struct visit *v, struct weir_str method);	/* copies */
void visit_fini(struct visit *v);

/* The value of a query parameter, decoded and lent; absent when there is none. */
struct weir_str visit_parameter(struct visit *v, const char *name);

/* --- Answers. The last one stands. ------------------------------------------------------------ */

/* Takes the document; NULL stands for no memory. */
void visit_json(struct visit *v, unsigned status, json_t *document);

/* application/problem+json with status, title, detail, and the members of `more` (taken, may be
 * NULL). */
void visit_problem(struct visit *v, unsigned status, json_t *more, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The program has nobody who could answer this. */
void visit_not_here(struct visit *v);

/* Answers 405, 404 with the paths there are, or runs the path's function. */
void visit_run(struct visit *v);
bool visit_is_command(const struct visit *v);	/* POST */
bool visit_waits(const struct visit *v);	/* for the helper to run */

#endif
