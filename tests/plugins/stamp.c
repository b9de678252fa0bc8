/* stamp.c - a policy that sets a header on every answer. */
#include <weir/plugin.h>
#include <stdlib.h>

struct stamp { struct weir_str name, value; };

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct stamp *s = here->self;

	weir_response_header_set(ex, s->name, s->value);
	return WEIR_NEXT;
}

static bool stamp_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct stamp *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return weir_fail(error, "out of memory");
	s->name = weir_option_text(setup, "name");
	s->value = weir_option_text(setup, "value");
	*self = s;
	return true;
}

static void stamp_close(void *self)
{
	free(self);
}

static const struct weir_option options[] = {
	{ .name = "name", .type = WEIR_TEXT, .required = true, .about = "the header to set" },
	{ .name = "value", .type = WEIR_TEXT, .required = true, .about = "what to set it to" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_response = on_response);

WEIR_PLUGIN(stamp,
	.summary = "sets a header on every answer",
	.options = options,
	.open = stamp_open, .close = stamp_close,
	.policy = &policy);
