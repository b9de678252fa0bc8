/* source.h - what a script is made of: texts, their code, and what they say of themselves. */
#ifndef CORE_SCRIPT_SOURCE_H
#define CORE_SCRIPT_SOURCE_H

#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/script/vm.h"

/* A file: the script itself comes first, then its modules in the order in which they were first
 * required. */
struct script_part {
	struct script_part *next;
	struct weir_str module;		/* "lib.tenants"; absent: the script itself */
	struct weir_str path;		/* as it was opened */
	struct weir_str chunk;		/* "@canary.lua": how it is called in messages */
	struct weir_str text;
	struct weir_str code;		/* compiled */
};

struct script {
	_Atomic uint32_t holds;
	struct arena arena;		/* all that follows */
	struct weir_str name, path;
	uint64_t time_ns;
	uint32_t ticks;			/* the same */
	size_t memory;
	struct weir_str *folders;
	uint32_t folder_count;
	struct script_part *parts, **last;
	uint32_t part_count;
	bool has[HOOK_COUNT];
	struct weir_plugin plugin;
	struct weir_policy policy;
	void *attached;
	void (*free_attached)(void *what);
};

/* While a script is read, modules may still come. */
struct script_reader {
	struct script *script;
};

/* Reads the file and adds it. NULL with a sentence. */
struct script_part *part_add(struct script *s, const char *path, struct weir_str module,
			       struct weir_error *error);
/* Finds the file of a module or a policy ("lib.tenants") in the folders. mem_free() it; NULL: none. */
char *source_path(const struct weir_str *folders, uint32_t count, struct weir_str module);

/* Runs the body: leaves the policy's table on the run's thread. */
bool source_run(struct script_run *run, struct weir_error *error);

/* Reads policy.options, which is at the top of L, into rows of the arena. Raises. */
const struct weir_option *options_read(lua_State *L, struct script *s);

/* `require` of a script. */
int source_require(lua_State *L);

#endif
