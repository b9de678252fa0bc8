/* unknown.c - a key that a table does not know, or a value where a map should be: what was meant? */
#include "core/conf/unknown.h"

#include "core/conf/diagnostic.h"
#include "core/conf/shape.h"

/* Words of a list, as many as there is room for. */
struct words {
	char text[256];
	size_t len;
};

static void add_word(struct words *w, const char *separator, const char *word)
{
	size_t room = sizeof(w->text) - w->len;

	if (strlen(separator) + strlen(word) < room)
		w->len += (size_t)snprintf(w->text + w->len, room, "%s%s",
					   w->len > 0 ? separator : "", word);
}

static struct words keys_of(const struct weir_option *table)
{
	struct words w = { .len = 0 };

	for (; table->name != NULL; table++)
		if (table->type != CONF_LATER)
			add_word(&w, ", ", table->name);
	return w;
}

/* Its maps that have such a key: a `path` of a route is written in `match`. */
static struct words homes_of(const struct weir_option *table, struct weir_str key)
{
	struct words w = { .len = 0 };

	for (; table->name != NULL; table++) {
		bool has = table->type == WEIR_OBJECT && !table->list &&
			   conf_index(table->fields, key.data) >= 0;
		char home[96];

		(void)snprintf(home, sizeof(home), "%s.%.*s", table->name, STR_ARG(key));
		if (has)
			add_word(&w, " or ", home);
	}
	return w;
}

static struct nearest nearest_key(const struct weir_option *table, struct weir_str key)
{
	struct nearest near;

	nearest_init(&near, key);
	for (; table->name != NULL; table++)
		nearest_try(&near, table->name);
	return near;
}

void say_unknown(struct check *c, const struct weir_option *table, const struct node *child)
{
	struct words homes = homes_of(table, child->key);
	struct nearest near = nearest_key(table, child->key);
	struct shown key = shown(child->key);

	if (homes.len > 0)
		diagnose(c->out, child->key_place, "unknown key \"%s\"; did you mean %s?", key.text,
			 homes.text);
	else if (near.best != NULL)
		diagnose(c->out, child->key_place, "unknown key \"%s\"%s", key.text,
			 nearest_words(&near).text);
	else if (table->name == NULL)
		diagnose(c->out, child->key_place, "unknown key \"%s\"; there are no options here",
			 key.text);
	else
		diagnose(c->out, child->key_place, "unknown key \"%s\"; expected one of %s", key.text,
			 keys_of(table).text);
}

void say_no_map(struct check *c, const struct weir_option *table, const struct node *found)
{
	struct words keys = keys_of(table);

	diagnose(c->out, found->place, "%s%sexpected a map%s%s, got %s",
		 found->key.data != NULL ? shown(found->key).text : "",
		 found->key.data != NULL ? ": " : "", keys.len > 0 ? " of " : "", keys.text,
		 node_kind_words(found));
}
