/* uses.c - all uses of plugins in this process. */
#include "config.h"

#include "core/plugin/uses.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/conf/copy.h"
#include "core/plugin/life.h"

enum { CHECK_ARENA = 1 << 20, LINES_A_SECOND = 10 };

struct uses *uses_new(struct registry *registry, const struct crew *crew,
		      struct weir_error *error)
{
	struct uses *uses = mem_alloc(sizeof(*uses));

	if (uses == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	uses->registry = registry;
	uses->crew = crew;
	list_init(&uses->all);
	cells_init(&uses->cells, crew);
	(void)pthread_mutex_init(&uses->lock, NULL);
	return uses;
}

static bool some_background(const struct uses *uses, bool cancel)
{
	bool some = false;

	list_for_each(item, &uses->all) {
		struct use_life *life = container_of(item, struct use_life, link);

		if (life->fiber_count == 0)
			continue;
		some = true;
		if (cancel)
			life_background_cancel(life);
	}
	return some;
}

/* Control's loop is turned from here, for those who have to come to an end. A plugin that does not
 * listen to WEIR_CANCELLED would keep us for ever. */
static void end_backgrounds(struct uses *uses)
{
	uint64_t patience = clock_after(clock_now(), 5 * NS_PER_S);

	if (uses->crew == NULL || uses->crew->control == NULL || !some_background(uses, true))
		return;
	while (some_background(uses, false) && clock_now() < patience)
		loop_turn(&uses->crew->control->loop, 10 * NS_PER_MS);
	list_for_each(item, &uses->all) {
		const struct use_life *life = container_of(item, struct use_life, link);

		if (life->fiber_count > 0)
			log_error("%.*s: the background of the plugin \"%.*s\" goes on although it was "
				  "cancelled; let it return when a wait says WEIR_CANCELLED",
				  STR_ARG(life->use.path), STR_ARG(life->use.name));
	}
}

/* By now the workers have ended: nobody answers letters, nobody reads. */
void uses_free(struct uses *uses)
{
	struct list *item;

	if (uses == NULL)
		return;
	end_backgrounds(uses);
	while ((item = list_pop_front(&uses->all)) != NULL)
		life_close(container_of(item, struct use_life, link));
	mem_free(uses->places);
	cells_fini(&uses->cells);
	(void)pthread_mutex_destroy(&uses->lock);
	mem_free(uses);
}

/* Checking ------------------------------------------------------------------ */

static bool run_check(const struct kind *kind, const struct use_order *order,
		      struct weir_error *error)
{
	struct arena arena;
	struct setup_life life = {
		.arena = &arena, .place = order->place, .path = order->path,
		.context = kind->plugin.context,
		.name = order->name.data != NULL ? order->name : kind->name,
	};
	struct weir_setup setup = { order->values, &life };
	bool ok;

	arena_init(&arena, NULL, CHECK_ARENA);
	ok = kind->plugin.check(&setup, error);
	arena_reset(&arena);
	if (ok && life.mistake.text[0] != '\0')
		return fail(error, "the plugin \"%s\" cannot be used: %s", kind->plugin.name,
			    life.mistake.text);
	return ok || fail(error, "the plugin \"%s\" refuses these options and gives no reason",
			  kind->plugin.name);
}

bool uses_check(struct uses *uses, const struct use_order *order, struct weir_error *error)
{
	const struct kind *kind = registry_find_role(uses->registry, order->plugin, order->role,
						     error);

	if (kind == NULL)
		return false;
	return kind->plugin.check == NULL || run_check(kind, order, error);
}

bool uses_explain(struct uses *uses, const struct use_order *order,
		  const struct weir_question *question, enum weir_verdict *verdict,
		  struct weir_error *said)
{
	const struct kind *kind = registry_find_role(uses->registry, order->plugin, AS_POLICY, NULL);
	struct arena arena;
	struct setup_life life = { .arena = &arena, .place = order->place, .path = order->path };
	struct weir_setup setup = { order->values, &life };

	if (kind == NULL || kind->plugin.policy->explain == NULL)
		return false;
	life.name = order->name.data != NULL ? order->name : kind->name;
	life.context = kind->plugin.context;
	arena_init(&arena, NULL, CHECK_ARENA);
	*verdict = kind->plugin.policy->explain(&setup, question, said);
	arena_reset(&arena);
	return said->text[0] != '\0';
}

/* Taking -------------------------------------------------------------------- */

static bool unchanged(const struct use_life *life, const struct use_order *order)
{
	return values_same(life->values, order->values) &&
	       str_eq(life->use.name, order->name.data != NULL ? order->name
							       : life->use.kind->name);
}

struct weir_use *uses_take(struct uses *uses, const struct use_order *order,
			   struct weir_error *error)
{
	const struct kind *kind = registry_find_role(uses->registry, order->plugin, order->role,
						     error);
	struct use_life *life = kind != NULL ? places_find(uses, kind, order) : NULL;

	if (kind == NULL)
		return NULL;
	if (life != NULL && unchanged(life, order)) {
		life->holds++;
		return &life->use;
	}
	if (!places_reserve(uses)) {
		(void)fail_memory(error);
		return NULL;
	}
	life = life_open(uses, kind, order, life, error);
	if (life == NULL)
		return NULL;
	life->holds = 1;
	places_add(uses, life);
	(void)pthread_mutex_lock(&uses->lock);
	list_push_back(&uses->all, &life->link);
	(void)pthread_mutex_unlock(&uses->lock);
	return &life->use;
}

void use_start(struct weir_use *use)
{
	if (use->life->started)
		return;
	use->life->started = true;
	life_background_start(use->life);
}

void use_hold(struct weir_use *use)
{
	use->life->holds++;
}

void use_release(struct weir_use *use)
{
	if (use == NULL || --use->life->holds > 0)
		return;
	life_end(use->life);
}

bool uses_idle(const struct uses *uses)
{
	return list_empty(&uses->all) && cells_idle(&uses->cells);
}

void uses_visit(struct uses *uses, void (*visit)(void *arg, const struct weir_use *use), void *arg)
{
	(void)pthread_mutex_lock(&uses->lock);
	list_for_each(item, &uses->all) {
		const struct use_life *life = container_of(item, struct use_life, link);

		if (!life->closing)
			visit(arg, &life->use);
	}
	(void)pthread_mutex_unlock(&uses->lock);
}

/* Readiness ----------------------------------------------------------------- */

static void set_ready(const struct weir_use *use, bool ready, struct weir_str sentence)
{
	struct use_life *life = use != NULL ? use->life : NULL;

	if (life == NULL)
		return;
	(void)pthread_mutex_lock(&life->uses->lock);
	life->unready = !ready;
	(void)snprintf(life->unready_why, sizeof(life->unready_why), "%.*s: %.*s",
		       STR_ARG(use->path), STR_ARG(sentence));
	(void)pthread_mutex_unlock(&life->uses->lock);
}

/* Whoever must learn first is not ready before it says so: nobody has run it yet. */
void use_start_early(struct weir_use *use)
{
	if (!life_plugin(use->life)->background_first || use->life->started)
		return;
	set_ready(use, false, STR("it has not learnt yet what it must know"));
	use_start(use);
}

bool use_is_ready(struct weir_use *use)
{
	struct uses *uses = use->life->uses;
	bool ready;

	(void)pthread_mutex_lock(&uses->lock);
	ready = !use->life->unready;
	(void)pthread_mutex_unlock(&uses->lock);
	return ready;
}

bool uses_ready(struct uses *uses, void (*cause)(void *arg, const char *sentence), void *arg)
{
	bool ready = true;

	if (atomic_load(&uses->was_ready))
		return true;
	(void)pthread_mutex_lock(&uses->lock);
	list_for_each(item, &uses->all) {
		const struct use_life *life = container_of(item, struct use_life, link);

		if (life->closing || !life->unready)
			continue;
		ready = false;
		cause(arg, life->unready_why);
	}
	(void)pthread_mutex_unlock(&uses->lock);
	if (ready)
		atomic_store(&uses->was_ready, true);
	return ready;
}

/* Log ----------------------------------------------------------------------- */

/* True while this second has room. The first line over it says so. *lost is how many did not fit into
 * the last second that had lines. */
static bool may_write(_Atomic uint64_t *budget, bool *last, uint32_t *lost)
{
	uint64_t second = clock_now() / NS_PER_S, old = atomic_load(budget), next;

	do {
		next = old >> 32 == (second & UINT32_MAX) ? old + 1 : second << 32 | 1;
	} while (!atomic_compare_exchange_weak(budget, &old, next));
	*last = (uint32_t)next == LINES_A_SECOND;
	*lost = (uint32_t)next == 1 && (uint32_t)old > LINES_A_SECOND ?
		(uint32_t)old - LINES_A_SECOND : 0;
	return (uint32_t)next <= LINES_A_SECOND;
}

static _Atomic uint64_t *budget_of(const struct weir_use *use, enum weir_level level)
{
	return &use->life->log_budget[level == WEIR_FAILURE ? 2 : level == WEIR_ERROR];
}

/* Before there is a use: whoever says so then knows his name, and when it is enough. */
static void say(const struct weir_use *use, enum weir_level level, struct weir_str line)
{
	static const enum log_level levels[] = {
		[WEIR_ERROR] = LOG_LEVEL_ERROR, [WEIR_WARN] = LOG_LEVEL_WARN,
		[WEIR_INFO] = LOG_LEVEL_INFO, [WEIR_DEBUG] = LOG_LEVEL_DEBUG,
		[WEIR_FAILURE] = LOG_LEVEL_ERROR,
	};
	uint32_t lost;
	bool last;

	if ((unsigned)level > WEIR_FAILURE || levels[level] > log_level())
		return;
	if (use == NULL) {
		log_say(levels[level], "%.*s", STR_ARG(line));
		return;
	}
	if (!may_write(budget_of(use, level), &last, &lost))
		return;
	if (lost > 0)
		log_say(LOG_LEVEL_WARN, "%.*s (%.*s): %u lines of it were left out", STR_ARG(use->name),
			STR_ARG(use->path), lost);
	log_say(levels[level], "%.*s (%.*s): %.*s%s", STR_ARG(use->name), STR_ARG(use->path),
		STR_ARG(line), last ? " (no more lines of it within this second)" : "");
}

void uses_fill_host(struct weir_host *host)
{
	host->log = say;
	host->use_ready = set_ready;
	background_fill_host(host);
}
