/* folder.h - a folder of its own for a test that needs files. */
#ifndef TESTS_CONF_FOLDER_H
#define TESTS_CONF_FOLDER_H

#include <stdlib.h>
#include <sys/stat.h>

#include "tests/test.h"

struct folder { char path[64]; };
struct folder_path { char text[256]; };

static inline struct folder folder_make(void)
{
	struct folder f = { "/tmp/weir-conf-XXXXXX" };

	assert_non_null(mkdtemp(f.path));
	return f;
}

static inline struct folder_path folder_path(const struct folder *f, const char *name)
{
	struct folder_path path;

	(void)snprintf(path.text, sizeof(path.text), "%s/%s", f->path, name);
	return path;
}

static inline void folder_below(const struct folder *f, const char *name)
{
	assert_int_equal(mkdir(folder_path(f, name).text, 0700), 0);
}

static inline void folder_write(const struct folder *f, const char *name, const char *text)
{
	FILE *file = fopen(folder_path(f, name).text, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static inline void folder_remove(const struct folder *f)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r %s", f->path);
	assert_int_equal(system(command), 0);
}

#endif
