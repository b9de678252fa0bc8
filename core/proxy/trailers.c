/* trailers.c - trailers of requests: none has the name of a header that Weir sets or takes away, for
 * there are servers that take one for the other. */
#include "core/proxy/trailers.h"

enum { TOUCHED_MOST = 64 };

/* Without case, and _ for -: CGI knows no difference. */
static bool same_name(struct weir_str a, struct weir_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char x = ascii_lower(a.data[i]), y = ascii_lower(b.data[i]);

		if ((x == '_' ? '-' : x) != (y == '_' ? '-' : y))
			return false;
	}
	return true;
}

static bool is_touched(const struct exchange *ex, struct weir_str name)
{
	for (uint16_t i = 0; i < ex->touched_count; i++)
		if (same_name(ex->touched[i], name))
			return true;
	return ex->touched_count == TOUCHED_MOST;	/* who counts so far trusts nobody */
}

void exchange_touch(struct exchange *ex, struct weir_str name)
{
	if (ex->req.framing.kind == FRAMING_NONE || is_touched(ex, name))
		return;
	if (ex->touched == NULL)
		ex->touched = arena_take(&ex->arena, TOUCHED_MOST * sizeof(*ex->touched));
	if (ex->touched != NULL)
		ex->touched[ex->touched_count++] = arena_copy(&ex->arena, name);
}

static bool is_edited(const struct header_edits *edits, struct weir_str name)
{
	for (uint32_t i = 0; i < edits->count; i++)
		if (same_name(edits->at[i].name, name))
			return true;
	return false;
}

void exchange_clean_trailers(struct exchange *ex)
{
	struct headers *h = &ex->req_trailers;
	unsigned kept = 0;

	for (unsigned i = 0; i < h->count; i++) {
		struct weir_str name = h->at[i].name;

		if (is_touched(ex, name) ||
		    (ex->plan != NULL && is_edited(&ex->plan->request_headers, name)))
			continue;
		h->at[kept++] = h->at[i];
	}
	h->count = (uint16_t)kept;
}
