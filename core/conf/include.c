/* include.c - one tree from a file and all the files it includes. */
#include "core/conf/include.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/conf/diagnostic.h"
#include "core/conf/expand.h"
#include "core/conf/shape.h"
#include "core/conf/source.h"

enum { DEEPEST = 8, FILES_MOST = 10000 };

/* A file that was read, whatever its path was written like. */
struct seen {
	struct seen *older;
	dev_t device;
	ino_t inode;
};

struct include {
	struct arena *arena;
	struct seen *seen;
	struct sources *files;
	struct diagnostics *out;
	struct node *top;
	bool alone;	/* a text, which has no files beside it */
};

static bool is_united(struct weir_str key)
{
	return str_eq(key, STR("listen")) || str_eq(key, STR("services")) ||
	       str_eq(key, STR("chains"));
}

static void drop_extensions(struct node *map)
{
	struct node *before = NULL, *next;

	for (struct node *child = map->first; child != NULL; child = next) {
		next = child->next;
		if (str_starts(child->key, STR("x-")))
			node_take_out(map, before, child);
		else
			before = child;
	}
}

/* `node` becomes the only child of a new container, which takes its place. */
static struct node *wrap(struct include *inc, struct node *node, enum node_kind kind,
			 struct weir_str inner_key)
{
	struct node *around = node_new(inc->arena, kind, node->place);

	if (around == NULL) {
		diagnose_memory(inc->out);
		return NULL;
	}
	around->key = node->key;
	around->key_place = node->key_place;
	node->key = inner_key;
	node->key_place = node->place;
	node_add(around, node);
	return around;
}

/* The short forms that could not be united: one address, one route. */
static struct node *long_form(struct include *inc, struct node *node)
{
	if (str_eq(node->key, STR("listen")) && node->kind == NODE_SCALAR &&
	    !node_is_nothing(node))
		return wrap(inc, node, NODE_MAP, STR("default"));
	if (str_eq(node->key, STR("routes")) && node->kind == NODE_MAP)
		return wrap(inc, node, NODE_LIST, STR_ABSENT);
	return node;
}

static void move_children(struct node *to, struct node *from)
{
	struct node *next;

	for (struct node *child = from->first; child != NULL; child = next) {
		next = child->next;
		node_add(to, child);
	}
}

/* Takes one key of a file into the whole. */
static bool unite(struct include *inc, struct node *node)
{
	enum node_kind kind = is_united(node->key) ? NODE_MAP : NODE_LIST;
	bool mergeable = is_united(node->key) || str_eq(node->key, STR("routes"));
	struct node *there;

	node = long_form(inc, node);
	if (node == NULL)
		return false;
	there = node_get(inc->top, node->key);
	if (there == NULL) {
		node_add(inc->top, node);
		return true;
	}
	if (!mergeable)
		return diagnose(inc->out, node->key_place, "\"%s\" may stand in one file only; it "
				"stands at %s too", shown(node->key).text,
				place_words(there->key_place).text);
	if (node->kind != kind || there->kind != kind)
		return diagnose(inc->out, node->kind != kind ? node->place : there->place,
				"%s: expected a %s", node->key.data,
				kind == NODE_MAP ? "map" : "list");
	move_children(there, node);
	return true;
}

static bool read_file(struct include *inc, struct weir_str path, struct weir_str text,
		      struct place asked, uint32_t depth);

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool note_folder(struct include *inc, struct weir_str pattern)
{
	struct weir_str folder = pattern;

	while (folder.len > 0 && folder.data[folder.len - 1] != '/')
		folder.len--;
	if (folder.len > 1)
		folder.len--;
	return source_add(inc->files, folder.len > 0 ? folder : STR("."), SOURCE_FOLDER) ||
	       diagnose_memory(inc->out);
}

static bool read_all(struct include *inc, char **paths, size_t count, struct place asked,
		     uint32_t depth)
{
	bool done = true;

	qsort(paths, count, sizeof(*paths), by_bytes);
	for (size_t i = 0; i < count; i++)
		done = read_file(inc, str_from(paths[i]), STR_ABSENT, asked, depth) && done;
	return done;
}

/* The files that the pattern named when they were kept. */
static bool read_kept_pattern(struct include *inc, struct weir_str pattern, struct place asked,
			      uint32_t depth)
{
	const struct sources *kept = inc->files->kept;
	char **paths = arena_take(inc->arena, (kept->count + 1) * sizeof(*paths));
	size_t count = 0;

	if (paths == NULL || !note_folder(inc, pattern))
		return diagnose_memory(inc->out);
	for (uint32_t i = 0; i < kept->count; i++)
		if (kept->items[i].kind == SOURCE_CONFIG &&
		    fnmatch(pattern.data, kept->items[i].path, FNM_PATHNAME | FNM_PERIOD) == 0)
			paths[count++] = (char *)(uintptr_t)kept->items[i].path;
	return read_all(inc, paths, count, asked, depth);
}

static bool read_pattern(struct include *inc, struct weir_str pattern, struct place asked,
			 uint32_t depth)
{
	glob_t found = { 0 };
	int result = glob(pattern.data, GLOB_NOSORT, NULL, &found);
	bool done = note_folder(inc, pattern);

	if (result == GLOB_NOSPACE)
		done = diagnose_memory(inc->out);
	else if (result == GLOB_ABORTED)
		done = diagnose(inc->out, asked, "cannot look for %s", pattern.data);
	else if (found.gl_pathc > FILES_MOST)
		done = diagnose(inc->out, asked, "%s names more than %d files", pattern.data,
				FILES_MOST);
	else if (result == 0)
		done = read_all(inc, found.gl_pathv, found.gl_pathc, asked, depth) && done;
	globfree(&found);
	return done;
}

static bool read_named(struct include *inc, const struct node *name, uint32_t depth)
{
	struct weir_str path;

	if (name->kind != NODE_SCALAR || name->text.len == 0)
		return diagnose(inc->out, name->place, "include: expected the name of a file or a "
				"pattern such as conf.d/*.yaml, got %s", node_kind_words(name));
	if (inc->alone)
		return diagnose(inc->out, name->place, "include: there are no files here");
	if (depth == DEEPEST)
		return diagnose(inc->out, name->place, "include: files include each other deeper "
				"than %d", DEEPEST);
	path = source_resolve(inc->arena, name->place.file, name->text);
	if (path.data == NULL)
		return diagnose_memory(inc->out);
	if (strpbrk(path.data, "*?[") != NULL && inc->files->kept != NULL)
		return read_kept_pattern(inc, path, name->place, depth + 1);
	if (strpbrk(path.data, "*?[") != NULL)
		return read_pattern(inc, path, name->place, depth + 1);
	return read_file(inc, path, STR_ABSENT, name->place, depth + 1);
}

static bool read_includes(struct include *inc, const struct node *names, uint32_t depth)
{
	bool done = true;

	if (names->kind != NODE_LIST)
		return read_named(inc, names, depth);
	node_for_each(name, names)
		done = read_named(inc, name, depth) && done;
	return done;
}

/* The keys of one file go into the whole, then those of the files it includes. */
static bool take_in(struct include *inc, struct node *map, uint32_t depth)
{
	struct node *names = NULL, *next;
	bool done;

	drop_extensions(map);
	done = tree_expand(inc->arena, map, inc->alone ? NULL : inc->files, inc->out);
	for (struct node *child = map->first; child != NULL; child = next) {
		next = child->next;
		if (str_eq(child->key, STR("include")))
			names = child;
		else
			done = unite(inc, child) && done;
	}
	if (names != NULL)
		done = read_includes(inc, names, depth) && done;
	return done;
}

static bool has_path(const struct sources *files, struct weir_str path)
{
	for (uint32_t i = 0; i < files->count; i++)
		if (files->items[i].kind == SOURCE_CONFIG &&
		    str_eq(str_from(files->items[i].path), path))
			return true;
	return false;
}

/* By another path: what is kept has it once, under the path by which it was read. */
static bool is_same_file(struct include *inc, struct weir_str path)
{
	struct stat st;
	struct seen *fresh;

	if (inc->files->kept != NULL)
		return !has_path(inc->files->kept, path);
	if (inc->alone || stat(path.data, &st) != 0)
		return false;
	for (const struct seen *s = inc->seen; s != NULL; s = s->older)
		if (s->device == st.st_dev && s->inode == st.st_ino)
			return true;
	fresh = arena_take(inc->arena, sizeof(*fresh));
	if (fresh != NULL)
		*fresh = (struct seen){ inc->seen, st.st_dev, st.st_ino };
	inc->seen = fresh != NULL ? fresh : inc->seen;
	return false;
}

static bool read_file(struct include *inc, struct weir_str path, struct weir_str text,
		      struct place asked, uint32_t depth)
{
	struct weir_error error = { "" };
	struct node *map = NULL;
	struct weir_str name;

	if (has_path(inc->files, path) || (is_same_file(inc, path) && depth > 0))
		return true;
	if (!source_add(inc->files, path, SOURCE_CONFIG))
		return diagnose_memory(inc->out);
	name = str_from(inc->files->items[inc->files->count - 1].path);
	if (text.data == NULL && !sources_read(inc->files, name.data, tree_limits_usual.bytes,
					       depth > 0, &text, &error))
		return diagnose(inc->out, asked, "%s", error.text);
	if (!tree_read(inc->arena, name.data, text, &tree_limits_usual, inc->out, &map) &&
	    map == NULL)
		return false;
	if (map == NULL || node_is_nothing(map))
		return depth > 0 || diagnose(inc->out, (struct place){ name.data, 1, 1 },
					     "the file is empty; the shortest useful one has "
					     "listen, services and routes");
	if (map->kind != NODE_MAP)
		return diagnose(inc->out, map->place, "expected a map with keys such as listen, "
				"services and routes, got %s", node_kind_words(map));
	return take_in(inc, map, depth);
}

/* Twins of one file have been told already. */
static void say_twins(void *context, const struct node *first, const struct node *second)
{
	struct include *inc = context;

	if (first->key_place.file != second->key_place.file)
		diagnose(inc->out, second->key_place, "\"%s\" stands here and at %s; a name "
			 "stands in one file only", shown(second->key).text,
			 place_words(first->key_place).text);
}

static bool find_clashes(struct include *inc)
{
	uint32_t before = inc->out->errors;

	node_for_each(child, inc->top)
		if (is_united(child->key) && child->kind == NODE_MAP &&
		    !node_find_twins(child, say_twins, inc))
			return diagnose_memory(inc->out);
	return inc->out->errors == before;
}

bool include_read(struct arena *arena, const char *path, struct weir_str text,
		  struct sources *files, struct diagnostics *d, struct node **top)
{
	struct include inc = { .arena = arena, .files = files, .out = d,
			       .alone = text.data != NULL };
	struct place whole = { path, 0, 0 };
	bool done;

	inc.top = node_new(arena, NODE_MAP, (struct place){ path, 1, 1 });
	*top = inc.top;
	if (inc.top == NULL)
		return diagnose_memory(d);
	done = read_file(&inc, str_from(path), text, whole, 0);
	return find_clashes(&inc) && done;
}
