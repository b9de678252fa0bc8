/* registry.c - plugins by name: loaded when first named, and never unloaded. */
#include "config.h"

#include "core/plugin/registry.h"

#include <pthread.h>

#include "core/base/error.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/plugin/folders.h"
#include "core/plugin/loader.h"
#include "core/plugin/window.h"

enum { REGISTRY_ARENA = 64 << 20 };

struct registry {
	pthread_mutex_t lock;
	struct map kinds;		/* name -> struct kind */
	struct folders folders;
	struct registry_scripts scripts;
	struct arena arena;		/* kinds and what belongs to them */
};

struct registry *registry_new(void)
{
	struct registry *r = mem_alloc(sizeof(*r));

	if (r == NULL)
		return NULL;
	(void)pthread_mutex_init(&r->lock, NULL);
	map_init(&r->kinds);
	arena_init(&r->arena, NULL, REGISTRY_ARENA);
	if (!folders_set(&r->folders, NULL, 0)) {
		registry_free(r);
		return NULL;
	}
	return r;
}

void registry_free(struct registry *r)
{
	if (r == NULL)
		return;
	registry_set_scripts(r, &(struct registry_scripts){ .arg = NULL });
	map_fini(&r->kinds);
	folders_fini(&r->folders);
	arena_reset(&r->arena);
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

bool registry_set_path(struct registry *r, const struct weir_str *folders, uint32_t count)
{
	bool ok;

	(void)pthread_mutex_lock(&r->lock);
	ok = folders_set(&r->folders, folders, count);
	(void)pthread_mutex_unlock(&r->lock);
	return ok;
}

/* Finding ------------------------------------------------------------------- */

static struct kind *load(struct registry *r, struct weir_str name, struct weir_error *error)
{
	struct kind *kind = arena_take(&r->arena, sizeof(*kind));
	char *path = NULL;
	bool ok;

	if (kind == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	path = folders_find(&r->folders, name, error);
	ok = path != NULL && loader_load(path, name, &r->arena, kind, error);
	mem_free(path);
	if (ok && !map_set(&r->kinds, name, kind))
		ok = fail_memory(error);
	return ok ? kind : NULL;
}

static const struct kind *find_plugin(struct registry *r, struct weir_str name,
				      struct weir_error *error)
{
	const struct kind *kind = map_get(&r->kinds, name);

	return kind != NULL ? kind : load(r, name, error);
}

/* A plugin of that name lies somewhere, loaded or not. */
static bool is_plugin(struct registry *r, struct weir_str name)
{
	struct weir_error unheard = { "" };
	char *path;

	if (map_get(&r->kinds, name) != NULL)
		return true;
	path = folders_find(&r->folders, name, &unheard);
	mem_free(path);
	return path != NULL;
}

static const struct kind *find(struct registry *r, struct weir_str name, struct weir_error *error)
{
	struct weir_error why = { "" };
	const struct kind *script = NULL;

	if (r->scripts.arg != NULL)
		script = r->scripts.find(r->scripts.arg, name, &why);
	if (script == NULL && why.text[0] == '\0')
		return find_plugin(r, name, error);
	if (is_plugin(r, name)) {
		(void)fail(error, "\"%.*s\" is both a plugin and a Lua policy%s%.*s; give the script another "
			   "name", STR_ARG(name), script != NULL ? ": " : "",
			   script != NULL ? (int)script->file.len : 0,
			   script != NULL ? script->file.data : "");
		return NULL;
	}
	if (script == NULL)
		(void)fail(error, "%s", why.text);
	return script;
}

void registry_set_scripts(struct registry *r, const struct registry_scripts *scripts)
{
	struct registry_scripts before;

	(void)pthread_mutex_lock(&r->lock);
	before = r->scripts;
	r->scripts = *scripts;
	(void)pthread_mutex_unlock(&r->lock);
	if (before.arg != NULL)
		before.release(before.arg);
}

const struct kind *registry_find(struct registry *r, struct weir_str name, struct weir_error *error)
{
	const struct kind *kind;

	(void)pthread_mutex_lock(&r->lock);
	kind = find(r, name, error);
	(void)pthread_mutex_unlock(&r->lock);
	return kind;
}

bool kind_has(const struct kind *kind, enum role role)
{
	const void *roles[AS_COUNT] = {
		[AS_POLICY] = kind->plugin.policy,
		[AS_BALANCER] = kind->plugin.balancer,
		[AS_DISCOVERY] = kind->plugin.discovery,
		[AS_RETRY] = kind->plugin.retry,
		[AS_TRACER] = kind->plugin.tracer,
	};

	return roles[role] != NULL;
}

static void say_other_role(const struct kind *kind, enum role role, struct weir_error *error)
{
	char roles[80] = "";
	size_t used = 0;

	for (enum role i = 0; i < AS_COUNT; i++)
		if (kind_has(kind, i))
			used += (size_t)snprintf(roles + used, sizeof(roles) - used, "%s%.*s",
						 used > 0 ? ", " : "", STR_ARG(role_word(i)));
	(void)fail(error, "the plugin \"%.*s\" cannot stand here: this place wants a plugin of the role "
		   "%.*s, and it is one of %s", STR_ARG(kind->name), STR_ARG(role_word(role)), roles);
}

const struct kind *registry_find_role(struct registry *r, struct weir_str name, enum role role,
				      struct weir_error *error)
{
	const struct kind *kind = registry_find(r, name, error);

	if (kind == NULL || kind_has(kind, role))
		return kind;
	say_other_role(kind, role, error);
	return NULL;
}

static bool add(struct registry *r, const struct weir_plugin *plugin, struct weir_error *error)
{
	struct kind *kind = arena_zero(&r->arena, sizeof(*kind));

	if (kind == NULL)
		return fail_memory(error);
	if (!abi_read(plugin, &r->arena, &kind->plugin, &kind->roles, error))
		return false;
	kind->name = str_from(kind->plugin.name);
	if (map_get(&r->kinds, kind->name) != NULL)
		return fail(error, "there is a plugin \"%s\" already", kind->plugin.name);
	if (*plugin->host == NULL)	/* one slot may serve several, while others read it */
		*plugin->host = window_table();
	return map_set(&r->kinds, kind->name, kind) || fail_memory(error);
}

bool registry_add(struct registry *r, const struct weir_plugin *plugin, struct weir_error *error)
{
	bool ok;

	(void)pthread_mutex_lock(&r->lock);
	ok = add(r, plugin, error);
	(void)pthread_mutex_unlock(&r->lock);
	return ok;
}

/* All of them --------------------------------------------------------------- */

static void look_at_nothing(void *arg, const struct kind *kind)
{
	(void)arg, (void)kind;
}

struct load_all {
	struct registry *registry;
	void (*bad)(void *arg, const char *sentence);
	void *arg;
};

static void load_one(void *arg, struct weir_str name)
{
	struct load_all *all = arg;
	struct weir_error why = { "" };

	if (find_plugin(all->registry, name, &why) == NULL && all->bad != NULL)
		all->bad(all->arg, why.text);
}

void registry_load_all(struct registry *r, void (*bad)(void *arg, const char *sentence), void *arg)
{
	struct load_all all = { r, bad, arg };

	(void)pthread_mutex_lock(&r->lock);
	folders_visit(&r->folders, load_one, &all);
	(void)pthread_mutex_unlock(&r->lock);
	if (r->scripts.arg != NULL && bad != NULL)
		r->scripts.visit(r->scripts.arg, look_at_nothing, bad, arg);
}

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg, (void)sentence;
}

static int by_name(const void *a, const void *b)
{
	const struct kind *const *x = a, *const *y = b;

	return str_compare((*x)->name, (*y)->name);
}

/* A sorted copy, so that nothing is locked while others look. NULL when out of memory or empty. */
static const struct kind **sorted(struct registry *r, uint32_t *count)
{
	const struct kind **kinds;

	(void)pthread_mutex_lock(&r->lock);
	kinds = mem_array(r->kinds.count, sizeof(*kinds));
	*count = 0;
	if (kinds != NULL)
		map_for_each(entry, &r->kinds)
			kinds[(*count)++] = entry->value;
	(void)pthread_mutex_unlock(&r->lock);
	if (*count > 1)
		qsort(kinds, *count, sizeof(*kinds), by_name);
	return kinds;
}

void registry_visit(struct registry *r, void (*visit)(void *arg, const struct kind *kind), void *arg)
{
	uint32_t count;
	const struct kind **kinds = sorted(r, &count);

	for (uint32_t i = 0; i < count; i++)
		visit(arg, kinds[i]);
	mem_free(kinds);
	if (r->scripts.arg != NULL)
		r->scripts.visit(r->scripts.arg, visit, say_nothing, arg);
}

void registry_changed(struct registry *r, void (*changed)(void *arg, const char *sentence), void *arg)
{
	uint32_t count;
	const struct kind **kinds = sorted(r, &count);

	for (uint32_t i = 0; i < count; i++) {
		struct weir_error said = { "" };
		struct file_mark mark;

		if (kinds[i]->file.data == NULL)
			continue;
		if (!loader_mark(kinds[i]->file.data, &mark))
			(void)fail(&said, "the plugin \"%.*s\" was loaded from %s, which is gone; put it "
				   "back before the next start", STR_ARG(kinds[i]->name),
				   kinds[i]->file.data);
		else if (!loader_marks_same(&mark, &kinds[i]->mark))
			(void)fail(&said, "the plugin \"%.*s\" has changed on disk (%s); the one that was "
				   "loaded goes on until SIGUSR2 or a restart",
				   STR_ARG(kinds[i]->name), kinds[i]->file.data);
		if (said.text[0] != '\0')
			changed(arg, said.text);
	}
	mem_free(kinds);
}
