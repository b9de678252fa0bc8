/* test_expand.c - ${NAME}, ${NAME:-default} and ${file:PATH} inside scalars. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/conf/loading.h"
#include "tests/conf/folder.h"

/* The body of the one route's answer, through all of loading. */
#define BODY(text) "listen: 0.0.0.0:8080\nroutes: [{respond: {body: " text "}}]\n"

static void assert_body(const char *text, const char *want)
{
	struct loaded l = load(text);

	assert_string_equal(l.said.data, "");
	assert_str(conf_text(conf_object(first_route(&l), "respond"), "body"), want);
	unload(&l);
}

static void names_are_replaced_by_the_environment(void **state)
{
	(void)state;
	setenv("WEIR_TEST", "v1", 1);
	assert_body(BODY("\"${WEIR_TEST}\""), "v1");
	assert_body(BODY("\"a-${WEIR_TEST}-${WEIR_TEST}b\""), "a-v1-v1b");
}

static void a_default_stands_in_for_what_is_unset_or_empty(void **state)
{
	(void)state;
	unsetenv("WEIR_UNSET");
	setenv("WEIR_EMPTY", "", 1);
	setenv("WEIR_TEST", "v1", 1);
	assert_body(BODY("\"${WEIR_UNSET:-x y}\""), "x y");
	assert_body(BODY("\"${WEIR_EMPTY:-x}\""), "x");
	assert_body(BODY("\"${WEIR_TEST:-x}\""), "v1");
	assert_body(BODY("\"${WEIR_UNSET:-}\""), "");
	assert_body(BODY("\"${WEIR_EMPTY}\""), "");
}

static void an_unset_name_is_an_error_with_its_place(void **state)
{
	(void)state;
	unsetenv("WEIR_UNSET");
	assert_says(BODY("\"${WEIR_UNSET}\""),
		    "w.yaml:2:27: the environment variable WEIR_UNSET is not set; set it, or write "
		    "${WEIR_UNSET:-default}\n");
}

static void a_doubled_dollar_is_literal(void **state)
{
	(void)state;
	assert_body(BODY("\"$${WEIR_UNSET} $5 $$\""), "${WEIR_UNSET} $5 $$");
}

static void what_was_put_in_is_not_read_again(void **state)
{
	(void)state;
	setenv("WEIR_TEST", "${WEIR_OTHER}: [1]", 1);
	assert_body(BODY("\"x${WEIR_TEST}\""), "x${WEIR_OTHER}: [1]");
}

static void a_name_must_be_a_name(void **state)
{
	(void)state;
	assert_says(BODY("\"${a b}\""),
		    "w.yaml:2:27: ${a b} is no name of a variable; write ${NAME}, "
		    "${NAME:-default} or ${file:PATH}, and $${ for a plain ${\n");
	assert_says(BODY("\"${open\""),
		    "w.yaml:2:27: \"${\" without \"}\"; write $${ for a plain ${\n");
	assert_says(BODY("\"${WEIR_UNSET:-${WEIR_OTHER}}\""),
		    "w.yaml:2:27: ${WEIR_UNSET:-...}: a default is plain text, and this one has a further "
		    "${ in it\n");
}

static void values_of_any_type_may_come_from_outside(void **state)
{
	struct loaded l;

	(void)state;
	setenv("WEIR_TEST", "7", 1);
	l = load(FRAME "routes: [{to: a, retry: \"${WEIR_TEST}\", timeout: \"${WEIR_TEST}s\"}]\n");
	assert_true(l.fine);
	assert_int_equal(conf_integer(conf_object(first_route(&l), "retry"), "attempts"), 7);
	unload(&l);
}

static void what_stands_under_x_keys_is_not_expanded(void **state)
{
	(void)state;
	unsetenv("WEIR_UNSET");
	assert_fine("x-notes: ${WEIR_UNSET}\n" ROUTE("name: x"));
}

static void a_file_is_a_secret_without_its_last_newline(void **state)
{
	struct folder f = folder_make();
	struct loaded l;
	const struct conf_value *token;

	(void)state;
	folder_write(&f, "token", "s3cret\n\n");
	folder_write(&f, "w.yaml", "listen: 0.0.0.0:8080\n"
				   "admin: {address: 127.0.0.1:1, token: \"${file:token}\"}\n");

	l = load_file(folder_path(&f, "w.yaml").text);
	assert_string_equal(l.said.data, "");
	token = conf_get(conf_object(l.conf->top, "admin"), "token");
	assert_str(token->text, "s3cret\n");
	assert_true(token->secret);
	assert_int_equal(l.conf->sources.count, 2);
	assert_int_equal(l.conf->sources.items[1].kind, SOURCE_SECRET);
	assert_string_equal(l.conf->sources.items[1].path, folder_path(&f, "token").text);

	unload(&l);
	folder_remove(&f);
}

static void a_secret_is_never_quoted_in_an_error(void **state)
{
	struct folder f = folder_make();
	struct loaded l;

	(void)state;
	folder_write(&f, "token", "s3cret");
	folder_write(&f, "w.yaml", "listen: 0.0.0.0:8080\n"
				   "workers: \"${file:token}\"\n");
	l = load_file(folder_path(&f, "w.yaml").text);
	assert_false(l.fine);
	assert_null(strstr(l.said.data, "s3cret"));
	assert_non_null(strstr(l.said.data, "workers: the value, which is secret and not shown, is "
					    "not what was expected"));
	unload(&l);
	folder_remove(&f);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	struct folder f = folder_make();
	struct loaded l;
	char want[1024];

	(void)state;
	folder_write(&f, "nul", "a\n");
	assert_int_equal(truncate(folder_path(&f, "nul").text, 5), 0);
	folder_write(&f, "w.yaml", "x: \"${file:missing}\"\ny: \"${file:.}\"\nz: \"${file:}\"\n"
				   "n: \"${file:nul}\"\nd: \"${file:/dev/zero}\"\n");
	l = load_file(folder_path(&f, "w.yaml").text);
	(void)snprintf(want, sizeof(want),
		       "%s:1:4: cannot open %s: No such file or directory\n",
		       folder_path(&f, "w.yaml").text, folder_path(&f, "missing").text);
	assert_non_null(strstr(l.said.data, want));
	assert_non_null(strstr(l.said.data, ":2:4: "));
	assert_non_null(strstr(l.said.data, "is a folder, not a file\n"));
	assert_non_null(strstr(l.said.data, ":3:4: ${file:} names no file; write ${file:PATH}\n"));
	assert_non_null(strstr(l.said.data, "nul holds a NUL character; it must be text\n"));
	assert_non_null(strstr(l.said.data, ":5:4: /dev/zero is not a regular file\n"));
	unload(&l);
	folder_remove(&f);
}

static void a_text_has_no_files_beside_it(void **state)
{
	(void)state;
	assert_says(BODY("\"${file:/etc/hostname}\""),
		    "w.yaml:2:27: ${file:} cannot be used here\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_replaced_by_the_environment),
		cmocka_unit_test(a_default_stands_in_for_what_is_unset_or_empty),
		cmocka_unit_test(an_unset_name_is_an_error_with_its_place),
		cmocka_unit_test(a_doubled_dollar_is_literal),
		cmocka_unit_test(what_was_put_in_is_not_read_again),
		cmocka_unit_test(a_name_must_be_a_name),
		cmocka_unit_test(values_of_any_type_may_come_from_outside),
		cmocka_unit_test(what_stands_under_x_keys_is_not_expanded),
		cmocka_unit_test(a_file_is_a_secret_without_its_last_newline),
		cmocka_unit_test(a_secret_is_never_quoted_in_an_error),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(a_text_has_no_files_beside_it),
	};

	return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
