/* tend.c - keeps the keys of issuers fresh: fibers on control, and workers that ask for a key that is not
 * there. */
#include "plugins/jwt/jwt.h"

#include <stdlib.h>

#include "plugins/jwt/lifetime.h"

static const uint64_t S = 1000000000;
enum {
	FILES_EVERY = 2,		/* s between two looks at files */
	PAUSE_MOST = 30,		/* s between tries while an issuer is away */
	WAITERS_MOST = 1 << 16,		/* of one issuer */
};

/* Readiness ------------------------------------------------------------------- */

static bool is_known(const struct issuer *is)
{
	return weir_cell_read(NULL, is->cell) != NULL;
}

/* Ready when the keys of all are known; else the first that is missing is named. */
static void tell_ready(const struct weir_here *here, const struct jwt *jwt)
{
	struct weir_error said = { "" };
	uint32_t i = 0;

	while (i < jwt->issuer_count && is_known(&jwt->issuers[i]))
		i++;
	if (i < jwt->issuer_count)
		(void)weir_fail(&said, "the keys of issuer %.*s are not there yet%s%s",
				WEIR_ARG(jwt->issuers[i].name), jwt->issuers[i].why[0] != '\0' ? ": " : "",
				jwt->issuers[i].why);
	weir_ready(here, i == jwt->issuer_count, said.text);
}

/* Refreshing ------------------------------------------------------------------ */

static void wake_all(struct jwt *jwt, struct issuer *is)
{
	(void)pthread_mutex_lock(&jwt->lock);
	is->wanted = false;
	for (uint32_t i = 0; i < is->waiting; i++)
		weir_ticket_wake(is->waiters[i]);
	is->waiting = 0;
	(void)pthread_mutex_unlock(&jwt->lock);
}

static void failed(const struct weir_here *here, struct issuer *is, const char *why)
{
	double pause = lifetime_pause(++is->failures, PAUSE_MOST, weir_dice());

	is->next_at = weir_now() + (uint64_t)(pause * (double)S);
	(void)snprintf(is->why, sizeof(is->why), "%s", why);
	weir_log(here, WEIR_WARN, "the keys of issuer %.*s could not be read: %s%s",
		 WEIR_ARG(is->name), why, is_known(is) ? "; those known before stay" : "");
}

static enum weir_wait refresh(const struct weir_here *here, struct jwt *jwt, struct issuer *is)
{
	struct weir_error error = { "" };
	uint64_t life;
	enum weir_wait how = issuer_learn(here, is, &life, &error);

	weir_counter_add(how == WEIR_OK ? jwt->fetched : jwt->fetch_failed, how != WEIR_CANCELLED);
	if (how == WEIR_OK) {
		is->failures = 0;
		is->next_at = weir_now() + life * S;
	} else if (how != WEIR_CANCELLED) {
		failed(here, is, error.text);
	}
	wake_all(jwt, is);
	tell_ready(here, jwt);
	return how;
}

/* When it is due -------------------------------------------------------------- */

static bool files_changed(const struct issuer *is)
{
	for (uint32_t i = 0; i < is->path_count; i++) {
		struct mark now = mark_of(is->paths[i]);

		if (!mark_same(&now, &is->marks[i]))
			return true;
	}
	return false;
}

static bool is_wanted(struct jwt *jwt, const struct issuer *is)
{
	bool wanted;

	(void)pthread_mutex_lock(&jwt->lock);
	wanted = is->wanted;
	(void)pthread_mutex_unlock(&jwt->lock);
	return wanted;
}

static bool is_due(struct jwt *jwt, struct issuer *is)
{
	if (is_wanted(jwt, is))
		return true;
	if (weir_now() < is->next_at)
		return false;
	if (issuer_fetches(is) || files_changed(is))
		return true;
	is->next_at = weir_now() + FILES_EVERY * S;
	return false;
}

/* Tending --------------------------------------------------------------------- */

/* One issuer has a fiber of its own, so that one that hangs holds up nobody else. Those for which there
 * was none (`one` NULL) share that of the background. */
static bool is_mine(const struct issuer *is, const struct issuer *one)
{
	return one != NULL ? is == one : is->source != FROM_SECRET && !is->own_fiber;
}

/* How long nobody has anything to do; the bell is hung before anybody is asked. 0: some worker wants
 * something. */
static uint64_t idle_for(struct jwt *jwt, const struct issuer *one, struct weir_ticket bell)
{
	uint64_t now = weir_now(), next = now + 3600 * S;
	bool wanted = false;

	(void)pthread_mutex_lock(&jwt->lock);
	for (uint32_t i = 0; i < jwt->issuer_count; i++) {
		struct issuer *is = &jwt->issuers[i];

		if (!is_mine(is, one))
			continue;
		is->bell = bell;
		wanted |= is->wanted;
		if (is->next_at < next)
			next = is->next_at;
	}
	(void)pthread_mutex_unlock(&jwt->lock);
	return wanted ? 0 : next > now + S / 100 ? next - now : S / 100;
}

/* Until the next one is due, or a worker rings. A bell that was not rung is used again. */
static enum weir_wait wait_for_work(struct jwt *jwt, const struct issuer *one,
				    struct weir_ticket *bell)
{
	enum weir_wait how;
	uint64_t idle;

	if (bell->id == 0)
		*bell = weir_ticket_take(NULL);
	idle = idle_for(jwt, one, *bell);
	if (idle == 0)
		return WEIR_OK;
	if (bell->id == 0)
		return weir_sleep(NULL, idle < S ? idle : S);
	how = weir_ticket_wait(NULL, *bell, idle);
	if (how == WEIR_OK)
		bell->id = 0;
	return how;
}

static void tend(const struct weir_here *here, struct issuer *one)
{
	struct jwt *jwt = here->self;
	struct weir_ticket bell = { 0 };
	enum weir_wait how = WEIR_OK;

	while (how != WEIR_CANCELLED) {
		for (uint32_t i = 0; i < jwt->issuer_count && how != WEIR_CANCELLED; i++)
			if (is_mine(&jwt->issuers[i], one) && is_due(jwt, &jwt->issuers[i]))
				how = refresh(here, jwt, &jwt->issuers[i]);
		if (how != WEIR_CANCELLED)
			how = wait_for_work(jwt, one, &bell);
	}
	for (uint32_t i = 0; i < jwt->issuer_count; i++)
		if (is_mine(&jwt->issuers[i], one))
			wake_all(jwt, &jwt->issuers[i]);
}

static void tend_one(const struct weir_here *here, void *arg)
{
	tend(here, arg);
}

void jwt_background(const struct weir_here *here)
{
	struct jwt *jwt = here->self;
	bool others = false;

	tell_ready(here, jwt);
	for (uint32_t i = 0; i < jwt->issuer_count; i++) {
		struct issuer *is = &jwt->issuers[i];

		if (issuer_fetches(is))
			is->own_fiber = weir_errand(here, tend_one, is);
		others |= is_mine(is, NULL);
	}
	if (others)
		tend(here, NULL);
}

/* Asking ---------------------------------------------------------------------- */

static bool make_room(struct issuer *is)
{
	uint32_t room = is->waiting_room > 0 ? is->waiting_room * 2 : 16;
	struct weir_ticket *more;

	if (is->waiting < is->waiting_room)
		return true;
	more = room <= WAITERS_MOST ? realloc(is->waiters, room * sizeof(*more)) : NULL;
	if (more == NULL)
		return false;
	is->waiters = more;
	is->waiting_room = room;
	return true;
}

enum asking { ASKED, NEED_NOT_ASK, CANNOT_ASK };

/* However many forged names come, the issuer is asked once in a while. */
static enum asking ask(const struct jwt *jwt, struct issuer *is, struct weir_ticket ticket, bool answered)
{
	uint64_t now = weir_now();

	if (answered || (!is->wanted && is->asked_at != 0 && now < is->asked_at + jwt->unknown_key))
		return NEED_NOT_ASK;
	if (ticket.id == 0 || !make_room(is))
		return CANNOT_ASK;
	if (!is->wanted)
		is->asked_at = now;
	is->wanted = true;
	is->waiters[is->waiting++] = ticket;
	return ASKED;
}

bool issuer_ask_again(struct jwt *jwt, struct issuer *is, struct weir_exchange *ex,
		      const struct keyset *seen)
{
	struct weir_ticket ticket = weir_ticket_take(ex), bell;
	enum asking asked;

	(void)pthread_mutex_lock(&jwt->lock);
	asked = ask(jwt, is, ticket, weir_cell_read(ex, is->cell) != seen);
	bell = is->bell;
	(void)pthread_mutex_unlock(&jwt->lock);
	if (asked != ASKED)
		return asked == NEED_NOT_ASK;
	if (bell.id != 0)
		weir_ticket_wake(bell);
	return weir_ticket_wait(ex, ticket, is->timeout) != WEIR_CANCELLED;
}
