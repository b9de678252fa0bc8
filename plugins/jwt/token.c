/* token.c - a JWS in its compact form (RFC 7515): taken apart, nothing believed. */
#include "plugins/jwt/token.h"

#include <stdlib.h>

#include "plugins/common/base64.h"
#include "plugins/jwt/json.h"

/* Two dots, no more and no less, and something before, between and behind them. */
static bool split(struct weir_str text, struct weir_str parts[3])
{
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		const char *from = text.data + at;
		const char *dot = i < 2 ? memchr(from, '.', text.len - at) : text.data + text.len;

		if (dot == NULL || dot == from)
			return false;
		parts[i] = (struct weir_str){ from, (size_t)(dot - from) };
		at += parts[i].len + (i < 2);
	}
	return memchr(parts[2].data, '.', parts[2].len) == NULL;
}

static bool decode(struct weir_str part, char **at, struct weir_str *out)
{
	size_t len;

	if (!base64url_read(part, (unsigned char *)*at, &len))
		return false;
	*out = (struct weir_str){ *at, len };
	*at += len;
	return true;
}

static enum fault decode_all(struct token *t, const struct weir_str parts[3], size_t len)
{
	struct weir_str head, body;
	char *at;

	t->bytes = at = malloc(BASE64_ROOM(len) + 9);
	if (at == NULL)
		return FAULT_MEMORY;
	if (!decode(parts[0], &at, &head) || !decode(parts[1], &at, &body) ||
	    !decode(parts[2], &at, &t->signature))
		return FAULT_FORM;
	t->head = json_object_read(head);
	t->body = json_object_read(body);
	return t->head != NULL && t->body != NULL ? FAULT_NONE : FAULT_FORM;
}

/* A name in the head that is there must be a text. */
static bool optional_text(const json_t *object, const char *name, struct weir_str *out)
{
	*out = json_member_text(object, name);
	return out->data != NULL || json_object_get(object, name) == NULL;
}

static enum fault read_head(struct token *t)
{
	struct weir_str alg = json_member_text(t->head, "alg");

	if (alg.data == NULL)
		return FAULT_FORM;
	t->alg = alg_of(alg);
	if (t->alg == ALG_COUNT)
		return FAULT_ALGORITHM;
	/* We understand no extension: whatever it lists, this one included, is unknown. */
	if (json_object_get(t->head, "crit") != NULL || json_object_get(t->head, "b64") != NULL)
		return FAULT_CRITICAL;
	if (!optional_text(t->head, "kid", &t->kid) || !optional_text(t->head, "typ", &t->typ) ||
	    !optional_text(t->body, "iss", &t->iss))
		return FAULT_FORM;
	return FAULT_NONE;
}

enum fault token_open(struct token *t, struct weir_str text, size_t longest)
{
	struct weir_str parts[3];
	enum fault fault;

	*t = (struct token){ 0 };
	if (text.len > longest)
		return FAULT_TOO_LONG;
	if (text.len == 0 || !split(text, parts))
		return FAULT_FORM;
	t->signed_part = (struct weir_str){ text.data, parts[0].len + 1 + parts[1].len };
	fault = decode_all(t, parts, text.len);
	if (fault == FAULT_NONE)
		fault = read_head(t);
	if (fault != FAULT_NONE)
		token_end(t);
	return fault;
}

void token_end(struct token *t)
{
	json_decref(t->head);
	json_decref(t->body);
	free(t->bytes);
	*t = (struct token){ 0 };
}
