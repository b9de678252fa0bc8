/* collector.c - takes spans as Zipkin does (POST /api/v2/spans) and writes them down, one JSON a line, into
 * the file that $SPANS names; tree.c reads it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/demo/svc.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool write_down(const json_t *spans)
{
	const char *path = getenv("SPANS");
	FILE *file = path != NULL ? fopen(path, "a") : NULL;
	const json_t *span;
	bool written = file != NULL;
	size_t i;

	json_array_foreach(spans, i, span) {
		if (!written)
			break;
		written = json_dumpf(span, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
	}
	return file != NULL && fclose(file) == 0 && written;
}

static struct svc_answer on_spans(const struct svc_request *request)
{
	bool written;

	if (strcmp(request->path, "/api/v2/spans") != 0 || strcmp(request->method, "POST") != 0)
		return svc_refuse(404, "only POST /api/v2/spans is here");
	if (!json_is_array(request->body))
		return svc_refuse(400, "wanted a list of spans");
	pthread_mutex_lock(&lock);
	written = write_down(request->body);
	pthread_mutex_unlock(&lock);
	return written ? (struct svc_answer){ 202, json_object() }
		       : svc_refuse(500, "$SPANS cannot be written");
}

int main(int argc, char **argv)
{
	return svc_main(argc, argv, "collector", on_spans);
}
