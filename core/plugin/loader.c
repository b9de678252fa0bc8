/* loader.c - one plugin file made into a kind. */
#include "config.h"

#include "core/plugin/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/conf/tree.h"
#include "core/plugin/window.h"

bool loader_mark(const char *path, struct file_mark *mark)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	*mark = (struct file_mark){
		.device = st.st_dev, .inode = st.st_ino, .size = (uint64_t)st.st_size,
		.modified_ns = (int64_t)st.st_mtim.tv_sec * (int64_t)NS_PER_S +
			       st.st_mtim.tv_nsec,
	};
	return true;
}

bool loader_marks_same(const struct file_mark *a, const struct file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified_ns == b->modified_ns;
}

/* dlerror() repeats the path; what follows it is the news. */
static const char *why_not_loaded(const char *path)
{
	const char *why = dlerror();
	size_t len = strlen(path);

	if (why == NULL)
		return "no reason given";
	if (strncmp(why, path, len) == 0 && why[len] == ':')
		return why + len + 1 + (why[len + 1] == ' ');
	return why;
}

/* Everything is resolved now, so that nothing is missing at the first request; and nothing that a
 * plugin defines is seen by another. Never closed again: threads and exits may run through it. */
static const struct weir_plugin *find_descriptor(const char *path, struct weir_str name,
						 struct weir_error *error)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct weir_plugin *found;

	if (handle == NULL) {
		(void)fail(error, "cannot be loaded: %s; build it for this machine with cc -shared "
			   "-fPIC, and link what it needs", why_not_loaded(path));
		return NULL;
	}
	found = dlsym(handle, "weir_plugin");
	if (found == NULL)
		(void)fail(error, "is no plugin of Weir: it does not export `weir_plugin`; end its "
			   "main file with WEIR_PLUGIN(%.*s, ...)", STR_ARG(name));
	return found;
}

static bool load(const char *path, struct weir_str name, struct arena *arena, struct kind *out,
		 struct weir_error *error)
{
	const struct weir_plugin *found;

	if (!loader_mark(path, &out->mark))
		return fail(error, "cannot be read: %s", strerror(errno));
	found = find_descriptor(path, name, error);
	if (found == NULL)
		return false;
	if (!abi_read(found, arena, &out->plugin, &out->roles, error))
		return fail_within(error, "cannot be used");
	out->name = str_from(out->plugin.name);
	if (!str_eq(out->name, name))
		return fail(error, "calls itself `%s`; file, descriptor and the word in the "
			    "configuration must be one name", out->plugin.name);
	*found->host = window_table();
	return true;
}

bool loader_load(const char *path, struct weir_str name, struct arena *arena, struct kind *out,
		 struct weir_error *error)
{
	struct weir_error why = { "" };

	*out = (struct kind){ .file = text_copy(arena, str_from(path)) };
	if (out->file.data == NULL)
		return fail_memory(error);
	return load(path, name, arena, out, &why) || fail(error, "%s %s", path, why.text);
}
