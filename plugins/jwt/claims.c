/* claims.c - are the claims of a token as they must be? (RFC 7519, RFC 8725, RFC 9068) */
#include "plugins/jwt/claims.h"

#include <strings.h>

#include "plugins/jwt/json.h"

static const int64_t FURTHEST = (int64_t)1 << 53;	/* beyond it a number of JSON is not exact */

/* A time as JWT writes it: a number, in seconds. False: it is there, and is none. */
static bool read_time(const json_t *body, const char *name, bool *there, int64_t *out)
{
	const json_t *value = json_object_get(body, name);
	double real;

	*there = value != NULL;
	*out = 0;
	if (value == NULL)
		return true;
	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return *out >= 0 && *out <= FURTHEST;
	}
	real = json_real_value(value);
	if (!json_is_real(value) || !(real >= 0) || real > (double)FURTHEST)
		return false;
	*out = (int64_t)real;
	return true;
}

static enum fault check_times(const json_t *body, const struct claims_rules *rules, int64_t now,
			      int64_t *expires)
{
	bool has_exp, has_nbf, has_iat;
	int64_t exp, nbf, iat;

	if (!read_time(body, "exp", &has_exp, &exp) || !read_time(body, "nbf", &has_nbf, &nbf) ||
	    !read_time(body, "iat", &has_iat, &iat))
		return FAULT_CLAIMS;
	if (!has_exp)
		return FAULT_NO_EXPIRY;
	*expires = exp + rules->leeway;
	if (now >= *expires)
		return FAULT_EXPIRED;
	if ((has_nbf && nbf > now + rules->leeway) || (has_iat && iat > now + rules->leeway))
		return FAULT_NOT_YET;
	if (rules->oldest == 0)
		return FAULT_NONE;
	if (!has_iat)
		return FAULT_CLAIMS;
	if (iat + rules->oldest + rules->leeway < *expires)
		*expires = iat + rules->oldest + rules->leeway;
	return now < *expires ? FAULT_NONE : FAULT_TOO_OLD;
}

static bool is_one_of(struct weir_str s, const struct weir_str *all, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (s.data != NULL && weir_str_eq(s, all[i]))
			return true;
	return false;
}

static struct weir_str text_of(const json_t *value)
{
	if (!json_is_string(value))
		return WEIR_ABSENT;
	return (struct weir_str){ json_string_value(value), json_string_length(value) };
}

/* A text, or a list of texts. */
static enum fault check_audience(const json_t *body, const struct claims_rules *rules)
{
	const json_t *aud = json_object_get(body, "aud"), *one;
	enum fault fault = FAULT_AUDIENCE;
	size_t i;

	if (rules->audience_count == 0)
		return FAULT_NONE;
	if (json_is_string(aud))
		return is_one_of(text_of(aud), rules->audiences, rules->audience_count)
			       ? FAULT_NONE : FAULT_AUDIENCE;
	if (aud != NULL && !json_is_array(aud))
		return FAULT_CLAIMS;
	json_array_foreach(aud, i, one) {
		if (!json_is_string(one))
			return FAULT_CLAIMS;
		if (is_one_of(text_of(one), rules->audiences, rules->audience_count))
			fault = FAULT_NONE;
	}
	return fault;
}

static bool same_nocase(struct weir_str a, struct weir_str b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* "application/" may be left out (RFC 7515 4.1.9). */
static struct weir_str short_type(struct weir_str typ)
{
	static const struct weir_str front = { "application/", 12 };

	if (typ.len > front.len && strncasecmp(typ.data, front.data, front.len) == 0)
		return (struct weir_str){ typ.data + front.len, typ.len - front.len };
	return typ;
}

/* A logout token or a proof of possession has the same issuer, keys and audience as an access
 * token: only its type tells. */
static enum fault check_type(const struct token *t, const struct claims_rules *rules)
{
	static const struct weir_str usual[] = { { "JWT", 3 }, { "at+jwt", 6 } };
	const struct weir_str *types = rules->type_count > 0 ? rules->types : usual;
	uint32_t count = rules->type_count > 0 ? rules->type_count : 2;
	struct weir_str typ = short_type(t->typ);

	if (t->typ.data == NULL)
		return rules->type_count == 0 ? FAULT_NONE : FAULT_TYPE;
	for (uint32_t i = 0; i < count; i++)
		if (same_nocase(typ, short_type(types[i])))
			return FAULT_NONE;
	return FAULT_TYPE;
}

enum fault claims_check(const struct token *t, const struct claims_rules *rules, int64_t now,
			int64_t *expires)
{
	const json_t *sub = json_object_get(t->body, "sub");
	enum fault fault = check_type(t, rules);

	*expires = 0;
	if (fault == FAULT_NONE && rules->issuer.data != NULL &&
	    (t->iss.data == NULL || !weir_str_eq(t->iss, rules->issuer)))
		fault = FAULT_ISSUER;
	if (fault == FAULT_NONE && sub != NULL && !json_is_string(sub))
		fault = FAULT_CLAIMS;
	if (fault == FAULT_NONE)
		fault = check_times(t->body, rules, now, expires);
	return fault == FAULT_NONE ? check_audience(t->body, rules) : fault;
}
