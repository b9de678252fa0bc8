/* house.c - servers to knock at, by libcurl and by hand. */
#include "tests/admin/house.h"

#include <curl/curl.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/net/socket.h"

enum { HANG_MS = 20000 };

struct house *house_new(void)
{
	struct house *h = mem_alloc(sizeof(*h));

	assert_non_null(h);
	fake_world_init(&h->fake);
	sem_init(&h->finished, 0, 0);
	h->listener = -1;
	return h;
}

static void forget_answer(struct house *h)
{
	free(h->head);
	free(h->body);
	h->head = h->body = NULL;
}

void house_free(struct house *h)
{
	server_close(h->server);
	socket_close(h->listener);
	if (h->path[0] != '\0')
		(void)unlink(h->path);
	forget_answer(h);
	sem_destroy(&h->finished);
	fake_world_fini(&h->fake);
	mem_free(h);
}

static void finished(void *arg)
{
	struct house *h = arg;

	sem_post(&h->finished);
}

static int listens(struct house *h, bool file)
{
	struct listen_options options = { .mode = 0600 };
	struct weir_error error = { "" };
	struct address a;
	char text[80] = "127.0.0.1:0";
	int fd;

	if (file) {
		(void)snprintf(h->path, sizeof(h->path), "/tmp/weir-admin-%d", (int)getpid());
		(void)snprintf(text, sizeof(text), "unix:%s", h->path);
	}
	assert_true(address_parse(&a, str_from(text), &error));
	fd = socket_listen(&a, &options, &error);
	if (fd < 0)
		fail_msg("%s", error.text);
	assert_true(socket_local(fd, &h->bound));
	return fd;
}

void house_opens(struct house *h, const struct house_wish *wish)
{
	struct weir_error error = { "" };
	int fd = listens(h, wish->file);
	struct server_setup setup = {
		.name = wish->probe ? "probe" : "admin", .probe = wish->probe,
		.world = &h->fake.world, .bound = h->bound, .token = str_from(wish->token),
		.finished = finished, .arg = h,
	};

	if (wish->reachable)
		assert_true(address_parse(&setup.bound, STR("10.0.0.7:9901"), &error));
	h->listener = dup(fd);
	h->server = server_open(fd, &setup, &error);
	if (h->server == NULL)
		fail_msg("%s", error.text);
	if (!wish->waiting)
		server_start(h->server);
}

/* --- libcurl. --------------------------------------------------------------------------------- */

static size_t keep(char *data, size_t size, size_t count, void *file)
{
	return fwrite(data, size, count, file);
}

static CURL *prepare(const struct house *h, const char *path)
{
	CURL *curl = curl_easy_init();
	char url[2048];

	assert_non_null(curl);
	(void)snprintf(url, sizeof(url), "http://%s%s",
		       h->path[0] != '\0' ? "localhost" : h->bound.text, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (h->path[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, h->path);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HANG_MS);
	return curl;
}

static long perform(struct house *h, CURL *curl, const char *extra)
{
	struct curl_slist *headers = curl_slist_append(NULL, extra != NULL ? extra : "X-Test: 1");
	FILE *head, *body;

	forget_answer(h);
	head = open_memstream(&h->head, &h->head_len);
	body = open_memstream(&h->body, &h->body_len);
	h->status = 0;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, head);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &h->status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	fclose(head);
	fclose(body);
	return h->status;
}

long gets(struct house *h, const char *path)
{
	return perform(h, prepare(h, path), NULL);
}

long posts(struct house *h, const char *path, const char *extra, const char *body)
{
	CURL *curl = prepare(h, path);

	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	return perform(h, curl, extra);
}

long asks(struct house *h, const char *method, const char *path, const char *extra)
{
	CURL *curl = prepare(h, path);

	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	return perform(h, curl, extra);
}

struct weir_str header(const struct house *h, const char *name)
{
	struct weir_str rest = str_from(h->head), line;

	while (str_next(&rest, '\n', &line)) {
		size_t colon = str_find(line, ':');

		if (str_eq_nocase(str_head(line, colon), str_from(name))) {
			line = str_skip(line, colon + 1);
			if (line.len > 0 && line.data[line.len - 1] == '\r')
				line.len--;
			return str_trim(line);
		}
	}
	return STR_ABSENT;
}

/* --- By hand. --------------------------------------------------------------------------------- */

int connects(struct house *h)
{
	int fd = socket(h->bound.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (connect(fd, &h->bound.any, h->bound.len) == 0)
		return fd;
	close(fd);
	return -1;
}

void sends(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* False at the end of the connection. */
static bool reads_more(int fd, char *room, size_t size, size_t *have)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	assert_true(*have + 1 < size);
	assert_int_equal(poll(&p, 1, HANG_MS), 1);
	n = read(fd, room + *have, size - *have - 1);
	*have += n > 0 ? (size_t)n : 0;
	room[*have] = '\0';
	return n > 0;
}

size_t reads_all(int fd, char *room, size_t size)
{
	size_t have = 0;

	room[0] = '\0';
	while (reads_more(fd, room, size, &have))
		;
	return have;
}

static size_t whole(const char *room)
{
	const char *end = strstr(room, "\r\n\r\n"), *length = strcasestr(room, "content-length:");

	if (end == NULL)
		return SIZE_MAX;
	return (size_t)(end - room) + 4 + (length != NULL ? strtoul(length + 15, NULL, 10) : 0);
}

size_t reads_one(int fd, char *room, size_t size)
{
	size_t have = 0;

	room[0] = '\0';
	while (have < whole(room) && reads_more(fd, room, size, &have))
		;
	return have;
}
