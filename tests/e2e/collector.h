/* collector.h - where spans go: collector.py, which reads them with the official classes. */
#ifndef TESTS_E2E_COLLECTOR_H
#define TESTS_E2E_COLLECTOR_H

#include <jansson.h>

#include "tests/e2e/story.h"

/* One for the whole program, begun at its first use. Skips the test when it cannot be had. The gateway
 * knows it as ${COLLECTOR}, "127.0.0.1:PORT", and it forgets what stories before have sent. */
void collector_opens(struct story *s);
int collector_ends(void **state);		/* after the last story; a group's teardown */

/* What it does to the next requests, a word each: ok 503 503/SECONDS 400 partial/N hang drop. */
void collector_behaves(const char *words);

/* Waits until that many spans have come. Gives all of them, oldest first; json_decref() it. Each is as
 * collector.py writes it: trace, span, parent, name, kind, attributes ... Nothing wrong has come. */
json_t *collector_spans(size_t at_least);
unsigned collector_asked(void);			/* requests so far */

/* The one with this name and kind, or of this kind; NULL: there is none. */
json_t *span_named(json_t *spans, const char *kind, const char *name);
json_t *span_of_kind(json_t *spans, const char *kind, unsigned n);
json_t *span_with(json_t *spans, const char *kind, const char *attribute, const char *value);
/* "" and -1 when there is none. */
const char *span_text(json_t *span, const char *key);
const char *span_attribute(json_t *span, const char *key);
long span_number(json_t *span, const char *key);
bool span_failed(json_t *span);

#endif
