/* version.c - `weir version`: what was built, and which libraries it found. */
#include "config.h"

#include <dlfcn.h>
#include <weir/plugin.h>

#include "core/weir/commands.h"

/* Asked by name, so that no header of theirs is needed outside their doors, and so that the answer
 * is that of the library in use, not of the one it was built with. */
static const char *said_by(const char *function)
{
	const char *(*ask)(void);

	*(void **)&ask = dlsym(RTLD_DEFAULT, function);
	return ask != NULL ? ask() : NULL;
}

static const char *said_by_openssl(const char *function)
{
	const char *(*ask)(int what);

	*(void **)&ask = dlsym(RTLD_DEFAULT, function);
	return ask != NULL ? ask(0) : NULL;
}

static const char *said_by_cares(const char *function)
{
	const char *(*ask)(int *number);

	*(void **)&ask = dlsym(RTLD_DEFAULT, function);
	return ask != NULL ? ask(NULL) : NULL;
}

static const char *said_by_pcre2(const char *function)
{
	static char room[64];
	int (*ask)(uint32_t what, void *where);

	*(void **)&ask = dlsym(RTLD_DEFAULT, function);
	return ask != NULL && ask(11, room) > 0 ? room : NULL;	/* 11: PCRE2_CONFIG_VERSION */
}

static const struct {
	const char *library, *function;
	const char *(*ask)(const char *function);
} libraries[] = {
	{ "libyaml", "yaml_get_version_string", said_by },
	{ "jansson", "jansson_version_str", said_by },
	{ "libmicrohttpd", "MHD_get_version", said_by },
	{ "openssl", "OpenSSL_version", said_by_openssl },
	{ "pcre2", "pcre2_config_8", said_by_pcre2 },
	{ "c-ares", "ares_version", said_by_cares },
};

static int run(const struct command_line *line)
{
	(void)line;
	printf("weir %s\nplugin ABI %d.%d\n", PACKAGE_VERSION, WEIR_API_MAJOR, WEIR_API_NEWEST);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		const char *said = libraries[i].ask(libraries[i].function);

		if (said != NULL)
			printf("%s %s\n", libraries[i].library, said);
	}
	return 0;
}

const struct command command_version = {
	.name = "version",
	.summary = "print the version, the plugin ABI, and the libraries in use",
	.run = run,
};
