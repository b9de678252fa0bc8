/* h1_parse.c - what request and response heads have in common. */
#include "core/http/h1_parse.h"

#include "core/http/scan.h"

enum { MOST_OPTIONS = 32 };	/* in all Connection lines of a head */

/* Looks at line feeds only: an empty line ends the head (or is all of a trailer section), and one
 * without CR makes it bad. Two bytes are looked at again: a line feed tells nothing before what
 * follows it has come. */
static bool ends_or_breaks(struct weir_str in, size_t from)
{
	while (from < in.len) {
		size_t at = from + str_find(str_skip(in, from), '\n');

		if (at >= in.len)
			return false;
		if (at <= 1 || in.data[at - 1] != '\r')
			return true;
		if (in.len - at > 2 && in.data[at + 1] == '\r' && in.data[at + 2] == '\n')
			return true;
		from = at + 1;
	}
	return false;
}

bool head_worth_parsing(struct weir_str in, size_t limit, size_t *scanned)
{
	size_t before = *scanned;

	*scanned = in.len;
	if (before == 0 || in.len >= limit)
		return true;
	return ends_or_breaks(in, before > 2 ? before - 2 : 0);
}

void headers_restart(struct headers *h)
{
	h->count = 0;
	h->present = 0;
}

enum version version_of(const char *p)
{
	if (memcmp(p, "HTTP/1.1", 8) == 0)
		return VERSION_11;
	if (memcmp(p, "HTTP/1.0", 8) == 0)
		return VERSION_10;
	if (memcmp(p, "HTTP/", 5) == 0 && ascii_digit(p[5]) && p[6] == '.' && ascii_digit(p[7]))
		return VERSION_OTHER;
	return VERSION_NONE;
}

static void read_option(struct weir_str option, struct connection_options *into)
{
	if (str_eq_nocase(option, STR("keep-alive")))
		into->keep_alive = true;
	else if (str_eq_nocase(option, STR("close")))
		into->close = true;
	else if (str_eq_nocase(option, STR("upgrade")))
		into->upgrade = true;
	else if (option.len > 0 && !header_name_valid(option))
		into->valid = false;
}

struct connection_options connection_options_read(const struct headers *h)
{
	struct connection_options options = { .valid = true };
	unsigned count = 0;

	if ((h->present & header_bit(HEADER_CONNECTION)) == 0)
		return options;
	headers_for_each(header, h) {
		struct weir_str rest = header->value, option;

		if (header->id != HEADER_CONNECTION)
			continue;
		while (str_next(&rest, ',', &option) && ++count <= MOST_OPTIONS)
			read_option(option, &options);
	}
	if (count > MOST_OPTIONS)
		options.valid = false;
	return options;
}

bool length_read(struct weir_str text, uint64_t *length)
{
	return str_to_u64(text, length) && *length <= INT64_MAX;
}
