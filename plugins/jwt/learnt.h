/* learnt.h - what a token says of its bearer, as names with texts: for keys, headers, rules. */
#ifndef PLUGINS_JWT_LEARNT_H
#define PLUGINS_JWT_LEARNT_H

#include <jansson.h>
#include <stdint.h>
#include <weir/str.h>

enum { LEARNT_MOST = 200, LEARNT_BYTES = 32 * 1024 };

struct learnt_field {
	struct weir_str name, value;
	bool more;		/* another value of a name that stood there before */
};

/* One piece of memory. */
struct learnt {
	uint32_t count;
	struct learnt_field at[];
};

/* Texts as they are, numbers and true/false as JSON writes them, null left out; of a list each
 * element; of a map {"a": {"b": 1}} the name a.b, unless the token has one of that name itself.
 * Deeper things as JSON. NULL: more than LEARNT_MOST values or LEARNT_BYTES, or no memory. free()
 * it. */
struct learnt *learnt_from(const json_t *body);

/* The n-th value; absent after the last. */
struct weir_str learnt_at(const struct learnt *l, struct weir_str name, uint32_t n);
/* Is this one of the values? */
bool learnt_has(const struct learnt *l, struct weir_str name, struct weir_str value);
/* Is this scope granted: by a word of `scope` or `scp`, or an element of theirs? */
bool learnt_grants(const struct learnt *l, struct weir_str scope);

#endif
