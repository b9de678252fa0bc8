/* address.c - reads and prints addresses. */
#include "core/net/address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include "core/base/error.h"

#define EXPECTED "expected IP:PORT, [IPv6]:PORT, HOST:PORT or unix:PATH"

enum { HOST_LONGEST = 253, LABEL_LONGEST = 63 };

static void set_text(struct address *a, const char *host, size_t len)
{
	const char *form = a->kind == ADDRESS_IP6 ? "[%.*s]:%u" : "%.*s:%u";
	int n = snprintf(a->text, sizeof(a->text), form, (int)len, host, (unsigned)a->port);

	a->text_len = (uint16_t)n;
}

static void set_ip4(struct address *a, struct in_addr ip, uint16_t port)
{
	char host[INET_ADDRSTRLEN];

	*a = (struct address){ .kind = ADDRESS_IP4, .port = port, .len = sizeof(a->ip4) };
	a->ip4.sin_family = AF_INET;
	a->ip4.sin_addr = ip;
	a->ip4.sin_port = htons(port);
	(void)inet_ntop(AF_INET, &ip, host, sizeof(host));
	set_text(a, host, strlen(host));
}

static void set_ip6(struct address *a, struct in6_addr ip, uint32_t scope, uint16_t port)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];

	*a = (struct address){ .kind = ADDRESS_IP6, .port = port, .len = sizeof(a->ip6) };
	a->ip6.sin6_family = AF_INET6;
	a->ip6.sin6_addr = ip;
	a->ip6.sin6_port = htons(port);
	a->ip6.sin6_scope_id = scope;
	(void)inet_ntop(AF_INET6, &ip, host, sizeof(host));
	if (scope != 0)
		(void)sprintf(host + strlen(host), "%%%u", (unsigned)scope);
	set_text(a, host, strlen(host));
}

/* `name` is what follows "unix:"; an abstract one begins with @ here and with NUL in the kernel. */
static bool set_unix(struct address *a, struct weir_str name, struct weir_error *error)
{
	size_t room = sizeof(a->un.sun_path) - 1;

	if (name.len == 0 || (name.len == 1 && name.data[0] == '@'))
		return fail(error, "unix: needs a path, as in unix:/run/weir.sock");
	if (name.len > room)
		return fail(error, "the path of a unix socket may have %zu bytes, this one has %zu",
			    room, name.len);
	if (str_find(name, '\0') < name.len || str_find(name, '\n') < name.len)
		return fail(error, "the path of a unix socket may not contain NUL or a new line");
	*a = (struct address){ .kind = ADDRESS_UNIX };
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, name.data, name.len);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len + 1);
	if (name.data[0] == '@') {
		a->un.sun_path[0] = '\0';
		a->len--;	/* an abstract name has no NUL at its end */
	}
	a->text_len = (uint16_t)snprintf(a->text, sizeof(a->text), "unix:%.*s", STR_ARG(name));
	return true;
}

static bool label_char(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
	       c == '_';
}

/* Letters, digits, - and _ in labels; a last label of digits alone is a mistyped IP address. */
static bool host_name_valid(struct weir_str name)
{
	size_t label = 0;
	bool digits = true;

	if (name.len == 0 || name.len > HOST_LONGEST)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c == '.') {
			if (label == 0)
				return false;
			if (i + 1 == name.len)
				break;
			label = 0;
			digits = true;
			continue;
		}
		if (!label_char(c) || ++label > LABEL_LONGEST)
			return false;
		digits = digits && ascii_digit(c);
	}
	return label > 0 && !digits;
}

static bool set_name(struct address *a, struct weir_str name, uint16_t port)
{
	char lower[HOST_LONGEST + 1];

	if (!host_name_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = ascii_lower(name.data[i]);
	*a = (struct address){ .kind = ADDRESS_NAME, .port = port };
	set_text(a, lower, name.len);
	return true;
}

/* IPv6 with an optional %scope, by number or by the name of an interface. */
static bool parse_ip6(struct weir_str text, struct in6_addr *ip, uint32_t *scope)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	uint64_t number;
	char *percent;

	*scope = 0;
	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	percent = strchr(copy, '%');
	if (percent != NULL) {
		*percent++ = '\0';
		if (str_to_u64(str_from(percent), &number) && number <= UINT32_MAX)
			*scope = (uint32_t)number;
		else
			*scope = if_nametoindex(percent);
		if (*scope == 0)
			return false;
	}
	return strlen(copy) + (percent != NULL ? 1 + strlen(percent) : 0) == text.len &&
	       inet_pton(AF_INET6, copy, ip) == 1;
}

static bool parse_ip4(struct weir_str text, struct in_addr *ip)
{
	char copy[INET_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return strlen(copy) == text.len && inet_pton(AF_INET, copy, ip) == 1;
}

static bool strip_brackets(struct weir_str *host)
{
	if (host->len < 2 || host->data[0] != '[' || host->data[host->len - 1] != ']')
		return false;
	*host = str_of(host->data + 1, host->len - 2);
	return true;
}

bool address_parse_host(struct address *a, struct weir_str host, uint16_t port,
			struct weir_error *error)
{
	struct weir_str bare = host;
	bool bracketed = strip_brackets(&bare);
	struct in6_addr ip6;
	struct in_addr ip4;
	uint32_t scope;

	if (parse_ip6(bare, &ip6, &scope)) {
		set_ip6(a, ip6, scope, port);
		return true;
	}
	if (!bracketed && parse_ip4(host, &ip4)) {
		set_ip4(a, ip4, port);
		return true;
	}
	if (!bracketed && set_name(a, host, port))
		return true;
	return fail(error, "\"%.*s\" is neither an IP address nor a host name", STR_ARG(host));
}

/* The place of the colon before the port, or text.len. */
static size_t last_colon(struct weir_str text)
{
	for (size_t i = text.len; i > 0; i--) {
		if (text.data[i - 1] == ':')
			return i - 1;
		if (text.data[i - 1] == ']')
			break;
	}
	return text.len;
}

bool address_parse(struct address *a, struct weir_str text, struct weir_error *error)
{
	size_t colon = last_colon(text);
	struct weir_str host = str_head(text, colon);
	uint64_t port;

	if (str_starts_nocase(text, STR("unix:")))	/* no host is called so */
		return set_unix(a, str_skip(text, 5), error);
	if (colon == text.len)
		return fail(error, "\"%.*s\" has no port; " EXPECTED, STR_ARG(text));
	if (host.len == 0 || str_eq(host, STR("*")))
		return fail(error, "\"%.*s\" has no host; for all addresses of this machine write "
			    "0.0.0.0:%.*s or [::]:%.*s", STR_ARG(text),
			    STR_ARG(str_skip(text, colon + 1)), STR_ARG(str_skip(text, colon + 1)));
	if (!str_to_u64(str_skip(text, colon + 1), &port) || port > UINT16_MAX)
		return fail(error, "\"%.*s\" is not a port (0-65535); " EXPECTED,
			    STR_ARG(str_skip(text, colon + 1)));
	if (host.data[0] != '[' && str_find(host, ':') < host.len)
		return fail(error, "\"%.*s\": an IPv6 address stands in brackets: [%.*s]:%u",
			    STR_ARG(text), STR_ARG(host), (unsigned)port);
	return address_parse_host(a, host, (uint16_t)port, error);
}

static bool from_unix(struct address *a, const struct sockaddr_un *un, socklen_t len)
{
	size_t room = len - offsetof(struct sockaddr_un, sun_path);
	char name[sizeof(un->sun_path) + 1];

	if (len <= offsetof(struct sockaddr_un, sun_path))
		return false;	/* a client that has no name */
	if (room > sizeof(un->sun_path))
		room = sizeof(un->sun_path);
	memcpy(name, un->sun_path, room);
	name[room] = '\0';
	if (name[0] != '\0')
		return set_unix(a, str_from(name), NULL);
	name[0] = '@';
	return set_unix(a, str_of(name, room), NULL);
}

bool address_from_sockaddr(struct address *a, const struct sockaddr *sa, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	struct in_addr ip4;

	if (sa->sa_family == AF_INET && len >= sizeof(*in)) {
		set_ip4(a, in->sin_addr, ntohs(in->sin_port));
		return true;
	}
	if (sa->sa_family == AF_UNIX)
		return from_unix(a, (const struct sockaddr_un *)sa, len);
	if (sa->sa_family != AF_INET6 || len < sizeof(*in6))
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(&ip4, in6->sin6_addr.s6_addr + 12, sizeof(ip4));
		set_ip4(a, ip4, ntohs(in6->sin6_port));
		return true;
	}
	set_ip6(a, in6->sin6_addr, in6->sin6_scope_id, ntohs(in6->sin6_port));
	return true;
}

void address_set_port(struct address *a, uint16_t port)
{
	struct address old = *a;
	struct weir_str host = address_host(&old);

	if (a->kind == ADDRESS_IP4)
		set_ip4(a, old.ip4.sin_addr, port);
	else if (a->kind == ADDRESS_IP6)
		set_ip6(a, old.ip6.sin6_addr, old.ip6.sin6_scope_id, port);
	else if (a->kind == ADDRESS_NAME)
		(void)set_name(a, host, port);
}

struct weir_str address_host(const struct address *a)
{
	struct weir_str text = address_text(a);

	if (a->kind == ADDRESS_UNIX)
		return str_skip(text, 5);
	text.len = last_colon(text);
	(void)strip_brackets(&text);
	return text;
}

bool address_is_local(const struct address *a)
{
	switch (a->kind) {
	case ADDRESS_UNIX:
		return true;
	case ADDRESS_IP4:
		return ntohl(a->ip4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case ADDRESS_IP6:
		return IN6_IS_ADDR_LOOPBACK(&a->ip6.sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&a->ip6.sin6_addr) &&
			a->ip6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
	case ADDRESS_NAME:
		return str_eq(address_host(a), STR("localhost"));
	default:
		return false;
	}
}
