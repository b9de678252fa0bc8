/* explain_print.c - an explanation for people, and one fetched from a running Weir. */
#include "core/weir/explain_print.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/net/socket.h"

/* --- For people. -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static void print_routes(const json_t *answer, FILE *out)
{
	const json_t *routes = json_object_get(answer, "routes");
	size_t i, width = 0;
	const json_t *route;

	json_array_foreach(routes, i, route)
		if (strlen(text_of(route, "route")) > width)
			width = strlen(text_of(route, "route"));
	fprintf(out, "routes considered:\n");
	json_array_foreach(routes, i, route)
		fprintf(out, "  %s %-*s  %s\n",
			json_is_true(json_object_get(route, "matched")) ? "+" : "-", (int)width,
			text_of(route, "route"), text_of(route, "why"));
}

static void print_route(const json_t *answer, FILE *out)
{
	json_int_t status = json_integer_value(json_object_get(answer, "status"));

	fprintf(out, "route: %s\n", text_of(answer, "route"));
	if (status > 0)
		fprintf(out, "answer: %d, by the route itself\n", (int)status);
}

static void print_policy(const json_t *policy, FILE *out, int indent)
{
	const json_t *any = json_object_get(policy, "any"), *one;
	char *options;
	size_t i;

	if (any != NULL) {
		fprintf(out, "%*sany of:\n", indent, "");
		json_array_foreach(any, i, one)
			print_policy(one, out, indent + 2);
		return;
	}
	options = json_dumps(json_object_get(policy, "options"), JSON_COMPACT);
	fprintf(out, "%*s%s %s", indent, "", text_of(policy, "policy"),
		options != NULL ? options : "");
	if (*text_of(policy, "chain") != '\0')
		fprintf(out, "  (chain %s)", text_of(policy, "chain"));
	fputc('\n', out);
	free(options);
}

/* A file knows the address only; a running Weir the state as well. */
static void print_endpoint(const json_t *endpoint, FILE *out)
{
	const char *state = text_of(endpoint, "state"), *why = text_of(endpoint, "why");

	fprintf(out, "  %s%s%s%s%s\n", text_of(endpoint, "address"), *state != '\0' ? " " : "", state,
		*why != '\0' ? ": " : "", why);
}

static void print_services(const json_t *answer, FILE *out)
{
	const json_t *services = json_object_get(answer, "services"), *service, *endpoint;
	size_t i, k;

	json_array_foreach(services, i, service) {
		const json_t *endpoints = json_object_get(service, "endpoints");

		fprintf(out, "service: %s\n", text_of(service, "service"));
		if (json_array_size(endpoints) == 0)
			fprintf(out, "  endpoints: found by discovery while Weir runs\n");
		json_array_foreach(endpoints, k, endpoint)
			print_endpoint(endpoint, out);
	}
}

void explain_print(const json_t *answer, FILE *out)
{
	const json_t *policies = json_object_get(answer, "policies"), *policy;
	const char *result = text_of(answer, "result");
	size_t i;

	fprintf(out, "%s http://%s%s on listener %s\n", text_of(answer, "method"),
		text_of(answer, "host"), text_of(answer, "path"), text_of(answer, "listener"));
	print_routes(answer, out);
	if (strcmp(result, "route") == 0)
		print_route(answer, out);
	else if (strcmp(result, "method-not-allowed") == 0)
		fprintf(out, "answer: 405, allowed: %s\n", text_of(answer, "allow"));
	else if (strcmp(result, "redirect") == 0)
		fprintf(out, "answer: the listener redirects every request\n");
	else
		fprintf(out, "answer: 404, no route matches\n");
	if (json_array_size(policies) > 0)
		fprintf(out, "policies, in this order:\n");
	json_array_foreach(policies, i, policy)
		print_policy(policy, out, 2);
	print_services(answer, out);
}

/* --- From a running one. ------------------------------------------------------------------------- */

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

static void put_request(struct buffer *b, const struct admin_question *q)
{
	(void)buffer_add(b, STR("GET /explain?method="));
	put_escaped(b, q->method);
	put_parameter(b, "url", q->url);
	put_parameter(b, "listener", q->listener);
	put_parameter(b, "client", q->client);
	put_pairs(b, "header", q->headers, q->header_count, ": ");
	put_pairs(b, "claim", q->claims, q->claim_count, "=");
	(void)buffer_add(b, STR(" HTTP/1.0\r\nHost: localhost\r\n\r\n"));
}

static int connect_to(const struct sockaddr *to, socklen_t len)
{
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, to, len) == 0)
		return fd;
	socket_close(fd);
	return -1;
}

/* This is no gateway: it may wait for a name, and tries all that it stands for. */
static int connect_name(const struct address *a)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char *colon, name[sizeof(a->text)];
	int fd = -1;

	memcpy(name, a->text, sizeof(name));
	colon = strrchr(name, ':');
	*colon = '\0';
	if (getaddrinfo(name, colon + 1, &hints, &found) != 0)
		return -1;
	for (const struct addrinfo *one = found; one != NULL && fd < 0; one = one->ai_next)
		fd = connect_to(one->ai_addr, one->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

static bool exchange(const char *admin, struct buffer *b, struct weir_error *error)
{
	struct address a;
	ssize_t n = 1;
	int fd;

	if (!address_parse(&a, str_from(admin), error))
		return false;
	fd = a.kind == ADDRESS_NAME ? connect_name(&a) : connect_to(&a.any, a.len);
	if (fd < 0 || write(fd, b->data, buffer_len(b)) != (ssize_t)buffer_len(b)) {
		socket_close(fd);
		return fail(error, "no Weir answers at %s; is its admin API there?", admin);
	}
	buffer_drop(b, buffer_len(b));
	while (n > 0 && buffer_reserve(b, 4096)) {
		n = read(fd, b->data + b->end, 4096);
		b->end += n > 0 ? (size_t)n : 0;
	}
	socket_close(fd);
	return n == 0 || fail(error, "the answer of %s broke off", admin);
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

json_t *explain_ask_running(const char *admin, const struct admin_question *q,
			    struct weir_error *error)
{
	struct buffer b;
	json_t *answer = NULL;

	buffer_init(&b, 16 << 20);
	put_request(&b, q);
	if (exchange(admin, &b, error))
		answer = read_answer(buffer_str(&b), error);
	buffer_fini(&b);
	return answer;
}
