/* fields.c - a section of field lines, as it ends heads and stands in trailers. */
#include "core/http/fields.h"

#include "core/http/scan.h"

/* Cuts one line "name: value CRLF" at *at; *at then stands behind it. */
static enum fields_result cut_line(const char **at, const char *end, struct weir_str *name,
				   struct weir_str *value)
{
	const char *p = scan_token(*at, end);
	const char *last;

	*name = str_between(*at, p);
	if (p == end)
		return FIELDS_MORE;
	if (name->len == 0 || *p++ != ':')
		return FIELDS_BAD;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	last = scan_value(p, end);
	if (last < end && *last != '\r')
		return FIELDS_BAD;
	if (end - last < 2)
		return FIELDS_MORE;
	if (last[1] != '\n')
		return FIELDS_BAD;
	*at = last + 2;
	while (last > p && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	*value = str_between(p, last);
	return FIELDS_DONE;
}

/* Is the empty line here? FIELDS_BAD says: no, a field begins. */
static enum fields_result at_end(const char **at, const char *end)
{
	const char *p = *at;

	if (p == end || (*p == '\r' && end - p == 1))
		return FIELDS_MORE;
	if (*p != '\r' || p[1] != '\n')
		return FIELDS_BAD;
	*at = p + 2;
	return FIELDS_DONE;
}

enum fields_result fields_read(const char **at, const char *end, unsigned most,
			       struct headers *into, uint64_t *repeated)
{
	struct weir_str name, value;
	enum fields_result got;
	enum header_id id;

	while ((got = at_end(at, end)) == FIELDS_BAD) {
		got = cut_line(at, end, &name, &value);
		if (unlikely(got != FIELDS_DONE))
			return got;
		if (unlikely(into->count >= most || into->count >= into->most))
			return FIELDS_MANY;
		id = header_id_of(name);
		*repeated |= into->present & header_bit(id);
		if (unlikely(!headers_push(into, name, value, id)))
			return FIELDS_MEMORY;
	}
	return got;
}
