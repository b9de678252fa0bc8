/* test_endpoints_file.c - a text that lists endpoints. */
#include "tests/test.h"

#include "plugins/file/endpoints_file.h"

static struct file_rows rows;
static char why[FILE_WHY];

static bool reads(const char *text)
{
	why[0] = '\0';
	return file_rows_read(text, strlen(text), "tariff-svc", &rows, why);
}

#define refused(text, sentence) \
	do { \
		assert_false(reads(text)); \
		assert_string_equal(why, sentence); \
	} while (0)

static void addresses_are_enough(void **state)
{
	(void)state;
	assert_true(reads("- 10.0.0.1:9000\n- \"[::1]:9000\"\n"));
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.at[0].address, "10.0.0.1:9000");
	assert_int_equal(rows.at[0].weight, 1);
	assert_string_equal(rows.at[1].address, "[::1]:9000");
	assert_int_equal(rows.at[1].line, 2);
	file_rows_free(&rows);
}

static void json_is_read_too(void **state)
{
	(void)state;
	assert_true(reads("[{\"address\": \"10.0.0.1:1\", \"weight\": 3, \"id\": \"a\","
			  " \"labels\": {\"v\": \"2\"}}]"));
	assert_int_equal(rows.at[0].weight, 3);
	assert_string_equal(rows.at[0].id, "a");
	assert_int_equal(rows.at[0].label_count, 1);
	assert_string_equal(rows.at[0].labels[0].name, "v");
	assert_string_equal(rows.at[0].labels[0].value, "2");
	file_rows_free(&rows);
}

static void each_service_has_its_list(void **state)
{
	(void)state;
	assert_true(reads("risk-svc: [\"10.0.0.1:1\"]\ntariff-svc: [\"10.0.0.2:1\"]\n"));
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.at[0].address, "10.0.0.2:1");
	file_rows_free(&rows);

	assert_true(reads("endpoints: [\"10.0.0.3:1\"]\n"));
	assert_string_equal(rows.at[0].address, "10.0.0.3:1");
	file_rows_free(&rows);

	refused("risk-svc: []\n", "line 1: \"tariff-svc\" is a service that the file has no list for");
}

static void none_is_an_answer_and_nothing_is_not(void **state)
{
	(void)state;
	assert_true(reads("[]\n"));
	assert_int_equal(rows.count, 0);
	file_rows_free(&rows);
	refused("", "line 1: the file is empty; write [] if there is no endpoint");
	refused("# nothing\n", "line 1: the file is empty; write [] if there is no endpoint");
	refused("tariff-svc:\n", "line 1: there must be a list of endpoints here");
}

static void mistakes_have_a_line(void **state)
{
	(void)state;
	refused("- 10.0.0.1:1\n- {adress: \"10.0.0.2:1\"}\n",
		"line 2: \"adress\" is not known; an endpoint has address, weight, id, zone, "
		"server_name, labels");
	refused("- {weight: 2}\n", "line 1: this endpoint has no `address`");
	refused("- {address: \"a:1\", weight: 0}\n",
		"line 1: \"0\" is no weight; write a whole number from 1 to 65535");
	refused("- {address: \"a:1\", weight: -1}\n",
		"line 1: \"-1\" is no weight; write a whole number from 1 to 65535");
	refused("- {address: \"a:1\", weight: 99999999999999999999}\n",
		"line 1: \"99999999999999999999\" is no weight; write a whole number from 1 to "
		"65535");
	refused("- {address: \"a:1\", address: \"b:1\"}\n", "line 1: \"address\" stands there twice");
	refused("- [a, b]\n", "line 1: an endpoint is an address, or a map with an address");
	refused("- {address: }\n", "line 1: \"address\" must have a text behind it");
	refused("- {address: \"a:1\", labels: [x]}\n", "line 1: `labels` must be a map of texts");
	refused("- \"a\\0b:1\"\n", "line 1: an endpoint is an address, or a map with an address");
}

static void what_is_no_yaml_says_so(void **state)
{
	(void)state;
	assert_false(reads("- {address: \"a:1\"\n- b\n"));
	assert_non_null(strstr(why, "line "));
	assert_false(reads("\xff\xfe\x00"));
}

/* Aliases are references here, not copies: they cannot multiply. */
static void aliases_do_not_explode(void **state)
{
	(void)state;
	assert_true(reads("- &a {address: \"10.0.0.1:1\"}\n- *a\n"));
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.at[1].address, "10.0.0.1:1");
	file_rows_free(&rows);
	assert_false(reads("&a [*a]\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_enough),
		cmocka_unit_test(json_is_read_too),
		cmocka_unit_test(each_service_has_its_list),
		cmocka_unit_test(none_is_an_answer_and_nothing_is_not),
		cmocka_unit_test(mistakes_have_a_line),
		cmocka_unit_test(what_is_no_yaml_says_so),
		cmocka_unit_test(aliases_do_not_explode),
	};

	return cmocka_run_group_tests_name("endpoints_file", tests, NULL, NULL);
}
