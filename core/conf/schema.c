/* schema.c - JSON Schema of the configuration, printed from the option tables. */
#include "core/conf/schema.h"

#include "core/base/str.h"
#include "core/conf/json_put.h"
#include "core/conf/tables.h"

/* A value may always be `${NAME}` instead, so a pattern lets that pass. */
#define OR_EXPANDED "|\\$\\{"

static json_t *text_schema(const char *pattern)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "type", "string");
	if (pattern != NULL)
		json_put_text(&s, "pattern", pattern);
	return json_end(&s);
}

/* Any scalar is text to us, whatever an editor takes it for. */
static json_t *scalar_schema(void)
{
	struct json_under_way types = json_begin(json_array()), s = json_begin(json_object());

	json_push(&types, json_string("string"));
	json_push(&types, json_string("number"));
	json_push(&types, json_string("boolean"));
	json_put(&s, "type", json_end(&types));
	return json_end(&s);
}

static json_t *ref_schema(const char *definition)
{
	struct json_under_way s = json_begin(json_object());
	char where[64];

	(void)snprintf(where, sizeof(where), "#/$defs/%s", definition);
	json_put_text(&s, "$ref", where);
	return json_end(&s);
}

/* {"anyOf": [a, b]} */
static json_t *either(json_t *a, json_t *b)
{
	struct json_under_way list = json_begin(json_array()), s = json_begin(json_object());

	json_push(&list, a);
	json_push(&list, b);
	json_put(&s, "anyOf", json_end(&list));
	return json_end(&s);
}

static json_t *list_of(json_t *item)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "type", "array");
	json_put(&s, "items", item);
	return json_end(&s);
}

static json_t *number_schema(const struct weir_option *row, bool whole)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "type", whole ? "integer" : "number");
	if (row->min != 0 || row->max != 0)
		json_put(&s, "minimum", whole ? json_integer((json_int_t)row->min)
					      : json_real(row->min));
	if (row->max > row->min)
		json_put(&s, "maximum", whole ? json_integer((json_int_t)row->max)
					      : json_real(row->max));
	return either(json_end(&s), text_schema(row->none_is_allowed ? "^none$" OR_EXPANDED
								     : "\\$\\{"));
}

static json_t *boolean_schema(void)
{
	struct json_under_way s = json_begin(json_object());

	json_put_text(&s, "type", "boolean");
	return either(json_end(&s), text_schema("\\$\\{"));
}

static json_t *words_schema(const char *const *words)
{
	struct json_under_way list = json_begin(json_array()), s = json_begin(json_object());

	for (; *words != NULL; words++)
		json_push(&list, json_string(*words));
	json_put(&s, "enum", json_end(&list));
	return json_end(&s);
}

/* The pattern of a text type; NULL: any scalar. */
static const char *pattern_of(enum weir_option_type type)
{
	switch ((int)type) {
	case WEIR_DURATION:
		return "^([0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d))+$|^none$" OR_EXPANDED;
	case WEIR_SIZE:
		return "^[0-9]+(\\.[0-9]+)?[bkmg]$|^none$" OR_EXPANDED;
	case WEIR_RATE:
		return "^[0-9]+(\\.[0-9]+)?/[smhd]$|^none$" OR_EXPANDED;
	case WEIR_SHARE:
		return "^[0-9]+(\\.[0-9]+)?%$|^none$" OR_EXPANDED;
	case WEIR_URL:
		return "^https?://" OR_EXPANDED;
	case WEIR_ADDRESS:
		return "^unix:.|:[0-9]+$" OR_EXPANDED;
	case WEIR_CIDR:
		return "^[0-9a-fA-F.:]+(/[0-9]+)?$" OR_EXPANDED;
	case WEIR_HEADER_NAME: case CONF_METHOD:
		return "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" OR_EXPANDED;
	case WEIR_SERVICE: case CONF_NAME:
		return "^[0-9A-Za-z_.-]+$" OR_EXPANDED;
	case CONF_ROUTE_PATH:
		return "^/" OR_EXPANDED;
	default:
		return NULL;
	}
}

static json_t *schema_of_row(const struct weir_option *row);

static json_t *item_schema(const struct weir_option *row, enum weir_option_type type);

static json_t *map_schema(const struct weir_option *row)
{
	struct json_under_way s = json_begin(json_object());
	const char *keys = pattern_of(row->keys);

	json_put_text(&s, "type", "object");
	if (keys != NULL)
		json_put(&s, "propertyNames", text_schema(keys));
	json_put(&s, "additionalProperties", item_schema(row, row->of));
	return json_end(&s);
}

static const struct weir_option *bare_row(const struct weir_option *table)
{
	for (; table->name != NULL; table++)
		if (table->bare)
			return table;
	return NULL;
}

static json_t *object_schema(const struct weir_option *fields)
{
	const struct weir_option *bare = bare_row(fields);
	json_t *map = fields == conf_match_options ? ref_schema("match") : schema_of_table(fields);

	return bare != NULL ? either(schema_of_row(bare), map) : map;
}

static json_t *never_schema(void)
{
	struct json_under_way s = json_begin(json_object());

	json_put(&s, "const", json_false());
	return json_end(&s);
}

static json_t *special_schema(const struct weir_option *row, enum weir_option_type type)
{
	switch ((int)type) {
	case WEIR_BOOLEAN:
		return boolean_schema();
	case WEIR_INTEGER: case WEIR_NUMBER:
		return number_schema(row, type == WEIR_INTEGER);
	case WEIR_CHOICE:
		return either(words_schema(row->choices), text_schema("\\$\\{"));
	case WEIR_KEY:
		return either(scalar_schema(), list_of(scalar_schema()));
	case CONF_ANY:
		return json_true();
	case CONF_POLICIES:
		return ref_schema("policies");
	case CONF_BALANCER:
		return ref_schema("balancer");
	case CONF_DISCOVERIES:
		return either(ref_schema("discovery"), list_of(ref_schema("discovery")));
	case CONF_RETRY:
		return ref_schema("retry");
	case CONF_TRACERS:
		return either(ref_schema("tracer"), list_of(ref_schema("tracer")));
	case CONF_LATER:
		return never_schema();
	default:
		return scalar_schema();
	}
}

/* One value, list or not. */
static json_t *item_schema(const struct weir_option *row, enum weir_option_type type)
{
	if (type == WEIR_OBJECT)
		return object_schema(row->fields);
	if (type == WEIR_MAP)
		return map_schema(row);
	if (pattern_of(type) != NULL)
		return text_schema(pattern_of(type));
	return special_schema(row, type);
}

/* A default that reads as written: compound ones are described by their fields. */
static json_t *default_value(const struct weir_option *row)
{
	uint64_t n;

	if (row->type == WEIR_INTEGER && str_to_u64(str_from(row->fallback), &n))
		return json_integer((json_int_t)n);
	if (row->type == WEIR_BOOLEAN)
		return json_boolean(str_eq(str_from(row->fallback), STR("true")));
	return json_from_str(str_from(row->fallback));
}

static json_t *schema_of_row(const struct weir_option *row)
{
	json_t *one = item_schema(row, row->type);
	struct json_under_way s;

	if (row->list)
		one = either(one, list_of(item_schema(row, row->type)));
	if (!json_is_object(one))
		return one;
	s = json_begin(one);
	if (row->about != NULL)
		json_put_text(&s, "description", row->about);
	if (row->fallback != NULL && !row->list && row->type != WEIR_OBJECT)
		json_put(&s, "default", default_value(row));
	return json_end(&s);
}

json_t *schema_of_table(const struct weir_option *table)
{
	struct json_under_way s = json_begin(json_object()), rows = json_begin(json_object());
	struct json_under_way required = json_begin(json_array());

	for (const struct weir_option *row = table; row->name != NULL; row++) {
		json_put(&rows, row->name, schema_of_row(row));
		if (row->required)
			json_push(&required, json_string(row->name));
	}
	json_put_text(&s, "type", "object");
	json_put(&s, "properties", json_end(&rows));
	if (json_array_size(required.value) > 0)
		json_put(&s, "required", json_end(&required));
	else
		json_decref(required.value);
	s.failed |= required.failed;
	json_put(&s, "additionalProperties", json_false());
	return json_end(&s);
}
