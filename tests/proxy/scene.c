/* scene.c - one worker that carries traffic. */
#include "config.h"

#include "tests/proxy/scene.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/codec/buffers.h"
#include "core/net/network.h"
#include "core/plugin/window.h"
#include "core/proxy/session.h"
#include "core/proxy/window_exchange.h"
#include "core/upstream/roster.h"
#include "tests/net/pair.h"

#define PATIENCE (20 * NS_PER_S)
#define A_WHILE (30 * NS_PER_MS)

enum { HEARD_MOST = 4 << 20 };

/* --- The world. ----------------------------------------------------------------------------------- */

static void note_unread(struct snapshot *snapshot)
{
	struct scene *s = snapshot->world;

	s->unread = true;
}

static void fill_plans(struct scene *s)
{
	s->lp = (struct listener_plan){
		.name = STR("edge"), .body_limit = UINT64_MAX, .connections = UINT32_MAX,
		.limits = { .head_bytes = 32768, .headers = 100, .target = { .longest = 8192 } },
		.head_limit = 32768, .header_limit = 100,
		.head_timeout = 60 * NS_PER_S, .body_timeout = 60 * NS_PER_S,
		.idle_timeout = 60 * NS_PER_S, .tell_reasons = true, .routes = s->table,
	};
	s->plan = (struct plan){
		.name = STR("all"), .kind = PLAN_SERVICE, .service = s->svc,
		.chain = { .links = s->links, .stage = STAGE_ROUTE },
		.head_timeout = CLOCK_NEVER, .all_timeout = CLOCK_NEVER,
		.retry = { .attempts = 1, .per_try = CLOCK_NEVER, .replay_bytes = 65536 },
	};
	s->call_lp = s->lp;
	s->call_plan = s->plan;
	s->call_plan.chain = (struct chain){ .count = 0 };
	s->listeners[0] = &s->lp;
	s->plans[0] = &s->plan;
	s->services[0] = s->svc;
}

static void fill_snapshot(struct scene *s)
{
	struct snapshot *snap = &s->snapshot;

	*snap = (struct snapshot){
		.generation = 1, .workers = STORY_WORKERS, .readers = s->readers,
		.listeners = s->listeners, .listener_slots = 1, .plans = s->plans, .plan_count = 1,
		.services = s->services, .service_count = 1, .call_plan = &s->call_plan,
		.mirror_plan = &s->call_plan,
		.call_listener = &s->call_lp, .world = s, .unread = note_unread,
		.control = &s->story.control.loop,
	};
	atomic_init(&snap->unread_left, 1);
	for (uint32_t i = 0; i <= STORY_WORKERS; i++)
		s->readers[i].snapshot = snap;
}

static void build_table(struct scene *s)
{
	const struct route_spec all = { .number = 0, .name = STR("all") };
	const struct route_spec *specs[] = { &all };
	struct weir_error error = { "" };

	s->table = table_build(specs, 1, &error);
	if (s->table == NULL)
		fail_msg("%s", error.text);
}

struct scene *scene_new_with(const struct service_settings *settings, const char *const *endpoints,
			     uint32_t count)
{
	struct scene *s = aligned_alloc(_Alignof(struct scene), sizeof(*s));
	struct weir_error error = { "" };
	struct address where;
	const char *text;

	assert_non_null(s);
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena, NULL, 1 << 20);
	story_begin(&s->story);
	s->w = &s->story.workers[0];
	s->client = s->origin = -1;
	s->listener = story_listen(&where);
	text = where.text;
	assert_true(buffers_open(s->w, &error));
	assert_true(proxy_open(s->w, &error));
	s->px = proxy_of(s->w);
	window_fill_exchange(window_table());
	s->svc = story_service(&s->story, endpoints != NULL ? endpoints : &text,
			       endpoints != NULL ? count : 1, settings);
	build_table(s);
	fill_plans(s);
	fill_snapshot(s);
	proxy_use(s->px, &s->snapshot);
	return s;
}

struct scene *scene_new(void)
{
	struct service_settings settings = {
		.timeouts = { .connect = 60 * NS_PER_S, .first_byte = 60 * NS_PER_S,
			      .between_bytes = 60 * NS_PER_S, .keepalive = 60 * NS_PER_S },
		.eject = { .after = NO_LIMIT },
	};

	return scene_new_with(&settings, NULL, 0);
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

uint32_t scene_in_flight(const struct service *svc)
{
	uint32_t n = 0;

	list_for_each(link, &svc->roster->endpoints)
		n += atomic_load(&container_of(link, struct endpoint, link)->in_flight);
	return n;
}

static bool all_fibers_ended(struct scene *s)
{
	return fiber_count(&s->w->loop) == 0;
}

void scene_free(struct scene *s)
{
	shut(&s->client);
	shut(&s->origin);
	proxy_drain(s->px, NULL);
	scene_until(s, nobody_is_connected);
	scene_until(s, all_fibers_ended);
	assert_int_equal(s->px->exchange_count, 0);
	assert_int_equal(s->px->mirrors, 0);
	assert_int_equal(scene_in_flight(s->svc), 0);
	assert_int_equal(buffers_lent(s->w), 0);
	assert_int_equal(s->w->chunks.live, 0);
	snapshot_leave(s->px->reader);
	story_turns(&s->story, 0);
	assert_true(s->unread);
	proxy_close(s->w);
	if (s->other != NULL) {
		assert_int_equal(scene_in_flight(s->other), 0);
		story_close(&s->story, s->other);
	}
	story_close(&s->story, s->svc);
	table_free(s->table);
	story_turns(&s->story, 0);
	buffers_close(s->w);
	story_end(&s->story);
	shut(&s->listener);
	arena_reset(&s->arena);
	free(s);
}

void scene_turns(struct scene *s, uint64_t ns)
{
	story_turns(&s->story, ns);
}

void scene_until(struct scene *s, bool (*is_so)(struct scene *s))
{
	uint64_t until = clock_now() + PATIENCE;

	while (!is_so(s)) {
		if (clock_now() > until)
			fail_msg("it did not come to it");
		story_turn(&s->story);
	}
}

bool nobody_is_served(struct scene *s)
{
	return s->px->exchange_count == 0;
}

bool nobody_is_connected(struct scene *s)
{
	return s->px->session_count == 0;
}

struct service *scene_other_service(struct scene *s, const char *name)
{
	struct endpoint *ep = container_of(s->svc->roster->endpoints.next, struct endpoint, link);
	struct service_endpoint endpoint = { .address = ep->address };
	struct service_tier tier = { .endpoints = &endpoint, .endpoint_count = 1 };
	struct service_spec spec = { .name = str_from(name), .tiers = &tier, .tier_count = 1,
				     .settings = s->svc->settings };

	s->other = story_open(&s->story, &spec);
	s->services[0] = s->other;
	s->services[1] = s->svc;
	s->snapshot.service_count = 2;
	return s->other;
}

/* --- Policies and retries. -------------------------------------------------------------------------- */

static struct weir_use *use_of(struct scene *s, uint32_t at)
{
	struct weir_use *use = &s->uses[at];

	use->here = s->heres[at];
	use->places = STORY_WORKERS + 1;
	use->name = STR("test");
	use->path = STR("route all, policy");
	return use;
}

struct link *scene_policy(struct scene *s, const struct weir_policy *policy)
{
	struct chain *chain = &s->plan.chain;
	struct link *l = &s->links[s->used];
	struct weir_use *use = use_of(s, s->used);

	use->policy = policy;
	use->exchange_size = (uint32_t)policy->exchange_size;
	*l = (struct link){ .kind = LINK_POLICY, .use = use, .scratch = chain->scratch,
			    .number = chain->numbers++, .stage = chain->stage };
	chain->scratch += (use->exchange_size + 15u) & ~15u;
	chain_note(chain, l);
	chain->count++;
	s->used++;
	return l;
}

static void says_again(const struct weir_here *here, const struct weir_retry_question *q,
		       struct weir_retry_judgement *judgement)
{
	(void)here;
	(void)q;
	judgement->again = true;
}

void scene_retries(struct scene *s, const enum reason *reasons, uint32_t count, unsigned status)
{
	static const struct weir_retry retry = WEIR_RETRY(.judge = says_again);
	struct retry_rules *rules = &s->plan.retry;

	rules->judge = use_of(s, SCENE_LINKS);
	rules->judge->retry = &retry;
	rules->attempts = 2;
	for (uint32_t i = 0; i < count; i++)
		rules->reasons[reasons[i] / 64] |= 1ull << (reasons[i] % 64);
	if (status != 0)
		rules->statuses[status / 8] |= (uint8_t)(1u << (status % 8));
}

/* --- Either end. ------------------------------------------------------------------------------------ */

static void say(struct scene *s, int fd, const char *bytes, size_t len)
{
	uint64_t until = clock_now() + PATIENCE;

	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			continue;
		}
		if (clock_now() > until)
			fail_msg("it does not take what is said");
		story_turn(&s->story);
	}
}

static struct weir_str hear(struct scene *s, int fd, char *room, const char *text)
{
	uint64_t until = clock_now() + (*text != '\0' ? PATIENCE : A_WHILE);
	size_t len = 0;

	while (clock_now() < until) {
		ssize_t n = recv(fd, room + len, HEARD_MOST - len, MSG_DONTWAIT);

		len += n > 0 ? (size_t)n : 0;
		if (*text != '\0' && str_find_str(str_of(room, len), str_from(text)) < len)
			return str_of(room, len);
		if (n == 0 && *text != '\0')
			fail_msg("it ended without \"%s\": \"%.*s\"", text, (int)len, room);
		if (n <= 0)
			story_turn(&s->story);
	}
	if (*text != '\0')
		fail_msg("\"%s\" did not come, only \"%.*s\"", text, (int)len, room);
	return str_of(room, len);
}

/* 0: a FIN; otherwise errno; -1: bytes. */
static int end_of(struct scene *s, int fd)
{
	uint64_t until = clock_now() + PATIENCE;
	char byte;

	while (clock_now() < until) {
		ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

		if (n >= 0)
			return n == 0 ? 0 : -1;
		if (errno != EAGAIN)
			return errno;
		story_turn(&s->story);
	}
	fail_msg("it does not end");
	return -1;
}

/* --- The client. ------------------------------------------------------------------------------------ */

void client_connects(struct scene *s)
{
	struct peer peer;
	int fds[2];

	tcp_pair(fds);
	assert_true(peer_parse_ip(&peer, STR("192.0.2.1")));
	proxy_accept(s->px, 0, NULL, NULL, fds[0], &peer);
	s->client = fds[1];
}

void client_says_bytes(struct scene *s, const char *bytes, size_t len)
{
	if (s->client < 0)
		client_connects(s);
	say(s, s->client, bytes, len);
}

void client_says(struct scene *s, const char *text)
{
	client_says_bytes(s, text, strlen(text));
}

void client_half_closes(struct scene *s)
{
	shutdown(s->client, SHUT_WR);
}

void client_closes(struct scene *s)
{
	shut(&s->client);
}

void client_resets(struct scene *s)
{
	close_with_reset(s->client);
	s->client = -1;
}

struct weir_str client_hears(struct scene *s, const char *text)
{
	static char room[HEARD_MOST];

	return hear(s, s->client, room, text);
}

void client_hears_the_end(struct scene *s)
{
	assert_int_equal(end_of(s, s->client), 0);
}

void client_is_reset(struct scene *s)
{
	assert_int_equal(end_of(s, s->client), ECONNRESET);
}

bool client_hears_nothing(struct scene *s)
{
	return client_hears(s, "").len == 0;
}

/* --- The origin. ------------------------------------------------------------------------------------ */

static bool comes(struct scene *s, uint64_t span)
{
	uint64_t until = clock_now() + span;
	int fd = -1;

	while (fd < 0 && clock_now() < until) {
		story_turn(&s->story);
		fd = accept4(s->listener, NULL, NULL, 0);
	}
	if (fd >= 0)
		s->origin = fd;
	return fd >= 0;
}

void origin_accepts(struct scene *s)
{
	assert_true(comes(s, PATIENCE));
}

bool origin_is_asked_again(struct scene *s)
{
	return comes(s, A_WHILE);
}

void origin_says(struct scene *s, const char *text)
{
	say(s, s->origin, text, strlen(text));
}

struct weir_str origin_hears(struct scene *s, const char *text)
{
	static char room[HEARD_MOST];

	return hear(s, s->origin, room, text);
}

void origin_closes(struct scene *s)
{
	shut(&s->origin);
}

void origin_half_closes(struct scene *s)
{
	shutdown(s->origin, SHUT_WR);
}

void origin_resets(struct scene *s)
{
	close_with_reset(s->origin);
	s->origin = -1;
}

void origin_hears_the_end(struct scene *s)
{
	int how = end_of(s, s->origin);

	assert_true(how == 0 || how == ECONNRESET);
}

uint32_t origin_idle(struct scene *s)
{
	return atomic_load(&s->svc->roster->tallies[0].idle);
}

void plain_exchange(struct scene *s)
{
	client_says(s, GET);
	if (s->origin < 0)
		origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
}
