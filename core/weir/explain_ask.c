/* explain_ask.c - asks the admin API of a running Weir, as `weir explain --admin` does. */
#include "core/weir/explain_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/net/socket.h"

enum { PATIENCE_S = 10, TOKEN_MOST = 4096, ANSWER_MOST = 64 << 20 };

/* --- The question. ---------------------------------------------------------------------------- */

static void put_escaped(struct buffer *b, struct weir_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    strchr("-._~", c) != NULL)
			(void)buffer_add(b, str_of(&s.data[i], 1));
		else
			(void)buffer_print(b, "%%%02X", c);
	}
}

static void put_parameter(struct buffer *b, const char *name, struct weir_str value)
{
	if (value.data == NULL)
		return;
	(void)buffer_print(b, "&%s=", name);
	put_escaped(b, value);
}

static void put_pairs(struct buffer *b, const char *name, const struct admin_pair *pairs,
		      unsigned count, const char *separator)
{
	for (unsigned i = 0; i < count; i++) {
		(void)buffer_print(b, "&%s=", name);
		put_escaped(b, pairs[i].name);
		put_escaped(b, str_from(separator));
		put_escaped(b, pairs[i].value);
	}
}

static void put_request(struct buffer *b, struct weir_str token, const struct admin_question *q)
{
	(void)buffer_add(b, STR("GET /explain?method="));
	put_escaped(b, q->method);
	put_parameter(b, "url", q->url);
	put_parameter(b, "listener", q->listener);
	put_parameter(b, "client", q->client);
	put_parameter(b, "identity", q->identity);
	put_pairs(b, "header", q->headers, q->header_count, ": ");
	put_pairs(b, "claim", q->claims, q->claim_count, "=");
	(void)buffer_add(b, STR(" HTTP/1.0\r\nHost: localhost\r\n"));
	if (token.len > 0)
		(void)buffer_print(b, "Authorization: Bearer %.*s\r\n", STR_ARG(token));
	(void)buffer_add(b, STR("\r\n"));
}

/* One line, as ${file:PATH} takes it. */
static bool read_token(const char *path, char *room, size_t size, struct weir_str *token,
		       struct weir_error *error)
{
	ssize_t n;
	int fd;

	*token = STR_ABSENT;
	if (path == NULL)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, room, size) : -1;
	if (n < 0)
		(void)fail(error, "cannot read the token from %s: %s", path, strerror(errno));
	socket_close(fd);
	if (n < 0)
		return false;
	if ((size_t)n == size)
		return fail(error, "%s is too long for a token", path);
	*token = str_head(str_of(room, (size_t)n), str_find(str_of(room, (size_t)n), '\n'));
	return token->len > 0 || fail(error, "%s is empty, and should have the token", path);
}

/* --- The connection. -------------------------------------------------------------------------- */

static int connect_to(const struct sockaddr *sa, socklen_t len)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, sa, len) == 0)
		return fd;
	socket_close(fd);
	return -1;
}

/* A name may have several addresses: the first that answers. */
static int connect_to_name(const struct address *a)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct weir_str host = address_host(a);
	struct addrinfo *all = NULL;
	char name[ADDRESS_TEXT], port[8];
	int fd = -1;

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(host));
	(void)snprintf(port, sizeof(port), "%u", (unsigned)a->port);
	if (getaddrinfo(name, port, &hints, &all) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	for (const struct addrinfo *one = all; one != NULL && fd < 0; one = one->ai_next)
		fd = connect_to(one->ai_addr, one->ai_addrlen);
	freeaddrinfo(all);
	return fd;
}

static bool send_all(int fd, struct weir_str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return true;
}

static bool receive_all(int fd, struct buffer *b)
{
	ssize_t n = 1;

	while (n > 0 && buffer_reserve(b, 4096)) {
		n = read(fd, b->data + b->end, 4096);
		b->end += n > 0 ? (size_t)n : 0;
	}
	return n == 0;
}

static bool exchange(const char *admin, struct buffer *b, struct weir_error *error)
{
	struct address a;
	bool whole;
	int fd;

	if (!address_parse(&a, str_from(admin), error))
		return false;
	fd = a.kind == ADDRESS_NAME ? connect_to_name(&a) : connect_to(&a.any, a.len);
	if (fd < 0 || !send_all(fd, buffer_str(b))) {
		(void)fail(error, "no Weir answers at %s: %s", admin, strerror(errno));
		socket_close(fd);
		return false;
	}
	buffer_drop(b, buffer_len(b));
	whole = receive_all(fd, b);
	socket_close(fd);
	return whole || fail(error, "the answer of %s broke off, or took more than %d s",
			     admin, PATIENCE_S);
}

/* "HTTP/1.x 200 ...": anything else is a problem document. */
static json_t *read_answer(struct weir_str answer, struct weir_error *error)
{
	size_t head = str_find_str(answer, STR("\r\n\r\n"));
	struct weir_str body = str_skip(answer, head + 4);
	json_t *json = json_loadb(body.data, body.len, 0, NULL);
	const char *detail = json_string_value(json_object_get(json, "detail"));

	if (json != NULL && str_starts(str_skip(answer, 8), STR(" 200")))
		return json;
	fail(error, "the admin API did not explain: %s", detail != NULL ? detail : "no sense");
	json_decref(json);
	return NULL;
}

json_t *explain_ask(const char *admin, const char *token, const struct admin_question *q,
		    struct weir_error *error)
{
	char room[TOKEN_MOST];
	struct weir_str secret;
	struct buffer b;
	json_t *answer = NULL;

	if (!read_token(token, room, sizeof(room), &secret, error))
		return NULL;
	buffer_init(&b, ANSWER_MOST);
	put_request(&b, secret, q);
	if (exchange(admin, &b, error))
		answer = read_answer(buffer_str(&b), error);
	buffer_fini(&b);
	return answer;
}
