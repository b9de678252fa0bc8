/* discovery.h - the role that finds the endpoints of a service, and keeps finding them. */
#ifndef WEIR_DISCOVERY_H
#define WEIR_DISCOVERY_H

#include <weir/endpoint.h>
#include <weir/here.h>
#include <weir/wait.h>

struct weir_discovery {
	size_t size;

	/* Runs on a fiber of its own on control, waits with `ex` NULL, publishes whole sets, and returns
	 * when a wait says WEIR_CANCELLED. When it returns before that, it is started again later, with
	 * growing pauses up to 30 s. One call per service that uses it. */
	void (*watch)(const struct weir_here *here, struct weir_watch *watch);
};

#define WEIR_DISCOVERY(...) { .size = sizeof(struct weir_discovery), __VA_ARGS__ }

/* The name of the service that is looked for. Lent until `watch` returns. */
static inline struct weir_str weir_watch_service(const struct weir_watch *watch)
{
	return weir_host_slot->watch_service(watch);
}

/* The whole set as it is now; copied; the same set again costs nothing. An empty one is
 * believed: publish it only when the source said so. False, and the last good set stays, when
 * an endpoint is not valid or stands there twice: the sentence says which. Does not wait. */
static inline bool weir_publish(struct weir_watch *watch, const struct weir_endpoint *endpoints,
				uint32_t count, struct weir_error *error)
{
	return weir_host_slot->watch_publish(watch, endpoints, count,
					     sizeof(struct weir_endpoint), error);
}

/* The source does not answer, or answers nonsense: the last good set stays, its age is shown,
 * and this sentence with it, until the next weir_publish(). */
#define weir_watch_failed(watch, sentence) \
	weir_host_slot->watch_failed(watch, WEIR_TEXT_OF(sentence))

#endif
