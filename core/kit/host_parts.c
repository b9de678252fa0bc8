/* host_parts.c - the window's view of a made-up exchange: parts, names, headers. */
#include "core/kit/host_inside.h"

#include "core/http/hop.h"
#include "core/http/rewrite.h"

static struct weir_str part(const struct weir_exchange *ex, enum weir_part which)
{
	if (!fake_may_look(ex, "a part of the request") || (unsigned)which >= FAKE_PARTS)
		return WEIR_ABSENT;
	return ex->parts[which];
}

static struct weir_str given_at(const struct weir_exchange *ex, enum weir_named what,
				struct weir_str name, uint32_t at)
{
	for (uint32_t i = 0; i < ex->named_count; i++)
		if (ex->named[i].what == what && str_eq(ex->named[i].name, name) && at-- == 0)
			return ex->named[i].value;
	return WEIR_ABSENT;
}

/* Several values are joined with a comma. */
static struct weir_str given(const struct weir_exchange *ex, struct arena *arena,
			     enum weir_named what, struct weir_str name)
{
	struct weir_str all = given_at(ex, what, name, 0), next;

	for (uint32_t at = 1; (next = given_at(ex, what, name, at)).data != NULL; at++)
		all = arena_join(arena, (const struct weir_str[]){ all, STR(","), next }, 3);
	return all;
}

struct weir_str fake_named(const struct weir_exchange *ex, enum weir_named what,
			   struct weir_str name)
{
	struct arena *arena = (struct arena *)(uintptr_t)&ex->arena;

	switch (what) {
	case WEIR_NAMED_QUERY:
		return query_get(arena, ex->parts[WEIR_PART_QUERY], name);
	case WEIR_NAMED_COOKIE:
		return cookie_get(headers_joined(&ex->headers[WEIR_REQUEST], STR("cookie")), name);
	case WEIR_NAMED_PARAM:
	case WEIR_NAMED_CLAIM:
		return given(ex, arena, what, name);
	}
	return WEIR_ABSENT;
}

static struct weir_str named(const struct weir_exchange *ex, enum weir_named what,
			     struct weir_str name)
{
	return fake_may_look(ex, "a name of the request") ? fake_named(ex, what, name) : WEIR_ABSENT;
}

static struct weir_str claim_at(const struct weir_exchange *ex, struct weir_str name, uint32_t at)
{
	return fake_may_look(ex, "weir_claim_at") ? given_at(ex, WEIR_NAMED_CLAIM, name, at)
						  : WEIR_ABSENT;
}

static bool claim_add(struct weir_exchange *ex, struct weir_str name, struct weir_str value)
{
	if (!fake_may_edit(ex, "setting a claim") || ex->named_count == FAKE_NAMED)
		return false;
	ex->named[ex->named_count++] = (struct fake_named){
		WEIR_NAMED_CLAIM, fake_copy(&ex->arena, name), fake_copy(&ex->arena, value),
	};
	return true;
}

static bool claim_set(struct weir_exchange *ex, struct weir_str name, struct weir_str value)
{
	uint32_t kept = 0;

	if (!fake_may_edit(ex, "setting a claim"))
		return false;
	for (uint32_t i = 0; i < ex->named_count; i++)
		if (ex->named[i].what != WEIR_NAMED_CLAIM || !str_eq(ex->named[i].name, name))
			ex->named[kept++] = ex->named[i];
	ex->named_count = kept;
	return claim_add(ex, name, value);
}

static bool identity_set(struct weir_exchange *ex, struct weir_str identity)
{
	if (!fake_may_edit(ex, "weir_identity_set"))
		return false;
	ex->parts[WEIR_PART_IDENTITY] = fake_copy(&ex->arena, identity);
	return true;
}

static struct weir_str peer(const struct weir_exchange *ex, enum weir_peer which, uint32_t at)
{
	if (!fake_may_look(ex, "weir_peer_at"))
		return WEIR_ABSENT;
	return given_at(ex, (enum weir_named)(FAKE_PEER + which), STR(""), at);
}

void weir_fake_add_peer(struct weir_exchange *ex, enum weir_peer which, struct weir_str value)
{
	if (ex->named_count < FAKE_NAMED)
		ex->named[ex->named_count++] = (struct fake_named){
			(enum weir_named)(FAKE_PEER + which), STR(""), fake_copy(&ex->arena, value),
		};
}

/* Rewriting ------------------------------------------------------------------------ */

/* What a listener that says nothing of it allows. */
static const struct target_rules rules = { .longest = 8192 };

static bool rewrite(struct weir_exchange *ex, enum weir_part which, struct weir_str value,
		    struct weir_error *error)
{
	struct weir_str *parts = ex->parts, whole;

	switch (which) {
	case WEIR_PART_PATH:
		return rewrite_path(&ex->arena, value, parts[WEIR_PART_QUERY], &rules,
				    &parts[WEIR_PART_PATH], error);
	case WEIR_PART_QUERY:
		return rewrite_query(&ex->arena, value, parts[WEIR_PART_PATH], &rules,
				     &parts[WEIR_PART_QUERY], error);
	case WEIR_PART_HOST:
		return rewrite_host(&ex->arena, value, &whole, &parts[WEIR_PART_HOST], error) &&
		       headers_set(&ex->headers[WEIR_REQUEST], STR("host"), whole);
	default:
		return fail(error, "of a request only path, query and host can be set");
	}
}

static bool part_rewrite(struct weir_exchange *ex, enum weir_part which, struct weir_str value,
			 struct weir_error *error)
{
	if (!fake_may_edit(ex, "rewriting the request"))
		return fail(error, "the request cannot be changed here");
	if (ex->stage != STAGE_REQUEST) {
		fault_note(ex->fake, FAULT_LATE_REWRITE, NULL);
		return fail(error, "the request has been sent");
	}
	return rewrite(ex, which, value, error);
}

static bool part_set(struct weir_exchange *ex, enum weir_part which, struct weir_str value)
{
	return part_rewrite(ex, which, value, NULL);
}

/* Headers --------------------------------------------------------------------------- */

static const struct headers *headers_of(const struct weir_exchange *ex, enum weir_side side)
{
	if (!fake_may_look(ex, "a header") || (unsigned)side > WEIR_TRAILERS)
		return NULL;
	return ex->headers[side].arena != NULL ? &ex->headers[side] : NULL;
}

static struct weir_str header(const struct weir_exchange *ex, enum weir_side side,
			      struct weir_str name)
{
	const struct headers *h = headers_of(ex, side);

	return h != NULL ? headers_joined(h, name) : WEIR_ABSENT;
}

static struct weir_str header_at(const struct weir_exchange *ex, enum weir_side side,
				 struct weir_str name, uint32_t at)
{
	const struct headers *h = headers_of(ex, side);

	return h != NULL ? headers_get_at(h, name, at) : WEIR_ABSENT;
}

static uint32_t header_count(const struct weir_exchange *ex, enum weir_side side,
			     struct weir_str name)
{
	const struct headers *h = headers_of(ex, side);

	return h != NULL ? headers_count(h, name) : 0;
}

static bool header_nth(const struct weir_exchange *ex, enum weir_side side, uint32_t n,
		       struct weir_field *out)
{
	const struct headers *h = headers_of(ex, side);
	const struct header *field = h != NULL ? headers_nth(h, n) : NULL;

	if (field == NULL)
		return false;
	*out = (struct weir_field){ field->name, field->value };
	return true;
}

static bool blame(struct weir_exchange *ex, enum fault fault, struct weir_str name)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "`%.*s`", WEIR_ARG(str_head(name, 100)));
	fault_note(ex->fake, fault, text);
	return false;
}

static bool editable(struct weir_exchange *ex, enum weir_side side, struct weir_str name)
{
	if (!fake_may_edit(ex, "editing headers"))
		return false;
	if (side != WEIR_REQUEST && ex->status == 0)
		return blame(ex, FAULT_EARLY_HEADER, name);
	if (!header_name_valid(name))
		return blame(ex, FAULT_BAD_HEADER, name);
	return !header_frames(header_id_of(name)) || blame(ex, FAULT_FRAMING_HEADER, name);
}

static bool writable(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		     struct weir_str *value)
{
	if (!editable(ex, side, name))
		return false;
	*value = str_trim(*value);
	if (value->data == NULL || !header_value_valid(*value))
		return blame(ex, FAULT_BAD_HEADER, name);
	*value = fake_copy(&ex->arena, *value);
	return true;
}

bool fake_header_fine(struct weir_exchange *ex, struct weir_str name, struct weir_str value)
{
	if (!header_name_valid(name) || !header_value_valid(str_trim(value)))
		return blame(ex, FAULT_BAD_HEADER, name);
	return !header_frames(header_id_of(name)) || blame(ex, FAULT_FRAMING_HEADER, name);
}

static bool header_set(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return writable(ex, side, name, &value) &&
	       headers_set(&ex->headers[side], fake_copy(&ex->arena, name), value);
}

static bool header_add(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	return writable(ex, side, name, &value) &&
	       headers_add(&ex->headers[side], fake_copy(&ex->arena, name), value);
}

static uint32_t header_remove(struct weir_exchange *ex, enum weir_side side, struct weir_str name)
{
	return editable(ex, side, name) ? headers_remove(&ex->headers[side], name) : 0;
}

void fake_fill_parts(struct weir_host *host)
{
	host->part = part;
	host->named = named;
	host->part_set = part_set;
	host->part_rewrite = part_rewrite;
	host->claim_set = claim_set;
	host->claim_add = claim_add;
	host->claim_at = claim_at;
	host->peer = peer;
	host->identity_set = identity_set;
	host->header = header;
	host->header_at = header_at;
	host->header_count = header_count;
	host->header_nth = header_nth;
	host->header_set = header_set;
	host->header_add = header_add;
	host->header_remove = header_remove;
}
