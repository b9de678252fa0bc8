/* script.h - Lua policies: found in folders, compiled once, and presented as plugins. */
#ifndef CORE_SCRIPT_SCRIPT_H
#define CORE_SCRIPT_SCRIPT_H

#include <stdint.h>
#include <weir/plugin.h>

#include "core/base/str.h"

/* All bindings speak to the host through weir_host_slot, which this floor defines: set it before the
 * first script is loaded, to the window's table or to another. */

/* What `lua:` says. */
struct script_rules {
	const struct weir_str *folders;	/* where scripts and modules lie, in order */
	uint32_t folder_count;
	uint64_t time_ns;		/* CPU time of one hook */
	size_t memory;			/* of one script on one worker */
};

/* The folder of the policies that come with Weir: $WEIR_LUA_DIR, or lua/policies beside the program, or
 * where they are installed. mem_free() it; NULL: no memory. */
char *script_folder(void);

/* A script and its modules: immutable, counted holds, any thread. */
struct script;

/* Looks for NAME.lua. Gives its path (mem_free() it), or NULL: there is none. A name that stands in two
 * folders is that of the first. */
char *script_find(const struct script_rules *rules, struct weir_str name);

/* Reads and compiles the file, runs its body once, reads its options and hooks. Gives a hold. NULL with
 * a sentence that begins with file and line. Runs the script: within its limits. [any thread that runs
 * no other script] */
struct script *script_load(const struct script_rules *rules, const char *path,
			   struct weir_str name, struct weir_error *error);
struct script *script_ref(struct script *s);
void script_unref(struct script *s);		/* NULL is fine */

/* As a plugin: a policy whose hooks run the script. Lives as long as the script. */
const struct weir_plugin *script_plugin(const struct script *s);
struct weir_str script_path(const struct script *s);
/* Files that it was made of: itself and its modules. */
uint32_t script_file_count(const struct script *s);
struct weir_str script_file(const struct script *s, uint32_t at);
/* True when both were read from the same text, under the same rules. */
bool script_same(const struct script *a, const struct script *b);

/* Whoever presents scripts may hang one thing on each; it is freed with the script. Not for two threads
 * at once. */
void script_attach(struct script *s, void *what, void (*free_what)(void *what));
void *script_attached(const struct script *s);

/* What a script does on one worker, for the metrics. */
struct script_row {
	struct weir_str script;		/* absent: the VM itself, libraries and threads */
	uint32_t vm;			/* 0 ..; UINT32_MAX: of VMs that are gone */
	uint64_t memory, calls, errors;
	uint64_t kills, refused;	/* stopped for time, for memory */
	uint64_t cpu_ns;		/* as far as ticks tell */
};

/* Calls `visit` for each script in each VM; a name may come more than once. [any thread] */
void script_visit(void (*visit)(void *arg, const struct script_row *row), void *arg);

#endif
