/* secure.h - curl and openssl as clients of a TLS listener, and the certificates of tests/certs.sh. */
#ifndef TESTS_E2E_SECURE_H
#define TESTS_E2E_SECURE_H

#include <curl/curl.h>

#include "tests/certs.h"
#include "tests/e2e/story.h"

/* Made once for all stories of a program; configurations reach them as ${CERTS}. */
extern struct certs certs;
int secure_begin(void **state);
int secure_end(void **state);

#define CERTS_OF(name) "{cert: \"${CERTS}/" name ".pem\", key: \"${CERTS}/" name ".key\"}"
#define TLS_LISTEN(more) \
	"listen: {edge: {address: \"${EDGE}\", tls: {certs: [" CERTS_OF("edge") "]" more "}}}\n"

/* One client with its kept connections. */
struct caller {
	CURL *curl;
	struct curl_slist *headers, *connect_to;
	char body[65536];	/* what came, as far as it fits */
	size_t len;		/* all of it */
	long status;
	CURLcode result;
};

/* Believes our authority; `shows` (may be NULL) names a certificate of ours. */
struct caller *caller_new(struct story *s, const char *shows);
void caller_free(struct caller *c);
void caller_header(struct caller *c, const char *line);
/* https://NAME/TARGET at the edge; gives the status, 0 when there was none: see `result`. */
long caller_gets(struct caller *c, const char *name, const char *target);
/* The same with a client of its own. */
long gets_securely(struct story *s, const char *name, const char *shows, const char *target);

/* What a command says on both its outputs; `%s` stands for the edge's address. Lent until the next. */
const char *run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* openssl s_client at the edge, with these arguments and this input. */
const char *s_client(struct story *s, const char *input, const char *arguments);

/* Copies a pair of ours into the gateway's folder as live.pem and live.key. */
void goes_live(struct story *s, const char *name);
#define LIVE "{cert: \"${DIR}/live.pem\", key: \"${DIR}/live.key\"}"

/* Ends the test when it does not hold, or does not lack, the words. */
void holds(const char *where, const char *what);
void lacks(const char *where, const char *what);

double handshakes(struct story *s, const char *result);

#endif
