/* folder.h - a folder of its own for a test, gone at its end. */
#ifndef TESTS_PLUGIN_FOLDER_H
#define TESTS_PLUGIN_FOLDER_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

struct folder {
	char path[64];
};

static inline void folder_make(struct folder *f)
{
	snprintf(f->path, sizeof(f->path), "/tmp/weir-plugin-XXXXXX");
	assert_non_null(mkdtemp(f->path));
}

static inline void folder_clear(struct folder *f)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", f->path);
	assert_int_equal(system(command), 0);
}

struct folder_path {
	char text[256];
};

static inline struct folder_path folder_path(const struct folder *f, const char *name)
{
	struct folder_path path;

	snprintf(path.text, sizeof(path.text), "%s/%s", f->path, name);
	return path;
}

static inline void folder_add_folder(const struct folder *f, const char *name)
{
	assert_int_equal(mkdir(folder_path(f, name).text, 0700), 0);
}

static inline void folder_write(const struct folder *f, const char *name, const char *text)
{
	FILE *file = fopen(folder_path(f, name).text, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* A copy under another name, as `cp` makes one. */
static inline void folder_copy(const struct folder *f, const char *from, const char *name)
{
	char command[512];

	snprintf(command, sizeof(command), "cp '%s' '%s/%s'", from, f->path, name);
	assert_int_equal(system(command), 0);
}

#endif
