/* tree.c - prints one trace of a collector's file as a tree: tree FILE TRACE-ID, or tree FILE retried for
 * the last one in which an attempt was followed by another. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { DEPTH_MOST = 16, NAME_COLUMNS = 50, LINE_MOST = 1 << 20 };

static const char *text(const json_t *span, const char *key)
{
	const char *value = json_string_value(json_object_get(span, key));

	return value != NULL ? value : "";
}

static const char *tag(const json_t *span, const char *key)
{
	return text(json_object_get(span, "tags"), key);
}

static json_t *read_all(const char *path)
{
	static char line[LINE_MOST];
	json_t *all = json_array();
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)json_array_append_new(all, json_loads(line, 0, NULL));
	if (file != NULL)
		fclose(file);
	return all;
}

static const char *find_retried(const json_t *all)
{
	const char *found = NULL;
	const json_t *span;
	size_t i;

	json_array_foreach(all, i, span)
		if (strcmp(tag(span, "weir.attempt"), "2") == 0)
			found = text(span, "traceId");
	return found;
}

/* Of the trace, in the order in which they began. */
static int by_start(const void *a, const void *b)
{
	json_int_t x = json_integer_value(json_object_get(*(json_t *const *)a, "timestamp"));
	json_int_t y = json_integer_value(json_object_get(*(json_t *const *)b, "timestamp"));

	return x < y ? -1 : x > y;
}

struct trace {
	json_t **spans;
	size_t count;
};

static struct trace take(json_t *all, const char *id)
{
	struct trace t = { calloc(json_array_size(all) + 1, sizeof(json_t *)), 0 };
	json_t *span;
	size_t i;

	json_array_foreach(all, i, span)
		if (t.spans != NULL && strcmp(text(span, "traceId"), id) == 0)
			t.spans[t.count++] = span;
	if (t.count > 0)
		qsort(t.spans, t.count, sizeof(*t.spans), by_start);
	return t;
}

static bool is_known(const struct trace *t, const char *id)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(text(t->spans[i], "id"), id) == 0)
			return true;
	return false;
}

static int put_attempt(char *at, size_t room, const json_t *span)
{
	const json_t *peer = json_object_get(span, "remoteEndpoint");

	return snprintf(at, room, "try %s: %s 127.0.0.1:%d", tag(span, "weir.attempt"),
			text(peer, "serviceName"),
			(int)json_integer_value(json_object_get(peer, "port")));
}

static void print_span(const json_t *span, const char *branch)
{
	json_int_t microseconds = json_integer_value(json_object_get(span, "duration"));
	const char *status = tag(span, "http.response.status_code");
	const char *why = tag(span, "weir.reason");
	char name[256];

	if (strcmp(text(span, "kind"), "CLIENT") == 0)
		(void)put_attempt(name, sizeof(name), span);
	else
		(void)snprintf(name, sizeof(name), "%s", text(span, "name"));
	printf("  %s%-*s %8.2f ms  %s%s%s\n", branch, NAME_COLUMNS - (int)strlen(branch), name,
	       (double)microseconds / 1000, status, *status != '\0' && *why != '\0' ? " " : "", why);
}

static void print_below(const struct trace *t, const char *parent, unsigned depth)
{
	char branch[8 * DEPTH_MOST];

	if (depth == DEPTH_MOST)
		return;
	(void)snprintf(branch, sizeof(branch), "%*s%s", (int)(2 * depth), "", "- ");
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(text(t->spans[i], "parentId"), parent) != 0)
			continue;
		print_span(t->spans[i], branch);
		print_below(t, text(t->spans[i], "id"), depth + 1);
	}
}

/* Those whose parent is not ours: the client's, or nobody's. */
static void print_roots(const struct trace *t)
{
	for (size_t i = 0; i < t->count; i++) {
		if (is_known(t, text(t->spans[i], "parentId")))
			continue;
		print_span(t->spans[i], "");
		print_below(t, text(t->spans[i], "id"), 1);
	}
}

int main(int argc, char **argv)
{
	json_t *all;
	const char *id;
	struct trace t;

	if (argc != 3) {
		fprintf(stderr, "usage: tree FILE TRACE-ID|retried\n");
		return 2;
	}
	all = read_all(argv[1]);
	id = strcmp(argv[2], "retried") == 0 ? find_retried(all) : argv[2];
	t = id != NULL ? take(all, id) : (struct trace){ NULL, 0 };
	print_roots(&t);
	free(t.spans);
	json_decref(all);
	return t.count > 0 ? 0 : 1;
}
