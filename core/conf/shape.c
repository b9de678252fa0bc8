/* shape.c - texts that must have a shape. */
#include "core/conf/shape.h"

#include <arpa/inet.h>

#include "core/base/error.h"
#include "core/base/reason.h"
#include "core/conf/option.h"
#include "core/conf/shape_key.h"

enum { LONGEST_NAME = 128, LONGEST_HOST = 253, LONGEST_LABEL = 63 };

struct shown shown(struct weir_str text)
{
	struct shown s;
	size_t len = text.len > 60 ? 57 : text.len;

	while (len < text.len && len > 50 && (text.data[len] & 0xc0) == 0x80)
		len--;
	for (size_t i = 0; i < len; i++)
		s.text[i] = (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f ?
				'?' : text.data[i];
	memcpy(s.text + len, len < text.len ? "..." : "", len < text.len ? 4 : 1);
	return s;
}

static bool is_alnum(char c)
{
	char lower = ascii_lower(c);

	return ascii_digit(c) || (lower >= 'a' && lower <= 'z');
}

static bool all_of(struct weir_str s, const char *beside_alnum)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.data[i]) &&
		    (s.data[i] == '\0' || strchr(beside_alnum, s.data[i]) == NULL))
			return false;
	return s.len > 0;
}

static bool check_name(struct weir_str s, struct weir_error *error)
{
	if (s.len > LONGEST_NAME)
		return fail(error, "a name has at most %d characters", LONGEST_NAME);
	return all_of(s, "_-.") ||
	       fail(error, "\"%s\" is no name; use letters, digits, \"-\", \"_\" and \".\"",
		    shown(s).text);
}

/* Who comes from elsewhere writes where to send it; here that stands under services. */
static bool check_service(struct weir_str s, struct weir_error *error)
{
	if (str_find(s, ':') < s.len || str_find(s, '/') < s.len)
		return fail(error, "\"%s\" is no name of a service; write the address under "
			    "`services:` as an endpoint, and its service here", shown(s).text);
	return check_name(s, error);
}

static bool check_header_name(struct weir_str s, struct weir_error *error)
{
	return (s.len <= LONGEST_NAME && all_of(s, "!#$%&'*+-.^_`|~")) ||
	       fail(error, "\"%s\" is no header name; expected one such as x-user",
		    shown(s).text);
}

static bool check_method(struct weir_str s, struct weir_error *error)
{
	bool lower = false;

	if (!all_of(s, "!#$%&'*+-.^_`|~"))
		return fail(error, "\"%s\" is no method; expected one such as GET", shown(s).text);
	for (size_t i = 0; i < s.len; i++)
		lower |= s.data[i] >= 'a' && s.data[i] <= 'z';
	return !lower || fail(error, "\"%s\" has small letters; methods are written like GET, and "
			      "small letters would be another method", shown(s).text);
}

static bool is_ipv4_like(struct weir_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_digit(s.data[i]) && s.data[i] != '.')
			return false;
	return s.len > 0;
}

static bool is_ip(int family, struct weir_str s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	return inet_pton(family, text, bytes) == 1;
}

static bool is_host(struct weir_str s)
{
	struct weir_str rest = s, label;

	if (s.len > LONGEST_HOST)
		return false;
	if (is_ipv4_like(s))
		return is_ip(AF_INET, s);
	while (str_next(&rest, '.', &label))
		if (label.len > LONGEST_LABEL || !all_of(label, "-_"))
			return false;
	return s.len > 0;
}

static bool check_port(struct weir_str address, struct weir_str port, struct weir_error *error)
{
	uint64_t n;

	return (str_to_u64(port, &n) && n <= UINT16_MAX) ||
	       fail(error, "\"%s\" has no valid port; a port is a number up to 65535",
		    shown(address).text);
}

static bool check_ipv6_port(struct weir_str s, struct weir_error *error)
{
	size_t end = str_find(s, ']');
	struct weir_str behind = str_skip(s, end + 1);

	if (end == s.len || !is_ip(AF_INET6, str_of(s.data + 1, end - 1)))
		return fail(error, "\"%s\" is no address; expected [IPv6]:PORT", shown(s).text);
	if (behind.len == 0 || behind.data[0] != ':')
		return fail(error, "\"%s\" has no port; write %s:80 for example", shown(s).text,
			    shown(s).text);
	return check_port(s, str_skip(behind, 1), error);
}

/* "http://localhost:9000/x": what was meant is the address in it. */
static bool say_no_url(struct weir_str url, struct weir_error *error)
{
	struct weir_str rest = str_skip(url, str_find_str(url, STR("://")) + 3);
	struct weir_str authority = str_head(rest, str_find(rest, '/'));
	bool has_port = str_find(authority, ':') < authority.len;

	return fail(error, "\"%s\" is a URL, and an address has neither scheme nor path; write %s%s",
		    shown(url).text, shown(authority).text, has_port ? "" : ":80 for example");
}

static bool check_address(struct weir_str s, struct weir_error *error)
{
	size_t colon = str_find(s, ':');
	struct weir_str port = str_skip(s, colon + 1);

	if (str_starts(s, STR("http://")) || str_starts(s, STR("https://")))
		return say_no_url(s, error);
	if (str_starts(s, STR("unix:")))
		return (s.len > 5 && s.len < 5 + 100) ||
		       fail(error, "unix: is followed by a path of at most 99 characters");
	if (s.len > 0 && s.data[0] == '[')
		return check_ipv6_port(s, error);
	if (colon < s.len && str_find(port, ':') < port.len)
		return fail(error, "\"%s\" has several colons; write [IPv6]:PORT", shown(s).text);
	if (colon == 0 || (colon == s.len && is_ipv4_like(s) && str_find(s, '.') == s.len))
		return fail(error, "\"%s\" names no host; write 0.0.0.0:%s for every interface, or "
			    "127.0.0.1:%s", shown(s).text, shown(colon == 0 ? port : s).text,
			    shown(colon == 0 ? port : s).text);
	if (!is_host(str_head(s, colon)))
		return fail(error, "\"%s\" is no address; expected IP:PORT, [IPv6]:PORT, "
			    "HOST:PORT or unix:PATH", shown(s).text);
	if (colon == s.len)
		return fail(error, "\"%s\" has no port; write %s:80 for example", shown(s).text,
			    shown(s).text);
	return check_port(s, port, error);
}

bool address_is_private(struct weir_str address)
{
	struct weir_str host = str_head(address, str_find(address, ':'));

	return str_starts(address, STR("unix:")) ||
	       (str_starts(host, STR("127.")) && is_ipv4_like(host)) ||
	       str_starts(address, STR("[::1]:")) || str_starts(address, STR("localhost:"));
}

static bool check_cidr(struct weir_str s, struct weir_error *error)
{
	size_t slash = str_find(s, '/');
	struct weir_str address = str_head(s, slash);
	bool v4 = is_ip(AF_INET, address), v6 = is_ip(AF_INET6, address);
	uint64_t bits = 0, most = v4 ? 32 : 128;

	if ((!v4 && !v6) ||
	    (slash < s.len && (!str_to_u64(str_skip(s, slash + 1), &bits) || bits > most)))
		return fail(error, "\"%s\" is no range of addresses; expected one such as "
			    "10.0.0.0/8, fd00::/8 or a single address", shown(s).text);
	return true;
}

static bool check_url(struct weir_str s, struct weir_error *error)
{
	struct weir_str rest = str_starts(s, STR("http://")) ? str_skip(s, 7) :
			       str_starts(s, STR("https://")) ? str_skip(s, 8) : STR_ABSENT;
	struct weir_str authority, host;
	size_t colon;

	if (rest.data == NULL)
		return fail(error, "\"%s\" is no URL; it begins with http:// or https://",
			    shown(s).text);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] <= 0x20 || s.data[i] == 0x7f)
			return fail(error, "\"%s\" is no URL; it holds a space or control "
				    "character",
				    shown(s).text);
	authority = str_head(rest, str_find(rest, '/'));
	colon = str_find(authority, ':');
	host = str_head(authority, colon);
	if (authority.len > 0 && authority.data[0] == '[')
		return str_find(authority, ']') + 1 == authority.len ||
		       check_ipv6_port(authority, error);
	if (!is_host(host))
		return fail(error, "\"%s\" is no URL; \"%s\" is no host", shown(s).text,
			    shown(host).text);
	return colon == authority.len || check_port(s, str_skip(authority, colon + 1), error);
}

static bool check_route_host(struct weir_str s, struct weir_error *error)
{
	struct weir_str host = str_starts(s, STR("*.")) ? str_skip(s, 2) : s;

	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] >= 'A' && s.data[i] <= 'Z')
			return fail(error, "\"%s\" has capital letters; hosts are matched in small "
				    "letters", shown(s).text);
	if (str_find(s, ':') < s.len && s.data[0] != '[')
		return fail(error, "\"%s\" has a port; hosts are matched without", shown(s).text);
	if (s.len > 2 && s.data[0] == '[' && s.data[s.len - 1] == ']' &&
	    is_ip(AF_INET6, str_of(s.data + 1, s.len - 2)))
		return true;
	return is_host(host) ||
	       fail(error, "\"%s\" is no host; expected api.example.com, or *.example.com for "
		    "every name below it", shown(s).text);
}

static bool check_when(struct weir_str s, struct weir_error *error)
{
	struct nearest near;
	uint64_t status;

	if (s.len == 3 && str_ends(s, STR("xx")) && (s.data[0] == '4' || s.data[0] == '5'))
		return true;
	if (s.len == 3 && str_to_u64(s, &status) && status >= 400 && status <= 599)
		return true;
	if (s.len > 0 && (reason_group_exists(s) || reason_of_word(s) != REASON_COUNT))
		return true;
	nearest_init(&near, s);
	for (int why = REASON_NONE + 1; why < REASON_COUNT; why++) {
		nearest_try(&near, reason_rows[why].word.data);
		nearest_try(&near, reason_rows[why].group.data);
	}
	return fail(error, "\"%s\" is no cause for a retry; expected a reason such as connect or "
		    "reset, a status such as 503, or 5xx%s", shown(s).text,
		    nearest_words(&near).text);
}

static bool check_not_empty(struct weir_str s, struct weir_error *error)
{
	return s.len > 0 || fail(error, "an empty text names nothing");
}

bool shape_check(const struct weir_option *row, enum weir_option_type type, struct weir_str text,
		 struct weir_error *error)
{
	(void)row;
	switch ((int)type) {
	case WEIR_PATH:
		return check_not_empty(text, error);
	case WEIR_URL:
		return check_url(text, error);
	case WEIR_ADDRESS:
		return check_address(text, error);
	case WEIR_CIDR:
		return check_cidr(text, error);
	case WEIR_HEADER_NAME:
		return check_header_name(text, error);
	case WEIR_KEY:
		return check_key(text, error);
	case WEIR_TEMPLATE:
		return check_template(text, error);
	case WEIR_SERVICE:
		return check_service(text, error);
	case CONF_NAME:
		return check_name(text, error);
	case CONF_HOST:
		return check_route_host(text, error);
	case CONF_METHOD:
		return check_method(text, error);
	case CONF_WHEN:
		return check_when(text, error);
	case CONF_ROUTE_PATH:
		return (text.len > 0 && text.data[0] == '/') ||
		       fail(error, "\"%s\" is no path; it begins with /", shown(text).text);
	default:
		return true;
	}
}
