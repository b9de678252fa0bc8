/* window_exchange.c - what a plugin may decide: answers, refusals, another service, words for the log. */
#include "core/proxy/window_exchange.h"

#include <weir/policy.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/http/hop.h"
#include "core/plugin/today.h"
#include "core/plugin/window.h"
#include "core/proxy/again.h"
#include "core/proxy/answer.h"
#include "core/proxy/exchange.h"
#include "core/proxy/templates.h"
#include "core/upstream/balance.h"

static uint16_t status(const struct weir_exchange *wex)
{
	return exchange_of(wex)->res.status;
}

static bool status_allows_body(unsigned s)
{
	return s >= 200 && s != 204 && s != 304;
}

static bool status_set(struct weir_exchange *wex, uint16_t value)
{
	struct exchange *ex = exchange_of(wex);

	if (ex->res.status == 0 || ex->head_sent || value < 200 || value > 599 ||
	    status_allows_body(value) != status_allows_body(ex->res.status))
		return false;
	ex->res.status = value;
	ex->res.phrase = STR_ABSENT;
	return true;
}

static bool route_to(struct weir_exchange *wex, struct weir_str name)
{
	struct exchange *ex = exchange_of(wex);
	struct service *svc = snapshot_service(ex->reader->snapshot, name);

	if (svc == NULL || ex->forwarded)
		return false;
	ex->service = svc;
	return true;
}

static void reply(struct weir_exchange *wex, const struct weir_reply *given)
{
	struct exchange *ex = exchange_of(wex);
	struct weir_reply r = reply_today(given);
	unsigned code = r.status >= 200 && r.status <= 599 ? r.status : 500;

	if (ex->head_sent)
		return;
	answer_reply(ex, code,
		     r.content_type.data != NULL ? arena_copy(&ex->arena, r.content_type)
						 : STR("text/plain; charset=utf-8"),
		     arena_copy(&ex->arena, r.body));
	for (size_t i = 0; i < r.header_count; i++)
		(void)window_table()->header_add(wex, WEIR_RESPONSE, r.headers[i].name,
						 r.headers[i].value);
}

static void refuse(struct weir_exchange *wex, uint16_t code, struct weir_str why)
{
	struct exchange *ex = exchange_of(wex);

	exchange_unrefuse(ex);
	ex->refused_status = code >= 400 && code <= 599 ? code : 403;
	ex->detail = arena_copy(&ex->arena, why);
}

/* Names and values that cannot stand in a head are left out. */
static void keep_headers(struct exchange *ex, const struct weir_refusal *r)
{
	struct arena *arena = &ex->arena;

	ex->refused_count = 0;
	ex->refused_headers = arena_take(arena, (r->header_count + 1) * sizeof(struct weir_field));
	for (size_t i = 0; ex->refused_headers != NULL && i < r->header_count; i++) {
		struct weir_field f = r->headers[i];

		f.value = str_trim(f.value);
		if (!header_name_valid(f.name) || !header_value_valid(f.value) ||
		    header_frames(header_id_of(f.name)))
			continue;
		f = (struct weir_field){ arena_copy(arena, f.name), arena_copy(arena, f.value) };
		if (!arena->overflowed)
			ex->refused_headers[ex->refused_count++] = f;
	}
}

static void refuse_with(struct weir_exchange *wex, const struct weir_refusal *given)
{
	struct exchange *ex = exchange_of(wex);
	struct weir_refusal r = refusal_today(given);
	enum reason why = reason_of_word(r.reason);

	ex->refused_why = why < REASON_COUNT ? why : REASON_REFUSED;
	if (r.status == 0)
		r.status = reason_row(ex->refused_why)->status;
	ex->refused_status = r.status >= 400 && r.status <= 599 ? r.status : 403;
	ex->detail = r.why.data != NULL ? arena_copy(&ex->arena, r.why) : STR_ABSENT;
	keep_headers(ex, &r);
}

static void failed(struct weir_exchange *wex, struct weir_str reason)
{
	enum reason why = reason_of_word(reason);

	exchange_of(wex)->failed_why = why < REASON_COUNT ? why : REASON_POLICY_ERROR;
}

static bool identity_set(struct weir_exchange *wex, struct weir_str identity)
{
	struct exchange *ex = exchange_of(wex);

	ex->identity = arena_copy(&ex->arena, identity);
	return !ex->arena.overflowed;
}

static bool log_value(struct weir_exchange *wex, struct weir_str key, struct weir_str value)
{
	struct exchange *ex = exchange_of(wex);

	return record_add_extra(&ex->record, arena_copy(&ex->arena, key),
				arena_copy(&ex->arena, value));
}

static void *alloc(struct weir_exchange *wex, size_t size)
{
	return arena_take(&exchange_of(wex)->arena, size);
}

static uint32_t attempts(const struct weir_exchange *wex)
{
	return exchange_of(wex)->attempts;
}

static uint64_t time_left(const struct weir_exchange *wex)
{
	const struct exchange *ex = exchange_of(wex);
	uint64_t until = ex->route_until < ex->all_until ? ex->route_until : ex->all_until;
	uint64_t now = exchange_now(ex);

	if (until == CLOCK_NEVER)
		return CLOCK_NEVER;
	return until > now ? until - now : 0;
}

static bool key_text_of(struct weir_exchange *wex, const struct weir_key *key, struct weir_str *out)
{
	return exchange_key_text(exchange_of(wex), (const struct key *)(const void *)key, out);
}

static bool key_hash_of(struct weir_exchange *wex, const struct weir_key *key, uint64_t *out)
{
	struct weir_str text;
	bool whole = key_text_of(wex, key, &text);

	*out = hash64(0, text);
	return whole;
}

/* A key of a plugin's own has an arena of its own, which lies in itself. */
static bool key_compile_own(const struct weir_str *parts, uint32_t count, struct weir_own_key *out,
			    struct weir_error *error)
{
	struct arena arena, *hold;

	*out = (struct weir_own_key){ NULL, NULL };
	arena_init(&arena, NULL, 1 << 20);
	hold = arena_take(&arena, sizeof(*hold));
	if (hold == NULL)
		return fail_memory(error);
	out->key = (const struct weir_key *)(const void *)key_compile(&arena, parts, count, error);
	if (out->key == NULL) {
		arena_reset(&arena);
		return false;
	}
	*hold = arena;
	out->hold = hold;
	return true;
}

static void key_free_own(struct weir_own_key *key)
{
	struct arena arena;

	if (key->hold == NULL)
		return;
	arena = *(struct arena *)key->hold;
	arena_reset(&arena);
	*key = (struct weir_own_key){ NULL, NULL };
}

static int retry(struct weir_exchange *wex, struct weir_str service, uint64_t after_ns)
{
	return (int)exchange_ask_again(exchange_of(wex), service, after_ns);
}

/* The key of a balancer, for the request that is being placed. */
static bool pick_key(const struct weir_pick *pick, const struct weir_key *key, uint64_t *hash)
{
	struct weir_exchange *wex = balance_exchange(pick);

	*hash = 0;
	return wex != NULL && key_hash_of(wex, key, hash);
}

static struct weir_str fill(struct weir_exchange *wex, const struct weir_template *t)
{
	return template_fill(exchange_of(wex), (const struct template *)(const void *)t);
}

static struct hold_list *holds(struct weir_exchange *wex)
{
	return &exchange_of(wex)->holds;
}

static struct arena *arena(struct weir_exchange *wex)
{
	return &exchange_of(wex)->arena;
}

void window_fill_exchange(struct weir_host *host)
{
	static const struct window_bridge bridge = { .holds = holds, .arena = arena };

	host->status = status;
	host->status_set = status_set;
	host->route_to = route_to;
	host->reply = reply;
	host->refuse = refuse;
	host->refuse_with = refuse_with;
	host->failed = failed;
	host->identity_set = identity_set;
	host->log_value = log_value;
	host->alloc = alloc;
	host->attempts = attempts;
	host->time_left = time_left;
	host->key_text = key_text_of;
	host->key_hash = key_hash_of;
	host->pick_key = pick_key;
	host->key_compile = key_compile_own;
	host->key_free = key_free_own;
	host->retry = retry;
	host->template_text = fill;
	window_fill_parts(host);
	window_fill_waits(host);
	window_set_bridge(&bridge);
}
