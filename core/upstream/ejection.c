/* ejection.c - one setter for an endpoint's ejection: counts, tells the workers, logs. */
#include "config.h"

#include "core/upstream/ejection.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/upstream/roster.h"

/* The bit beside the state: it counts for the roster's `ejected`. */
#define MEMBER 0x80u
#define STATE 0x7fu

enum { LONGEST = 10 };		/* times the first ejection */

static bool counts(uint64_t word)
{
	return (word & MEMBER) != 0 && (word & STATE) != EJECTION_NONE;
}

/* Takes one of the ejections that `at_most` allows. */
static bool take_ejection(struct roster *r)
{
	uint32_t n = atomic_load_explicit(&r->ejected, memory_order_relaxed);

	do {
		if (n >= atomic_load_explicit(&r->ejected_most, memory_order_relaxed))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&r->ejected, &n, n + 1,
							memory_order_relaxed,
							memory_order_relaxed));
	return true;
}

static void give_ejection(struct roster *r)
{
	atomic_fetch_sub_explicit(&r->ejected, 1, memory_order_relaxed);
}

enum moved { MOVED, MOVED_BY_OTHERS, MOVED_NOT_ALLOWED };

/* Every change of the word is a compare-and-swap, and the winner settles the count. */
static enum moved ejection_move(struct endpoint *ep, uint64_t from, uint64_t to)
{
	struct roster *r = ep->roster;
	bool takes = counts(to) && !counts(from);

	if (takes && !take_ejection(r))
		return MOVED_NOT_ALLOWED;
	if (!atomic_compare_exchange_strong(&ep->ejection, &from, to)) {
		if (takes)
			give_ejection(r);
		return MOVED_BY_OTHERS;
	}
	if (counts(from) && !counts(to))
		give_ejection(r);
	roster_touch(r);
	return MOVED;
}

static uint64_t look(struct endpoint *ep)
{
	return atomic_load_explicit(&ep->ejection, memory_order_relaxed);
}

static uint64_t word_of(uint64_t from, enum ejection state, enum reason why, unsigned status)
{
	return endpoint_state_word((uint8_t)(state | (from & MEMBER)), why, status);
}

/* Doubled with each repetition; one that was well for long begins anew. */
static uint64_t span_of(struct service *svc, struct endpoint *ep, uint64_t now)
{
	uint64_t first = svc->settings.eject.span, longest = first * LONGEST, span = first;
	uint64_t back_at = atomic_load_explicit(&ep->back_at, memory_order_relaxed);
	uint32_t times = atomic_load_explicit(&ep->ejections, memory_order_relaxed);

	if (back_at != 0 && now > back_at && now - back_at > longest) {
		times = 0;
		atomic_store_explicit(&ep->ejections, 0, memory_order_relaxed);
	}
	while (times-- > 0 && span < longest)
		span *= 2;
	return span < longest ? span : longest;
}

static void say_ejected(struct endpoint *ep, uint64_t span, enum reason why, unsigned status,
			const char *how)
{
	char answer[32] = "";

	if (status != 0)
		(void)snprintf(answer, sizeof(answer), " (status %u)", status);
	log_warn("service %.*s: endpoint %.*s is ejected for %.1f s %s %.*s%s; "
		 "then one request will try it",
		 STR_ARG(ep->roster->name), STR_ARG(endpoint_text(ep)),
		 (double)span / (double)NS_PER_S, how,
		 STR_ARG(why != REASON_NONE ? reason_row(why)->word : STR("bad answers")), answer);
}

static enum moved put_out(struct service *svc, struct endpoint *ep, uint64_t from, enum reason why,
			  unsigned status, uint64_t now, uint64_t *span)
{
	enum moved moved;

	*span = span_of(svc, ep, now);
	/* Before the word: whoever sees that it is out sees until when. */
	atomic_store_explicit(&ep->ejected_until, clock_after(now, *span), memory_order_relaxed);
	moved = ejection_move(ep, from, word_of(from, EJECTION_OUT, why, status));
	if (moved == MOVED) {
		atomic_fetch_add_explicit(&ep->ejections, 1, memory_order_relaxed);
		atomic_store_explicit(&ep->failures, 0, memory_order_relaxed);
	}
	return moved;
}

enum ejected ejection_out(struct service *svc, struct endpoint *ep, enum reason why, unsigned status,
			  uint32_t failures, uint64_t now)
{
	uint64_t from = look(ep), span;
	char how[64];

	if ((from & STATE) != EJECTION_NONE)
		return EJECTED_ALREADY;
	switch (put_out(svc, ep, from, why, status, now, &span)) {
	case MOVED_BY_OTHERS:
		return EJECTED_ALREADY;
	case MOVED_NOT_ALLOWED:
		return EJECTED_NOT;
	case MOVED:
		break;
	}
	(void)snprintf(how, sizeof(how), "after %u failures in a row, the last:", failures);
	say_ejected(ep, span, why, status, how);
	return EJECTED_NOW;
}

bool ejection_try(struct endpoint *ep, uint64_t now)
{
	uint64_t from = look(ep);

	if ((from & STATE) != EJECTION_OUT ||
	    atomic_load_explicit(&ep->ejected_until, memory_order_relaxed) > now)
		return false;
	if (ejection_move(ep, from, word_of(from, EJECTION_TRIAL, REASON_NONE, 0)) != MOVED)
		return false;
	log_info("service %.*s: one request tries the ejected endpoint %.*s",
		 STR_ARG(ep->roster->name), STR_ARG(endpoint_text(ep)));
	return true;
}

static void begin_anew(struct endpoint *ep, uint64_t now)
{
	atomic_store_explicit(&ep->failures, 0, memory_order_relaxed);
	atomic_store_explicit(&ep->back_at, now, memory_order_relaxed);
	atomic_store_explicit(&ep->warm_from, now, memory_order_relaxed);
}

void ejection_passed(struct service *svc, struct endpoint *ep, uint64_t now)
{
	uint64_t from = look(ep);

	(void)svc;
	if ((from & STATE) != EJECTION_TRIAL)
		return;
	begin_anew(ep, now);
	if (ejection_move(ep, from, word_of(from, EJECTION_NONE, REASON_NONE, 0)) == MOVED)
		log_info("service %.*s: endpoint %.*s is back: its trial went well",
			 STR_ARG(ep->roster->name), STR_ARG(endpoint_text(ep)));
}

void ejection_failed(struct service *svc, struct endpoint *ep, enum reason why, unsigned status,
		     uint64_t now)
{
	uint64_t from = look(ep), span;

	if ((from & STATE) != EJECTION_TRIAL)
		return;
	if (put_out(svc, ep, from, why, status, now, &span) == MOVED)
		say_ejected(ep, span, why, status, "again, its trial failed:");
}

void ejection_unproven(struct endpoint *ep, uint64_t now)
{
	uint64_t from = look(ep);

	if ((from & STATE) != EJECTION_TRIAL)
		return;
	atomic_store_explicit(&ep->ejected_until, now, memory_order_relaxed);
	(void)ejection_move(ep, from, word_of(from, EJECTION_OUT, REASON_NONE, 0));
}

/* Here the count follows whatever `at_most` says: roster_settle() pardons those above it. */
void ejection_set_member(struct endpoint *ep, bool member)
{
	uint64_t from = look(ep), to;

	do {
		to = member ? from | MEMBER : from & ~(uint64_t)MEMBER;
		if (to == from)
			return;
	} while (!atomic_compare_exchange_weak(&ep->ejection, &from, to));
	if (counts(to))
		atomic_fetch_add_explicit(&ep->roster->ejected, 1, memory_order_relaxed);
	if (counts(from))
		give_ejection(ep->roster);
}

void ejection_recovered(struct endpoint *ep)
{
	uint64_t from = look(ep);

	if ((from & STATE) == EJECTION_NONE)
		return;
	begin_anew(ep, clock_now());
	if (ejection_move(ep, from, word_of(from, EJECTION_NONE, REASON_NONE, 0)) == MOVED)
		log_info("service %.*s: endpoint %.*s is back early: its checks go well again",
			 STR_ARG(ep->roster->name), STR_ARG(endpoint_text(ep)));
}

void ejection_pardon(struct endpoint *ep)
{
	uint64_t from = look(ep);

	if ((from & STATE) != EJECTION_OUT)
		return;
	begin_anew(ep, clock_now());
	if (ejection_move(ep, from, word_of(from, EJECTION_NONE, REASON_NONE, 0)) == MOVED)
		log_info("service %.*s: endpoint %.*s is back early: eject.at_most allows %u now",
			 STR_ARG(ep->roster->name), STR_ARG(endpoint_text(ep)),
			 atomic_load(&ep->roster->ejected_most));
}
