/* host.c - the fake host table, what in it needs no exchange, and who may touch one. */
#include "core/kit/host_inside.h"

#include "core/http/date.h"

struct weir_host fake_host;

/* Who may ---------------------------------------------------------------------- */

/* Also one that a plugin has kept from a world that is gone: it is not looked into. */
static bool exists(const struct weir_exchange *ex)
{
	for (const struct weir_fake *f = fake_world; f != NULL; f = f->before)
		for (const struct weir_exchange *e = f->exchanges; e != NULL; e = e->next)
			if (e == ex)
				return true;
	return false;
}

struct weir_fake *fake_of(const struct weir_exchange *ex)
{
	return ex != NULL && exists(ex) ? ex->fake : fake_world;
}

bool fake_may_look(const struct weir_exchange *ex, const char *call)
{
	if (ex == NULL)
		fault_note(fake_world, FAULT_NO_EXCHANGE, call);
	else if (!exists(ex) || ex->stage == STAGE_OVER)
		fault_note(fake_world, FAULT_AFTER_DONE, call);
	else if (!pthread_equal(pthread_self(), ex->fake->worker))
		fault_note(ex->fake, FAULT_WRONG_THREAD, call);
	else
		return true;
	return false;
}

bool fake_may_edit(struct weir_exchange *ex, const char *call)
{
	struct weir_fake *f;

	if (!fake_may_look(ex, call))
		return false;
	f = ex->fake;
	if (f->hook == HOOK_DONE) {
		fault_note(f, FAULT_LATE_EDIT, call);
		return false;
	}
	if (ex->cancelled)
		fault_note(f, FAULT_WENT_ON, call);
	return !ex->cancelled;
}

/* Any thread ------------------------------------------------------------------- */

static struct weir_fake *world_of(const struct weir_use *use)
{
	const struct weir_fake_use *u = (const struct weir_fake_use *)(const void *)use;

	return u != NULL ? u->fake : fake_world;
}

static void say(const struct weir_use *use, enum weir_level level, struct weir_str line)
{
	static const char *const words[] = { "error", "warn", "info", "debug", "error" };
	struct weir_fake *f = world_of(use);

	if (f != NULL)
		fake_line_add(f, &f->said, 0, "%s: %.*s",
			      words[level <= WEIR_FAILURE ? level : WEIR_DEBUG], WEIR_ARG(line));
}

static uint64_t now(void)
{
	return fake_world->now;
}

static uint64_t wall(void)
{
	return fake_world->wall;
}

static uint64_t retry_after(struct weir_str value)
{
	return retry_after_parse(value, wall());
}

static uint64_t dice(void)
{
	struct weir_fake *f = fake_world;

	return f->dice_at < f->dice_count ? f->dice[f->dice_at++] : rng_next(&f->rng);
}

static void ready(const struct weir_use *use, bool ready, struct weir_str sentence)
{
	struct weir_fake_use *u = (struct weir_fake_use *)(uintptr_t)use;

	if (u == NULL)
		return;
	u->not_ready = !ready;
	u->ready_sentence = fake_copy(&u->arena, sentence).data;
}

void fake_host_fill(void)
{
	struct weir_host *host = &fake_host;

	if (host->size != 0)
		return;
	host->size = sizeof(*host);
	host->major = WEIR_API_MAJOR;
	host->minor = WEIR_API_NEWEST;
	host->log = say;
	host->now = now;
	host->wall = wall;
	host->dice = dice;
	host->retry_after = retry_after;
	host->use_ready = ready;
	setup_fill_host(host);
	fake_fill_parts(host);
	fake_fill_decisions(host);
	fake_fill_waits(host);
	fake_fill_calls(host);
	fake_fill_tickets(host);
	fake_fill_cells(host);
	fake_fill_roles(host);
	fake_fill_stores(host);
	fake_fill_counters(host);
	fake_fill_uses(host);
}

const struct weir_host *weir_fake_host(void)
{
	fake_host_fill();
	return &fake_host;
}
