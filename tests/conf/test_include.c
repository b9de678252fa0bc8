/* test_include.c - one configuration from several files. */
#include "tests/conf/folder.h"
#include "tests/conf/loading.h"

struct story {
	struct folder f;
	struct loaded l;
};

static struct story begin(const char *main)
{
	struct story s = { .f = folder_make() };

	folder_below(&s.f, "conf.d");
	folder_write(&s.f, "w.yaml", main);
	return s;
}

static void read_it(struct story *s)
{
	s->l = load_file(folder_path(&s->f, "w.yaml").text);
}

/* The sentences, with the folder's name cut out. */
static void assert_said(struct story *s, const char *want)
{
	char text[4096] = "", *end = text;
	size_t len = strlen(s->f.path) + 1;

	for (const char *at = s->l.said.data; *at != '\0' && end < text + 4000;) {
		if (strncmp(at, s->f.path, len - 1) == 0 && at[len - 1] == '/')
			at += len;
		else
			*end++ = *at++;
	}
	assert_string_equal(text, want);
}

static void end(struct story *s)
{
	unload(&s->l);
	folder_remove(&s->f);
}

#define LISTEN "listen: 0.0.0.0:8080\n"

static void listeners_services_and_chains_are_united(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/*.yaml\n"
			       "services: {a: {endpoints: ['h:1']}}\nchains: {x: [p]}\n");
	uint32_t count;

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "listen: {b: 0.0.0.0:81}\nchains: {y: [p]}\n"
					    "services: {b: {endpoints: ['h:2']}}\n");
	read_it(&s);
	assert_said(&s, "");
	(void)conf_entries(s.l.conf->top, "listen", &count);
	assert_int_equal(count, 2);
	(void)conf_entries(s.l.conf->top, "services", &count);
	assert_int_equal(count, 2);
	(void)conf_entries(s.l.conf->top, "chains", &count);
	assert_int_equal(count, 2);
	end(&s);
}

static void the_same_name_twice_names_both_places(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/*.yaml\n"
			       "services: {a: {endpoints: ['h:1']}}\n");

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "listen: 0.0.0.0:81\n"
					    "services: {a: {endpoints: ['h:2']}}\n");
	read_it(&s);
	assert_said(&s, "conf.d/1.yaml:1:9: \"default\" stands here and at w.yaml:1:9; a name "
			"stands in one file only\n"
			"conf.d/1.yaml:2:12: \"a\" stands here and at w.yaml:3:12; a name stands "
			"in one file only\n");
	assert_false(s.l.fine);
	end(&s);
}

static void routes_are_appended_in_byte_order_of_file_names(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/*.yaml\nroutes: [{name: main, respond: "
			       "200}]\n");
	const struct conf_value *routes;
	uint32_t count;

	(void)state;
	folder_write(&s.f, "conf.d/b.yaml", "routes: [{name: b, respond: 200}]\n");
	folder_write(&s.f, "conf.d/B.yaml", "routes: {name: B, respond: 200}\n");
	folder_write(&s.f, "conf.d/10.yaml", "routes: [{name: n, respond: 200}]\n");
	read_it(&s);
	assert_said(&s, "");
	routes = conf_items(s.l.conf->top, "routes", &count);
	assert_int_equal(count, 4);
	assert_str(conf_text(routes[0].object, "name"), "main");
	assert_str(conf_text(routes[1].object, "name"), "n");
	assert_str(conf_text(routes[2].object, "name"), "B");
	assert_str(conf_text(routes[3].object, "name"), "b");
	end(&s);
}

static void other_keys_stand_in_one_file_only(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/1.yaml\nlog: debug\n");

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "log: {level: info}\nworkers: 2\n");
	read_it(&s);
	assert_said(&s, "conf.d/1.yaml:1:1: \"log\" may stand in one file only; it stands at "
			"w.yaml:3:1 too\n");
	end(&s);
}

static void a_missing_literal_is_an_error_and_a_pattern_without_match_is_not(void **state)
{
	struct story s = begin(LISTEN "include: [conf.d/*.yml, conf.d/no.yaml]\n");

	(void)state;
	read_it(&s);
	assert_said(&s, "w.yaml:2:25: cannot open conf.d/no.yaml: No such file or directory\n");
	end(&s);
}

static void paths_are_relative_to_the_file_they_stand_in(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/1.yaml\n");

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "include: 2.yaml\nroutes: [{respond: {file: page}}]\n");
	folder_write(&s.f, "conf.d/2.yaml", "admin: {address: \"unix:run/admin\"}\n");
	read_it(&s);
	assert_said(&s, "");
	assert_str(conf_text(conf_object(first_route(&s.l), "respond"), "file"),
		   folder_path(&s.f, "conf.d/page").text);
	assert_true(str_ends(conf_text(conf_object(s.l.conf->top, "admin"), "address"),
			     STR("/conf.d/run/admin")));
	end(&s);
}

static void a_file_is_read_once_and_circles_end(void **state)
{
	struct story s = begin(LISTEN "include: ['*.yaml', w.yaml, conf.d/1.yaml, "
			       "conf.d/1.yaml]\n");
	uint32_t count;

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "include: 1.yaml\nroutes: [{respond: 200}]\n");
	read_it(&s);
	assert_said(&s, "");
	(void)conf_items(s.l.conf->top, "routes", &count);
	assert_int_equal(count, 1);
	end(&s);
}

static void by_another_path_it_is_the_same_file(void **state)
{
	struct story s = begin(LISTEN "include: [conf.d/1.yaml, conf.d/../conf.d/1.yaml]\n");
	uint32_t count;

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "include: ../w.yaml\nroutes: [{respond: 200}]\n");
	read_it(&s);
	assert_said(&s, "");
	(void)conf_items(s.l.conf->top, "routes", &count);
	assert_int_equal(count, 1);
	end(&s);
}

static void anchors_and_x_keys_belong_to_their_file(void **state)
{
	struct story s = begin("x-a: &a 0.0.0.0:80\nlisten: *a\ninclude: conf.d/1.yaml\n");

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "x-a: 1\nlisten: {b: *a}\n");
	read_it(&s);
	assert_said(&s, "conf.d/1.yaml:2:13: no anchor &a stands before this alias; if this is "
			"text that begins with \"*\", quote this value\n");
	end(&s);
}

static void faults_of_all_files_are_told_together(void **state)
{
	struct story s = begin("listen: 0.0.0.0\ninclude: conf.d/*\nroutes: [{to: b}]\n");

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "- a\n");
	folder_write(&s.f, "conf.d/2.yaml", "services: {b: {endpoint: h}}\n");
	folder_write(&s.f, "conf.d/3.yaml", "services: [x]\n");
	folder_write(&s.f, "conf.d/4.yaml", "# nothing yet\n");
	read_it(&s);
	assert_said(&s, "conf.d/1.yaml:1:1: expected a map with keys such as listen, services and "
			"routes, got a list\n"
			"conf.d/3.yaml:1:11: services: expected a map\n"
			"w.yaml:1:9: default: \"0.0.0.0\" has no port; write 0.0.0.0:80 for "
			"example\n"
			"conf.d/2.yaml:1:16: unknown key \"endpoint\"; did you mean "
			"\"endpoints\"?\n");
	end(&s);
}

static void all_files_are_listed_for_watching(void **state)
{
	struct story s = begin(LISTEN "include: conf.d/*.yaml\nroutes: [{respond: {file: "
			       "page}}]\n");
	static const enum source_kind kinds[] = { SOURCE_CONFIG, SOURCE_FOLDER, SOURCE_CONFIG,
						  SOURCE_NAMED };
	const struct sources *sources;

	(void)state;
	folder_write(&s.f, "conf.d/1.yaml", "workers: 1\n");
	read_it(&s);
	assert_said(&s, "");
	sources = &s.l.conf->sources;
	assert_int_equal(sources->count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(sources->items[i].kind, kinds[i]);
	assert_string_equal(sources->items[1].path, folder_path(&s.f, "conf.d").text);
	assert_string_equal(sources->items[2].path, folder_path(&s.f, "conf.d/1.yaml").text);
	assert_string_equal(sources->items[3].path, folder_path(&s.f, "page").text);
	end(&s);
}

static void what_is_no_name_of_a_file_is_refused(void **state)
{
	struct story s = begin(LISTEN "include: [{a: 1}]\n");

	(void)state;
	read_it(&s);
	assert_said(&s, "w.yaml:2:11: include: expected the name of a file or a pattern such as "
			"conf.d/*.yaml, got a map\n");
	end(&s);
	assert_says(LISTEN "include: x\n", "w.yaml:2:10: include: there are no files here\n");
}

static void a_configuration_that_is_not_there_says_so(void **state)
{
	struct loaded l = load_file("/tmp/weir-conf-none/w.yaml");

	(void)state;
	assert_string_equal(l.said.data, "/tmp/weir-conf-none/w.yaml: cannot open "
					 "/tmp/weir-conf-none/w.yaml: No such file or directory\n");
	unload(&l);
	assert_says("", "w.yaml:1:1: the file is empty; the shortest useful one has listen, "
			"services and routes\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_services_and_chains_are_united),
		cmocka_unit_test(the_same_name_twice_names_both_places),
		cmocka_unit_test(routes_are_appended_in_byte_order_of_file_names),
		cmocka_unit_test(other_keys_stand_in_one_file_only),
		cmocka_unit_test(a_missing_literal_is_an_error_and_a_pattern_without_match_is_not),
		cmocka_unit_test(paths_are_relative_to_the_file_they_stand_in),
		cmocka_unit_test(a_file_is_read_once_and_circles_end),
		cmocka_unit_test(by_another_path_it_is_the_same_file),
		cmocka_unit_test(anchors_and_x_keys_belong_to_their_file),
		cmocka_unit_test(faults_of_all_files_are_told_together),
		cmocka_unit_test(all_files_are_listed_for_watching),
		cmocka_unit_test(what_is_no_name_of_a_file_is_refused),
		cmocka_unit_test(a_configuration_that_is_not_there_says_so),
	};

	return cmocka_run_group_tests_name("include", tests, NULL, NULL);
}
