/* json_put.h - building JSON where each step may lack memory: ask once, at the end. */
#ifndef CORE_CONF_JSON_PUT_H
#define CORE_CONF_JSON_PUT_H

#include "core/base/json.h"

/* An object under way; what is put into it after a failure is freed at once. */
struct json_under_way {
	json_t *value;
	bool failed;
};

static inline struct json_under_way json_begin(json_t *empty)
{
	return (struct json_under_way){ empty, empty == NULL };
}

/* Takes `value`, NULL included (that is a failure). */
static inline void json_put(struct json_under_way *j, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(j->value, key, value) != 0)
		j->failed = true;
}

static inline void json_put_text(struct json_under_way *j, const char *key, const char *text)
{
	json_put(j, key, json_from_str(str_from(text)));
}

/* Takes `value` to the end of an array. */
static inline void json_push(struct json_under_way *j, json_t *value)
{
	if (json_array_append_new(j->value, value) != 0)
		j->failed = true;
}

/* Gives the whole, or NULL when anything failed. */
static inline json_t *json_end(struct json_under_way *j)
{
	if (!j->failed)
		return j->value;
	json_decref(j->value);
	return NULL;
}

#endif
