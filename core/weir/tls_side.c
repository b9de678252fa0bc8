/* tls_side.c - certificates while they are in use. */
#include "core/weir/tls_side.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/proxy.h"
#include "core/telemetry/certificates.h"
#include "core/weir/assemble_tls.h"

#define HOUR (3600 * NS_PER_S)

enum { TELL_EVERY = 24 };	/* hours between two lines on a certificate that expires soon */

struct tls_side {
	struct gateway *gateway;
	struct watch watch;
	struct timer hourly;
	uint32_t hours;
	bool reading, again;	/* a fiber reads files; they have changed since it began */
	bool stopped;
};

/* What is in use ------------------------------------------------------------------------------ */

struct listing {
	struct certificate_row *rows;
	uint32_t count, room;
	struct weir_str owner;
	bool full;		/* out of memory */
};

static void add_row(void *arg, const struct tls_pair *pair)
{
	struct listing *l = arg;
	struct certificate_row *row;

	if (l->count == l->room) {
		uint32_t room = l->room > 0 ? l->room * 2 : 16;
		struct certificate_row *more = mem_resize(l->rows, room, sizeof(*more));

		l->full = more == NULL;
		if (l->full)
			return;
		l->rows = more;
		l->room = room;
	}
	row = &l->rows[l->count++];
	*row = (struct certificate_row){ l->owner, str_from(pair->cert_path), pair->not_after };
}

/* The files' names are the things' own, which stay as long as the world. */
static struct listing list_all(const struct world *w)
{
	struct listing l = { .rows = NULL };

	for (uint32_t i = 0; i < w->tls_count; i++) {
		l.owner = w->tls[i].owner;
		tls_thing_visit(&w->tls[i], add_row, &l);
	}
	return l;
}

static void show(const struct world *w)
{
	struct listing l = list_all(w);

	if (l.full || !certificates_set(l.rows, l.count))
		log_warn("no memory for the metrics of certificates");
	mem_free(l.rows);
}

static void tell_of_end(const struct certificate_row *row)
{
	int days = tls_days_left(row->expires, (int64_t)(clock_wall() / NS_PER_S));

	if (days < 0)
		log_error("%.*s: the certificate %.*s has expired", STR_ARG(row->owner), STR_ARG(row->file));
	else if (days < TLS_WARN_DAYS)
		log_warn("%.*s: the certificate %.*s expires in %d day%s", STR_ARG(row->owner),
			 STR_ARG(row->file), days, days == 1 ? "" : "s");
}

/* The world in force; it stays as long as the pin. */
static struct snapshot_reader *pin_world(struct tls_side *t)
{
	struct snapshot_reader *reader = proxy_of(&t->gateway->control)->reader;

	return reader != NULL ? snapshot_pin(reader) : NULL;
}

static void tell_of_ends(struct tls_side *t)
{
	struct snapshot_reader *reader = pin_world(t);
	struct listing l;

	if (reader == NULL)
		return;
	l = list_all(world_of(reader->snapshot));
	for (uint32_t i = 0; i < l.count; i++)
		tell_of_end(&l.rows[i]);
	mem_free(l.rows);
	snapshot_unpin(reader);
}

/* Reading again ------------------------------------------------------------------------------- */

struct rereading {
	const struct tls_thing *thing;
	struct weir_error error;
	bool ok, changed;
};

static void reread_on_helper(void *arg)
{
	struct rereading *r = arg;

	if (r->thing->server != NULL)
		r->ok = tls_server_reread(r->thing->server, &r->changed, &r->error);
	else
		r->ok = tls_client_reread(r->thing->client, &r->changed, &r->error);
}

static void reread(const struct tls_thing *thing)
{
	struct rereading r = { .thing = thing };

	if (!loop_offload(reread_on_helper, &r))
		(void)fail(&r.error, "no helper thread is free");
	if (r.ok && !r.changed)
		return;
	certificates_count_read(r.ok);
	if (r.ok)
		log_info("%.*s: its certificates were read again", STR_ARG(thing->owner));
	else
		log_error("%.*s: its certificates were not read again, those before stay in use: %s",
			  STR_ARG(thing->owner), r.error.text);
}

static void reread_all(struct tls_side *t)
{
	struct snapshot_reader *reader = pin_world(t);
	const struct world *w;

	if (reader == NULL)
		return;
	w = world_of(reader->snapshot);
	for (uint32_t i = 0; i < w->tls_count && !t->stopped; i++)
		reread(&w->tls[i]);
	if (!t->stopped)
		show(w);
	snapshot_unpin(reader);
}

static void run(void *arg)
{
	struct tls_side *t = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&t->gateway->control.loop), HOUR), REASON_TIMEOUT);
	do {
		t->again = false;
		reread_all(t);
	} while (t->again && !t->stopped);
	deadline_leave(&d);
	t->reading = false;
	t->gateway->errands_running--;
}

static void on_changed(struct watch *w)
{
	struct tls_side *t = w->owner;

	t->again = true;
	if (t->reading || t->stopped || gateway_phase(t->gateway) == PHASE_STOPPED)
		return;
	if (fiber_start(&t->gateway->control.loop, run, t) == NULL) {
		log_error("no fiber to read certificates again; send SIGHUP");
		return;
	}
	t->reading = true;
	t->gateway->errands_running++;
}

/* Life ------------------------------------------------------------------------------------------ */

static void on_hour(struct timer *timer)
{
	struct tls_side *t = container_of(timer, struct tls_side, hourly);
	struct loop *loop = &t->gateway->control.loop;

	tls_tickets_rotate();
	if (++t->hours % TELL_EVERY == 0)
		tell_of_ends(t);
	timer_set(&loop->timers, timer, loop_now(loop) + HOUR);
}

struct tls_side *tls_side_new(struct gateway *g, struct weir_error *error)
{
	struct tls_side *t = mem_alloc(sizeof(*t));

	if (t == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	t->gateway = g;
	watch_init(&t->watch, &g->control.loop, on_changed, t);
	timer_init(&t->hourly, on_hour);
	return t;
}

struct paths {
	const char **at;
	uint32_t count;
	bool full;
};

static void add_path(void *arg, const char *path)
{
	struct paths *p = arg;
	const char **more = mem_resize(p->at, p->count + 1u, sizeof(*more));

	if (more == NULL) {
		p->full = true;
		return;
	}
	p->at = more;
	p->at[p->count++] = path;
}

void tls_side_apply(struct tls_side *t, const struct world *w)
{
	struct loop *loop = &t->gateway->control.loop;
	struct paths p = { .at = NULL };

	for (uint32_t i = 0; i < w->tls_count; i++)
		tls_thing_files(&w->tls[i], add_path, &p);
	if (p.full || !watch_set(&t->watch, p.at, p.count, t->gateway->read_at))
		log_warn("no memory to watch the files of certificates; send SIGHUP when they change");
	mem_free(p.at);
	show(w);
	if (!timer_is_set(&t->hourly))
		timer_set(&loop->timers, &t->hourly, loop_now(loop) + HOUR);
}

void tls_side_stop(struct tls_side *t)
{
	t->stopped = true;
	watch_fini(&t->watch);
	timer_clear(&t->gateway->control.loop.timers, &t->hourly);
}

void tls_side_free(struct tls_side *t)
{
	if (t == NULL)
		return;
	(void)certificates_set(NULL, 0);
	tls_trust_forget();
	mem_free(t);
}
