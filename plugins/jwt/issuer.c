/* issuer.c - learns the keys of an issuer: from its description and key set, from files, from a secret. */
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
	LIFE_LEAST = 30, LIFE_MOST = 12 * 3600,	/* s that keys are kept without asking */
	FILE_BYTES = 1 << 20,
};

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

enum weir_wait issuer_learn(const struct weir_here *here, struct issuer *is, uint64_t *life,
			    struct weir_error *error)
{
	*life = FILES_EVERY;
	return issuer_fetches(is) ? fetch(here, is, life, error) : take_in(here, is, WEIR_ABSENT, error);
}
