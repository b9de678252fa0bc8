/* collector.c - the collector of the stories: a process, a file that it writes, a word for it. */
#include "tests/e2e/collector.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct {
	pid_t pid;
	char file[64], address[32];
	bool missing;
} own;

static void become_collector(const char *source, int out)
{
	char path[512], script[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(path, sizeof(path), "%s/build-aux/python", source);
	(void)snprintf(script, sizeof(script), "%s/tests/e2e/collector.py", source);
	setenv("PYTHONPATH", path, 1);
	setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
	dup2(out, 1);
	execlp("python3", "python3", script, "--file", own.file, (char *)NULL);
	_exit(127);
}

/* It says where it listens when it does. */
static bool hears_ready(int from)
{
	FILE *said = fdopen(from, "r");
	unsigned port = 0;
	bool ready = fscanf(said, "ready %u", &port) == 1;

	(void)snprintf(own.address, sizeof(own.address), "127.0.0.1:%u", port);
	fclose(said);
	return ready;
}

static void start(void)
{
	const char *source = getenv("WEIR_SOURCE");
	int fd, pipes[2];

	strcpy(own.file, "/tmp/weir-spans-XXXXXX");
	fd = mkstemp(own.file);
	assert_true(fd >= 0 && pipe(pipes) == 0);
	close(fd);
	own.pid = fork();
	if (own.pid == 0)
		become_collector(source != NULL ? source : ".", pipes[1]);
	close(pipes[1]);
	if (hears_ready(pipes[0]))
		return;
	own.missing = true;
	(void)collector_ends(NULL);
}

int collector_ends(void **state)
{
	(void)state;
	if (own.pid > 0) {
		kill(own.pid, SIGKILL);
		waitpid(own.pid, NULL, 0);
		unlink(own.file);
	}
	own.pid = 0;
	return 0;
}

void collector_opens(struct story *s)
{
	if (own.pid == 0 && !own.missing)
		start();
	if (own.missing) {
		print_message("skipped: the classes of opentelemetry-proto are not here; "
			      ".ci/setup gets them\n");
		skip();
	}
	collector_behaves("");
	assert_int_equal(truncate(own.file, 0), 0);
	gateway_knows(s->gateway, "COLLECTOR", own.address);
}

void collector_behaves(const char *words)
{
	struct client *c = client_connect(own.address);

	client_posts(c, "/behave", words);
	client_saw(c, 200, NULL);
	client_close(c);
}

/* All lines that are whole. */
static json_t *lines(const char *with)
{
	json_t *all = json_array();
	FILE *f = fopen(own.file, "r");
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, f) > 0) {
		json_t *doc = json_loads(line, 0, NULL);

		if (json_object_get(doc, "wrong") != NULL)
			fail_msg("the collector: %s",
				 json_string_value(json_object_get(doc, "wrong")));
		if (json_object_get(doc, with) != NULL)
			json_array_append(all, doc);
		json_decref(doc);
	}
	free(line);
	fclose(f);
	return all;
}

static size_t count(const char *with)
{
	json_t *all = lines(with);
	size_t n = json_array_size(all);

	json_decref(all);
	return n;
}

json_t *collector_spans(size_t at_least)
{
	if (!eventually(count("span") >= at_least))
		fail_msg("%zu spans came in %u requests where %zu were awaited", count("span"),
			 collector_asked(), at_least);
	return lines("span");
}

unsigned collector_asked(void)
{
	return (unsigned)count("asked");
}

/* --- One span. ----------------------------------------------------------------------------------- */

const char *span_text(json_t *span, const char *key)
{
	const char *text = json_string_value(json_object_get(span, key));

	return text != NULL ? text : "";
}

json_t *span_named(json_t *spans, const char *kind, const char *name)
{
	size_t i;
	json_t *span;

	json_array_foreach(spans, i, span)
		if (strcmp(span_text(span, "kind"), kind) == 0 &&
		    strcmp(span_text(span, "name"), name) == 0)
			return span;
	return NULL;
}

json_t *span_of_kind(json_t *spans, const char *kind, unsigned n)
{
	size_t i;
	json_t *span;

	json_array_foreach(spans, i, span)
		if (strcmp(span_text(span, "kind"), kind) == 0 && n-- == 0)
			return span;
	return NULL;
}

json_t *span_with(json_t *spans, const char *kind, const char *attribute, const char *value)
{
	size_t i;
	json_t *span;

	json_array_foreach(spans, i, span)
		if (strcmp(span_text(span, "kind"), kind) == 0 &&
		    strcmp(span_attribute(span, attribute), value) == 0)
			return span;
	return NULL;
}

static json_t *attribute(json_t *span, const char *key)
{
	return json_object_get(json_object_get(span, "attributes"), key);
}

const char *span_attribute(json_t *span, const char *key)
{
	const char *text = json_string_value(attribute(span, key));

	return text != NULL ? text : "";
}

long span_number(json_t *span, const char *key)
{
	json_t *n = attribute(span, key);

	return json_is_integer(n) ? (long)json_integer_value(n) : -1;
}

bool span_failed(json_t *span)
{
	return json_is_true(json_object_get(span, "error"));
}
