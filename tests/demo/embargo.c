/* embargo.c - a policy of the customs example: goods of some chapters may not even be asked about. */
#include <stdlib.h>
#include <weir/plugin.h>

enum { CHAPTERS_MOST = 97 };

/* Read-only once it is open. */
struct embargo {
	struct weir_str chapters[CHAPTERS_MOST];	/* the first digits of a code */
	uint32_t count;
};

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct embargo *e = here->self;
	struct weir_str code = weir_request_param(ex, "code");

	for (uint32_t i = 0; i < e->count; i++) {
		struct weir_str chapter = e->chapters[i];

		if (code.len >= chapter.len && memcmp(code.data, chapter.data, chapter.len) == 0)
			return weir_refuse(ex, 403, "goods of this chapter are under embargo");
	}
	return WEIR_NEXT;
}

static bool embargo_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct embargo *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return weir_fail(error, "out of memory");
	e->count = weir_option_count(setup, "chapters");
	if (e->count > CHAPTERS_MOST)
		e->count = CHAPTERS_MOST;
	for (uint32_t i = 0; i < e->count; i++)
		e->chapters[i] = weir_option_text_at(setup, "chapters", i);
	*self = e;
	return true;
}

static void embargo_close(void *self)
{
	free(self);
}

static const struct weir_option options[] = {
	{ .name = "chapters", .type = WEIR_TEXT, .list = true, .required = true,
	  .about = "the first digits of the codes that are refused" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

WEIR_PLUGIN(embargo,
	.summary = "refuses goods of some chapters of the tariff",
	.options = options,
	.open = embargo_open, .close = embargo_close,
	.policy = &policy);
