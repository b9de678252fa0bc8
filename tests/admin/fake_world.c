/* fake_world.c - what the admin API asks, answered without a gateway. */
#include "tests/admin/fake_world.h"

#include <stdio.h>

#include "core/base/error.h"

static bool tell(const char *cause, json_t *causes)
{
	if (cause != NULL)
		json_array_append_new(causes, json_string(cause));
	return cause == NULL;
}

static bool alive(void *self, json_t *causes)
{
	const struct fake_world *f = self;

	return tell(f->sick, causes);
}

static bool ready(void *self, json_t *causes)
{
	const struct fake_world *f = self;

	return tell(f->unready, causes);
}

static json_t *document(void *self, struct weir_error *error, const char *text)
{
	const struct fake_world *f = self;

	if (f->refusal == NULL)
		return json_loads(text, 0, NULL);
	fail(error, "%s", f->refusal);
	return NULL;
}

static json_t *config(void *self, struct weir_error *error)
{
	return document(self, error, "{\"listen\": \"127.0.0.1:80\"}");
}

static json_t *routes(void *self, struct weir_error *error)
{
	return document(self, error, "[{\"name\": \"a\"}, {\"name\": \"b\"}]");
}

static json_t *services(void *self, struct weir_error *error)
{
	return document(self, error, "[{\"name\": \"app\", \"endpoints\": []}]");
}

static json_t *plugins(void *self, struct weir_error *error)
{
	return document(self, error, "[]");
}

static json_t *explain(void *self, const struct admin_question *q, struct weir_error *error)
{
	struct fake_world *f = self;

	f->asked = *q;
	(void)snprintf(f->url, sizeof(f->url), "%.*s %.*s", STR_ARG(q->method), STR_ARG(q->url));
	(void)snprintf(f->header, sizeof(f->header), "%.*s|%.*s", STR_ARG(q->headers[0].name),
		       STR_ARG(q->headers[0].value));
	(void)snprintf(f->claim, sizeof(f->claim), "%.*s|%.*s", STR_ARG(q->claims[0].name),
		       STR_ARG(q->claims[0].value));
	return document(self, error, "{\"result\": \"route\"}");
}

static bool metrics(void *self, struct buffer *out)
{
	const struct fake_world *f = self;
	static char comment[4096];

	memset(comment, '#', sizeof(comment));
	comment[sizeof(comment) - 1] = '\n';
	for (size_t put = 0; put < f->metrics_bytes; put += sizeof(comment))
		if (!buffer_add(out, str_of(comment, sizeof(comment))))
			return false;
	return buffer_add(out, STR("weir_up 1\n"));
}

static bool reload(void *self, json_t *diagnostics, struct weir_error *error)
{
	struct fake_world *f = self;

	atomic_fetch_add(&f->reloads, 1);
	sem_post(&f->entered);
	if (atomic_load(&f->holds))
		sem_wait(&f->go);
	json_array_append_new(diagnostics, json_pack("{s:s,s:i}", "file", "weir.yaml", "line", 3));
	return f->refusal == NULL || fail(error, "%s", f->refusal);
}

static bool drain(void *self, struct weir_error *error)
{
	struct fake_world *f = self;

	atomic_fetch_add(&f->drains, 1);
	return f->refusal == NULL || fail(error, "%s", f->refusal);
}

void fake_world_init(struct fake_world *f)
{
	*f = (struct fake_world){ .world = {
		.alive = alive, .ready = ready, .config = config, .routes = routes,
		.services = services, .plugins = plugins, .explain = explain, .metrics = metrics,
		.reload = reload, .drain = drain } };
	f->world.self = f;
	sem_init(&f->entered, 0, 0);
	sem_init(&f->go, 0, 0);
}

void fake_world_fini(struct fake_world *f)
{
	sem_destroy(&f->entered);
	sem_destroy(&f->go);
}
