/* roles.c - picks, watches, judgements and spans for plugins of the other roles. */
#include "core/kit/host_inside.h"

#include "core/plugin/use.h"

/* The host's part of a pick stands behind the plugin's. */
struct pick {
	struct weir_pick pick;
	struct weir_fake_table *table;
	struct weir_exchange *ex;
};

struct standing {
	bool usable;
	uint32_t in_flight, weight;
};

struct weir_fake_table {
	struct weir_fake_table *next;
	struct weir_fake_use *use;
	void *table, *state;
	uint32_t count;
	struct standing *at;
};

/* Balancer ------------------------------------------------------------------------- */

static const struct weir_endpoint *rows_for(struct weir_fake_use *use,
					    const struct weir_endpoint *rows, uint32_t count)
{
	size_t size = use->plugin.balancer->endpoint_size;
	size_t known = size < sizeof(*rows) ? size : sizeof(*rows);
	char *copy;

	if (size == sizeof(*rows))
		return rows;
	copy = fake_must(arena_zero(&use->arena, (count + (size_t)1) * size));
	for (uint32_t i = 0; i < count; i++)
		memcpy(copy + i * size, &rows[i], known);
	return (const struct weir_endpoint *)(const void *)copy;
}

static void stand(struct weir_fake_table *t, const struct weir_endpoint *endpoints, uint32_t count)
{
	t->count = count;
	t->at = fake_must(mem_array(count + (size_t)1, sizeof(*t->at)));
	for (uint32_t i = 0; i < count; i++)
		t->at[i] = (struct standing){
			true, 0, 1000 * (endpoints[i].weight > 0 ? endpoints[i].weight : 1),
		};
}

static void begin_state(struct weir_fake_table *t)
{
	const struct weir_balancer *b = t->use->plugin.balancer;
	struct weir_here here = t->use->here;
	size_t size = b->state_size != NULL ? b->state_size(&here, t->table, t->count) : 0;

	if (size > 0)
		t->state = fake_must(mem_alloc(size));
	if (t->state != NULL && b->state_init != NULL)
		b->state_init(&here, t->table, t->state, t->count, fake_host.dice());
}

struct weir_fake_table *weir_fake_build(struct weir_fake_use *use,
					const struct weir_endpoint *endpoints, uint32_t count,
					struct weir_error *error)
{
	const struct weir_balancer *b = use->plugin.balancer;
	struct fake_frame before = fake_enter(use, HOOK_BUILD, NULL);
	struct weir_fake_table *t = fake_must(mem_alloc(sizeof(*t)));
	struct weir_here here = use->here;
	bool ok;

	here.worker = NULL;
	t->use = use;
	ok = b->build == NULL ||
	     b->build(&here, rows_for(use, endpoints, count), count, &t->table, error);
	if (ok) {
		stand(t, endpoints, count);
		begin_state(t);
		t->next = use->fake->tables;
		use->fake->tables = t;
	} else {
		mem_free(t);
	}
	fake_leave(use->fake, before);
	return ok ? t : NULL;
}

struct weir_fake_table *weir_fake_build_after(struct weir_fake_table *before,
					      const struct weir_endpoint *endpoints, uint32_t count,
					      struct weir_error *error)
{
	struct weir_fake_table *t = weir_fake_build(before->use, endpoints, count, error);
	const struct weir_balancer *b = before->use->plugin.balancer;
	struct fake_frame frame;

	if (t == NULL || b->state_carry == NULL || t->state == NULL || before->state == NULL)
		return t;
	frame = fake_enter(t->use, HOOK_BUILD, NULL);
	b->state_carry(&t->use->here, t->table, t->state, before->table, before->state);
	fake_leave(t->use->fake, frame);
	return t;
}

void fake_tables_free(struct weir_fake *f)
{
	while (f->tables != NULL) {
		struct weir_fake_table *t = f->tables;

		f->tables = t->next;
		if (t->use->plugin.balancer->table_free != NULL)
			t->use->plugin.balancer->table_free(t->table);
		mem_free(t->state);
		mem_free(t->at);
		mem_free(t);
	}
}

void weir_fake_set_usable(struct weir_fake_table *t, uint32_t at, bool usable)
{
	t->at[at].usable = usable;
}

void weir_fake_set_in_flight(struct weir_fake_table *t, uint32_t at, uint32_t requests)
{
	t->at[at].in_flight = requests;
}

void weir_fake_set_weight(struct weir_fake_table *t, uint32_t at, uint32_t thousandths)
{
	t->at[at].weight = thousandths;
}

uint32_t weir_fake_pick(struct weir_fake_table *t, struct weir_exchange *ex)
{
	struct fake_frame before = fake_enter(t->use, HOOK_PICK, ex);
	struct pick p = { { sizeof(p.pick), t->count, 1, t->state }, t, ex };
	uint32_t at = t->use->plugin.balancer->pick(&t->use->here, t->table, &p.pick);

	if (at != WEIR_PICK_NONE && (at >= t->count || !t->at[at].usable))
		fault_note(t->use->fake, FAULT_BAD_PICK, NULL);
	fake_leave(t->use->fake, before);
	return at;
}

void weir_fake_report(struct weir_fake_table *t, uint32_t at, uint64_t latency_ns, bool ok)
{
	struct fake_frame before = fake_enter(t->use, HOOK_REPORT, NULL);

	if (t->use->plugin.balancer->report != NULL)
		t->use->plugin.balancer->report(&t->use->here, t->table, t->state, at, latency_ns,
						ok);
	fake_leave(t->use->fake, before);
}

static const struct pick *of(const struct weir_pick *pick)
{
	return (const struct pick *)(const void *)pick;
}

static bool usable(const struct weir_pick *pick, uint32_t i)
{
	return i < of(pick)->table->count && of(pick)->table->at[i].usable;
}

static uint32_t in_flight(const struct weir_pick *pick, uint32_t i)
{
	return i < of(pick)->table->count ? of(pick)->table->at[i].in_flight : 0;
}

static uint32_t weight(const struct weir_pick *pick, uint32_t i)
{
	return i < of(pick)->table->count ? of(pick)->table->at[i].weight : 0;
}

static bool pick_key(const struct weir_pick *pick, const struct weir_key *key, uint64_t *hash)
{
	*hash = 0;
	return of(pick)->ex != NULL && fake_host.key_hash(of(pick)->ex, key, hash);
}

/* Discovery ------------------------------------------------------------------------- */

void weir_fake_watch(struct weir_fake_use *use, const char *service, uint32_t waits)
{
	struct weir_fake *f = use->fake;
	struct fake_frame before = fake_enter(use, HOOK_WATCH, NULL);
	struct weir_here here = use->here;

	here.worker = NULL;
	f->watched = fake_copy(&f->arena, str_from(service));
	weir_fake_cancel_at(f, waits);
	use->plugin.discovery->watch(&here, (struct weir_watch *)(void *)f);
	weir_fake_cancel_at(f, 0);
	f->cancelled = false;
	fake_look_for_leaks(f);
	fake_leave(f, before);
}

static struct weir_str watch_service(const struct weir_watch *watch)
{
	return ((const struct weir_fake *)(const void *)watch)->watched;
}

static bool set_valid(const struct weir_endpoint *rows, uint32_t count, size_t size,
		      struct weir_error *error)
{
	for (uint32_t i = 0; i < count; i++) {
		struct weir_endpoint e = endpoint_given(rows, size, i);

		if (e.address.len == 0)
			return fail(error, "endpoint %u has no address", i + 1);
		for (uint32_t k = 0; k < i; k++)
			if (str_eq(endpoint_given(rows, size, k).address, e.address))
				return fail(error, "%.*s stands there twice", WEIR_ARG(e.address));
	}
	return true;
}

static struct weir_endpoint copy_endpoint(struct arena *arena, struct weir_endpoint e)
{
	struct weir_field *labels = fake_must(arena_take(arena, (e.label_count + 1) * sizeof(*labels)));

	e.address = fake_copy(arena, e.address);
	e.id = fake_copy(arena, e.id);
	e.zone = fake_copy(arena, e.zone);
	e.server_name = fake_copy(arena, e.server_name);
	for (size_t i = 0; i < e.label_count; i++)
		labels[i] = (struct weir_field){ fake_copy(arena, e.labels[i].name),
						 fake_copy(arena, e.labels[i].value) };
	e.labels = labels;
	return e;
}

static bool publish(struct weir_watch *watch, const struct weir_endpoint *rows, uint32_t count,
		    size_t size, struct weir_error *error)
{
	struct weir_fake *f = (struct weir_fake *)(void *)watch;
	struct weir_error why = { "" };

	if (!set_valid(rows, count, size, &why)) {
		fault_note(f, FAULT_BAD_SET, why.text);
		return fail(error, "%s", why.text);
	}
	f->published = fake_must(arena_zero(&f->arena, (count + (size_t)1) * sizeof(*rows)));
	for (uint32_t i = 0; i < count; i++)
		f->published[i] = copy_endpoint(&f->arena, endpoint_given(rows, size, i));
	f->published_count = count;
	f->publications++;
	f->watch_failure = NULL;
	return true;
}

static void failed(struct weir_watch *watch, struct weir_str sentence)
{
	struct weir_fake *f = (struct weir_fake *)(void *)watch;

	f->watch_failure = fake_copy(&f->arena, sentence).data;
}

const struct weir_endpoint *weir_fake_published(const struct weir_fake *f, uint32_t *count)
{
	*count = f->published_count;
	return f->published;
}

uint32_t weir_fake_publications(const struct weir_fake *f)
{
	return f->publications;
}

const char *weir_fake_watch_failure(const struct weir_fake *f)
{
	return f->watch_failure;
}

/* Retry and tracer -------------------------------------------------------------------- */

void weir_fake_begin(struct weir_fake_use *use)
{
	struct fake_frame before = fake_enter(use, HOOK_JUDGE, NULL);

	if (use->plugin.retry->begin != NULL)
		use->plugin.retry->begin(&use->here);
	fake_leave(use->fake, before);
}

struct weir_retry_judgement weir_fake_judge(struct weir_fake_use *use,
					    const struct weir_retry_question *question)
{
	struct fake_frame before = fake_enter(use, HOOK_JUDGE, NULL);
	struct weir_retry_judgement j = { .size = sizeof(j) };

	use->plugin.retry->judge(&use->here, question, &j);
	if (j.again && !question->safe)
		fault_note(use->fake, FAULT_UNSAFE_AGAIN, NULL);
	fake_leave(use->fake, before);
	return j;
}

enum weir_sent weir_fake_send(struct weir_fake_use *use, struct weir_batch *batch)
{
	struct fake_frame before = fake_enter(use, HOOK_SEND, NULL);
	struct weir_here here = use->here;
	enum weir_sent result;

	here.worker = NULL;
	result = use->plugin.tracer->send(&here, batch);
	fake_leave(use->fake, before);
	return result;
}

void fake_fill_roles(struct weir_host *host)
{
	host->pick_usable = usable;
	host->pick_in_flight = in_flight;
	host->pick_weight = weight;
	host->pick_key = pick_key;
	host->watch_service = watch_service;
	host->watch_publish = publish;
	host->watch_failed = failed;
}
