/* test_report.c - the results of tests, for people or as TAP. */
#include <string.h>

#include "core/weir/test.h"

static uint32_t number_of(const struct test_report *r)
{
	return r->passed + r->failed + r->skipped;
}

void report_begin(struct test_report *r, const char *path)
{
	if (!r->tap)
		fprintf(r->out, "%s\n", path);
	else if (!r->begun)
		fprintf(r->out, "TAP version 13\n");
	r->begun = true;
}

/* Each line of `text` behind `before`. */
static void indented(struct test_report *r, const char *before, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		fprintf(r->out, "%s%.*s\n", before, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void report_passed(struct test_report *r, const char *path, const char *name)
{
	r->passed++;
	if (r->tap)
		fprintf(r->out, "ok %u - %s: %s\n", number_of(r), path, name);
	else
		fprintf(r->out, "  ok    %s\n", name);
}

void report_failed(struct test_report *r, const char *path, const char *name, const char *why)
{
	r->failed++;
	if (!r->tap) {
		fprintf(r->out, "  FAIL  %s\n", name);
		indented(r, "        ", why);
		return;
	}
	fprintf(r->out, "not ok %u - %s: %s\n  ---\n  message: |\n", number_of(r), path, name);
	indented(r, "    ", why);
	fprintf(r->out, "  ...\n");
}

void report_skipped(struct test_report *r, const char *path, const char *name, const char *why)
{
	r->skipped++;
	if (r->tap)
		fprintf(r->out, "ok %u - %s: %s # SKIP %s\n", number_of(r), path, name, why);
	else
		fprintf(r->out, "  skip  %s: %s\n", name, why);
}

void report_end(struct test_report *r)
{
	if (r->tap) {
		fprintf(r->out, "1..%u\n", number_of(r));
		return;
	}
	fprintf(r->out, "%u passed, %u failed", r->passed, r->failed);
	if (r->skipped > 0)
		fprintf(r->out, ", %u skipped", r->skipped);
	fputc('\n', r->out);
}
