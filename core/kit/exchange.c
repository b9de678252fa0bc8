/* exchange.c - a request that nobody sent, and what came of it. */
#include "core/kit/inside.h"

#include "core/base/clock.h"
#include "core/http/target.h"

#define TIME_LEFT (10 * NS_PER_S)

enum { HEADERS_MOST = 100 };

static void set_part(struct weir_exchange *ex, enum weir_part part, const char *text)
{
	ex->parts[part] = str_from(text);
}

/* The path as the gateway would normalise it; one that it would refuse stays as it is. */
static void set_target(struct weir_exchange *ex, struct weir_str target)
{
	size_t mark = str_find(target, '?');
	struct weir_str path = str_head(target, mark);

	ex->parts[WEIR_PART_TARGET] = target;
	ex->parts[WEIR_PART_QUERY] = mark < target.len ? str_skip(target, mark + 1) : WEIR_ABSENT;
	if (path_normalise(&ex->arena, path, false, &ex->parts[WEIR_PART_PATH]) != REASON_NONE)
		ex->parts[WEIR_PART_PATH] = path;
}

struct weir_exchange *weir_fake_exchange(struct weir_fake *f, const char *method,
					 const char *target)
{
	struct weir_exchange *ex = fake_must(mem_alloc(sizeof(*ex)));

	ex->fake = f;
	arena_init(&ex->arena, NULL, FAKE_EXCHANGE);
	headers_init(&ex->headers[WEIR_REQUEST], &ex->arena, HEADERS_MOST);
	ex->until = f->now + TIME_LEFT;
	ex->parts[WEIR_PART_METHOD] = fake_copy(&ex->arena, str_from(method));
	ex->repeatable = method_idempotent(method_of(str_from(method)));
	set_target(ex, fake_copy(&ex->arena, str_from(target)));
	set_part(ex, WEIR_PART_SCHEME, "http");
	set_part(ex, WEIR_PART_HOST, "api.example");
	set_part(ex, WEIR_PART_CLIENT, "192.0.2.1");
	set_part(ex, WEIR_PART_ID, "0123456789abcdef");
	set_part(ex, WEIR_PART_ROUTE, "route");
	set_part(ex, WEIR_PART_SERVICE, "service");
	set_part(ex, WEIR_PART_LISTENER, "default");
	set_part(ex, WEIR_PART_PROTOCOL, "HTTP/1.1");
	(void)headers_add(&ex->headers[WEIR_REQUEST], STR("host"), ex->parts[WEIR_PART_HOST]);
	ex->next = f->exchanges;
	f->exchanges = ex;
	return ex;
}

static void look_for_overruns(struct weir_exchange *ex)
{
	for (struct fake_scratch *s = ex->scratch; s != NULL; s = s->next) {
		struct fake_frame before = fake_enter(s->use, HOOK_DONE, ex);
		bool whole = true;

		for (size_t i = 0; i < FAKE_CANARY; i++)
			whole = whole && s->bytes[s->size + i] == 0xc5;
		if (!whole)
			fault_note(ex->fake, FAULT_SCRATCH_OVERRUN, NULL);
		fake_leave(ex->fake, before);
	}
}

void weir_fake_end(struct weir_exchange *ex)
{
	if (ex->stage == STAGE_OVER)
		return;
	look_for_overruns(ex);
	ex->stage = STAGE_OVER;
	arena_reset(&ex->arena);
}

/* Set-up ----------------------------------------------------------------------- */

void weir_fake_set_part(struct weir_exchange *ex, enum weir_part part, struct weir_str text)
{
	ex->parts[part] = fake_copy(&ex->arena, text);
	if (part == WEIR_PART_HOST)
		(void)headers_set(&ex->headers[WEIR_REQUEST], STR("host"), ex->parts[part]);
}

void weir_fake_set_named(struct weir_exchange *ex, enum weir_named what, const char *name,
			 struct weir_str value)
{
	if (ex->named_count == FAKE_NAMED)
		(void)fake_must(NULL);
	ex->named[ex->named_count++] = (struct fake_named){
		what, fake_copy(&ex->arena, str_from(name)), fake_copy(&ex->arena, value),
	};
}

void weir_fake_add_header(struct weir_exchange *ex, enum weir_side side, const char *name,
			  struct weir_str value)
{
	if (side != WEIR_REQUEST && ex->status == 0)
		weir_fake_answered(ex, 200, WEIR_ABSENT);
	if (!headers_add(&ex->headers[side], fake_copy(&ex->arena, str_from(name)),
			 fake_copy(&ex->arena, value)))
		fprintf(stderr, "weir-fake: `%s: %.*s` is no valid header\n", name, WEIR_ARG(value));
}

void weir_fake_set_body(struct weir_exchange *ex, enum weir_side side, struct weir_str body)
{
	ex->body[side] = fake_copy(&ex->arena, body);
}

void weir_fake_set_repeatable(struct weir_exchange *ex, bool repeatable)
{
	ex->repeatable = repeatable;
}

void weir_fake_set_time_left(struct weir_exchange *ex, uint64_t ns)
{
	ex->until = clock_after(ex->fake->now, ns);
}

void weir_fake_answered(struct weir_exchange *ex, uint16_t status, struct weir_str reason)
{
	headers_init(&ex->headers[WEIR_RESPONSE], &ex->arena, HEADERS_MOST);
	headers_init(&ex->headers[WEIR_TRAILERS], &ex->arena, HEADERS_MOST);
	ex->status = status;
	ex->parts[WEIR_PART_REASON] = fake_copy(&ex->arena, reason);
	ex->body[WEIR_RESPONSE] = WEIR_ABSENT;
	if (ex->stage == STAGE_REQUEST)
		ex->stage = STAGE_RESPONSE;
}

/* What came of it ---------------------------------------------------------------- */

uint16_t weir_fake_status(const struct weir_exchange *ex)
{
	return ex->status;
}

uint32_t weir_fake_attempts(const struct weir_exchange *ex)
{
	return ex->attempts;
}

struct weir_str weir_fake_part(const struct weir_exchange *ex, enum weir_part part)
{
	return ex->parts[part];
}

struct weir_str weir_fake_named(const struct weir_exchange *ex, enum weir_named what,
				const char *name)
{
	return fake_host.named(ex, what, str_from(name));
}

struct weir_str weir_fake_header(const struct weir_exchange *ex, enum weir_side side,
				 const char *name)
{
	return fake_host.header(ex, side, str_from(name));
}

bool weir_fake_header_nth(const struct weir_exchange *ex, enum weir_side side, uint32_t n,
			  struct weir_field *out)
{
	return fake_host.header_nth(ex, side, n, out);
}

struct weir_str weir_fake_body(const struct weir_exchange *ex, enum weir_side side)
{
	return ex->body[side];
}

struct weir_str weir_fake_why(const struct weir_exchange *ex)
{
	return ex->why;
}

bool weir_fake_claim_nth(const struct weir_exchange *ex, uint32_t n, struct weir_field *out)
{
	for (uint32_t i = 0; i < ex->named_count; i++) {
		const struct fake_named *named = &ex->named[i];

		if (named->what != WEIR_NAMED_CLAIM || n-- > 0)
			continue;
		*out = (struct weir_field){ named->name, named->value };
		return true;
	}
	return false;
}

bool weir_fake_logged_nth(const struct weir_exchange *ex, uint32_t n, struct weir_field *out)
{
	if (n < ex->logged_count)
		*out = ex->logged[n];
	return n < ex->logged_count;
}

struct weir_str weir_fake_logged(const struct weir_exchange *ex, const char *key)
{
	struct weir_str found = WEIR_ABSENT;

	for (uint32_t i = 0; i < ex->logged_count; i++)
		if (str_eq(ex->logged[i].name, str_from(key)))
			found = ex->logged[i].value;
	return found;
}
