/* tls_trust.c - clients that only verify, by the file of their authorities: made once, kept, shared. */
#include <pthread.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/tls_client.h"

enum { TRUSTS_MOST = 16 };

struct trust {
	char *ca;			/* "": this machine's */
	struct tls_client *client;	/* ref held */
	struct timespec changed;	/* of the file when it was read */
	off_t size;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct trust trusts[TRUSTS_MOST];
static uint32_t next;			/* to be replaced, when all are taken */

static struct trust *find(const char *ca)
{
	for (uint32_t i = 0; i < TRUSTS_MOST; i++)
		if (trusts[i].ca != NULL && strcmp(trusts[i].ca, ca) == 0)
			return &trusts[i];
	return NULL;
}

static void drop(struct trust *t)
{
	tls_client_unref(t->client);
	mem_free(t->ca);
	*t = (struct trust){ .ca = NULL };
}

static struct trust *take_room(void)
{
	struct trust *t = NULL;

	for (uint32_t i = 0; i < TRUSTS_MOST && t == NULL; i++)
		if (trusts[i].ca == NULL)
			t = &trusts[i];
	if (t == NULL)
		t = &trusts[next++ % TRUSTS_MOST];
	drop(t);
	return t;
}

static bool is_fresh(const struct trust *t, const struct stat *st)
{
	return t->size == st->st_size && t->changed.tv_sec == st->st_mtim.tv_sec &&
	       t->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static struct tls_client *make(struct trust *t, const char *ca, const struct stat *st,
			       struct weir_error *error)
{
	const struct tls_client_spec spec = { .ca = ca[0] != '\0' ? ca : NULL, .places = 1 };

	t->client = tls_client_new(&spec, error);
	t->ca = str_dup(str_from(ca));
	t->changed = st->st_mtim;
	t->size = st->st_size;
	if (t->client != NULL && t->ca != NULL)
		return t->client;
	drop(t);
	(void)fail_memory(error);
	return NULL;
}

struct tls_client *tls_trust(const char *ca, struct weir_error *error)
{
	struct tls_client *client;
	struct stat st = { 0 };
	struct trust *t;

	if (ca == NULL)
		ca = "";
	else
		(void)stat(ca, &st);	/* reading it says what is wrong */
	pthread_mutex_lock(&lock);
	t = find(ca);
	if (t != NULL && !is_fresh(t, &st)) {
		drop(t);
		t = NULL;
	}
	client = t != NULL ? t->client : make(take_room(), ca, &st, error);
	if (client != NULL)
		(void)tls_client_ref(client);
	pthread_mutex_unlock(&lock);
	return client;
}

void tls_trust_forget(void)
{
	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; i < TRUSTS_MOST; i++)
		drop(&trusts[i]);
	pthread_mutex_unlock(&lock);
}
