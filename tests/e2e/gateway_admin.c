/* gateway_admin.c - asking a running gateway: its admin API and its metrics. */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/gateway.h"
#include "tests/e2e/wire.h"

static size_t keep(char *data, size_t size, size_t count, void *arg)
{
	FILE *f = arg;

	return fwrite(data, size, count, f);
}

static long admin_call(struct gateway *g, const char *path, bool post)
{
	char url[512], address[128];
	CURL *curl = curl_easy_init();
	size_t len;
	FILE *f;
	long status = 0;

	free(g->text);
	f = open_memstream(&g->text, &len);
	(void)snprintf(url, sizeof(url), "http://localhost%s", path);
	(void)snprintf(address, sizeof(address), "%s/admin", g->dir);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, address);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HANG_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
	if (post)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	fclose(f);
	return status;
}

long admin_get(struct gateway *g, const char *path)
{
	return admin_call(g, path, false);
}

long admin_post(struct gateway *g, const char *path)
{
	return admin_call(g, path, true);
}

/* "name{labels} value" with that very name and all of the labels. */
static bool series_is(const char *line, const char *name, const char *const *labels)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0 || (line[len] != '{' && line[len] != ' '))
		return false;
	for (; *labels != NULL; labels++)
		if (strstr(line, *labels) == NULL)
			return false;
	return true;
}

static double sum_series(struct gateway *g, const char *name, const char *const *labels)
{
	double sum = 0;
	char *rest, *line;

	if (admin_get(g, "/metrics") != 200)
		return -1;
	for (line = strtok_r(g->text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if (series_is(line, name, labels))
			sum += strtod(strrchr(line, ' '), NULL);
	return sum;
}

double gateway_metric(struct gateway *g, const char *name, ...)
{
	const char *labels[8] = { NULL };
	va_list args;

	va_start(args, name);
	for (int i = 0; i < 7 && (labels[i] = va_arg(args, const char *)) != NULL; i++)
		;
	va_end(args);
	return sum_series(g, name, labels);
}

bool gateway_is_idle(struct gateway *g)
{
	return eventually(gateway_metric(g, "weir_active_requests", NULL) == 0);
}
