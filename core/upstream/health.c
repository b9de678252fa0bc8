/* health.c - checks, one timer each, with a fiber while a question is out. */
#include "config.h"

#include "core/upstream/ejection.h"
#include "core/upstream/health.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/codec/fetch.h"
#include "core/fiber/wait.h"
#include "core/net/dial.h"
#include "core/upstream/roster.h"

enum { ANSWER_MOST = 65536 };	/* bytes of the body, which nobody reads */

/* Of one endpoint. A check that was ended while its question was out is freed by the fiber. */
struct check {
	struct endpoint *ep;		/* ref held */
	struct roster *roster;
	struct timer timer;
	uint32_t good, bad;		/* answers in a row */
	struct fiber *fiber;		/* that asks, or NULL */
	bool ended;
};

static struct worker *control_of(const struct check *check)
{
	return check->roster->world->control;
}

/* Its moves ------------------------------------------------------------------ */

static void say_move(const struct check *check, enum health to, enum reason why, unsigned status)
{
	struct weir_str service = check->roster->name, text = endpoint_text(check->ep);

	if (to == HEALTH_GOOD)
		log_info("service %.*s: endpoint %.*s is healthy", STR_ARG(service),
			 STR_ARG(text));
	else if (why != REASON_NONE)
		log_warn("service %.*s: endpoint %.*s is unhealthy: its check ended with %.*s",
			 STR_ARG(service), STR_ARG(text), STR_ARG(reason_row(why)->word));
	else
		log_warn("service %.*s: endpoint %.*s is unhealthy: its check got status %u",
			 STR_ARG(service), STR_ARG(text), status);
}

/* The one setter. */
static void health_move(struct endpoint *ep, enum health to, enum reason why, unsigned status)
{
	atomic_store(&ep->health, endpoint_state_word((uint8_t)to, why, status));
	roster_touch(ep->roster);
}

static void moved(struct check *check, enum health to, enum reason why, unsigned status)
{
	enum health from = endpoint_health(check->ep).state;

	if (from == to)
		return;
	if (from == HEALTH_BAD && to == HEALTH_GOOD) {
		ejection_recovered(check->ep);
		atomic_store_explicit(&check->ep->warm_from, clock_now(), memory_order_relaxed);
	}
	health_move(check->ep, to, why, status);
	say_move(check, to, why, status);
}

static void judge(struct check *check, const struct service *svc, enum reason why, unsigned status)
{
	bool first = endpoint_health(check->ep).state == HEALTH_UNKNOWN;
	bool good = why == REASON_NONE && status >= 200 && status < 400;

	check->good = good ? check->good + 1 : 0;
	check->bad = good ? 0 : check->bad + 1;
	if (good && (first || check->good >= svc->settings.health.healthy))
		moved(check, HEALTH_GOOD, why, status);
	else if (!good && (first || check->bad >= svc->settings.health.unhealthy))
		moved(check, HEALTH_BAD, why, status);
}

/* Its questions -------------------------------------------------------------- */

/* Without a path a connection is enough of an answer. */
static enum reason connect_only(struct worker *control, const struct endpoint *ep,
				const struct service *svc, unsigned *status)
{
	struct transport t;
	enum reason why = dial(&t, &control->loop, &ep->address, NULL);

	if (why == REASON_NONE) {
		if (svc->settings.tls != NULL)
			why = tls_connect(&t, svc->settings.tls, endpoint_server_name(ep), NULL, NULL);
		transport_close(&t);
	}
	*status = 200;
	return why;
}

static struct weir_str host_of(const struct service *svc, const struct address *to)
{
	if (svc->settings.health.host.data != NULL)
		return svc->settings.health.host;
	return to->kind == ADDRESS_UNIX ? STR("localhost") : address_text(to);
}

static enum reason get(struct worker *control, const struct endpoint *ep, const struct service *svc,
		       unsigned *status)
{
	const struct address *to = &ep->address;
	struct fetch f = { .to = to, .host = host_of(svc, to), .method = STR("GET"),
			   .path = svc->settings.health.path, .most = ANSWER_MOST,
			   .tls = svc->settings.tls, .server_name = endpoint_server_name(ep) };
	struct fetch_answer answer;
	struct arena arena;
	enum reason why;

	arena_init(&arena, NULL, 4 * ANSWER_MOST);
	why = fetch_run(control, &f, &arena, &answer);
	*status = why == REASON_NONE ? answer.head.status : 0;
	arena_reset(&arena);
	return why;
}

static enum reason ask(struct check *check, const struct service *svc, unsigned *status)
{
	struct worker *control = control_of(check);
	const struct endpoint *ep = check->ep;
	struct deadline d;
	enum reason why;

	deadline_enter(&d, clock_after(loop_now(&control->loop), svc->settings.health.timeout),
		       REASON_HEAD_TIMEOUT);
	why = svc->settings.health.path.data != NULL ? get(control, ep, svc, status)
						     : connect_only(control, ep, svc, status);
	deadline_leave(&d);
	return why;
}

static void set_timer(struct check *check, uint64_t span)
{
	struct loop *loop = &control_of(check)->loop;

	timer_set(&loop->timers, &check->timer, clock_after(loop_now(loop), span));
}

static void wait_interval(struct check *check, const struct service *svc)
{
	uint64_t span = svc->settings.health.interval, tenth = span / 10;

	set_timer(check, span - tenth + rng_next(&control_of(check)->rng) % (2 * tenth + 1));
}

/* A question is over. */
static void done_asking(struct check *check)
{
	check->fiber = NULL;
	check->roster->asking--;
	wait_queue_wake_all(&check->roster->ends);
}

static void check_free(struct check *check)
{
	endpoint_unref(check->ep);
	mem_free(check);
}

static void ask_once(void *arg)
{
	struct check *check = arg;
	struct service *svc = check->roster->live;
	unsigned status;
	enum reason why;

	if (!check->ended) {	/* else between start and turn */
		(void)service_ref(svc);
		why = ask(check, svc, &status);
		if (!check->ended) {
			judge(check, svc, why, status);
			wait_interval(check, svc);
		}
		service_unref(svc);
	}
	done_asking(check);
	if (check->ended)
		check_free(check);
}

/* Without a fiber it is asked a little later; that says nothing about the endpoint. */
static void time_to_ask(struct timer *t)
{
	struct check *check = container_of(t, struct check, timer);

	check->fiber = fiber_start(&control_of(check)->loop, ask_once, check);
	if (check->fiber != NULL)
		check->roster->asking++;
	else
		set_timer(check, NS_PER_S);
}

/* Begin and end ---------------------------------------------------------------- */

static void begin(struct endpoint *ep)
{
	struct check *check = mem_alloc(sizeof(*check));

	if (check == NULL) {
		log_error("out of memory: endpoint %.*s is not checked",
			  STR_ARG(endpoint_text(ep)));
		return;
	}
	*check = (struct check){ .ep = endpoint_ref(ep), .roster = ep->roster };
	timer_init(&check->timer, time_to_ask);
	ep->check = check;
	health_move(ep, HEALTH_UNKNOWN, REASON_NONE, 0);
	/* Not all of them in the same turn. */
	set_timer(check, rng_next(&control_of(check)->rng) % (50 * NS_PER_MS));
}

static void end(struct endpoint *ep)
{
	struct check *check = ep->check;

	ep->check = NULL;
	timer_clear(&control_of(check)->loop.timers, &check->timer);
	health_move(ep, HEALTH_UNCHECKED, REASON_NONE, 0);
	check->ended = true;
	if (check->fiber != NULL)
		fiber_cancel(check->fiber);
	else
		check_free(check);
}

void health_settle(struct endpoint *ep, struct service *svc)
{
	bool wanted = svc != NULL && svc->settings.health.on;

	if (wanted && ep->check == NULL)
		begin(ep);
	else if (!wanted && ep->check != NULL)
		end(ep);
}
