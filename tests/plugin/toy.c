/* toy.c - a plugin that notes what is done to it. */
#include "tests/plugin/toy.h"

#include <stdlib.h>

#include "core/base/clock.h"

const struct weir_host *toy_host;

_Atomic int opened, closed, worker_opened, worker_closed, in_background, background_ended;
_Atomic int on_wrong_thread, lesson_read;
struct crewed crewed;

static void note_thread(const struct worker *wanted)
{
	on_wrong_thread += worker_self() != wanted;
}

static bool toy_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (str_eq(toy_host->option_text(setup, "word", 0), STR("bad")))
		return weir_fail(error, "\"bad\" is no word");
	return true;
}

static bool toy_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct weir_str word = toy_host->option_text(setup, "word", 0);
	const struct toy *before = toy_host->previous(setup);
	struct toy *toy = calloc(1, sizeof(*toy));
	struct weir_store *store;

	note_thread(&crewed.control);
	if (str_eq(word, STR("broken"))) {
		free(toy);
		return weir_fail(error, "it is broken");
	}
	if (str_eq(word, STR("silent"))) {
		free(toy);
		return false;
	}
	if (str_eq(word, STR("clumsy")))
		(void)toy_host->option_text(setup, "wrod", 0);
	snprintf(toy->word, sizeof(toy->word), "%.*s", STR_ARG(word));
	toy->inherited = before != NULL ? before->inherited + 1 : 0;
	toy->cell = toy_host->cell_new(setup, free);
	store = toy_host->store_open(setup, STR("tally"), 0);
	(void)toy_host->store_add(store, STR("opened"), 1, UINT64_MAX, &toy->tally);
	*self = toy;
	opened++;
	return true;
}

static void toy_close(void *self)
{
	note_thread(&crewed.control);
	closed++;
	free(self);
}

static bool toy_worker_open(void *self, void **worker, struct weir_error *error)
{
	const struct toy *toy = self;

	if (strcmp(toy->word, "tired") == 0 && worker_self()->index == 1)
		return weir_fail(error, "too tired");
	*worker = worker_self();
	worker_opened++;
	return true;
}

static void toy_worker_close(void *self, void *worker)
{
	(void)self;
	note_thread(worker);
	worker_closed++;
}

static void toy_background(const struct weir_here *here)
{
	const struct toy *toy = here->self;
	int *lesson = malloc(sizeof(*lesson));

	note_thread(&crewed.control);
	if (strcmp(toy->word, "learning") == 0)
		toy_host->use_ready(here->use, false, STR("it learns"));
	if (lesson != NULL)
		*lesson = 42;
	(void)toy_host->cell_publish(toy->cell, lesson);
	lesson_read = *(int *)toy_host->cell_read(NULL, toy->cell);
	in_background++;
	while (toy_host->sleep(NULL, 3600 * NS_PER_S) != WEIR_CANCELLED)
		;
	background_ended++;
}

static enum weir_verdict next(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static const struct weir_option options[] = {
	{ .name = "word", .type = WEIR_TEXT, .fallback = "hello", .bare = true },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = next, .exchange_size = 24);

const struct weir_plugin toy_plugin = {
	.size = sizeof(toy_plugin), .major = WEIR_API_MAJOR, .option_size = sizeof(struct weir_option),
	.host = &toy_host, .name = "toy", .options = options, .check = toy_check,
	.open = toy_open, .close = toy_close, .worker_open = toy_worker_open,
	.worker_close = toy_worker_close, .background = toy_background, .policy = &policy,
};
