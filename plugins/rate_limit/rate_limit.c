/* rate_limit.c - a policy that lets through so many requests in so much time, exactly, whichever worker
 * they come to. */
#include <weir/plugin.h>

#include <inttypes.h>
#include <stdlib.h>

#include "plugins/common/missing.h"
#include "plugins/common/say.h"
#include "plugins/rate_limit/bucket.h"
#include "plugins/rate_limit/fields.h"
#include "plugins/rate_limit/gcra.h"

enum { LIMITS_MOST = 4 };


struct rate_limit {
	struct weir_store *store;
	const struct weir_key *key;	/* NULL: all requests count together */
	uint64_t owner;
	unsigned count;
	struct gcra limits[LIMITS_MOST];
	struct shown_limit shown[LIMITS_MOST];
	char names[LIMITS_MOST][FIELD_NAME_ROOM];
	char policy[LIMITS_MOST * FIELD_ONE_ROOM];	/* the whole field */
	size_t policy_len;
	enum missing missing;
	bool headers, dry_run;
	struct weir_counter *passed, *refused, *would_refuse, *missed;
};

/* What the answer has to tell. */
struct scratch {
	bool counted;
	uint64_t now, full_at[LIMITS_MOST];
};

/* Counting ------------------------------------------------------------------ */

struct attempt {
	const struct rate_limit *limit;
	uint64_t now, wait;		/* wait: 0 when it passes, else how long until it would */
};

/* Until the last of its buckets is full: then there is nothing to remember any more. */
static uint64_t time_to_live(const struct rate_limit *r, uint64_t now, const uint64_t *full_at)
{
	uint64_t longest = 1;

	for (unsigned i = 0; i < r->count; i++) {
		uint64_t until = gcra_until_full(&r->limits[i], now, full_at[i]);

		if (until > longest)
			longest = until;
	}
	return longest;
}

/* Within the store: one after the other, whichever worker they are on. A record of another number of
 * limits, from before a reload, counts from there as if they were new. */
static uint64_t step(void *arg, void *value)
{
	struct attempt *a = arg;
	const struct rate_limit *r = a->limit;
	uint64_t *full_at = value;

	if (!gcra_take(r->limits, r->count, a->now, full_at, &a->wait))
		return 0;
	return time_to_live(r, a->now, full_at);
}

/* Hooks --------------------------------------------------------------------- */

static enum weir_verdict refuse(const struct rate_limit *r, struct weir_exchange *ex, uint64_t wait)
{
	char seconds[20];
	size_t len = (size_t)(put_number(seconds, whole_seconds(wait)) - seconds);
	const struct weir_field headers[] = { { WEIR_STR("retry-after"), { seconds, len } } };
	const struct weir_refusal refusal =
		WEIR_REFUSAL(.status = 429, .reason = WEIR_STR("rate-limited"),
			     .headers = headers, .header_count = 1);

	if (r->dry_run) {
		weir_counter_add(r->would_refuse, 1);
		(void)weir_log_value(ex, "rate_limit", "would refuse");
		return WEIR_NEXT;
	}
	weir_counter_add(r->refused, 1);
	return weir_refuse_with(ex, &refusal);
}

/* True when the verdict is given already. */
static bool key_missing(const struct rate_limit *r, struct weir_exchange *ex,
			enum weir_verdict *verdict)
{
	*verdict = WEIR_NEXT;
	if (r->missing == MISSING_SHARE)
		return false;
	weir_counter_add(r->missed, 1);
	if (r->missing == MISSING_REFUSE && !r->dry_run)
		*verdict = weir_refuse(ex, 403, "the request lacks what its rate is counted by");
	return true;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct rate_limit *r = here->self;
	struct scratch *s = here->exchange;
	struct weir_str key = WEIR_STR("");
	struct attempt attempt = { .limit = r };
	char room[BUCKET_ROOM];
	enum weir_verdict verdict;

	if (r->key != NULL && !weir_key_text(ex, r->key, &key) && key_missing(r, ex, &verdict))
		return verdict;
	attempt.now = s->now = weir_now();
	if (!weir_store_update(r->store, bucket_name(room, r->owner, key), s->full_at,
			       r->count * sizeof(*s->full_at), step, &attempt))
		return WEIR_FAILED;	/* no memory: whoever guards something does not let it pass */
	s->counted = true;
	if (attempt.wait > 0)
		return refuse(r, ex, attempt.wait);
	weir_counter_add(r->passed, 1);
	return WEIR_NEXT;
}

static struct weir_str state_text(const struct rate_limit *r, const struct scratch *s, char *room)
{
	char *at = room;

	for (unsigned i = 0; i < r->count; i++) {
		if (i > 0)
			at = memcpy(at, ", ", 2), at += 2;
		at = put_state(at, &r->shown[i], gcra_left(&r->limits[i], s->now, s->full_at[i]),
			       gcra_until_full(&r->limits[i], s->now, s->full_at[i]));
	}
	return (struct weir_str){ room, (size_t)(at - room) };
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct rate_limit *r = here->self;
	const struct scratch *s = here->exchange;
	char room[LIMITS_MOST * FIELD_ONE_ROOM];

	if (!r->headers || !s->counted)
		return WEIR_NEXT;
	weir_response_header_add(ex, "ratelimit-policy",
				 ((struct weir_str){ r->policy, r->policy_len }));
	weir_response_header_add(ex, "ratelimit", state_text(r, s, room));
	return WEIR_NEXT;
}

/* Options ------------------------------------------------------------------- */

static bool is_named(const struct weir_setup *setup)
{
	return !weir_str_eq(weir_setup_name(setup), WEIR_STR("rate_limit"));
}

static void name_limit(struct rate_limit *r, const struct weir_setup *setup, bool alone)
{
	char *name = r->names[r->count];
	struct weir_str own = weir_setup_name(setup);
	const char *word = span_word(r->shown[r->count].span);

	if (!is_named(setup))
		(void)snprintf(name, FIELD_NAME_ROOM, "%s", word);
	else if (alone)
		(void)snprintf(name, FIELD_NAME_ROOM, "%.*s", WEIR_ARG(own));
	else
		(void)snprintf(name, FIELD_NAME_ROOM, "%.40s-%s", own.data, word);
	r->shown[r->count].name = weir_str_from(name);
}

/* Unless it says otherwise, a limit of 100/s lets 100 come at once, and one of 120/m 120. */
static void add_limit(struct rate_limit *r, const struct weir_setup *setup,
		      const struct weir_setup *limit, bool alone)
{
	struct shown_limit *shown = &r->shown[r->count];
	double rate = weir_option_rate(limit, "rate");

	shown->span = weir_option_rate_span(limit, "rate") / UINT64_C(1000000000);
	shown->quota = (uint64_t)(rate * (double)shown->span + 0.5);
	if (shown->quota < 1)
		shown->quota = 1;
	shown->burst = weir_option_given(limit, "burst")
			       ? (uint64_t)weir_option_integer(limit, "burst") : shown->quota;
	name_limit(r, setup, alone);
	r->limits[r->count] = gcra_of(rate, shown->burst);
	r->count++;
}

static void read_limits(struct rate_limit *r, const struct weir_setup *setup)
{
	uint32_t more = weir_option_count(setup, "rates");
	char *at = r->policy;

	if (weir_option_given(setup, "rate"))
		add_limit(r, setup, setup, true);
	for (uint32_t i = 0; i < more && r->count < LIMITS_MOST; i++)
		add_limit(r, setup, weir_option_object_at(setup, "rates", i), more == 1);
	for (unsigned i = 0; i < r->count; i++) {
		if (i > 0)
			at = memcpy(at, ", ", 2), at += 2;
		at = put_policy(at, &r->shown[i]);
	}
	r->policy_len = (size_t)(at - r->policy);
}

static void count_events(struct rate_limit *r, const struct weir_setup *setup)
{
	r->passed = weir_counter_open(setup, "passed");
	r->refused = weir_counter_open(setup, "refused");
	r->would_refuse = weir_counter_open(setup, "would_refuse");
	r->missed = weir_counter_open(setup, "key_missing");
}

/* With a name (`as`) it is one limit wherever that stands; without, each place counts for itself. */
static struct weir_str owner_of(const struct weir_setup *setup)
{
	return is_named(setup) ? weir_setup_name(setup) : weir_setup_path(setup);
}

static bool rate_limit_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct rate_limit *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return weir_fail(error, "out of memory");
	r->store = weir_store_open(setup, "buckets", (size_t)weir_option_size(setup, "memory"));
	if (r->store == NULL) {
		free(r);
		return weir_fail(error, "out of memory");
	}
	r->key = weir_option_key(setup, "key");
	r->owner = bucket_owner(owner_of(setup));
	r->missing = missing_of(setup);
	r->headers = weir_option_boolean(setup, "headers");
	r->dry_run = weir_option_boolean(setup, "dry_run");
	read_limits(r, setup);
	count_events(r, setup);
	*self = r;
	return true;
}

static bool rate_limit_check(const struct weir_setup *setup, struct weir_error *error)
{
	uint32_t more = weir_option_count(setup, "rates");

	if (weir_option_given(setup, "rate") == (more > 0))
		return weir_fail(error, "give either `rate` or `rates`, such as `rate: 100/s`");
	if (more > LIMITS_MOST)
		return weir_fail(error, "`rates` has %u limits; %d are the most", more, LIMITS_MOST);
	if (more > 0 && weir_option_given(setup, "burst"))
		return weir_fail(error, "beside `rates`, write each `burst` into its rate: "
				 "`rates: [{rate: 100/s, burst: 20}]`");
	return missing_check(setup, error);
}

/* What has been used up already, only the running one knows. */
static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	struct rate_limit r = { 0 };
	bool dry_run = weir_option_boolean(setup, "dry_run");

	(void)q;
	read_limits(&r, setup);
	say(said, "no more than ");
	for (unsigned i = 0; i < r.count; i++) {
		const struct shown_limit *l = &r.shown[i];

		say(said, "%s%" PRIu64 " requests in %" PRIu64 " s, %" PRIu64 " at once",
		    i > 0 ? ", nor than " : "", l->quota, l->span, l->burst);
	}
	say_texts(said, ", counted by ", setup, "key", " and ");
	if (dry_run)
		say(said, "; more are counted, and pass (dry_run)");
	return dry_run ? WEIR_NEXT : WEIR_FAILED;
}


#define BURST { .name = "burst", .type = WEIR_INTEGER, .min = 1, .max = 1e9, \
	  .about = "how many may come at once; as many as the rate says, when absent" }

static const struct weir_option one_rate[] = {
	{ .name = "rate", .type = WEIR_RATE, .required = true, .bare = true,
	  .about = "how many requests in how much time" },
	BURST,
	{ 0 }
};

static const struct weir_option options[] = {
	{ .name = "rate", .type = WEIR_RATE, .bare = true,
	  .about = "how many requests in how much time: 100/s, 2000/m" },
	BURST,
	{ .name = "rates", .type = WEIR_OBJECT, .fields = one_rate, .list = true,
	  .about = "several limits at once, [100/s, 2000/m]: a request must be within each" },
	{ .name = "key", .type = WEIR_KEY,
	  .about = "whose requests count together, alone or as a list; when absent all do" },
	MISSING_OPTION,
	{ .name = "headers", .type = WEIR_BOOLEAN, .fallback = "true",
	  .about = "tell clients in RateLimit and RateLimit-Policy where they are" },
	{ .name = "dry_run", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "count what would be refused, and refuse nothing" },
	{ .name = "memory", .type = WEIR_SIZE, .fallback = "16m", .min = 65536, .max = 1e12,
	  .about = "for the buckets of all rate limits together, on all workers; the largest "
		   "counts, so say it in `plugins.defaults`" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = sizeof(struct scratch),
	.on_request = on_request, .on_response = on_response, .explain = explain);

WEIR_PLUGIN(rate_limit,
	.version = "1.0",
	.summary = "lets through so many requests in so much time, per key, exactly",
	.options = options, .check = rate_limit_check,
	.open = rate_limit_open, .close = free,
	.policy = &policy);
