/* test_file.c - the discovery plugin `file`, watching a real file on a control thread. */
#include <unistd.h>

#include "core/plugin/hold.h"
#include "tests/plugin/crewed.h"
#include "tests/plugin/folder.h"
#include "tests/plugins/loaded.h"

static struct crewed crewed;
static struct folder folder;
static struct loaded loaded;

/* What the host is told. Written on control, read by the test after it has waited for it. */
static struct {
	pthread_mutex_t lock;
	unsigned published, failed;
	char set[256];		/* "address/weight " for each endpoint */
	char sentence[512];
} host = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct weir_str service(const struct weir_watch *watch)
{
	(void)watch;
	return STR("tariff-svc");
}

static bool publish(struct weir_watch *watch, const struct weir_endpoint *endpoints, uint32_t count,
		    size_t size, struct weir_error *error)
{
	size_t used = 0;
	bool ok = true;

	(void)watch;
	assert_int_equal(size, sizeof(*endpoints));
	pthread_mutex_lock(&host.lock);
	for (uint32_t i = 0; i < count; i++)
		ok &= !str_eq(endpoints[i].address, STR("nonsense"));
	if (ok) {
		host.set[0] = '\0';
		for (uint32_t i = 0; i < count; i++)
			used += (size_t)snprintf(host.set + used, sizeof(host.set) - used,
						 "%.*s/%u ", STR_ARG(endpoints[i].address),
						 endpoints[i].weight);
		host.published++;
	}
	pthread_mutex_unlock(&host.lock);
	return ok || weir_fail(error, "\"nonsense\" is no address");
}

static void failed(struct weir_watch *watch, struct weir_str sentence)
{
	(void)watch;
	pthread_mutex_lock(&host.lock);
	snprintf(host.sentence, sizeof(host.sentence), "%.*s", STR_ARG(sentence));
	host.failed++;
	pthread_mutex_unlock(&host.lock);
}

static struct fiber *watching;

static void watch(void *arg)
{
	struct errand errand;

	(void)arg;
	watching = fiber_self();
	errand_begin(&errand);
	loaded.kind->plugin.discovery->watch(&loaded.here, NULL);
	errand_end(&errand);
	watching = NULL;
}

static void start_watch(void *arg)
{
	(void)arg;
	(void)fiber_start(&crewed.control.loop, watch, NULL);
}

static void end_watch(void *arg)
{
	(void)arg;
	if (watching != NULL)
		fiber_cancel(watching);
	while (watching != NULL)
		(void)wait_sleep(NS_PER_MS);
}

/* Waits, within reason, until it holds. */
static bool becomes(unsigned *count, unsigned wanted, const char *text, const char *want)
{
	for (int i = 0; i < 1500; i++) {
		bool so;

		pthread_mutex_lock(&host.lock);
		so = *count >= wanted && strstr(text, want) != NULL &&
		     (want[0] != '\0' || text[0] == '\0');
		pthread_mutex_unlock(&host.lock);
		if (so)
			return true;
		usleep(10000);
	}
	fprintf(stderr, "set \"%s\", sentence \"%s\"\n", host.set, host.sentence);
	return false;
}

static bool set_becomes(const char *set)
{
	return becomes(&host.published, 1, host.set, set);
}

static bool sentence_becomes(const char *sentence)
{
	return becomes(&host.failed, 1, host.sentence, sentence);
}

static void begin(const char *content)
{
	char options[300];

	folder_make(&folder);
	if (content != NULL)
		folder_write(&folder, "e.yaml", content);
	host.published = host.failed = 0;
	host.set[0] = host.sentence[0] = '\0';
	window_table()->watch_service = service;
	window_table()->watch_publish = publish;
	window_table()->watch_failed = failed;
	snprintf(options, sizeof(options), "{path: %s/e.yaml, poll: 200ms}", folder.path);
	loaded_open(&loaded, "file", options);
	assert_true(loaded.open);
	crewed_begin(&crewed);
	crewed_do(&crewed.control, start_watch, NULL);
}

static void end(void)
{
	crewed_do(&crewed.control, end_watch, NULL);
	crewed_end(&crewed);
	loaded_close(&loaded);
	folder_clear(&folder);
}

static void replace(const char *content)
{
	folder_write(&folder, "new", content);
	assert_int_equal(rename(folder_path(&folder, "new").text,
				folder_path(&folder, "e.yaml").text), 0);
}

static void a_file_is_read_and_read_again_when_it_is_replaced(void **state)
{
	(void)state;
	begin("[\"10.0.0.1:1\"]");
	assert_true(set_becomes("10.0.0.1:1/1 "));
	replace("- 10.0.0.2:1\n- {address: \"10.0.0.3:1\", weight: 7}\n");
	assert_true(set_becomes("10.0.0.2:1/1 10.0.0.3:1/7 "));
	folder_write(&folder, "e.yaml", "tariff-svc: [\"10.0.0.4:1\"]");
	assert_true(set_becomes("10.0.0.4:1/1 "));
	assert_int_equal(host.failed, 0);
	end();
}

static void a_swapped_link_is_followed(void **state)
{
	(void)state;
	begin(NULL);
	folder_add_folder(&folder, "..1");
	folder_add_folder(&folder, "..2");
	folder_write(&folder, "..1/e.yaml", "[\"10.0.0.1:1\"]");
	folder_write(&folder, "..2/e.yaml", "[\"10.0.0.2:1\"]");
	assert_int_equal(symlink("..1", folder_path(&folder, "..data").text), 0);
	assert_int_equal(symlink("..data/e.yaml", folder_path(&folder, "e.yaml").text), 0);
	assert_true(set_becomes("10.0.0.1:1/1 "));

	assert_int_equal(symlink("..2", folder_path(&folder, "..tmp").text), 0);
	assert_int_equal(rename(folder_path(&folder, "..tmp").text,
				folder_path(&folder, "..data").text), 0);
	assert_true(set_becomes("10.0.0.2:1/1 "));
	end();
}

static void nonsense_keeps_the_last_good_set_and_is_told(void **state)
{
	(void)state;
	begin("[\"10.0.0.1:1\"]");
	assert_true(set_becomes("10.0.0.1:1/1 "));
	replace("{{{");
	assert_true(sentence_becomes("e.yaml: line "));
	replace("- {adress: x}");
	assert_true(sentence_becomes("\"adress\" is not known"));
	replace("[nonsense]");
	assert_true(sentence_becomes("\"nonsense\" is no address"));
	replace("");
	assert_true(sentence_becomes("the file is empty"));
	assert_int_equal(unlink(folder_path(&folder, "e.yaml").text), 0);
	assert_true(sentence_becomes("No such file or directory"));
	assert_string_equal(host.set, "10.0.0.1:1/1 ");
	replace("[\"10.0.0.2:1\"]");
	assert_true(set_becomes("10.0.0.2:1/1 "));
	end();
}

static void an_empty_list_is_believed(void **state)
{
	(void)state;
	begin("[\"10.0.0.1:1\"]");
	assert_true(set_becomes("10.0.0.1:1/1 "));
	replace("[]");
	assert_true(becomes(&host.published, 2, host.set, ""));
	end();
}

static void a_file_that_comes_later_is_found(void **state)
{
	(void)state;
	begin(NULL);
	assert_true(sentence_becomes("No such file or directory"));
	folder_write(&folder, "e.yaml", "[\"10.0.0.1:1\"]");
	assert_true(set_becomes("10.0.0.1:1/1 "));
	end();
}

static void what_is_no_plain_file_is_not_waited_for(void **state)
{
	(void)state;
	begin(NULL);
	assert_int_equal(mkfifo(folder_path(&folder, "e.yaml").text, 0600), 0);
	assert_true(sentence_becomes("it is no plain file"));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_and_read_again_when_it_is_replaced),
		cmocka_unit_test(a_swapped_link_is_followed),
		cmocka_unit_test(nonsense_keeps_the_last_good_set_and_is_told),
		cmocka_unit_test(an_empty_list_is_believed),
		cmocka_unit_test(a_file_that_comes_later_is_found),
		cmocka_unit_test(what_is_no_plain_file_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
