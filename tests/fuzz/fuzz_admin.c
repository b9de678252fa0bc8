/* fuzz_admin.c - requests to the admin API behind libmicrohttpd: who may enter, and what they are answered.
 *
 * Bytes become a head in libmicrohttpd, which has its own fuzzing; what is ours begins where it calls us:
 * target, method, the fields that matter. Here these are lines of the input. */
#include "core/admin/entry.h"
#include "core/admin/paths.h"
#include "tests/admin/fake_world.h"
#include "tests/fuzz/fuzz.h"

#define TOKEN "a-token-of-some-length"

static struct weir_str take_line(struct weir_str *in)
{
	struct weir_str line = str_head(*in, str_find(*in, '\n'));

	*in = str_skip(*in, line.len + 1);
	return line;
}

/* A line that begins with '-' is a field that is not there. */
static unsigned take_field(struct weir_str *in, struct weir_str *value)
{
	struct weir_str line = take_line(in);

	*value = line.len > 0 && line.data[0] == '-' ? STR_ABSENT : line.len > 0 ? line : STR("");
	return value->data != NULL;
}

static bool brings_token(const struct visit_fields *f)
{
	struct weir_str given = f->authorization;

	return str_starts_nocase(given, STR("bearer ")) && str_eq(str_trim(str_skip(given, 7)), STR(TOKEN));
}

/* What lets a stranger's page, or one without the token, give a command. */
static void may_be_here(const struct visit *v, const struct visit_fields *f, const struct entry_rules *r)
{
	bool names_file = r->file || r->probe;

	must(v->name.len > 0 && v->name.data[0] == '/');
	must(!f->chunked);
	if (visit_is_command(v) && !names_file)
		must(brings_token(f));
	if (!r->local && !names_file)
		must(brings_token(f));
	if (f->origins > 0)		/* http://HOST or https://HOST of the Host it was sent to */
		must(f->hosts > 0 && str_starts(f->origin, STR("http")));
}

static void is_an_answer(struct visit *v)
{
	struct weir_str answer = buffer_str(&v->answer);
	json_t *document;

	must(v->status >= 200 && v->status < 600);
	must(v->content_type != NULL);
	if (strstr(v->content_type, "json") == NULL)
		return;
	document = json_loadb(answer.data, answer.len, 0, NULL);
	must(document != NULL);
	json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake_world fake;
	static bool made;
	struct weir_str in = str_of((const char *)data, size), method;
	struct entry_rules rules = { .name = STR("weir.example"), .token = STR(TOKEN) };
	struct visit_fields f = { 0 };
	const char *why = NULL;
	struct visit v;
	uint8_t flags;

	if (size < 2 || size > 65536)
		return 0;
	if (!made)
		fake_world_init(&fake);
	made = true;
	flags = data[0];
	in = str_skip(in, 1);
	rules.probe = (flags & 1) != 0;
	rules.local = (flags & 2) != 0;
	rules.file = (flags & 4) != 0;
	f.chunked = (flags & 8) != 0;
	method = take_line(&in);
	must(visit_init(&v, &fake.world, take_line(&in)));
	visit_set_method(&v, method);
	f.hosts = take_field(&in, &f.host);
	f.origins = take_field(&in, &f.origin);
	f.authorizations = take_field(&in, &f.authorization);
	f.lengths = take_field(&in, &f.length);
	v.probe = rules.probe;
	v.path = paths_find(v.name, v.probe);
	(void)buffer_add(&v.body, in);
	if (entry_check(&v, &f, &rules, &why)) {
		may_be_here(&v, &f, &rules);
		if (str_eq(v.name, STR("/log-level")))	/* each would be a line of the log */
			visit_not_here(&v);
		else
			visit_run(&v);
	} else {
		must(why != NULL);
		must(v.status >= 400 && v.status < 500);
	}
	is_an_answer(&v);
	visit_fini(&v);
	return 0;
}
