/* folders.c - where plugins lie. */
#include "config.h"

#include "core/plugin/folders.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/plugin/abi.h"

static const struct weir_str SO = WEIR_STR(".so");

void folders_fini(struct folders *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		mem_free(f->at[i]);
	mem_free(f->at);
	*f = (struct folders){ 0 };
}

bool folders_set(struct folders *f, const struct weir_str *paths, uint32_t count)
{
	struct folders next = { .at = mem_array(count + 1, sizeof(char *)) };

	if (next.at == NULL)
		return false;
	for (; next.count <= count; next.count++) {
		char *path = next.count < count ? str_dup(paths[next.count]) : folders_built_in();

		if (path == NULL) {
			folders_fini(&next);
			return false;
		}
		next.at[next.count] = path;
	}
	folders_fini(f);
	*f = next;
	return true;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *folders_built_in(void)
{
	const char *set = getenv("WEIR_PLUGIN_DIR");
	char path[PATH_MAX];
	ssize_t len;

	if (set != NULL && *set != '\0')
		return str_dup(str_from(set));
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/plugins"));
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len > 0) {
		memcpy(path + len, "plugins", sizeof("plugins"));
		if (is_folder(path))
			return str_dup(str_from(path));
	}
	return str_dup(str_from(WEIR_PLUGINDIR));
}

/* Finding one -------------------------------------------------------------- */

struct found {
	char path[PATH_MAX];
	dev_t device;
	ino_t inode;
};

/* The same file by two ways (a link, a folder named twice) is one file. */
static bool look_at(struct found *first, const char *path, struct weir_error *error)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return true;
	if (first->path[0] == '\0') {
		snprintf(first->path, sizeof(first->path), "%s", path);
		first->device = st.st_dev;
		first->inode = st.st_ino;
		return true;
	}
	if (first->device == st.st_dev && first->inode == st.st_ino)
		return true;
	return fail(error, "%s and %s are both there; keep one of them, so that it is clear which is "
		    "meant", first->path, path);
}

static bool look_everywhere(const struct folders *f, struct weir_str name, struct found *found,
			    struct weir_error *error)
{
	char path[PATH_MAX];

	for (uint32_t i = 0; i < f->count; i++) {
		snprintf(path, sizeof(path), "%s/%.*s.so", f->at[i], STR_ARG(name));
		if (!look_at(found, path, error))
			return false;
		snprintf(path, sizeof(path), "%s/%.*s/%.*s.so", f->at[i], STR_ARG(name),
			 STR_ARG(name));
		if (!look_at(found, path, error))
			return false;
	}
	return true;
}

struct near {
	struct weir_str word;
	char best[68];
	unsigned distance;
};

static void try_near(void *arg, struct weir_str name)
{
	struct near *n = arg;
	unsigned distance = str_distance(n->word, name);

	if (distance == 0 || distance >= n->distance || distance > name.len / 2)
		return;		/* 0: it was found to be no file */
	n->distance = distance;
	snprintf(n->best, sizeof(n->best), "%.*s", STR_ARG(name));
}

static struct near nearest(const struct folders *f, struct weir_str name)
{
	struct near near = { .word = name, .distance = 4 };

	folders_visit(f, try_near, &near);
	return near;
}

static void say_no_name(const struct folders *f, struct weir_str name, struct weir_error *error)
{
	struct near near = nearest(f, name);

	(void)fail(error, "\"%.*s\" is no name for a plugin: a-z first, then a-z 0-9 _%s%s%s",
		   STR_ARG(str_head(name, 60)), near.best[0] != '\0' ? "; did you mean \"" : "",
		   near.best, near.best[0] != '\0' ? "\"?" : "");
}

static void say_missing(const struct folders *f, struct weir_str name, struct weir_error *error)
{
	struct near near = nearest(f, name);
	char where[300] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < f->count && used < sizeof(where); i++)
		used += (size_t)snprintf(where + used, sizeof(where) - used, "%s%s",
					 i > 0 ? ", " : "", f->at[i]);
	(void)fail(error, "there is no plugin \"%.*s\"; looked for %.*s.so in %s%s%s%s",
		   STR_ARG(name), STR_ARG(name), where,
		   near.best[0] != '\0' ? "; did you mean \"" : "", near.best,
		   near.best[0] != '\0' ? "\"?" : "; add its folder to plugins.path");
}

char *folders_find(const struct folders *f, struct weir_str name, struct weir_error *error)
{
	struct found found = { .path = "" };
	char *path;

	if (!plugin_name_valid(name)) {
		say_no_name(f, name, error);
		return NULL;
	}
	if (!look_everywhere(f, name, &found, error))
		return NULL;
	if (found.path[0] == '\0') {
		say_missing(f, name, error);
		return NULL;
	}
	path = str_dup(str_from(found.path));
	if (path == NULL)
		(void)fail_memory(error);
	return path;
}

/* Finding all -------------------------------------------------------------- */

static bool has_own_folder(const char *folder, struct weir_str name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%.*s/%.*s.so", folder, STR_ARG(name), STR_ARG(name));
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static struct weir_str name_of_entry(const char *folder, const char *entry)
{
	struct weir_str name = str_from(entry);

	if (str_ends(name, SO))
		name.len -= SO.len;
	else if (plugin_name_valid(name) && !has_own_folder(folder, name))
		return STR_ABSENT;
	return plugin_name_valid(name) ? name : STR_ABSENT;
}

static void visit_folder(const char *folder, struct map *seen,
			 void (*visit)(void *arg, struct weir_str name), void *arg)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		struct weir_str name = name_of_entry(folder, entry->d_name);

		if (name.data == NULL || map_get(seen, name) != NULL)
			continue;
		if (map_set(seen, name, seen))
			visit(arg, name);
	}
	(void)closedir(dir);
}

void folders_visit(const struct folders *f, void (*visit)(void *arg, struct weir_str name), void *arg)
{
	struct map seen;

	map_init(&seen);
	for (uint32_t i = 0; i < f->count; i++)
		visit_folder(f->at[i], &seen, visit, arg);
	map_fini(&seen);
}
