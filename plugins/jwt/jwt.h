/* jwt.h - what the files of this plugin share: one use, its issuers, and what the operator wants. */
#ifndef PLUGINS_JWT_JWT_H
#define PLUGINS_JWT_JWT_H

#include <pthread.h>
#include <stdatomic.h>
#include <weir/plugin.h>

#include "plugins/file/mark.h"
#include "plugins/jwt/cache.h"
#include "plugins/jwt/claims.h"
#include "plugins/jwt/keyset.h"
#include "plugins/jwt/needs.h"
#include "plugins/jwt/provider.h"

/* An issuer's keys come from one of these. */
enum source { FROM_DISCOVERY, FROM_URL, FROM_FILE, FROM_PEM, FROM_SECRET };

/* Texts are lent by the setup. Constant after open, but for what says otherwise. */
struct issuer {
	struct claims_rules claims;
	struct key_rules keys;
	enum source source;
	struct weir_str *texts;			/* what `claims` points to */
	struct weir_str url, secret, ca, name;	/* name: for people */
	char **paths;				/* of FROM_FILE and FROM_PEM; end with NUL */
	uint32_t path_count;
	uint64_t refresh, timeout;		/* ns */

	struct weir_cell *cell;			/* of struct keyset; empty: none known yet */

	/* control's */
	char keys_url[PROVIDER_URL];		/* from discovery; empty: not known */
	uint64_t next_at;			/* monotonic */
	uint32_t failures;
	struct mark *marks;			/* of the files, as they were read */
	char why[WEIR_ERROR_ROOM];		/* they could not be read last */
	bool own_fiber;				/* tended by one of its own */

	/* between workers and control, under jwt->lock */
	struct weir_ticket bell;		/* wakes who tends it */
	uint64_t asked_at;			/* monotonic; 0: never for an unknown key */
	bool wanted;				/* a token names a key that is not there */
	struct weir_ticket *waiters;		/* of requests whose key is on its way */
	uint32_t waiting, waiting_room;
};

/* A header that goes upstream with a claim, and never comes from a client. */
struct to_header {
	struct weir_str header, claim;
};

struct jwt {
	struct issuer *issuers;
	uint32_t issuer_count;
	struct weir_str header, cookie, query, realm, identity;
	bool identity_given, optional, forward;
	struct to_header *headers;
	uint32_t header_count;
	struct needs needs;
	uint32_t cache_most;
	size_t longest;
	uint64_t unknown_key;		/* ns between two refreshes that unknown keys cause */

	struct weir_counter *verified, *remembered, *fetched, *fetch_failed;

	pthread_mutex_t lock;
};

/* options.c */
extern const struct weir_option jwt_options[];
bool jwt_check(const struct weir_setup *setup, struct weir_error *error);
bool jwt_open(const struct weir_setup *setup, void **self, struct weir_error *error);
void jwt_close(void *self);

/* explain.c */
enum weir_verdict jwt_explain(const struct weir_setup *setup, const struct weir_question *q,
			      struct weir_error *said);

/* issuer.c: learns keys. */
static inline bool issuer_fetches(const struct issuer *is)
{
	return is->source == FROM_DISCOVERY || is->source == FROM_URL;
}
/* Reads what lies in files and options; for `open`. False with a sentence. */
bool issuer_read(struct issuer *is, struct keyset *set, struct weir_error *error);
/* Fetches or reads the keys and publishes them; `life`: for so long (s) they may be kept. What went wrong
 * leaves those known before, with a sentence. Waits. [control] */
enum weir_wait issuer_learn(const struct weir_here *here, struct issuer *is, uint64_t *life,
			    struct weir_error *error);

/* tend.c: keeps them fresh, on control. */
void jwt_background(const struct weir_here *here);
/* Asks for the keys once more, because a token names one that is not among those `seen`, and waits until
 * they came, or could not. Does not when others are there meanwhile, or it was asked a moment ago.
 * False: too many wait, or the exchange is ending. [worker] */
bool issuer_ask_again(struct jwt *jwt, struct issuer *is, struct weir_exchange *ex,
		      const struct keyset *seen);

/* judge.c: the whole judgement over one token. Gives what was learnt; free() it. May wait. [worker] */
struct judged {
	struct learnt *learnt;
	uint32_t issuer;
	uint64_t keys;
	int64_t expires;
};
enum fault jwt_judge(struct jwt *jwt, struct weir_exchange *ex, struct weir_str text, int64_t now,
		     struct judged *out);

#endif
