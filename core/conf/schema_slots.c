/* schema_slots.c - the schema of the whole file: the slots, and what is put together. */
#include "core/conf/json_put.h"
#include "core/conf/schema.h"
#include "core/conf/tables.h"

static json_t *ref(const char *where)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "$ref", where);
	return json_end(&s);
}

static json_t *word(const char *text)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "const", text);
	return json_end(&s);
}

static json_t *of_type(const char *type)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "type", type);
	return json_end(&s);
}

static json_t *on_error_schema(void)
{
	struct json_under_way words = json_begin(json_array()), s = json_begin(json_object());

	json_push(&words, json_string("refuse"));
	json_push(&words, json_string("continue"));
	json_put(&s, "enum", json_end(&words));
	json_put_text(&s, "description", "what happens when the policy itself fails");
	return json_end(&s);
}

/* The keys of the host that may stand beside a policy. */
static void put_host_keys(struct json_under_way *rows)
{
	json_put(rows, "on_error", on_error_schema());
	json_put(rows, "when", ref("#/$defs/match"));
	json_put(rows, "as", of_type("string"));
}

/* {name: options}, with what may stand beside it. */
static json_t *map_form(const char *name, json_t *options, bool policy)
{
	struct json_under_way s = json_begin(json_object()), rows = json_begin(json_object());
	struct json_under_way required = json_begin(json_array());

	json_put(&rows, name, options);
	if (policy)
		put_host_keys(&rows);
	json_push(&required, json_string(name));
	json_put_text(&s, "type", "object");
	json_put(&s, "properties", json_end(&rows));
	json_put(&s, "required", json_end(&required));
	json_put(&s, "additionalProperties", json_false());
	return json_end(&s);
}

static bool needs_options(const struct weir_option *row)
{
	for (; row != NULL && row->name != NULL; row++)
		if (row->required)
			return true;
	return false;
}

static void push_plugin(struct json_under_way *forms, const struct schema_plugin *plugin)
{
	static const struct weir_option none[] = { { 0 } };
	struct json_under_way options = json_begin(schema_of_table(
		plugin->options != NULL ? plugin->options : none));

	if (plugin->summary != NULL)
		json_put_text(&options, "description", plugin->summary);
	if (!needs_options(plugin->options))
		json_push(forms, word(plugin->name));
	json_push(forms, map_form(plugin->name, json_end(&options),
				  plugin->role == ROLE_POLICY));
}

static json_t *slot_schema(const struct schema_plugin *plugins, size_t count,
			   enum slot_role role)
{
	struct json_under_way s = json_begin(json_object()), forms = json_begin(json_array());
	bool known = false;

	for (size_t i = 0; i < count; i++) {
		if (plugins[i].role != role)
			continue;
		push_plugin(&forms, &plugins[i]);
		known = true;
	}
	if (!known) {
		json_push(&forms, of_type("string"));
		json_push(&forms, of_type("object"));
	} else if (role == ROLE_POLICY) {
		json_push(&forms, map_form("use", of_type("string"), true));
		json_push(&forms, map_form("any", ref("#/$defs/policies"), true));
	}
	json_put(&s, "anyOf", json_end(&forms));
	return json_end(&s);
}

/* A list, or a single one that stands for it. */
static json_t *policies_schema(void)
{
	struct json_under_way s = json_begin(json_object()), forms = json_begin(json_array());
	struct json_under_way list = json_begin(json_object());

	json_put_text(&list, "type", "array");
	json_put(&list, "items", ref("#/$defs/policy"));
	json_push(&forms, json_end(&list));
	json_push(&forms, ref("#/$defs/policy"));
	json_put(&s, "anyOf", json_end(&forms));
	return json_end(&s);
}

static json_t *definitions(const struct schema_plugin *plugins, size_t count)
{
	struct json_under_way s = json_begin(json_object());

	json_put(&s, "match", schema_of_table(conf_match_options));
	json_put(&s, "policies", policies_schema());
	json_put(&s, "policy", slot_schema(plugins, count, ROLE_POLICY));
	json_put(&s, "balancer", slot_schema(plugins, count, ROLE_BALANCER));
	json_put(&s, "discovery", slot_schema(plugins, count, ROLE_DISCOVERY));
	json_put(&s, "retry", slot_schema(plugins, count, ROLE_RETRY));
	json_put(&s, "tracer", slot_schema(plugins, count, ROLE_TRACER));
	return json_end(&s);
}

/* `listen` may be one address; `x-` keys are the operator's own. */
static void loosen(struct json_under_way *whole)
{
	json_t *rows = json_object_get(whole->value, "properties");
	json_t *listen = json_object_get(rows, "listen");
	struct json_under_way own = json_begin(json_object()), s = json_begin(json_object());
	struct json_under_way forms = json_begin(json_array());

	json_push(&forms, of_type("string"));
	json_push(&forms, json_incref(listen));
	json_put(&s, "anyOf", json_end(&forms));
	if (json_object_set_new(rows, "listen", json_end(&s)) != 0)
		whole->failed = true;
	json_put(&own, "^x-", json_true());
	json_put(whole, "patternProperties", json_end(&own));
}

json_t *schema_of_configuration(const struct schema_plugin *plugins, size_t count)
{
	struct json_under_way whole = json_begin(schema_of_table(conf_options));

	if (whole.failed)
		return NULL;
	json_put_text(&whole, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_put_text(&whole, "title", "Weir configuration");
	json_put(&whole, "$defs", definitions(plugins, count));
	loosen(&whole);
	return json_end(&whole);
}
