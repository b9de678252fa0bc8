/* test_schema.c - the JSON Schema that is printed from the tables. */
#include "tests/test.h"

#include "core/base/json.h"
#include "core/conf/schema.h"
#include "core/conf/tables.h"

static const struct weir_option options[] = {
	{ .name = "rate", .type = WEIR_RATE, .required = true, .about = "how many" },
	{ .name = "burst", .type = WEIR_INTEGER, .min = 1, .max = 10, .fallback = "5" },
	{ .name = "on", .type = WEIR_BOOLEAN, .fallback = "true" },
	{ .name = "soon", .type = CONF_LATER, .about = "later things" },
	{ 0 }
};

/* The node at "a/b/0/c". */
static const json_t *at(const json_t *value, const char *path)
{
	struct weir_str rest = str_from(path), part;

	while (str_next(&rest, '/', &part)) {
		char key[64] = "";
		uint64_t index;

		memcpy(key, part.data, part.len);
		if (json_is_array(value) && str_to_u64(part, &index))
			value = json_array_get(value, (size_t)index);
		else
			value = json_object_get(value, key);
		if (value == NULL)
			fail_msg("nothing at %s in %s", key, path);
	}
	return value;
}

static void assert_text_at(const json_t *value, const char *path, const char *want)
{
	assert_string_equal(json_string_value(at(value, path)), want);
}

static void a_table_becomes_an_object(void **state)
{
	json_t *s = schema_of_table(options);

	(void)state;
	assert_text_at(s, "type", "object");
	assert_text_at(s, "required/0", "rate");
	assert_true(json_is_false(at(s, "additionalProperties")));
	assert_text_at(s, "properties/rate/description", "how many");
	assert_int_equal(json_integer_value(at(s, "properties/burst/default")), 5);
	assert_int_equal(json_integer_value(at(s, "properties/burst/anyOf/0/maximum")), 10);
	assert_true(json_is_true(at(s, "properties/on/default")));
	assert_true(json_is_false(at(s, "properties/soon/const")));
	json_decref(s);
}

static void the_whole_speaks_of_every_key_at_the_top(void **state)
{
	json_t *s = schema_of_configuration(NULL, 0);

	(void)state;
	assert_text_at(s, "$schema", "https://json-schema.org/draft/2020-12/schema");
	for (const struct weir_option *row = conf_options; row->name != NULL; row++)
		assert_non_null(json_object_get(at(s, "properties"), row->name));
	assert_true(json_is_true(at(s, "patternProperties/^x-")));
	assert_text_at(s, "properties/listen/anyOf/0/type", "string");
	assert_text_at(s, "$defs/policy/anyOf/0/type", "string");
	json_decref(s);
}

static void plugins_stand_in_the_slots_of_their_role(void **state)
{
	const struct schema_plugin plugins[] = {
		{ "limit", ROLE_POLICY, "limits", options },
		{ "random", ROLE_BALANCER, "dice", NULL },
	};
	json_t *s = schema_of_configuration(plugins, 2);

	(void)state;
	assert_text_at(s, "$defs/policy/anyOf/0/properties/limit/description", "limits");
	assert_text_at(s, "$defs/policy/anyOf/0/required/0", "limit");
	assert_non_null(at(s, "$defs/policy/anyOf/1/properties/use"));
	assert_text_at(s, "$defs/balancer/anyOf/0/const", "random");
	json_decref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_becomes_an_object),
		cmocka_unit_test(the_whole_speaks_of_every_key_at_the_top),
		cmocka_unit_test(plugins_stand_in_the_slots_of_their_role),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
