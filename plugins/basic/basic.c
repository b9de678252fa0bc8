/* basic.c - a policy that asks for a user and a password (RFC 7617). */
#include <weir/plugin.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "plugins/basic/users.h"
#include "plugins/common/digest.h"
#include "plugins/common/guard.h"
#include "plugins/common/say.h"
#include "plugins/common/watched.h"

static const uint64_t MS = 1000000;
enum { AT_ONCE = 4, TURN = 5, PATIENCE = 2000 };	/* passwords that are hashed at a time; ms */

struct guard {
	struct watched file;
	struct weir_str challenge;
	uint64_t remember;
	uint32_t cache_most;
	bool forward;
	_Atomic int hashing;		/* of all workers */
};

/* One worker's: whose password was right a while ago. */
struct memory {
	struct recall *recall;
	unsigned char salt[16];
};

/* What a helper thread hashes; nothing in it belongs to the exchange. */
struct job {
	const char *hash, *password;
	bool right;
};

static void verify(void *arg)
{
	struct job *job = arg;

	job->right = users_verify(job->hash, job->password);
}

/* A hash is slow so that guessing is: no more than a few at a time, or guessing would stop all else
 * that helper threads are for. False: it took too long to get a turn. */
static enum weir_wait take_turn(struct guard *g, struct weir_exchange *ex)
{
	for (uint64_t waited = 0; waited < PATIENCE; waited += TURN) {
		enum weir_wait how;

		if (atomic_fetch_add(&g->hashing, 1) < AT_ONCE)
			return WEIR_OK;
		atomic_fetch_sub(&g->hashing, 1);
		how = weir_sleep(ex, TURN * MS);
		if (how != WEIR_OK)
			return how;
	}
	return WEIR_TIMED_OUT;
}

static enum weir_wait hash(struct guard *g, struct weir_exchange *ex, struct job *job)
{
	enum weir_wait how = take_turn(g, ex);

	if (how != WEIR_OK)
		return how;
	how = weir_offload(ex, verify, job);
	atomic_fetch_sub(&g->hashing, 1);
	return how;
}

/* Of user, password and the hash that is in force: a new password forgets the old one. */
static bool tag_of(const struct memory *m, const char *stored, struct weir_str name,
		   struct weir_str password, unsigned char out[DIGEST])
{
	const struct weir_str pieces[] = {
		{ (const char *)m->salt, sizeof(m->salt) }, { name.data, name.len + 1 },
		{ password.data, password.len + 1 }, weir_str_from(stored) };

	return digest_of(pieces, 4, out);
}

static enum weir_verdict wrong(const struct guard *g, struct weir_exchange *ex)
{
	return guard_refuse(ex, 401, "credentials-invalid", "the user or the password is wrong",
			    g->challenge);
}

static enum weir_verdict accept(const struct guard *g, struct weir_exchange *ex,
				struct weir_str name)
{
	if (!g->forward)
		weir_request_header_remove(ex, "authorization");
	return weir_identity_set(ex, name) ? WEIR_NEXT : WEIR_FAILED;
}

/* An unknown user takes as long as a known one. */
static enum weir_verdict judge(struct guard *g, struct memory *m, struct weir_exchange *ex,
			       struct weir_str name, struct weir_str password)
{
	const struct users *users = weir_cell_read(ex, g->file.cell);
	const struct user *user = users != NULL ? users_find(users, name) : NULL;
	struct job job = { .password = password.data };
	unsigned char tag[DIGEST];
	enum weir_wait how;

	if (users == NULL || users->nobody == NULL)
		return wrong(g, ex);
	job.hash = user != NULL ? user->hash : users->nobody;
	if (!tag_of(m, job.hash, name, password, tag))
		return WEIR_FAILED;
	if (user != NULL && recall_has(m->recall, tag, weir_now()))
		return accept(g, ex, name);
	how = hash(g, ex, &job);
	if (how == WEIR_CANCELLED)
		return WEIR_FAILED;
	if (how != WEIR_OK)
		return guard_refuse(ex, 503, "overloaded", "too many passwords are being checked",
				    WEIR_ABSENT);
	if (user == NULL || !job.right)
		return wrong(g, ex);
	recall_put(m->recall, tag, weir_now() + g->remember);
	return accept(g, ex, name);
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	struct guard *g = here->self;
	uint32_t count = weir_request_header_count(ex, "authorization");
	char room[USER_MOST + PASSWORD_MOST + 8];
	struct weir_str name, password;
	enum weir_verdict verdict;

	if (count == 0)
		return guard_refuse(ex, 401, "credentials-missing", "the request has no user and password",
				    g->challenge);
	if (count > 1 || !users_read_header(weir_request_header_at(ex, "authorization", 0), room, &name,
					    &password))
		return wrong(g, ex);
	verdict = judge(g, here->worker, ex, name, password);
	explicit_bzero(room, sizeof(room));
	return verdict;
}

static void background(const struct weir_here *here)
{
	struct guard *g = here->self;
	struct watched *const files[] = { &g->file };

	watched_run(here, files, 1);
}

/* Lives ----------------------------------------------------------------------- */

static void worker_close(void *self, void *worker)
{
	struct memory *m = worker;

	(void)self;
	recall_free(m->recall);
	free(m);
}

static bool worker_open(void *self, void **worker, struct weir_error *error)
{
	const struct guard *g = self;
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return weir_fail(error, "out of memory");
	m->recall = recall_new(g->cache_most);
	if (m->recall == NULL || !digest_salt(m->salt, sizeof(m->salt))) {
		worker_close(self, m);
		return weir_fail(error, "out of memory, or of randomness");
	}
	*worker = m;
	return true;
}

static void *read_users(struct weir_str text, struct weir_error *error)
{
	return users_read(text, error);
}

static void guard_close(void *self)
{
	struct guard *g = self;

	watched_close(&g->file);
	free((char *)(uintptr_t)g->challenge.data);
	free(g);
}

static bool make_challenge(struct guard *g, struct weir_str realm)
{
	char *text;
	int len = asprintf(&text, "Basic realm=\"%.*s\", charset=\"UTF-8\"", WEIR_ARG(realm));

	if (len >= 0)
		g->challenge = (struct weir_str){ text, (size_t)len };
	return len >= 0;
}

static bool guard_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return weir_fail(error, "out of memory");
	g->remember = weir_option_duration(setup, "remember");
	g->cache_most = (uint32_t)weir_option_integer(setup, "cache");
	g->forward = weir_option_boolean(setup, "forward");
	if (!make_challenge(g, weir_option_text(setup, "realm")))
		(void)weir_fail(error, "out of memory");
	else if (watched_open(&g->file, setup, weir_option_text(setup, "file"), read_users, users_free,
			      error)) {
		*self = g;
		return true;
	}
	guard_close(g);
	return false;
}

static bool guard_check(const struct weir_setup *setup, struct weir_error *error)
{
	struct weir_str realm = weir_option_text(setup, "realm");

	if (realm.len == 0 || realm.len > 200 || memchr(realm.data, '"', realm.len) != NULL ||
	    memchr(realm.data, '\\', realm.len) != NULL)
		return weir_fail(error, "`realm` must be a short text without quotes and backslashes");
	return true;
}

/* The file is not read for a question. */
static enum weir_verdict explain(const struct weir_setup *setup, const struct weir_question *q,
				 struct weir_error *said)
{
	(void)q;
	say(said, "a user of %.*s and the password, in authorization: Basic",
	    WEIR_ARG(weir_option_text(setup, "file")));
	return WEIR_FAILED;
}

static const struct weir_option options[] = {
	{ .name = "file", .type = WEIR_PATH, .required = true, .bare = true,
	  .about = "user:hash, one a line, as htpasswd -B and mkpasswd write them; watched" },
	{ .name = "realm", .type = WEIR_TEXT, .fallback = "weir", .about = "what clients are shown" },
	{ .name = "remember", .type = WEIR_DURATION, .fallback = "5m",
	  .about = "how long a right password is not hashed again" },
	{ .name = "cache", .type = WEIR_INTEGER, .fallback = "1000", .min = 1, .max = 1000000,
	  .about = "right passwords that each worker remembers, as salted digests" },
	{ .name = "forward", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "the service gets user and password too" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request, .explain = explain,
	.traits = WEIR_AUTHORISES);

WEIR_PLUGIN(basic,
	.version = "1.0",
	.summary = "asks for a user and a password",
	.options = options, .check = guard_check,
	.open = guard_open, .close = guard_close,
	.worker_open = worker_open, .worker_close = worker_close,
	.background = background,
	.policy = &policy);
