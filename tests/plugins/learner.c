/* learner.c - a test plugin that learns in the background and tells what it knows on every
 * answer. */
#include <weir/plugin.h>

#include <stdlib.h>

struct learner {
	struct weir_cell *cell;		/* of an own text: "lesson N" */
	uint64_t every;
	int64_t sends;
	struct weir_counter *sent;
};

static void look_around(const struct weir_here *here, void *arg)
{
	const struct learner *l = here->self;

	do {
		weir_counter_add(arg, 1);
	} while (weir_sleep(NULL, l->every) != WEIR_CANCELLED);
}

static void background(const struct weir_here *here)
{
	const struct learner *l = here->self;
	unsigned lesson = 0;

	for (int64_t i = 0; i < l->sends; i++)
		(void)weir_errand(here, look_around, l->sent);
	do {
		char *text = malloc(32);

		if (text == NULL)
			return;
		snprintf(text, 32, "lesson %u", ++lesson);
		weir_cell_publish(l->cell, text);
	} while (weir_sleep(NULL, l->every) != WEIR_CANCELLED);
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct learner *l = here->self;
	const char *text = weir_cell_read(ex, l->cell);

	weir_response_header_set(ex, "x-learnt", text != NULL ? text : "nothing");
	return WEIR_NEXT;
}

static bool learner_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct learner *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return weir_fail(error, "out of memory");
	l->every = weir_option_duration(setup, "every");
	l->sends = weir_option_integer(setup, "sends");
	l->sent = weir_counter_open(setup, "looks");
	l->cell = weir_cell_new(setup, free);
	if (l->cell == NULL) {
		free(l);
		return weir_fail(error, "out of memory");
	}
	*self = l;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "every", .type = WEIR_DURATION, .fallback = "10ms", .about = "how often" },
	{ .name = "sends", .type = WEIR_INTEGER, .fallback = "0", .about = "so many on errands" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_response = on_response);

WEIR_PLUGIN(learner,
	.summary = "learns in the background",
	.options = options,
	.open = learner_open, .close = free,
	.background = background,
	.policy = &policy);
