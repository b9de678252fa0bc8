/* story.c - the small world. */
#include "config.h"

#include "tests/upstream/story.h"

#include <unistd.h>

#include "core/net/dns.h"
#include "core/net/socket.h"

void story_begin(struct story *s)
{
	struct weir_error error = { .text = "" };
	struct worker *workers[STORY_WORKERS];

	memset(s, 0, sizeof(*s));
	for (uint32_t i = 0; i < STORY_WORKERS; i++) {
		workers[i] = &s->workers[i];
		assert_true(worker_init(workers[i], i, NULL, &error));
	}
	assert_true(worker_init(&s->control, UINT32_MAX, NULL, &error));
	s->world = upstreams_new(workers, STORY_WORKERS, &s->control, &error);
	assert_non_null(s->world);
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		assert_true(upstream_worker_open(s->world, workers[i], &error));
	assert_true(upstream_worker_open(s->world, &s->control, &error));
}

void story_end(struct story *s)
{
	story_turns(s, 0);
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		upstream_worker_close(&s->workers[i]);
	story_turn(s);
	upstream_worker_close(&s->control);
	upstreams_free(s->world);
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		worker_fini(&s->workers[i]);
	dns_close(&s->control);
	worker_fini(&s->control);
}

void story_turn(struct story *s)
{
	for (uint32_t i = 0; i < STORY_WORKERS; i++)
		loop_turn(&s->workers[i].loop, 0);
	loop_turn(&s->control.loop, NS_PER_MS);
}

void story_turns(struct story *s, uint64_t ns)
{
	uint64_t until = clock_now() + ns;

	for (int i = 0; i < 4 || clock_now() < until; i++)
		story_turn(s);
}

void story_until(struct story *s, bool (*is_so)(void *arg), void *arg)
{
	uint64_t patience = clock_now() + 20 * NS_PER_S;

	while (!is_so(arg)) {
		if (clock_now() > patience)
			fail_msg("it did not come to it");
		story_turn(s);
	}
}

struct deed {
	void (*fn)(void *arg);
	void *arg;
	bool done;
};

static void do_it(void *arg)
{
	struct deed *deed = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	deed->fn(deed->arg);
	deadline_leave(&d);
	deed->done = true;
}

static bool is_done(void *arg)
{
	return ((struct deed *)arg)->done;
}

void story_does(struct story *s, struct worker *w, void (*fn)(void *arg), void *arg)
{
	struct deed deed = { .fn = fn, .arg = arg };

	assert_non_null(fiber_start(&w->loop, do_it, &deed));
	story_until(s, is_done, &deed);
}

void story_does_alone(struct worker *w, void (*fn)(void *arg), void *arg)
{
	struct deed deed = { .fn = fn, .arg = arg };

	assert_non_null(fiber_start(&w->loop, do_it, &deed));
	while (!deed.done)
		loop_turn(&w->loop, NS_PER_S);
	loop_turn(&w->loop, 0);
}

struct address story_address(const char *text)
{
	struct weir_error error = { .text = "" };
	struct address a;

	if (!address_parse(&a, str_from(text), &error))
		fail_msg("%s", error.text);
	return a;
}

int story_listen(struct address *where)
{
	struct weir_error error = { .text = "" };
	struct listen_options options = { .backlog = 64 };
	struct address any = story_address("127.0.0.1:0");
	int fd = socket_listen(&any, &options, &error);

	assert_true(fd >= 0);
	assert_true(socket_local(fd, where));
	return fd;
}

struct opening {
	struct story *story;
	const struct service_spec *spec;
	struct service *svc;
};

static void open_it(void *arg)
{
	struct opening *o = arg;
	struct weir_error error = { .text = "" };

	o->svc = service_new(o->story->world, o->spec, &error);
	if (o->svc == NULL || !service_open(o->svc, &error))
		fail_msg("%s", error.text);
	service_commit(o->svc);
}

struct service *story_open(struct story *s, const struct service_spec *spec)
{
	struct opening o = { .story = s, .spec = spec };

	story_does(s, &s->control, open_it, &o);
	story_turns(s, 0);
	return o.svc;
}

struct service *story_service(struct story *s, const char *const *addresses, uint32_t count,
			      const struct service_settings *settings)
{
	struct service_endpoint endpoints[STORY_ENDPOINTS] = { 0 };
	struct service_tier tier = { .endpoints = endpoints, .endpoint_count = count };
	struct service_spec spec = { .name = STR("tariff-svc"), .tiers = &tier, .tier_count = 1 };

	for (uint32_t i = 0; i < count; i++)
		endpoints[i].address = story_address(addresses[i]);
	if (settings != NULL)
		spec.settings = *settings;
	return story_open(s, &spec);
}

void story_close_it(void *arg)
{
	service_close(arg);
	service_unref(arg);
}

void story_close(struct story *s, struct service *svc)
{
	story_does(s, &s->control, story_close_it, svc);
	story_turns(s, 0);
}

struct endpoint *story_picks(struct story *s, struct service *svc, struct pick_ask *ask)
{
	struct endpoint *ep;

	return service_pick(svc, &s->workers[0], ask, &ep) == REASON_NONE ? ep : NULL;
}

struct endpoint *story_tries(struct story *s, struct service *svc, enum reason why, unsigned status)
{
	struct pick_ask ask = { .repeatable = true };
	struct endpoint *ep = story_picks(s, svc, &ask);

	endpoint_report(&ask, why, status);
	pick_end(&ask);
	return ep;
}
