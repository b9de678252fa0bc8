/* assemble_match.c - `match:` and `when:` in the table's words; keys and templates for plugins. */
#include "core/net/network.h"
#include "core/plugin/setup.h"
#include "core/route/key.h"
#include "core/weir/assemble.h"

struct network_list *networks_of(struct arena *arena, const struct conf_value *items, uint32_t count)
{
	struct network_list *list = arena_zero(arena, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->at = arena_zero(arena, count * sizeof(*list->at));
	for (uint32_t i = 0; list->at != NULL && i < count; i++)
		if (network_parse(&list->at[list->count], items[i].text, NULL))
			list->count++;
	return list->at != NULL ? list : NULL;
}

static const struct weir_str *texts(struct arena *arena, const struct conf_values *c, const char *name,
				    uint32_t *count)
{
	const struct conf_value *items = conf_items(c, name, count);
	struct weir_str *out = arena_take(arena, (*count + 1) * sizeof(*out));

	for (uint32_t i = 0; out != NULL && i < *count; i++)
		out[i] = items[i].text;
	return out;
}

static void read_test(const struct conf_values *c, struct route_predicate *p)
{
	if (conf_given(c, "present")) {
		p->test = conf_boolean(c, "present") ? TEST_PRESENT : TEST_ABSENT;
	} else if (conf_given(c, "regex")) {
		p->test = TEST_REGEX;
		p->value = conf_text(c, "regex");
	} else {
		p->test = TEST_IS;
		p->value = conf_text(c, "is");
	}
}

static void add_identity(struct route_predicate *all, uint32_t *count, const struct conf_values *c)
{
	const struct conf_values *test = conf_object(c, "identity");

	if (test == NULL)
		return;
	all[*count].on = ON_IDENTITY;
	read_test(test, &all[(*count)++]);
}

static void add_predicates(struct route_predicate *all, uint32_t *count, const struct conf_values *c,
			   const char *name, enum predicate_on on)
{
	uint32_t n;
	const struct conf_entry *entries = conf_entries(c, name, &n);

	for (uint32_t i = 0; i < n; i++) {
		struct route_predicate *p = &all[(*count)++];

		p->on = on;
		p->name = entries[i].key;
		read_test(entries[i].value.object, p);
	}
}

/* With a blank behind each: what tells two lists apart. */
static struct weir_str joined(struct arena *arena, const struct conf_value *items, uint32_t count)
{
	size_t len = 0;
	char *start, *at;

	for (uint32_t i = 0; i < count; i++)
		len += items[i].text.len + 1;
	start = at = arena_take(arena, len);
	for (uint32_t i = 0; start != NULL && i < count; i++) {
		memcpy(at, items[i].text.data, items[i].text.len);
		at += items[i].text.len;
		*at++ = ' ';
	}
	return start != NULL ? str_of(start, len - 1) : STR_ABSENT;
}

/* `client:` is one predicate over a list of networks. */
static bool add_clients(struct arena *arena, struct route_predicate *all, uint32_t *count,
			const struct conf_values *c)
{
	uint32_t n;
	const struct conf_value *items = conf_items(c, "client", &n);
	struct network_list *list;

	if (n == 0)
		return true;
	list = networks_of(arena, items, n);
	all[(*count)++] = (struct route_predicate){ .on = ON_CLIENT, .networks = list,
						    .value = joined(arena, items, n) };
	return list != NULL;
}

bool match_spec(struct arena *arena, const struct conf_values *match, struct route_spec *out)
{
	const struct conf_values *path;
	struct route_predicate *all;
	uint32_t headers, queries, claims;

	if (match == NULL)
		return true;
	(void)conf_entries(match, "header", &headers);
	(void)conf_entries(match, "query", &queries);
	(void)conf_entries(match, "claim", &claims);
	all = arena_zero(arena, (headers + queries + claims + 2u) * sizeof(*all));
	if (all == NULL)
		return false;
	out->hosts = texts(arena, match, "host", &out->host_count);
	out->methods = texts(arena, match, "method", &out->method_count);
	path = conf_object(match, "path");
	if (path != NULL) {
		out->path_is_regex = conf_given(path, "regex");
		out->path = conf_text(path, out->path_is_regex ? "regex" : "is");
	}
	add_predicates(all, &out->predicate_count, match, "header", ON_HEADER);
	add_predicates(all, &out->predicate_count, match, "query", ON_QUERY);
	add_predicates(all, &out->predicate_count, match, "claim", ON_CLAIM);
	add_identity(all, &out->predicate_count, match);
	out->predicates = all;
	return add_clients(arena, all, &out->predicate_count, match) && !arena->overflowed;
}

/* The window's opaque keys and templates are ours. */
static const struct weir_key *compile_key(struct arena *arena, const struct weir_str *parts,
					  uint32_t count, struct weir_error *error)
{
	return (const struct weir_key *)(const void *)key_compile(arena, parts, count, error);
}

static const struct weir_template *compile_template(struct arena *arena, struct weir_str text,
						    struct weir_error *error)
{
	return (const struct weir_template *)(const void *)template_compile(arena, text, error);
}

const struct setup_compiler assemble_compiler = {
	.key = compile_key,
	.text = compile_template,
};
