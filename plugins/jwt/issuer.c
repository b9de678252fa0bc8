/* issuer.c - learns the keys of issuers and keeps them fresh: a fiber on control, and workers that
 * ask for a key that is not there. */
#include "plugins/jwt/jwt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/jwt/lifetime.h"

static const uint64_t S = 1000000000;
enum {
	FILES_EVERY = 2,		/* s between two looks at files */
	PAUSE_MOST = 30,		/* s between tries while an issuer is away */
	LIFE_LEAST = 30, LIFE_MOST = 12 * 3600,	/* s that keys are kept without asking */
	WAIT_MOST = 3,			/* s that a request waits for a key */
	FILE_BYTES = 1 << 20,
};

static bool fetches(const struct issuer *is)
{
	return is->source == FROM_DISCOVERY || is->source == FROM_URL;
}

static bool reads_files(const struct issuer *is)
{
	return is->source == FROM_FILE || is->source == FROM_PEM;
}

/* Reading files -------------------------------------------------------------- */

static char *slurp(const char *path, size_t *len, struct weir_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES)
		(void)weir_fail(error, "%s cannot be read; it must be a plain file of at most 1m", path);
	else if ((text = malloc((size_t)st.st_size + 1)) == NULL)
		(void)weir_fail(error, "out of memory");
	else
		got = read(fd, text, (size_t)st.st_size);
	if (fd >= 0)
		(void)close(fd);
	*len = got > 0 ? (size_t)got : 0;
	return text;
}

static bool add_file(const struct issuer *is, const char *path, struct keyset *set,
		     struct weir_error *error)
{
	struct weir_error why = { "" }, passed = { "" };
	size_t len;
	char *text = slurp(path, &len, error);
	struct key key;
	bool ok;

	if (text == NULL)
		return false;
	if (is->source == FROM_FILE)
		ok = keyset_add_jwks(set, (struct weir_str){ text, len }, &is->keys, &passed, &why);
	else
		ok = key_from_pem(&key, (struct weir_str){ text, len }, &is->keys, &why) &&
		     keyset_add(set, &key, &why);
	free(text);
	return ok || weir_fail(error, "%s: %s", path, why.text);
}

bool issuer_read(struct issuer *is, struct keyset *set, struct weir_error *error)
{
	struct key key;

	if (is->source == FROM_SECRET)
		return key_from_secret(&key, is->secret, &is->keys, error) &&
		       keyset_add(set, &key, error);
	for (uint32_t i = 0; i < is->path_count; i++) {
		is->marks[i] = mark_of(is->paths[i]);
		if (!add_file(is, is->paths[i], set, error))
			return false;
	}
	return true;
}

/* Taking in ------------------------------------------------------------------ */

/* What a helper thread does: numbers of keys are looked into, and files may be slow. */
struct job {
	struct issuer *is;
	struct weir_str text;		/* of a key set that was fetched; absent: read the files */
	struct keyset *set;
	struct weir_error error;
	bool ok;
};

static void read_keys(void *arg)
{
	struct job *job = arg;
	struct weir_error passed = { "" };

	if (job->text.data != NULL)
		job->ok = keyset_add_jwks(job->set, job->text, &job->is->keys, &passed, &job->error);
	else
		job->ok = issuer_read(job->is, job->set, &job->error);
}

/* Takes the set. Only one that is another makes those who have verified with the old one look
 * again. */
static bool publish(const struct weir_here *here, struct issuer *is, struct keyset *set,
		    struct weir_error *error)
{
	const struct keyset *now = weir_cell_read(NULL, is->cell);

	if (keyset_same(now, set)) {
		keyset_free(set);
		return true;
	}
	set->number = now != NULL ? now->number + 1 : 1;
	weir_log(here, WEIR_INFO, "issuer %.*s has %u keys", WEIR_ARG(is->name), set->count);
	return weir_cell_publish(is->cell, set) || weir_fail(error, "out of memory");
}

static enum weir_wait take_in(const struct weir_here *here, struct issuer *is, struct weir_str text,
			      struct weir_error *error)
{
	struct job job = { .is = is, .text = text, .set = keyset_new(), .error = { "" } };
	enum weir_wait how;

	if (job.set == NULL) {
		(void)weir_fail(error, "out of memory");
		return WEIR_NO_MEMORY;
	}
	how = weir_offload(NULL, read_keys, &job);
	if (how == WEIR_OK && job.ok)
		return publish(here, is, job.set, error) ? WEIR_OK : WEIR_NO_MEMORY;
	keyset_free(job.set);
	(void)weir_fail(error, "%s", how != WEIR_OK ? "no helper thread could be had" : job.error.text);
	return how == WEIR_CANCELLED ? how : WEIR_NO_ANSWER;
}

/* Fetching -------------------------------------------------------------------- */

static struct weir_str header_of(const struct weir_call_reply *reply, struct weir_str name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (reply->headers[i].name.len == name.len &&
		    strncasecmp(reply->headers[i].name.data, name.data, name.len) == 0)
			return reply->headers[i].value;
	return WEIR_ABSENT;
}

/* The reply is to be ended by the caller, whatever comes back. */
static enum weir_wait get(const struct issuer *is, const char *url, struct weir_call_reply *reply,
			  struct weir_error *error)
{
	static const struct weir_field accept = { { "accept", 6 }, { "application/json", 16 } };
	struct weir_call_request request = WEIR_CALL(.url = weir_str_from(url),
		.timeout_ns = is->timeout, .most = KEYSET_BYTES, .headers = &accept,
		.header_count = 1, .ca = is->ca);
	enum weir_wait how = weir_fetch(NULL, &request, reply);

	if (how == WEIR_OK && reply->status == 200)
		return WEIR_OK;
	if (how == WEIR_OK)
		(void)weir_fail(error, "%s answered %u", url, reply->status);
	else
		(void)weir_fail(error, "%s: %.*s%s%.*s", url,
				WEIR_ARG(how == WEIR_TIMED_OUT ? WEIR_STR("no answer in time")
							       : reply->reason),
				reply->detail.data != NULL ? ", " : "", WEIR_ARG(reply->detail));
	return how == WEIR_CANCELLED ? how : WEIR_NO_ANSWER;
}

static enum weir_wait discover(struct issuer *is, struct weir_error *error)
{
	struct weir_call_reply reply;
	char url[PROVIDER_URL];
	enum weir_wait how;

	if (!provider_address(is->claims.issuer, url))
		return WEIR_NO_ANSWER;
	how = get(is, url, &reply, error);
	if (how == WEIR_OK &&
	    !provider_keys(reply.body, is->claims.issuer, is->keys_url, error)) {
		is->keys_url[0] = '\0';
		how = WEIR_NO_ANSWER;
	}
	weir_call_done(&reply);
	return how;
}

static uint64_t life_of(const struct issuer *is, const struct weir_call_reply *reply)
{
	uint64_t life = lifetime_of(header_of(reply, WEIR_STR("cache-control")),
				    header_of(reply, WEIR_STR("age")), is->refresh / S);

	return life < LIFE_LEAST ? LIFE_LEAST : life > LIFE_MOST ? LIFE_MOST : life;
}

/* Gives how long what came may be kept, in seconds. */
static enum weir_wait fetch(const struct weir_here *here, struct issuer *is, uint64_t *life,
			    struct weir_error *error)
{
	struct weir_call_reply reply;
	enum weir_wait how;

	if (is->source == FROM_DISCOVERY && is->keys_url[0] == '\0') {
		how = discover(is, error);
		if (how != WEIR_OK)
			return how;
	}
	how = get(is, is->keys_url, &reply, error);
	if (how == WEIR_OK) {
		*life = life_of(is, &reply);
		how = take_in(here, is, reply.body, error);
	}
	weir_call_done(&reply);
	if (how != WEIR_OK && is->source == FROM_DISCOVERY)
		is->keys_url[0] = '\0';		/* it may have moved */
	return how;
}

/* Turns ----------------------------------------------------------------------- */

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
	bool known = weir_cell_read(NULL, is->cell) != NULL;
	double pause = lifetime_pause(++is->failures, PAUSE_MOST, weir_dice());

	is->next_at = weir_now() + (uint64_t)(pause * (double)S);
	weir_log(here, WEIR_WARN, "the keys of issuer %.*s could not be read: %s%s",
		 WEIR_ARG(is->name), why, known ? "; those known before stay" : "");
	if (!known) {
		struct weir_error said = { "" };

		(void)weir_fail(&said, "the keys of issuer %.*s are not there yet: %s",
				WEIR_ARG(is->name), why);
		weir_ready(here, false, said.text);
	}
}

static enum weir_wait refresh(const struct weir_here *here, struct jwt *jwt, struct issuer *is)
{
	struct weir_error error = { "" };
	uint64_t life = FILES_EVERY;
	enum weir_wait how = fetches(is) ? fetch(here, is, &life, &error)
					 : take_in(here, is, WEIR_ABSENT, &error);

	weir_counter_add(how == WEIR_OK ? jwt->fetched : jwt->fetch_failed, how != WEIR_CANCELLED);
	if (how == WEIR_OK) {
		is->failures = 0;
		is->next_at = weir_now() + life * S;
	} else if (how != WEIR_CANCELLED) {
		failed(here, is, error.text);
	}
	wake_all(jwt, is);
	return how;
}

static bool files_changed(const struct issuer *is)
{
	for (uint32_t i = 0; i < is->path_count; i++) {
		struct mark now = mark_of(is->paths[i]);

		if (!mark_same(&now, &is->marks[i]))
			return true;
	}
	return false;
}

static bool is_wanted(struct jwt *jwt, struct issuer *is)
{
	bool wanted;

	(void)pthread_mutex_lock(&jwt->lock);
	wanted = is->wanted;
	(void)pthread_mutex_unlock(&jwt->lock);
	return wanted;
}

static bool is_due(struct jwt *jwt, struct issuer *is)
{
	if (is->source == FROM_SECRET)
		return false;
	if (is_wanted(jwt, is))
		return true;
	if (weir_now() < is->next_at)
		return false;
	if (!reads_files(is) || files_changed(is))
		return true;
	is->next_at = weir_now() + FILES_EVERY * S;
	return false;
}

static void tell_ready(const struct weir_here *here, const struct jwt *jwt)
{
	for (uint32_t i = 0; i < jwt->issuer_count; i++)
		if (weir_cell_read(NULL, jwt->issuers[i].cell) == NULL)
			return;
	weir_ready(here, true, "");
}

/* How long nobody has anything to do. 0: some worker wants something. */
static uint64_t idle_for(struct jwt *jwt)
{
	uint64_t now = weir_now(), next = now + 3600 * S;
	bool wanted = false;

	(void)pthread_mutex_lock(&jwt->lock);
	for (uint32_t i = 0; i < jwt->issuer_count; i++) {
		const struct issuer *is = &jwt->issuers[i];

		wanted |= is->wanted;
		if (is->source != FROM_SECRET && is->next_at < next)
			next = is->next_at;
	}
	(void)pthread_mutex_unlock(&jwt->lock);
	return wanted ? 0 : next > now + S / 100 ? next - now : S / 100;
}

/* Until the next one is due, or a worker rings. A bell that was not rung is used again. */
static enum weir_wait wait_for_work(struct jwt *jwt, struct weir_ticket *bell)
{
	enum weir_wait how;
	uint64_t idle;

	if (bell->id == 0)
		*bell = weir_ticket_take(NULL);
	(void)pthread_mutex_lock(&jwt->lock);
	jwt->bell = *bell;
	(void)pthread_mutex_unlock(&jwt->lock);
	idle = idle_for(jwt);
	if (idle == 0)
		return WEIR_OK;
	if (bell->id == 0)
		return weir_sleep(NULL, idle < S ? idle : S);
	how = weir_ticket_wait(NULL, *bell, idle);
	if (how == WEIR_OK)
		bell->id = 0;
	return how;
}

void jwt_background(const struct weir_here *here)
{
	struct jwt *jwt = here->self;
	struct weir_ticket bell = { 0 };
	enum weir_wait how = WEIR_OK;

	for (uint32_t i = 0; i < jwt->issuer_count; i++)
		if (weir_cell_read(NULL, jwt->issuers[i].cell) == NULL)
			weir_ready(here, false, "the keys of an issuer are not fetched yet");
	tell_ready(here, jwt);
	while (how != WEIR_CANCELLED) {
		for (uint32_t i = 0; i < jwt->issuer_count && how != WEIR_CANCELLED; i++)
			if (is_due(jwt, &jwt->issuers[i]))
				how = refresh(here, jwt, &jwt->issuers[i]);
		tell_ready(here, jwt);
		if (how != WEIR_CANCELLED)
			how = wait_for_work(jwt, &bell);
	}
	for (uint32_t i = 0; i < jwt->issuer_count; i++)
		wake_all(jwt, &jwt->issuers[i]);
}

/* Asking ---------------------------------------------------------------------- */

/* However many forged names come, the issuer is asked once in a while. */
static bool may_ask(const struct jwt *jwt, struct issuer *is, struct weir_ticket ticket)
{
	uint64_t now = weir_now();

	if (is->waiting == JWT_WAITERS || ticket.id == 0)
		return false;
	if (!is->wanted && is->asked_at != 0 && now < is->asked_at + jwt->unknown_key)
		return false;
	if (!is->wanted)
		is->asked_at = now;
	is->wanted = true;
	is->waiters[is->waiting++] = ticket;
	return true;
}

bool issuer_ask_again(struct jwt *jwt, struct issuer *is, struct weir_exchange *ex)
{
	struct weir_ticket ticket = weir_ticket_take(ex), bell;
	bool asked;

	(void)pthread_mutex_lock(&jwt->lock);
	asked = may_ask(jwt, is, ticket);
	bell = jwt->bell;
	(void)pthread_mutex_unlock(&jwt->lock);
	if (!asked)
		return false;
	if (bell.id != 0)
		weir_ticket_wake(bell);
	return weir_ticket_wait(ex, ticket, WAIT_MOST * S) != WEIR_CANCELLED;
}
