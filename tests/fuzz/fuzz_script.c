/* fuzz_script.c - whatever stands in a script, reading it ends in time with a script or a sentence, and
 * leaves nothing behind. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/plugin/window.h"
#include "core/script/script.h"
#include "tests/fuzz/fuzz.h"

static char folder[] = "/tmp/weir-fuzz-XXXXXX";
static char path[64];

static void forget_folder(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void begin(void)
{
	must(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/fuzz.lua", folder);
	weir_host_slot = window_table();
	(void)atexit(forget_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	const struct weir_str folders[] = { { folder, sizeof(folder) - 1 } };
	const struct script_rules rules = { folders, 1, 20 * NS_PER_MS, 1 << 20 };
	struct weir_error error = { "" };
	struct script *script;
	FILE *file;

	if (!begun)
		begin();
	begun = true;
	file = fopen(path, "w");
	must(file != NULL);
	must(fwrite(data, 1, size, file) == size);
	must(fclose(file) == 0);
	script = script_load(&rules, path, STR("fuzz"), &error);
	must((script != NULL) != (error.text[0] != '\0'));
	if (script != NULL)
		must(script_same(script, script) && script_plugin(script)->policy != NULL);
	script_unref(script);
	return 0;
}
