/* mutex.c - sees the mutexes that this thread holds. Linked only into tests that ask for it: it stands
 * before the C library's own pthread_mutex_lock() and its like. */
#include <dlfcn.h>

#include "core/kit/inside.h"

typedef int mutex_fn(pthread_mutex_t *mutex);

static __thread int held;

static mutex_fn *real(const char *name)
{
	mutex_fn *fn;

	*(void **)&fn = dlsym(RTLD_NEXT, name);
	return fn;
}

static int held_here(void)
{
	return held;
}

void weir_fake_watch_mutexes(struct weir_fake *f)
{
	weir_fake_mutexes_held = held_here;
	f->watches_mutexes = true;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static mutex_fn *lock;
	int status;

	if (lock == NULL)
		lock = real("pthread_mutex_lock");
	status = lock(mutex);
	held += status == 0;
	return status;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	static mutex_fn *lock;
	int status;

	if (lock == NULL)
		lock = real("pthread_mutex_trylock");
	status = lock(mutex);
	held += status == 0;
	return status;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	static mutex_fn *unlock;
	int status;

	if (unlock == NULL)
		unlock = real("pthread_mutex_unlock");
	status = unlock(mutex);
	held -= status == 0;
	return status;
}
