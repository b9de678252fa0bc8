/* rude.c - a test plugin that misbehaves in each way that the fake host can name. */
#include <weir/plugin.h>

#include <pthread.h>
#include <stdlib.h>

struct rude {
	struct weir_str how;
	struct weir_cell *cell;
	struct weir_store *store;
};

static struct weir_exchange *kept;	/* from one exchange to the next: never do this */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is(const struct weir_here *here, const char *how)
{
	return weir_str_eq(((const struct rude *)here->self)->how, weir_str_from(how));
}

static void touch(void *ex)
{
	(void)weir_request_path(ex);
}

static void wait_for_ever(struct weir_exchange *ex)
{
	while (weir_sleep(ex, 0) == WEIR_OK)
		;
}

static void sleep_with_a_mutex(struct weir_exchange *ex)
{
	(void)pthread_mutex_lock(&lock);
	(void)weir_sleep(ex, 1);
	(void)pthread_mutex_unlock(&lock);
}

static void call_and_forget(void)
{
	struct weir_call_request request = WEIR_CALL(.service = WEIR_STR("other"));
	struct weir_call_reply reply;

	(void)weir_call(NULL, &request, &reply);
}

static void resolve_and_forget(struct weir_exchange *ex)
{
	struct weir_resolved names;

	(void)weir_resolve(ex, WEIR_STR("other.example"), WEIR_RECORD_A, &names);
}

static uint64_t sleep_in_step(void *ex, void *value)
{
	(void)value;
	return weir_sleep(ex, 1) == WEIR_OK ? 1 : 0;
}

static void step(const struct weir_here *here, struct weir_exchange *ex)
{
	uint64_t n;

	(void)weir_store_update(((struct rude *)here->self)->store, WEIR_STR("n"), &n, sizeof(n),
				sleep_in_step, ex);
}

/* What is wrong by what is done. */
static void edit(const struct weir_here *here, struct weir_exchange *ex)
{
	if (is(here, "bad-header"))
		weir_request_header_set(ex, "x-a", "two\r\nlines");
	if (is(here, "framing-header"))
		weir_request_header_set(ex, "content-length", "7");
	if (is(here, "early-header"))
		weir_response_header_set(ex, "x-a", "1");
	if (is(here, "scratch-overrun"))
		((char *)here->exchange)[8] = 1;
	if (is(here, "no-exchange"))
		(void)weir_request_path(NULL);
	if (is(here, "cell-out-of-place"))
		(void)weir_cell_publish(((struct rude *)here->self)->cell, NULL);
}

static void wait(const struct weir_here *here, struct weir_exchange *ex)
{
	if (is(here, "wrong-thread"))
		(void)weir_offload(ex, touch, ex);
	if (is(here, "waits-without-end"))
		wait_for_ever(ex);
	if (is(here, "went-on-after-cancel") && weir_sleep(ex, 1) == WEIR_CANCELLED)
		weir_request_header_set(ex, "x-a", "1");
	if (is(here, "mutex-held"))
		sleep_with_a_mutex(ex);
	if (is(here, "busy-step"))
		step(here, ex);
	if (is(here, "leaked-call"))
		call_and_forget();
	if (is(here, "leaked-names"))
		resolve_and_forget(ex);
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	edit(here, ex);
	wait(here, ex);
	if (is(here, "after-done") && kept != NULL)
		(void)weir_request_path(kept);
	kept = ex;
	if (is(here, "answered-twice"))
		weir_reply(ex, 200, "one\n");
	if (is(here, "answered-twice"))
		return weir_reply(ex, 200, "two\n");
	if (is(here, "bad-status"))
		return weir_reply(ex, 99, "");
	if (is(here, "bad-refusal"))
		return weir_refuse(ex, 200, "it is all fine");
	if (is(here, "reply-dropped"))
		weir_reply(ex, 200, "hello\n");
	if (is(here, "refusal-dropped"))
		weir_refuse(ex, 403, "no");
	return is(here, "answered-without-reply") ? WEIR_ANSWERED
	     : is(here, "refused-without-refuse") ? WEIR_REFUSED
	     : is(here, "bad-verdict") ? (enum weir_verdict)17 : WEIR_NEXT;
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	if (is(here, "late-route"))
		weir_route_to(ex, "elsewhere");
	if (is(here, "late-rewrite"))
		weir_request_set_path(ex, "/other");
	return WEIR_NEXT;
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	if (is(here, "late-edit"))
		weir_response_header_set(ex, "x-a", "1");
}

static uint32_t pick(const struct weir_here *here, const void *table, struct weir_pick *p)
{
	(void)table;
	if (is(here, "may-not-wait"))
		(void)weir_sleep(NULL, 1);
	return is(here, "bad-pick") ? p->count : 0;
}

static void watch(const struct weir_here *here, struct weir_watch *w)
{
	const struct weir_endpoint twins[] = { { .address = WEIR_STR("10.0.0.1:1") },
					       { .address = WEIR_STR("10.0.0.1:1") } };

	if (is(here, "bad-set"))
		(void)weir_publish(w, twins, 2, NULL);
}

static void judge(const struct weir_here *here, const struct weir_retry_question *question,
		  struct weir_retry_judgement *judgement)
{
	(void)question;
	judgement->again = is(here, "unsafe-again");
}

static bool rude_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct rude *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return weir_fail(error, "out of memory");
	r->how = weir_option_text(setup, "how");
	r->cell = weir_cell_new(setup, NULL);
	r->store = weir_store_open(setup, "rude", 0);
	if (weir_str_eq(r->how, WEIR_STR("bad-option")))
		(void)weir_option_text(setup, "why");
	*self = r;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "how", .type = WEIR_TEXT, .required = true, .bare = true,
	  .about = "the word of the misbehaviour" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.exchange_size = 8,
	.on_request = on_request, .on_response = on_response, .on_done = on_done);
static const struct weir_balancer balancer = WEIR_BALANCER(.pick = pick);
static const struct weir_discovery discovery = WEIR_DISCOVERY(.watch = watch);
static const struct weir_retry retry = WEIR_RETRY(.judge = judge);

WEIR_PLUGIN(rude,
	.summary = "misbehaves",
	.options = options,
	.open = rude_open, .close = free,
	.policy = &policy, .balancer = &balancer, .discovery = &discovery, .retry = &retry);
