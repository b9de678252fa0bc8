/* fuzz_forward_auth.c - whatever the one that forward_auth asks may answer: only a whole 2xx lets pass, and
 * only what is listed comes out of it. The input is the answer as it comes, head and body. */
#include <weir/fake.h>

#include "core/http/h1.h"
#include "tests/fuzz/fuzz.h"

extern const struct weir_plugin weir_plugin;

enum { FIELDS = 80 };

static const struct h1_limits limits = { .head_bytes = 8192, .headers = 64 };

/* As far as it is an answer; status 0: it is none. */
struct given {
	struct arena arena;
	struct weir_field fields[FIELDS];
	struct weir_fake_answer answer;
};

static void read_answer(struct given *g, struct weir_str in)
{
	struct response r = { 0 };
	size_t scanned = 0, consumed;
	enum reason why;

	*g = (struct given){ .answer = { .reason = WEIR_STR("bad-response") } };
	arena_init(&g->arena, NULL, 1024 * 1024);
	headers_init(&r.headers, &g->arena, 70);
	if (h1_parse_response(in, &limits, &scanned, METHOD_GET, &r, &consumed, &why) != H1_DONE)
		return;
	g->answer = (struct weir_fake_answer){ .status = r.status, .headers = g->fields,
					       .body = str_skip(in, consumed) };
	headers_for_each(field, &r.headers)
		if (g->answer.header_count < FIELDS)
			g->fields[g->answer.header_count++] = (struct weir_field){ field->name, field->value };
}

static bool was_given(const struct given *g, struct weir_str name, struct weir_str value)
{
	for (size_t i = 0; i < g->answer.header_count; i++)
		if (str_eq_nocase(g->fields[i].name, name) && weir_str_eq(g->fields[i].value, value))
			return true;
	return false;
}

/* Nothing of the client's own, nothing that the answer does not have. */
static void look_upstream(const struct given *g, const struct weir_exchange *ex)
{
	struct weir_field field;

	for (uint32_t n = 0; weir_fake_header_nth(ex, WEIR_REQUEST, n, &field); n++) {
		must(!weir_str_eq(field.value, WEIR_STR("forged")));
		must(weir_str_eq(field.name, WEIR_STR("accept")) || weir_str_eq(field.name, WEIR_STR("host")) ||
		     was_given(g, field.name, field.value));
	}
}

static void look_at_answer(const struct weir_exchange *ex)
{
	static const struct weir_str listed[] = { { "www-authenticate", 16 }, { "location", 8 },
		{ "set-cookie", 10 }, { "cache-control", 13 }, { "retry-after", 11 }, { "content-type", 12 } };
	struct weir_field field;

	for (uint32_t n = 0; weir_fake_header_nth(ex, WEIR_RESPONSE, n, &field); n++) {
		bool may = false;

		for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
			may |= str_eq_nocase(field.name, listed[i]);
		must(may);
	}
}

static void ask(struct weir_fake *f, const struct given *g)
{
	struct weir_error error = { "" };
	struct weir_fake_use *use = weir_fake_open(f, &weir_plugin, "{service: auth, headers: [x-user, x-groups], "
						   "identity: x-user, on_answer: set-cookie}", &error);
	struct weir_exchange *ex = weir_fake_exchange(f, "GET", "/x");
	enum weir_verdict verdict;

	must(use != NULL);
	weir_fake_service(f, "auth", &g->answer);
	weir_fake_add_header(ex, WEIR_REQUEST, "accept", WEIR_STR("*/*"));
	weir_fake_add_header(ex, WEIR_REQUEST, "X_User", WEIR_STR("forged"));
	weir_fake_add_header(ex, WEIR_REQUEST, "x-groups", WEIR_STR("forged"));
	verdict = weir_fake_on_request(use, ex);
	must((verdict == WEIR_NEXT) <= (g->answer.status / 100 == 2));
	must((verdict == WEIR_ANSWERED) <= (g->answer.status >= 300 && g->answer.status < 500));
	look_upstream(g, ex);
	if (verdict == WEIR_ANSWERED) {
		look_at_answer(ex);
		must(weir_fake_status(ex) == g->answer.status);
	} else if (verdict == WEIR_NEXT) {
		weir_fake_answered(ex, 200, WEIR_ABSENT);
		must(weir_fake_on_response(use, ex) == WEIR_NEXT);
	} else {
		must(weir_fake_status(ex) >= 500);
	}
	weir_fake_end(ex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_fake *f = weir_fake_new();
	struct given g;

	read_answer(&g, str_of((const char *)data, size));
	ask(f, &g);
	must(weir_fake_free(f));
	arena_reset(&g.arena);
	return 0;
}
