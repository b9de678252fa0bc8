/* origin_saw.c - what an origin tells about the requests it got. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/e2e/origin_inside.h"

unsigned origin_count(struct origin *o, const char *method_and_target)
{
	unsigned n;

	pthread_mutex_lock(&o->lock);
	n = method_and_target == NULL ? o->requests :
		(unsigned)(size_t)map_get(&o->counts, str_from(method_and_target));
	pthread_mutex_unlock(&o->lock);
	return n;
}

bool origin_sees(struct origin *o, const char *method_and_target, unsigned times)
{
	return eventually(origin_count(o, method_and_target) >= times);
}

unsigned origin_accepted(struct origin *o)
{
	unsigned n;

	pthread_mutex_lock(&o->lock);
	n = o->accepted;
	pthread_mutex_unlock(&o->lock);
	return n;
}

unsigned origin_open_now(struct origin *o)
{
	unsigned n;

	pthread_mutex_lock(&o->lock);
	n = o->open;
	pthread_mutex_unlock(&o->lock);
	return n;
}

bool origin_becomes_idle(struct origin *o)
{
	return eventually(origin_open_now(o) == 0);
}

/* A copy of the pointer is safe: the story asks between requests. */
static struct wire_message last(struct origin *o)
{
	struct wire_message m;

	pthread_mutex_lock(&o->lock);
	m = o->last;
	pthread_mutex_unlock(&o->lock);
	return m;
}

const char *origin_last_head(struct origin *o)
{
	const char *head = last(o).head;

	return head != NULL ? head : "";
}

const char *origin_last_body(struct origin *o)
{
	const char *body = last(o).body;

	return body != NULL ? body : "";
}

const char *origin_last_trailers(struct origin *o)
{
	const char *trailers = last(o).trailers;

	return trailers != NULL ? trailers : "";
}

uint64_t origin_last_body_len(struct origin *o)
{
	return last(o).body_len;
}

uint64_t origin_last_body_hash(struct origin *o)
{
	return last(o).body_hash;
}

bool origin_last_whole(struct origin *o)
{
	return last(o).whole;
}

struct weir_str origin_last_header(struct origin *o, const char *name)
{
	return wire_header(origin_last_head(o), name, 0);
}

uint64_t origin_body_bytes_read(struct origin *o)
{
	return atomic_load(&o->body_bytes);
}
