/* fake_roles.h - the other roles of a plugin in a test: picks, watches, judgements, spans. */
#ifndef WEIR_FAKE_ROLES_H
#define WEIR_FAKE_ROLES_H

#include <weir/fake.h>

/* Balancer: a table built from these endpoints, with one worker's state. NULL with a sentence. */
struct weir_fake_table;
struct weir_fake_table *weir_fake_build(struct weir_fake_use *use,
					const struct weir_endpoint *endpoints, uint32_t count,
					struct weir_error *error);
/* The next set of the same service: its state may carry over what `before` has learnt. */
struct weir_fake_table *weir_fake_build_after(struct weir_fake_table *before,
					      const struct weir_endpoint *endpoints, uint32_t count,
					      struct weir_error *error);
/* How an endpoint stands: usable at first, with nothing in flight and its own weight. */
void weir_fake_set_usable(struct weir_fake_table *t, uint32_t at, bool usable);
void weir_fake_set_in_flight(struct weir_fake_table *t, uint32_t at, uint32_t requests);
void weir_fake_set_weight(struct weir_fake_table *t, uint32_t at, uint32_t thousandths);
/* For the first attempt of `ex`, or of a request that no exchange makes. */
uint32_t weir_fake_pick(struct weir_fake_table *t, struct weir_exchange *ex);
void weir_fake_report(struct weir_fake_table *t, uint32_t at, uint64_t latency_ns, bool ok);

/* Discovery: runs `watch` for this service until it returns; at the latest the n-th wait is
 * cancelled. */
void weir_fake_watch(struct weir_fake_use *use, const char *service, uint32_t waits);
/* The set that was published last (NULL: none), how often there was one, and the sentence of
 * weir_watch_failed() since then (NULL: none). */
const struct weir_endpoint *weir_fake_published(const struct weir_fake *f, uint32_t *count);
uint32_t weir_fake_publications(const struct weir_fake *f);
const char *weir_fake_watch_failure(const struct weir_fake *f);

/* Retry: an exchange makes its first attempt; one failed, what now? */
void weir_fake_begin(struct weir_fake_use *use);
struct weir_retry_judgement weir_fake_judge(struct weir_fake_use *use,
					    const struct weir_retry_question *question);

/* Tracer: the batch is lent for the call, as the host lends it; what it answers is in it. */
enum weir_sent weir_fake_send(struct weir_fake_use *use, struct weir_batch *batch);

#endif
