/* source.h - the files a configuration was read from: so that --watch knows what to look at, and so that it
 * can be read again as it was. */
#ifndef CORE_CONF_SOURCE_H
#define CORE_CONF_SOURCE_H

#include <weir/error.h>

#include "core/base/arena.h"
#include "core/base/buffer.h"

enum source_kind {
	SOURCE_CONFIG,	/* a configuration file */
	SOURCE_SECRET,	/* what ${file:} read */
	SOURCE_NAMED,	/* what an option of type path names; it may not exist yet */
	SOURCE_FOLDER,	/* the folder of an `include` pattern: a new file in it counts */
};

struct source_file {
	const char *path;
	enum source_kind kind;
	struct weir_str text;	/* as it was read; absent when it was not */
};

struct sources {
	struct arena *arena;
	struct source_file *items;
	uint32_t count, room;
	const struct sources *kept;	/* reads come from there, not from the disk; or NULL */
};

/* Adds a path once; false when out of memory. The path is copied. */
bool source_add(struct sources *s, struct weir_str path, enum source_kind kind);

/* Reads a file that was added, and remembers its text: as source_read(), from the disk or from what was
 * kept. */
bool sources_read(struct sources *s, const char *path, size_t longest, bool regular,
		  struct weir_str *out, struct weir_error *error);

/* The texts of all files in a row, and back; what is unpacked lies in `packed`. False: out of memory, or over
 * the buffer's ceiling; not what was packed. */
bool sources_pack(const struct sources *s, struct buffer *out);
bool sources_unpack(struct sources *s, struct weir_str packed);

/* `path` as seen from the file it stands in: itself when absolute or when `file` has no folder.
 * Ends with NUL; absent when out of memory. */
struct weir_str source_resolve(struct arena *arena, const char *file, struct weir_str path);

/* Reads a whole file into the arena (ends with NUL). With `regular`, pipes and devices are
 * refused, so that nothing waits. The sentence says which file and why not. */
bool source_read(struct arena *arena, const char *path, size_t longest, bool regular,
		 struct weir_str *out, struct weir_error *error);

#endif
