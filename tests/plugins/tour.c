/* tour.c - a test plugin that uses the rest of the window: keys, templates, a shared store, bytes of the
 * exchange, of the worker and of its own, its name and its place. */
#include <weir/plugin.h>

#include <stdlib.h>

struct tour {
	const struct weir_key *key;
	const struct weir_template *say;
	struct weir_store *store;
	struct weir_str name, path;
	uint64_t span;			/* of the rate, in seconds */
};

struct own {
	uint64_t requests;		/* on this worker */
};

struct scratch {
	int64_t times;			/* this key has come, to all workers together */
	uint64_t hash;
	bool whole;			/* no part of the key is missing */
};

static void tell(struct weir_exchange *ex, const char *name, int64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)n);

	weir_response_header_set(ex, name, ((struct weir_str){ text, (size_t)len }));
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct tour *t = here->self;
	struct own *own = here->worker;
	struct scratch *s = here->exchange;
	struct weir_str key;

	own->requests++;
	s->whole = weir_key_text(ex, t->key, &key);
	if (weir_key_hash(ex, t->key, &s->hash) != s->whole)
		return WEIR_FAILED;
	if (!weir_store_add(t->store, key, 1, WEIR_FOR_EVER, &s->times))
		return WEIR_FAILED;
	weir_request_header_set(ex, "x-key", key);
	weir_request_header_set(ex, "x-said", weir_template_text(ex, t->say));
	return WEIR_NEXT;
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct tour *t = here->self;
	const struct own *own = here->worker;
	const struct scratch *s = here->exchange;

	tell(ex, "x-times", s->times);
	tell(ex, "x-on-this-worker", (int64_t)own->requests);
	tell(ex, "x-whole", s->whole);
	tell(ex, "x-bucket", (int64_t)(s->hash % 100));
	tell(ex, "x-span", (int64_t)t->span);
	weir_response_header_set(ex, "x-name", t->name);
	weir_response_header_set(ex, "x-place", t->path);
	return WEIR_NEXT;
}

static bool tour_worker_open(void *self, void **worker, struct weir_error *error)
{
	(void)self;
	*worker = calloc(1, sizeof(struct own));
	return *worker != NULL || weir_fail(error, "out of memory");
}

static void tour_worker_close(void *self, void *worker)
{
	(void)self;
	free(worker);
}

static bool tour_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct tour *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return weir_fail(error, "out of memory");
	t->key = weir_option_key(setup, "key");
	t->say = weir_option_template(setup, "say");
	t->store = weir_store_open(setup, "times", 1 << 20);
	t->name = weir_setup_name(setup);
	t->path = weir_setup_path(setup);
	t->span = weir_option_rate_span(setup, "rate") / UINT64_C(1000000000);
	if (t->store == NULL) {
		free(t);
		return weir_fail(error, "out of memory");
	}
	*self = t;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "key", .type = WEIR_KEY, .required = true, .about = "what is counted" },
	{ .name = "say", .type = WEIR_TEMPLATE, .fallback = "", .about = "what to tell the service" },
	{ .name = "rate", .type = WEIR_RATE, .fallback = "120/m", .about = "only its span is told" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = sizeof(struct scratch),
	.on_request = on_request, .on_response = on_response);

WEIR_PLUGIN(tour,
	.summary = "uses the rest of the window",
	.options = options,
	.open = tour_open, .close = free,
	.worker_open = tour_worker_open, .worker_close = tour_worker_close,
	.policy = &policy);
