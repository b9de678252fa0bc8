/* json.h - JSON from outside, read with a bound on how deep it is: a library that reads it by
 * recursion would else let a stranger choose how much stack it takes. */
#ifndef PLUGINS_JWT_JSON_H
#define PLUGINS_JWT_JSON_H

#include <jansson.h>
#include <weir/str.h>

enum { JSON_DEEP = 16 };

/* Gives an object; NULL: it is none, is deeper than JSON_DEEP, has a key twice, something behind
 * it, or there is no memory. json_decref() it. */
json_t *json_object_read(struct weir_str text);

/* Lends the text of the member; absent: there is none, or it is no text. */
struct weir_str json_member_text(const json_t *object, const char *name);

#endif
