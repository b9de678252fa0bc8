/* test_listing.c - what sources tell is checked and copied once. */
#include "config.h"

#include <stdlib.h>

#include "core/upstream/listing.h"
#include "tests/test.h"

static struct weir_endpoint row(const char *address)
{
	return (struct weir_endpoint){ .address = str_from(address) };
}

static struct listing *listed(const struct weir_endpoint *rows, uint32_t count)
{
	struct weir_error error = { .text = "" };
	struct listing *l = listing_new(rows, count, sizeof(*rows), &error);

	if (l == NULL)
		fail_msg("%s", error.text);
	return l;
}

static void refused(const struct weir_endpoint *rows, uint32_t count, const char *why)
{
	struct weir_error error = { .text = "" };

	assert_null(listing_new(rows, count, sizeof(*rows), &error));
	if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void everything_in_a_row_is_copied(void **state)
{
	char text[] = "10.0.0.1:80", value[] = "blue";
	struct weir_field label = { STR("colour"), str_from(value) };
	struct weir_endpoint one = { .address = str_from(text), .weight = 7, .zone = STR("a"),
				     .server_name = STR("tariff.internal"), .labels = &label,
				     .label_count = 1 };
	struct listing *l = listed(&one, 1);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memset(value, 'x', sizeof(value) - 1);

	assert_str(l->told[0].address, "10.0.0.1:80");
	assert_str(l->told[0].id, "10.0.0.1:80");
	assert_str(l->told[0].server_name, "tariff.internal");
	assert_str(l->told[0].labels[0].value, "blue");
	assert_int_equal(l->told[0].weight, 7);
	listing_unref(l);
}

static void no_weight_is_one(void **state)
{
	struct weir_endpoint one = row("10.0.0.1:80");
	struct listing *l = listed(&one, 1);

	(void)state;
	assert_int_equal(l->told[0].weight, 1);
	listing_unref(l);
}

static void names_are_counted(void **state)
{
	struct weir_endpoint rows[] = { row("10.0.0.1:80"), row("api.example:80"),
					row("unix:/run/x"), row("[::1]:80") };
	struct listing *l = listed(rows, 4);

	(void)state;
	assert_int_equal(l->name_count, 1);
	listing_unref(l);
}

static void an_older_plugin_tells_shorter_rows(void **state)
{
	struct {
		struct weir_str address, id;
		uint32_t weight;
	} rows[2] = { { .address = STR("10.0.0.1:80"), .id = STR("a"), .weight = 2 },
		      { .address = STR("10.0.0.2:80"), .id = STR("b"), .weight = 3 } };
	struct listing *l = listing_new((const struct weir_endpoint *)(const void *)rows, 2,
					sizeof(rows[0]), NULL);

	(void)state;
	assert_non_null(l);
	assert_str(l->told[1].address, "10.0.0.2:80");
	assert_str(l->told[1].id, "b");
	assert_int_equal(l->told[1].weight, 3);
	assert_null(l->told[1].zone.data);
	listing_unref(l);
}

static void the_same_address_twice_is_refused(void **state)
{
	struct weir_endpoint plain[] = { row("10.0.0.1:80"), row("10.0.0.1:80") };
	struct weir_endpoint dressed[] = { row("[::1]:80"), row("[0:0:0:0:0:0:0:1]:80") };

	(void)state;
	refused(plain, 2, "10.0.0.1:80 stands there twice");
	refused(dressed, 2, "stands there twice");
}

static void what_is_no_address_is_refused(void **state)
{
	struct weir_endpoint rows[] = { row("10.0.0.1:80"), row("10.0.0.2") };
	struct weir_endpoint none = { 0 };

	(void)state;
	refused(rows, 2, "endpoint 2");
	refused(&none, 1, "endpoint 1");
}

static void too_much_weight_is_refused(void **state)
{
	struct weir_endpoint heavy = { .address = STR("10.0.0.1:80"), .weight = WEIGHT_MOST + 1 };

	(void)state;
	refused(&heavy, 1, "at most 1000000, got 1000001");
}

static void too_many_are_refused(void **state)
{
	struct weir_endpoint *rows = calloc(SET_MOST + 1, sizeof(*rows));

	(void)state;
	assert_non_null(rows);
	refused(rows, SET_MOST + 1, "10001 endpoints are more than the 10000");
	free(rows);
}

static void too_many_names_are_refused(void **state)
{
	struct weir_endpoint *rows = calloc(NAMES_MOST + 1, sizeof(*rows));
	char (*texts)[32] = calloc(NAMES_MOST + 1, sizeof(*texts));

	(void)state;
	assert_true(rows != NULL && texts != NULL);
	for (int i = 0; i <= NAMES_MOST; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "host-%d.example:80", i);
		rows[i] = row(texts[i]);
	}
	refused(rows, NAMES_MOST + 1, "1001 host names");
	free(texts);
	free(rows);
}

static void any_difference_makes_another_listing(void **state)
{
	struct weir_field blue = { STR("colour"), STR("blue") }, red = { STR("colour"), STR("red") };
	struct weir_endpoint base = { .address = STR("10.0.0.1:80"), .weight = 1, .zone = STR("a"),
				      .labels = &blue, .label_count = 1 };
	struct weir_endpoint others[5] = { base, base, base, base, base };
	struct listing *l = listed(&base, 1);

	(void)state;
	others[1].weight = 2;
	others[2].zone = STR("b");
	others[3].labels = &red;
	others[4].id = STR("one");
	for (int i = 0; i < 5; i++) {
		struct listing *other = listed(&others[i], 1);

		assert_int_equal(listing_same(l, other), i == 0);
		listing_unref(other);
	}
	assert_false(listing_same(l, NULL));
	assert_true(listing_same(NULL, NULL));
	listing_unref(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_in_a_row_is_copied),
		cmocka_unit_test(no_weight_is_one),
		cmocka_unit_test(names_are_counted),
		cmocka_unit_test(an_older_plugin_tells_shorter_rows),
		cmocka_unit_test(the_same_address_twice_is_refused),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(too_much_weight_is_refused),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(too_many_names_are_refused),
		cmocka_unit_test(any_difference_makes_another_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
