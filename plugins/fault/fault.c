/* fault.c - a policy that delays or aborts a share of the requests, so that others can show what they do
 * then. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/fault/wish.h"

struct fault {
	uint64_t delay;			/* ns; 0: none */
	double delay_share;
	uint16_t abort;			/* status; 0: none */
	double abort_share;
	struct weir_str header;		/* a request may ask for its own; absent: it may not */
	uint64_t delay_most;		/* that it may ask for */
	struct weir_counter *delayed, *aborted;
};

static bool falls(double share)
{
	return share > 0 && (double)(weir_dice() >> 11) * 0x1p-53 < share;
}

/* What becomes of this request: by lot, or as it asks itself. */
static struct wish choose(const struct fault *f, struct weir_exchange *ex)
{
	struct wish wish = { 0, 0 };

	if (weir_str_present(f->header)) {
		struct weir_str asked = weir_request_header(ex, f->header);

		if (weir_str_present(asked) && wish_read(asked, &wish)) {
			if (wish.delay > f->delay_most)
				wish.delay = f->delay_most;
			return wish;
		}
	}
	if (f->delay > 0 && falls(f->delay_share))
		wish.delay = f->delay;
	if (f->abort > 0 && falls(f->abort_share))
		wish.abort = f->abort;
	return wish;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct fault *f = here->self;
	struct wish wish = choose(f, ex);
	const struct weir_refusal refusal =
		WEIR_REFUSAL(.status = wish.abort, .reason = WEIR_STR("fault-injected"));

	if (wish.delay > 0) {
		weir_counter_add(f->delayed, 1);
		if (weir_sleep(ex, wish.delay) != WEIR_OK)
			return WEIR_FAILED;	/* the client is gone, or the time is up */
	}
	if (wish.abort == 0)
		return WEIR_NEXT;
	weir_counter_add(f->aborted, 1);
	return weir_refuse_with(ex, &refusal);
}

/* Options ------------------------------------------------------------------- */

static bool fault_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	const struct weir_setup *delay = weir_option_object(setup, "delay");
	const struct weir_setup *abort = weir_option_object(setup, "abort");
	struct fault *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return weir_fail(error, "out of memory");
	if (delay != NULL) {
		f->delay = weir_option_duration(delay, "by");
		f->delay_share = weir_option_share(delay, "share");
	}
	if (abort != NULL) {
		f->abort = (uint16_t)weir_option_integer(abort, "status");
		f->abort_share = weir_option_share(abort, "share");
	}
	f->header = weir_option_text(setup, "header");
	f->delay_most = weir_option_duration(setup, "most");
	f->delayed = weir_counter_open(setup, "delayed");
	f->aborted = weir_counter_open(setup, "aborted");
	*self = f;
	return true;
}

static bool fault_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (weir_option_object(setup, "delay") == NULL && weir_option_object(setup, "abort") == NULL &&
	    !weir_option_given(setup, "header"))
		return weir_fail(error, "there is nothing to do; give `delay`, `abort` or `header`");
	if (weir_option_given(setup, "most") && !weir_option_given(setup, "header"))
		return weir_fail(error, "`most` bounds what a request asks for by `header`, and there "
				 "is none");
	return true;
}

static const struct weir_option delay_options[] = {
	{ .name = "by", .type = WEIR_DURATION, .required = true, .bare = true, .min = 0.001,
	  .max = 3600, .about = "how long a request waits before it goes on" },
	{ .name = "share", .type = WEIR_SHARE, .fallback = "100%", .about = "of which share of them" },
	{ 0 }
};

static const struct weir_option abort_options[] = {
	{ .name = "status", .type = WEIR_INTEGER, .min = 400, .max = 599, .fallback = "503",
	  .bare = true, .about = "what is answered instead" },
	{ .name = "share", .type = WEIR_SHARE, .fallback = "100%", .about = "to which share of them" },
	{ 0 }
};

static const struct weir_option options[] = {
	{ .name = "delay", .type = WEIR_OBJECT, .fields = delay_options,
	  .about = "requests that are held back, such as {by: 200ms, share: 10%}" },
	{ .name = "abort", .type = WEIR_OBJECT, .fields = abort_options,
	  .about = "requests that are refused, such as {status: 503, share: 5%}" },
	{ .name = "header", .type = WEIR_HEADER_NAME,
	  .about = "a header in which a request may ask for its own: `delay=200ms abort=503`, or "
		   "`none`" },
	{ .name = "most", .type = WEIR_DURATION, .fallback = "10s", .min = 0.001, .max = 3600,
	  .about = "the longest delay that a request may ask for" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

WEIR_PLUGIN(fault,
	.version = "1.0",
	.summary = "delays or aborts a share of the requests, for tests",
	.options = options, .check = fault_check,
	.open = fault_open, .close = free,
	.policy = &policy);
