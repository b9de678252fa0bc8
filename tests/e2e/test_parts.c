/* test_parts.c - with the real ones around it: nginx behind, curl and wrk before. */
#include "tests/e2e/story.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#define TO_NGINX LISTEN \
	"services: {web: {endpoints: [\"${SPARE}\"]}}\n" \
	"routes: [{to: web}]\n"

static pid_t nginx;

static bool is_here(const char *program)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
	if (system(command) == 0)
		return true;
	print_message("skipped: %s is not here\n", program);
	return false;
}

static void nginx_serves(struct story *s)
{
	char conf[512], path[128];

	(void)snprintf(conf, sizeof(conf),
		       "daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.log;\n"
		       "events { worker_connections 512; }\n"
		       "http { access_log off; server { listen %s;\n"
		       "  location / { root %s; } location /ok { return 200 \"nginx says ok\"; } } }\n",
		       s->gateway->dir, s->gateway->dir, s->spare, s->gateway->dir);
	gateway_writes_file(s->gateway, "nginx.conf", conf);
	(void)snprintf(path, sizeof(path), "%s/nginx.conf", s->gateway->dir);
	nginx = fork();
	if (nginx == 0) {
		execlp("nginx", "nginx", "-e", "/dev/null", "-c", path, (char *)NULL);
		_exit(127);
	}
	assert_true(eventually(get_once(s->spare, "/ok") == 200));
}

static void nginx_stops(void)
{
	kill(nginx, SIGTERM);
	waitpid(nginx, NULL, 0);
}

static size_t count_bytes(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	*(size_t *)arg += size * count;
	return size * count;
}

static void curl_gets_files_from_nginx(struct story *s)
{
	CURL *curl;
	char url[128], *big;
	size_t got = 0;
	long status = 0;

	if (!is_here("nginx"))
		skip();
	nginx_serves(s);
	big = calloc(1, 3000001);
	memset(big, 'x', 3000000);
	gateway_writes_file(s->gateway, "big", big);
	free(big);
	story_starts(s, TO_NGINX);
	curl = curl_easy_init();
	(void)snprintf(url, sizeof(url), "http://%s/big", s->edge);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);

	for (int i = 1; i <= 5; i++) {
		assert_int_equal(curl_easy_perform(curl), CURLE_OK);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		assert_int_equal(status, 200);
		assert_int_equal(got, (size_t)i * 3000000);
	}
	curl_easy_cleanup(curl);
	nginx_stops();
}

static void curl_posts_with_expect_and_chunks(struct story *s)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "expect: 100-continue");
	char url[128];
	size_t heard = 0;
	long status = 0;

	(void)snprintf(url, sizeof(url), "http://%s/up", s->edge);
	headers = curl_slist_append(headers, "transfer-encoding: chunked");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "posted by curl");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &heard);

	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);

	assert_int_equal(status, 200);
	assert_string_equal(origin_last_body(s->a), "posted by curl");
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

static void wrk_sees_no_error(struct story *s)
{
	char command[256], line[256];
	bool errors = false, requests = false;
	FILE *out;

	if (!is_here("nginx") || !is_here("wrk"))
		skip();
	nginx_serves(s);
	story_starts(s, TO_NGINX);
	(void)snprintf(command, sizeof(command), "wrk -t1 -c32 -d2s http://%s/ok", s->edge);

	out = popen(command, "r");
	while (fgets(line, sizeof(line), out) != NULL) {
		errors |= strstr(line, "Socket errors") != NULL || strstr(line, "Non-2xx") != NULL;
		requests |= strstr(line, "requests in") != NULL && strtoul(line, NULL, 10) > 100;
	}
	assert_int_equal(pclose(out), 0);

	assert_false(errors);
	assert_true(requests);
	nginx_stops();
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(curl_gets_files_from_nginx, NULL),
		STORY(curl_posts_with_expect_and_chunks, ONE_SERVICE),
		STORY(wrk_sees_no_error, NULL),
	};

	return TELL("parts", stories);
}
