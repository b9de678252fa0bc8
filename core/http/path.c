/* path.c - one form for every path; what two servers could read differently is refused. */
#include "core/http/scan.h"
#include "core/http/target.h"

/* The path is rewritten left to right. `segment` is where the segment being written begins;
 * everything before it ends with '/'. Dots and slashes are looked at after decoding, so no
 * spelling escapes them. */
struct rewrite {
	const char *from, *end;
	char *start, *at, *segment;
	bool keep_slash;	/* %2F may stand */
	bool bad;
};

/* Nothing to do? Plain bytes only, no empty segment and none that begins with a dot or has
 * parameters. */
static bool is_normal(struct weir_str path)
{
	const char *p = path.data, *end = p + path.len;

	while (p < end) {
		if (*p != '/')
			return false;
		p++;
		if (p < end && *p == '.')
			return false;
		if (p < end && *p == '/')
			return false;
		p = scan_class(p, end, BYTE_PATH);
	}
	return true;
}

/* How long the result may get: what may not stand raw takes three bytes. */
static size_t room_for(struct weir_str path)
{
	size_t room = path.len;

	for (size_t i = 0; i < path.len; i++)
		if (!byte_is(path.data[i], BYTE_PATH) && path.data[i] != '%' && path.data[i] != '/')
			room += 2;
	return room;
}

static void put_escape(struct rewrite *w, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	*w->at++ = '%';
	*w->at++ = digits[c >> 4];
	*w->at++ = digits[c & 15];
}

static void take_escape(struct rewrite *w)
{
	unsigned char c;

	if (!is_escape(str_between(w->from, w->end))) {
		w->bad = true;
		return;
	}
	c = (unsigned char)(hex_value(w->from[1]) << 4 | hex_value(w->from[2]));
	w->from += 3;
	if (c == '\0' || c == '\\' || (c == '/' && !w->keep_slash))
		w->bad = true;
	else if (byte_is((char)c, BYTE_UNRESERVED))
		*w->at++ = (char)c;
	else
		put_escape(w, c);
}

static void take_byte(struct rewrite *w)
{
	unsigned char c = (unsigned char)*w->from;

	if (c == '%') {
		take_escape(w);
		return;
	}
	w->from++;
	if (byte_is((char)c, BYTE_PATH))
		*w->at++ = (char)c;
	else if (c <= ' ' || c == 0x7f || c == '#' || c == '\\' || c == '?')
		w->bad = true;
	else
		put_escape(w, c);
}

/* How many dots it begins with; three stand for more. */
static size_t leading_dots(const char *p, const char *end)
{
	size_t dots = 0;

	while (dots < 3 && p + dots < end && p[dots] == '.')
		dots++;
	return dots;
}

/* Some servers cut ";x" off, or decode %2F, before they look at dots: to them this segment would
 * climb. */
static bool hides_dots(struct weir_str segment)
{
	const char *p = segment.data, *end = p + segment.len;
	bool first = true;

	for (;;) {
		struct weir_str rest = str_between(p, end);
		size_t dots = leading_dots(p, end), cut = str_find_str(rest, STR("%2F"));

		if ((dots == 1 || dots == 2) && dots < rest.len && p[dots] == ';')
			return true;
		if ((dots == 1 || dots == 2) && dots == cut && (!first || cut < rest.len))
			return true;
		if (cut == rest.len)
			return false;
		p += cut + 3;
		first = false;
	}
}

/* One step up: to the slash before the one that the segment follows. */
static void climb(struct rewrite *w)
{
	if (w->segment == w->start + 1) {
		w->bad = true;
		return;
	}
	w->segment--;
	while (w->segment[-1] != '/')
		w->segment--;
}

/* The segment is written: keep it, drop it, or climb. `more`: a slash follows it. */
static void end_segment(struct rewrite *w, bool more)
{
	struct weir_str segment = str_between(w->segment, w->at);

	if (hides_dots(segment)) {
		w->bad = true;
		return;
	}
	if (str_eq(segment, STR("..")))
		climb(w);
	if (segment.len == 0 || str_eq(segment, STR(".")) || str_eq(segment, STR(".."))) {
		w->at = w->segment;
		return;
	}
	if (more)
		*w->at++ = '/';
	w->segment = w->at;
}

static void rewrite(struct rewrite *w)
{
	*w->at++ = *w->from++;
	w->segment = w->at;
	while (w->from < w->end && !w->bad) {
		if (*w->from != '/') {
			take_byte(w);
			continue;
		}
		w->from++;
		end_segment(w, true);
	}
	if (!w->bad)
		end_segment(w, false);
}

enum reason path_normalise(struct arena *arena, struct weir_str path, bool keep_encoded_slash,
			   struct weir_str *out)
{
	struct rewrite w = {
		.from = path.data, .end = path.data + path.len, .keep_slash = keep_encoded_slash,
	};

	*out = path;
	if (path.len == 0 || path.data[0] != '/')
		return REASON_BAD_PATH;
	if (is_normal(path))
		return REASON_NONE;
	w.start = w.at = arena_take(arena, room_for(path));
	if (w.start == NULL)
		return REASON_OUT_OF_MEMORY;
	rewrite(&w);
	if (w.bad)
		return REASON_BAD_PATH;
	*out = str_between(w.start, w.at);
	if (str_eq(*out, path))
		*out = path;
	return REASON_NONE;
}
