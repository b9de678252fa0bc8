/* host_decide.c - what a plugin may decide: answers, refusals, another service, words for the log. */
#include "core/kit/host_inside.h"

#include "core/base/hash.h"
#include "core/base/reason.h"
#include "core/kit/services.h"
#include "core/plugin/today.h"
#include "core/route/key.h"

static uint16_t status(const struct weir_exchange *ex)
{
	return fake_may_look(ex, "weir_response_status") ? ex->status : 0;
}

static bool allows_body(unsigned s)
{
	return s >= 200 && s != 204 && s != 304;
}

static bool status_set(struct weir_exchange *ex, uint16_t value)
{
	if (!fake_may_edit(ex, "weir_response_set_status") || ex->status == 0 || value < 200 ||
	    value > 599 || allows_body(value) != allows_body(ex->status))
		return false;
	ex->status = value;
	return true;
}

static bool route_to(struct weir_exchange *ex, struct weir_str service)
{
	if (!fake_may_edit(ex, "weir_route_to") || !fake_service_known(ex->fake, service))
		return false;
	if (ex->stage != STAGE_REQUEST) {
		fault_note(ex->fake, FAULT_LATE_ROUTE, NULL);
		return false;
	}
	ex->parts[WEIR_PART_SERVICE] = fake_copy(&ex->arena, service);
	return true;
}

static void reply(struct weir_exchange *ex, const struct weir_reply *given)
{
	struct weir_reply r = reply_today(given);

	if (!fake_may_edit(ex, "weir_reply"))
		return;
	if (r.status < 200 || r.status > 599)
		fault_note(ex->fake, FAULT_BAD_STATUS, NULL);
	ex->replies++;
	weir_fake_answered(ex, r.status >= 200 && r.status <= 599 ? r.status : 500, STR("refused"));
	ex->body[WEIR_RESPONSE] = fake_copy(&ex->arena, r.body);
	if (r.body.len > 0)
		(void)headers_set(&ex->headers[WEIR_RESPONSE], STR("content-type"),
				  r.content_type.data != NULL
					  ? fake_copy(&ex->arena, r.content_type)
					  : STR("text/plain; charset=utf-8"));
	for (size_t i = 0; i < r.header_count; i++)
		(void)fake_host.header_add(ex, WEIR_RESPONSE, r.headers[i].name,
					   r.headers[i].value);
}

static void keep_headers(struct weir_exchange *ex, const struct weir_refusal *r)
{
	size_t size = (r->header_count + 1) * sizeof(struct weir_field);

	ex->refused_headers = fake_must(arena_take(&ex->arena, size));
	ex->refused_count = 0;
	for (size_t i = 0; i < r->header_count; i++)
		if (fake_header_fine(ex, r->headers[i].name, r->headers[i].value))
			ex->refused_headers[ex->refused_count++] = (struct weir_field){
				fake_copy(&ex->arena, r->headers[i].name),
				fake_copy(&ex->arena, str_trim(r->headers[i].value)),
			};
}

static void refuse_with(struct weir_exchange *ex, const struct weir_refusal *given)
{
	struct weir_refusal r = refusal_today(given);
	enum reason why = reason_of_word(r.reason);

	if (!fake_may_edit(ex, "weir_refuse"))
		return;
	why = why < REASON_COUNT ? why : REASON_REFUSED;
	if (r.status == 0)
		r.status = reason_row(why)->status;
	if (r.status < 400 || r.status > 599)
		fault_note(ex->fake, FAULT_BAD_REFUSAL, NULL);
	ex->refusals++;
	ex->refused_status = r.status >= 400 && r.status <= 599 ? r.status : 403;
	ex->refused_reason = reason_row(why)->word;
	ex->why = r.why.data != NULL ? fake_copy(&ex->arena, r.why) : reason_row(why)->sentence;
	keep_headers(ex, &r);
}

static void refuse(struct weir_exchange *ex, uint16_t code, struct weir_str why)
{
	struct weir_refusal r = WEIR_REFUSAL(.status = code, .reason = STR("refused"), .why = why);

	if (code == 0)
		r.status = 1;	/* no status of its own here: a fault */
	refuse_with(ex, &r);
}

static void failed(struct weir_exchange *ex, struct weir_str reason)
{
	enum reason why = reason_of_word(reason);

	ex->failed_reason = reason_row(why < REASON_COUNT ? why : REASON_POLICY_ERROR)->word;
}

/* Nothing of the request was sent, or repeating it does no harm. */
static bool may_repeat(const struct weir_exchange *ex)
{
	enum reason why = reason_of_word(ex->parts[WEIR_PART_REASON]);

	return ex->repeatable || (why < REASON_COUNT && reason_row(why)->retry == RETRY_SAFE);
}

static int retry(struct weir_exchange *ex, struct weir_str service, uint64_t after_ns)
{
	if (!fake_may_edit(ex, "weir_retry") || !ex->forwarded || ex->fake->hook != HOOK_RESPONSE)
		return WEIR_RETRY_NOT_HERE;
	if (ex->again.count >= FAKE_AGAIN)
		return WEIR_RETRY_TOO_OFTEN;
	if (!may_repeat(ex))
		return WEIR_RETRY_UNSAFE;
	if (service.data != NULL && !fake_service_known(ex->fake, service))
		return WEIR_RETRY_UNKNOWN;
	ex->again.wanted = true;
	ex->again.service = fake_copy(&ex->arena, service);
	ex->again.after = after_ns;
	return WEIR_RETRY_FOLLOWS;
}

bool weir_fake_again(struct weir_exchange *ex)
{
	if (!ex->again.wanted)
		return false;
	ex->again.wanted = false;
	ex->again.count++;
	ex->why = WEIR_ABSENT;
	weir_fake_advance(ex->fake, ex->again.after);
	if (ex->again.service.data != NULL)
		ex->parts[WEIR_PART_SERVICE] = ex->again.service;
	return true;
}

/* Accounts may be kept to the last: in on_done too. */
static bool log_value(struct weir_exchange *ex, struct weir_str key, struct weir_str value)
{
	if (!fake_may_look(ex, "weir_log_value") || ex->logged_count == FAKE_LOGGED)
		return false;
	ex->logged[ex->logged_count++] = (struct weir_field){ fake_copy(&ex->arena, key),
							      fake_copy(&ex->arena, value) };
	return true;
}

static void *alloc(struct weir_exchange *ex, size_t size)
{
	return fake_may_look(ex, "weir_alloc") ? arena_take(&ex->arena, size) : NULL;
}

static uint32_t attempts(const struct weir_exchange *ex)
{
	return fake_may_look(ex, "weir_attempts") ? ex->attempts : 0;
}

static uint64_t time_left(const struct weir_exchange *ex)
{
	if (!fake_may_look(ex, "weir_time_left"))
		return 0;
	return ex->until > ex->fake->now ? ex->until - ex->fake->now : 0;
}

/* Keys and templates -------------------------------------------------------------- */

static struct weir_str ask(void *arg, enum key_part part, struct weir_str name)
{
	struct weir_exchange *ex = arg;

	switch (part) {
	case KEY_CLIENT_IP:
		return ex->parts[WEIR_PART_CLIENT];
	case KEY_CLIENT_IDENTITY:
		return ex->parts[WEIR_PART_IDENTITY];
	case KEY_HEADER:
		return headers_joined(&ex->headers[WEIR_REQUEST], name);
	case KEY_COOKIE:
		return fake_named(ex, WEIR_NAMED_COOKIE, name);
	case KEY_QUERY:
		return fake_named(ex, WEIR_NAMED_QUERY, name);
	case KEY_PATH:
	case KEY_CAPTURE:
		return fake_named(ex, WEIR_NAMED_PARAM, name);
	case KEY_CLAIM:
		return fake_named(ex, WEIR_NAMED_CLAIM, name);
	case KEY_HOST:
		return ex->parts[WEIR_PART_HOST];
	case KEY_METHOD:
		return ex->parts[WEIR_PART_METHOD];
	case KEY_ROUTE:
		return ex->parts[WEIR_PART_ROUTE];
	case KEY_SERVICE:
		return ex->parts[WEIR_PART_SERVICE];
	case KEY_LISTENER:
		return ex->parts[WEIR_PART_LISTENER];
	}
	return WEIR_ABSENT;
}

static const struct key_asker asker = { .part = ask };

static bool key_text_of(struct weir_exchange *ex, const struct weir_key *key, struct weir_str *out)
{
	*out = STR("");
	return fake_may_look(ex, "a key") &&
	       key_text((const struct key *)(const void *)key, &asker, ex, &ex->arena, out);
}

static bool key_hash_of(struct weir_exchange *ex, const struct weir_key *key, uint64_t *out)
{
	struct weir_str text;
	bool whole = key_text_of(ex, key, &text);

	*out = hash64(0, text);
	return whole;
}

static struct weir_str fill(struct weir_exchange *ex, const struct weir_template *t)
{
	if (!fake_may_look(ex, "weir_template_text"))
		return WEIR_ABSENT;
	return template_text((const struct template *)(const void *)t, &asker, ex, &ex->arena);
}

static bool key_compile_own(const struct weir_str *parts, uint32_t count, struct weir_own_key *out,
			    struct weir_error *error)
{
	struct arena *hold = fake_must(mem_alloc(sizeof(*hold)));

	arena_init(hold, NULL, 1 << 20);
	out->hold = hold;
	out->key = (const struct weir_key *)(const void *)key_compile(hold, parts, count, error);
	if (out->key != NULL)
		return true;
	fake_host.key_free(out);
	return false;
}

static void key_free_own(struct weir_own_key *key)
{
	if (key->hold != NULL)
		arena_reset(key->hold);
	mem_free(key->hold);
	*key = (struct weir_own_key){ NULL, NULL };
}

void fake_fill_decisions(struct weir_host *host)
{
	host->status = status;
	host->status_set = status_set;
	host->route_to = route_to;
	host->reply = reply;
	host->refuse = refuse;
	host->refuse_with = refuse_with;
	host->failed = failed;
	host->retry = retry;
	host->log_value = log_value;
	host->alloc = alloc;
	host->attempts = attempts;
	host->time_left = time_left;
	host->key_text = key_text_of;
	host->key_hash = key_hash_of;
	host->template_text = fill;
	host->key_compile = key_compile_own;
	host->key_free = key_free_own;
}
