/* scripts.c - the Lua policies of one configuration. */
#include "core/weir/scripts.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/list.h"
#include "core/base/map.h"
#include "core/plugin/window.h"
#include "core/script/script.h"
#include "core/weir/tested.h"

#define USUAL_TIME (50 * NS_PER_MS)	/* where there is no configuration */

/* Recursion that Lua allows needs 400 KiB, and at its end may stand a call. */
enum { FOLDERS_MOST = 64, USUAL_MEMORY = 8 << 20, STACK_LEAST = 1 << 20 };

/* A script that lives, whatever sets and uses hold it. It hangs on the script and ends with it. */
struct policy_script {
	struct list link;		/* in `living` */
	struct script *script;		/* no hold: it holds us */
	struct kind kind;
	struct arena arena;		/* of its rows */
};

/* The newest first. [control] */
static struct list living = LIST_INIT(living);

struct script_set {
	uint32_t holds;
	struct script_rules rules;
	bool test;			/* lua.test */
	size_t stack;			/* of the fibers that will run them */
	struct arena arena;		/* of the rules */
	struct map scripts;		/* name -> struct script, with a hold */
	struct map absent;		/* names of which no folder had one: most routes name the same few */
};

/* The set ------------------------------------------------------------------------ */

void scripts_release(struct script_set *set)
{
	if (set == NULL || --set->holds > 0)
		return;
	map_for_each(entry, &set->scripts)
		script_unref(entry->value);
	map_fini(&set->scripts);
	map_fini(&set->absent);
	arena_reset(&set->arena);
	mem_free(set);
}

static bool read_rules(struct script_set *set, const struct conf *conf)
{
	const struct conf_values *lua = conf != NULL ? conf_object(conf->top, "lua") : NULL;
	uint32_t count = 0;
	const struct conf_value *paths = conf_items(lua, "path", &count);
	struct weir_str *folders = arena_zero(&set->arena, (count + 1) * sizeof(*folders));
	char *built_in = script_folder();

	if (folders == NULL || built_in == NULL) {
		mem_free(built_in);
		return false;
	}
	for (uint32_t i = 0; i < count && i < FOLDERS_MOST; i++)
		folders[i] = arena_print(&set->arena, "%.*s", STR_ARG(paths[i].text));
	count = count < FOLDERS_MOST ? count : FOLDERS_MOST;
	folders[count] = arena_print(&set->arena, "%s", built_in);
	mem_free(built_in);
	set->rules = (struct script_rules){
		.folders = folders,
		.folder_count = count + 1,
		.time_ns = lua != NULL ? conf_duration(lua, "time") : USUAL_TIME,
		.memory = lua != NULL ? conf_size(lua, "memory") : USUAL_MEMORY,
	};
	set->test = lua != NULL && conf_boolean(lua, "test");
	set->stack = conf != NULL ? (size_t)conf_size(conf->top, "fiber_stack") : STACK_LEAST;
	return !set->arena.overflowed;
}

/* Reading ------------------------------------------------------------------------ */

static void forget(void *what)
{
	struct policy_script *p = what;

	list_remove(&p->link);
	arena_reset(&p->arena);
	mem_free(p);
}

/* The one that lives and was made of the same text; gives it a hold. */
static struct script *find_same(const struct script *fresh)
{
	list_for_each(item, &living) {
		struct policy_script *p = container_of(item, struct policy_script, link);

		if (script_same(p->script, fresh))
			return script_ref(p->script);
	}
	return NULL;
}

static bool present(struct script *s, struct weir_error *error)
{
	struct policy_script *p = mem_alloc(sizeof(*p));

	if (p == NULL)
		return fail_memory(error);
	arena_init(&p->arena, NULL, 1 << 20);
	if (!abi_read(script_plugin(s), &p->arena, &p->kind.plugin, &p->kind.roles, error)) {
		arena_reset(&p->arena);
		mem_free(p);
		return fail_within(error, "%s", script_path(s).data);
	}
	p->script = s;
	p->kind.name = str_from(p->kind.plugin.name);
	p->kind.file = script_path(s);
	list_push_front(&living, &p->link);
	script_attach(s, p, forget);
	return true;
}

static bool passes(const struct script_set *set, const char *path, struct weir_error *error)
{
	return !set->test || script_tested(path, &set->rules, error) || fail_within(error, "%s", path);
}

static struct script *read_script(struct script_set *set, const char *path, struct weir_str name,
				  struct weir_error *error)
{
	struct script *fresh, *same;

	if (set->stack < STACK_LEAST) {
		(void)fail(error, "%s: a policy in Lua needs `fiber_stack: 1m` or more, and it is %zuk",
			   path, set->stack >> 10);
		return NULL;
	}
	if (weir_host_slot == NULL)	/* at a reload others are reading it */
		weir_host_slot = window_table();
	fresh = script_load(&set->rules, path, name, error);
	if (fresh == NULL)
		return NULL;
	same = find_same(fresh);
	if (same == NULL && passes(set, path, error) && present(fresh, error))
		return fresh;
	script_unref(fresh);
	return same;
}

static const struct kind *kind_of(const struct script *s)
{
	return &((struct policy_script *)script_attached(s))->kind;
}

static const struct kind *find(void *arg, struct weir_str name, struct weir_error *error)
{
	struct script_set *set = arg;
	struct script *s = map_get(&set->scripts, name);
	char *path;

	if (s != NULL)
		return kind_of(s);
	if (map_get(&set->absent, name) != NULL)
		return NULL;
	path = script_find(&set->rules, name);
	if (path == NULL) {
		(void)map_set(&set->absent, name, set);	/* else it is looked for again */
		return NULL;
	}
	s = read_script(set, path, name, error);
	mem_free(path);
	if (s == NULL)
		return NULL;
	if (map_set(&set->scripts, name, s))
		return kind_of(s);
	script_unref(s);
	(void)fail_memory(error);
	return NULL;
}

/* All of them -------------------------------------------------------------------- */

/* Is it the test of a policy that lies beside it? "ab_test" may be a policy's own name. */
static bool is_test(const char *folder, struct weir_str name)
{
	char path[4096];

	if (!str_ends(name, STR("_test")))
		return false;
	(void)snprintf(path, sizeof(path), "%s/%.*s.lua", folder, (int)(name.len - 5), name.data);
	return access(path, F_OK) == 0;
}

/* NAME of NAME.lua that may be a policy. */
static bool name_of(const char *folder, const char *file, struct weir_str *name)
{
	*name = str_from(file);
	if (!str_ends(*name, STR(".lua")))
		return false;
	*name = str_head(*name, name->len - 4);
	return !is_test(folder, *name) && plugin_name_valid(*name);
}

static void visit_folder(struct script_set *set, const char *path,
			 void (*bad)(void *visitor, const char *sentence), void *visitor)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		struct weir_error error = { "" };
		struct weir_str name;

		if (name_of(path, entry->d_name, &name) && find(set, name, &error) == NULL &&
		    error.text[0] != '\0')
			bad(visitor, error.text);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

static int by_name(const void *a, const void *b)
{
	const struct map_entry *x = a, *y = b;

	return str_compare(x->key, y->key);
}

static void visit_all(void *arg, void (*visit)(void *visitor, const struct kind *kind),
		      void (*bad)(void *visitor, const char *sentence), void *visitor)
{
	struct script_set *set = arg;
	struct map_entry *sorted;
	uint32_t count = 0;

	for (uint32_t i = 0; i < set->rules.folder_count; i++)
		visit_folder(set, set->rules.folders[i].data, bad, visitor);
	sorted = mem_array(set->scripts.count + 1, sizeof(*sorted));
	if (sorted == NULL)
		return;
	map_for_each(entry, &set->scripts)
		sorted[count++] = *entry;
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (uint32_t i = 0; i < count; i++)
		visit(visitor, kind_of(sorted[i].value));
	mem_free(sorted);
}

static void release(void *arg)
{
	scripts_release(arg);
}

struct script_set *scripts_begin(struct registry *r, const struct conf *conf)
{
	struct script_set *set = mem_alloc(sizeof(*set));
	struct registry_scripts scripts = {
		.find = find, .visit = visit_all, .release = release, .arg = set,
	};

	if (set == NULL)
		return NULL;
	set->holds = 2;		/* the registry's, and the caller's */
	map_init(&set->scripts);
	map_init(&set->absent);
	arena_init(&set->arena, NULL, 1 << 20);
	if (!read_rules(set, conf)) {
		set->holds = 1;
		scripts_release(set);
		return NULL;
	}
	registry_set_scripts(r, &scripts);
	return set;
}

bool scripts_note_files(const struct script_set *set, struct sources *sources)
{
	bool ok = true;

	map_for_each(entry, &set->scripts)
		for (uint32_t i = 0; i < script_file_count(entry->value); i++)
			ok = ok && source_add(sources, script_file(entry->value, i), SOURCE_NAMED);
	return ok;
}
