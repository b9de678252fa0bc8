/* helper.c - the thread that runs commands. */
#include "core/admin/helper.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/log.h"

static struct errand *next_errand(struct helper *h)
{
	struct list *first;

	while ((first = list_pop_front(&h->errands)) == NULL && !h->closing)
		pthread_cond_wait(&h->changed, &h->lock);
	return first != NULL ? container_of(first, struct errand, link) : NULL;
}

static void *run(void *arg)
{
	struct helper *h = arg;
	struct errand *e;

	(void)pthread_setname_np(pthread_self(), "weir-admin-help");
	log_name_thread("admin-help");
	pthread_mutex_lock(&h->lock);
	while ((e = next_errand(h)) != NULL) {
		pthread_mutex_unlock(&h->lock);
		e->run(e);
		pthread_mutex_lock(&h->lock);
		h->count--;
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

bool helper_open(struct helper *h, const char *name, struct weir_error *error)
{
	int number;

	*h = (struct helper){ .open = false };
	list_init(&h->errands);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	number = pthread_create(&h->thread, NULL, run, h);
	if (number != 0)
		return fail(error, "cannot start a thread for %s: %s", name, strerror(number));
	h->open = true;
	return true;
}

void helper_close(struct helper *h)
{
	if (!h->open)
		return;
	pthread_mutex_lock(&h->lock);
	h->closing = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	h->open = false;
}

bool helper_give(struct helper *h, struct errand *e)
{
	bool taken;

	pthread_mutex_lock(&h->lock);
	taken = !h->closing && h->count < HELPER_WAITING;
	if (taken) {
		h->count++;
		list_push_back(&h->errands, &e->link);
		pthread_cond_signal(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	return taken;
}

bool helper_is_idle(struct helper *h)
{
	bool idle;

	pthread_mutex_lock(&h->lock);
	idle = h->count == 0;
	pthread_mutex_unlock(&h->lock);
	return idle;
}
