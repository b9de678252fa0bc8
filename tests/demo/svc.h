/* svc.h - what the four customs services share: a port, JSON in, JSON out, /healthz and x-instance. */
#ifndef TESTS_DEMO_SVC_H
#define TESTS_DEMO_SVC_H

#include <stdbool.h>

#include <jansson.h>

/* Lent for the time of the handler. */
struct svc_request {
	const char *method, *path;
	json_t *body;			/* NULL: none came, or it was not JSON */
	const char *request_id;		/* as the gateway gave it, or NULL */
	const char *traceparent;
};

/* The body is taken. */
struct svc_answer {
	unsigned status;
	json_t *body;
};

/* Called on one of a few threads; may block. */
typedef struct svc_answer (*svc_handler)(const struct svc_request *request);

/* A refusal with a sentence. */
struct svc_answer svc_refuse(unsigned status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Serves until SIGTERM: NAME --port PORT [--instance WORD] [--upstream URL]. Gives the exit status. */
int svc_main(int argc, char **argv, const char *name, svc_handler handler);

const char *svc_instance(void);
const char *svc_upstream(void);		/* of --upstream; NULL: not given */

#endif
