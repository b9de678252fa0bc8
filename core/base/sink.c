/* sink.c - lines on their way out: what the log thread does for one sink, and the pens. */
#include "core/base/sink.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/scribe.h"

enum { BATCH = 2 * SINK_LINE, BATCHES_A_ROUND = 16 };
#define SAY_EVERY (10 * NS_PER_S)
#define RECONNECT_EVERY NS_PER_S
#define CLOSE_WITHIN (5 * NS_PER_S)

/* Belongs to the log thread from scribe_take() on, but for the atomics. */
struct sink {
	struct output out;
	struct sink *link;
	struct pens pens;
	char *batch;			/* [start, end) is not written yet */
	size_t start, end;
	uint64_t batch_lines;
	_Atomic(uint64_t) *lost;	/* the owner's count */
	uint64_t dropped;		/* of this sink */
	uint64_t said, said_at;		/* of `dropped` */
	int broken;			/* errno of the last failed write since then */
	uint64_t reconnect_at;
	_Atomic(uint64_t) close_at;	/* 0: open */
};

struct sink **sink_link(struct sink *s)
{
	return &s->link;
}

static void sink_free(struct sink *s)
{
	output_close(&s->out);
	mem_free(s->batch);
	mem_free(s);
}

struct sink *sink_open(const char *target, _Atomic(uint64_t) *lost, struct weir_error *error)
{
	struct sink *s = mem_alloc(sizeof(*s));

	if (s == NULL || (s->batch = malloc(BATCH)) == NULL) {
		mem_free(s);
		fail_memory(error);
		return NULL;
	}
	s->out.fd = -1;
	s->lost = lost;
	if (output_open(&s->out, target, error) && scribe_take(s, error))
		return s;
	sink_free(s);
	return NULL;
}

void sink_close(struct sink *s)
{
	if (s == NULL)
		return;
	atomic_store(&s->close_at, clock_now() + CLOSE_WITHIN);
	scribe_release();
}

struct pen *pen_open(struct sink *s, size_t room)
{
	return pens_join(&s->pens, room);
}

/* What follows runs on the log thread. */

static void count_dropped(struct sink *s, uint64_t lines)
{
	s->dropped += lines;
	atomic_fetch_add_explicit(s->lost, lines, memory_order_relaxed);
}

static void lose_lines(struct sink *s, uint64_t lines, int err)
{
	count_dropped(s, lines);
	s->broken = err;
}

static void forget_batch(struct sink *s)
{
	s->start = s->end = 0;
	s->batch_lines = 0;
}

/* Gives false when the output takes no more now. */
static bool write_batch(struct sink *s)
{
	while (s->start < s->end) {
		ssize_t n = output_write(&s->out, s->batch + s->start, s->end - s->start);

		if (n == 0)
			return false;
		if (n < 0) {
			lose_lines(s, s->batch_lines, errno);
			break;
		}
		s->start += (size_t)n;
	}
	forget_batch(s);
	return true;
}

static void add_line(struct sink *s, struct weir_str line)
{
	memcpy(s->batch + s->end, line.data, line.len);
	s->end += line.len;
	s->batch_lines++;
}

/* Copies lines from a ring while there is room for another. */
static void fill_batch(struct sink *s, struct ring *ring)
{
	struct weir_str line;

	while (BATCH - s->end >= SINK_LINE && ring_peek(ring, &line)) {
		add_line(s, line);
		ring_drop(ring);
	}
}

void sink_add_here(struct sink *s, struct weir_str line)
{
	if (BATCH - s->end >= line.len)
		add_line(s, line);
	else
		count_dropped(s, 1);
}

static void reconnect(struct sink *s)
{
	uint64_t now = clock_now();

	if (now < s->reconnect_at)
		return;
	s->reconnect_at = now + RECONNECT_EVERY;
	(void)output_reopen(&s->out, NULL);
}

/* Gives false when the receiver's queue is full. */
static bool send_line(struct sink *s, struct weir_str line)
{
	ssize_t n = output_write(&s->out, line.data, line.len);

	if (n < 0 && errno != EMSGSIZE) {
		reconnect(s);
		n = output_write(&s->out, line.data, line.len);
	}
	if (n < 0)
		lose_lines(s, 1, errno);
	return n != 0;
}

static bool send_lines(struct sink *s, struct ring *ring)
{
	struct weir_str line;

	for (unsigned i = 0; i < BATCHES_A_ROUND * 64 && ring_peek(ring, &line); i++) {
		if (!send_line(s, line))
			return false;
		ring_drop(ring);
	}
	return true;
}

static bool write_lines(struct sink *s, struct ring *ring)
{
	for (unsigned i = 0; i < BATCHES_A_ROUND; i++) {
		fill_batch(s, ring);
		if (ring_empty(ring))
			return true;	/* the batch may take the next ring's lines too */
		if (!write_batch(s))
			return false;
	}
	return true;
}

static void drain(struct sink *s, struct sink_round *round)
{
	bool datagrams = s->out.kind == OUTPUT_DATAGRAM, open = write_batch(s);

	for (struct pen *p = s->pens.known; open && p != NULL; p = p->next) {
		open = datagrams ? send_lines(s, &p->ring) : write_lines(s, &p->ring);
		round->more |= !ring_empty(&p->ring);
	}
	round->blocked = !open || !write_batch(s);
}

static void say(struct sink *s, unsigned long long lost)
{
	if (s->broken == 0)
		log_warn("%llu log lines to %s were lost: it takes them slower than they come",
			 lost, s->out.target);
	else if (strcmp(s->out.target, "stderr") != 0)	/* who would read it? */
		log_error("%llu log lines to %s were lost: %s", lost, s->out.target,
			  strerror(s->broken));
}

/* Gives true when there is more to say later. */
static bool say_dropped(struct sink *s)
{
	uint64_t now;

	if (s->dropped == s->said)
		return false;
	now = clock_now();
	if (s->said_at != 0 && now - s->said_at < SAY_EVERY)
		return true;
	say(s, s->dropped - s->said);
	s->said = s->dropped;
	s->said_at = now;
	s->broken = 0;
	return false;
}

bool sink_quiet(struct sink *s)
{
	return pens_quiet(&s->pens) && s->start == s->end && atomic_load(&s->close_at) == 0;
}

void sink_renew(struct sink *s)
{
	struct weir_error error = { "" };

	(void)write_batch(s);
	if (!output_reopen(&s->out, &error))
		log_error("%s; the old one is still written to", error.text);
}

/* A closed sink ends when nothing is left to write, or when its time is up. */
static bool try_end(struct sink *s, const struct sink_round *round, bool hurry)
{
	uint64_t close_at = atomic_load(&s->close_at);

	if (close_at == 0)
		return false;
	if ((round->blocked || round->more) && !hurry && clock_now() < close_at)
		return false;
	pens_let_go(&s->pens);
	sink_free(s);
	return true;
}

struct sink_round sink_work(struct sink *s, bool hurry)
{
	bool closing = atomic_load(&s->close_at) != 0;
	struct sink_round round = { 0 };

	pens_welcome(&s->pens);
	round.moved = !sink_quiet(s);
	drain(s, &round);
	count_dropped(s, pens_tidy(&s->pens));
	round.waiting = say_dropped(s) || closing;
	if (closing)	/* since before the lines were taken: all that came before it are out */
		round.over = try_end(s, &round, hurry);
	return round;
}
