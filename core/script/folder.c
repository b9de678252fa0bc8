/* folder.c - where the Lua policies lie that come with Weir. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/script/script.h"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *script_folder(void)
{
	static const char beside[] = "lua/policies";
	const char *set = getenv("WEIR_LUA_DIR");
	char path[PATH_MAX];
	ssize_t len;

	if (set != NULL && *set != '\0')
		return str_dup(str_from(set));
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof(beside));
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len > 0) {
		memcpy(path + len, beside, sizeof(beside));
		if (is_folder(path))
			return str_dup(str_from(path));
	}
	return str_dup(str_from(WEIR_LUADIR));
}
