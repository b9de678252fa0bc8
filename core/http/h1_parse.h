/* h1_parse.h - what request and response heads have in common. Private to this floor. */
#ifndef CORE_HTTP_H1_PARSE_H
#define CORE_HTTP_H1_PARSE_H

#include "core/http/fields.h"
#include "core/http/h1.h"

/* Is it worth parsing? Yes when the head is whole, at its limit, or already bad; at the first look
 * always. Remembers in *scanned how far it looked. */
bool head_worth_parsing(struct weir_str in, size_t limit, size_t *scanned);

/* Empties headers for another try, keeping their room. */
void headers_restart(struct headers *h);

/* "HTTP/1.0" or "HTTP/1.1" at `p`, which has eight bytes; else VERSION_OTHER for another HTTP
 * version and VERSION_NONE for what is none. */
enum version { VERSION_10, VERSION_11, VERSION_OTHER, VERSION_NONE };
enum version version_of(const char *p);

/* What Connection says, over all its lines. */
struct connection_options {
	bool valid;	/* a list of tokens, not too many */
	bool close, keep_alive, upgrade;
};
struct connection_options connection_options_read(const struct headers *h);

static inline bool keeps_alive(const struct connection_options *options, unsigned minor)
{
	return !options->close && (minor >= 1 || options->keep_alive);
}

/* Content-Length: 1*DIGIT up to 2^63-1. */
bool length_read(struct weir_str text, uint64_t *length);

#endif
