/* mask.c - keeps credentials out of logs. */
#include "core/telemetry/mask.h"

static bool is_one_of(struct weir_str name, const struct weir_str *words)
{
	for (; words->len > 0; words++)
		if (str_eq_nocase(name, *words))
			return true;
	return false;
}

#define W(literal) { literal, sizeof(literal) - 1 }

static bool secret_parameter(struct weir_str name)
{
	static const struct weir_str words[] = {
		W("access_token"), W("refresh_token"), W("id_token"), W("token"), W("auth"),
		W("authorization"), W("api_key"), W("apikey"), W("api-key"), W("key"),
		W("secret"), W("client_secret"), W("password"), W("passwd"), W("pwd"), W("code"),
		W("sig"), W("signature"), W("x-amz-signature"), W("jwt"), W("session"),
		W("sessionid"), W("sid"), { NULL, 0 }
	};

	return is_one_of(name, words);
}

bool mask_is_secret_header(struct weir_str name)
{
	static const struct weir_str words[] = {
		W("authorization"), W("proxy-authorization"), W("cookie"), W("set-cookie"),
		W("x-api-key"), W("x-weir-token"), W("x-auth-token"), W("x-csrf-token"),
		{ NULL, 0 }
	};

	return is_one_of(name, words);
}

static struct weir_str value_of(struct weir_str parameter, struct weir_str *name)
{
	size_t eq = str_find(parameter, '=');

	*name = str_head(parameter, eq);
	return str_skip(parameter, eq + 1);
}

static bool has_secret(struct weir_str query)
{
	while (query.len > 0) {
		size_t end = str_find(query, '&');
		struct weir_str name, value = value_of(str_head(query, end), &name);

		if (value.len > 0 && secret_parameter(name))
			return true;
		query = str_skip(query, end + 1);
	}
	return false;
}

/* As much of `s` as fits. */
static size_t put(char *at, size_t used, size_t room, struct weir_str s)
{
	size_t n = s.len < room - used ? s.len : room - used;

	if (n > 0)
		memcpy(at + used, s.data, n);
	return used + n;
}

static struct weir_str masked(struct weir_str query, char *at, size_t room, size_t used)
{
	while (query.len > 0) {
		size_t end = str_find(query, '&');
		struct weir_str name, value = value_of(str_head(query, end), &name);

		if (value.len > 0 && secret_parameter(name)) {
			used = put(at, used, room, str_head(query, name.len + 1));
			used = put(at, used, room, STR("***"));
		} else {
			used = put(at, used, room, str_head(query, end));
		}
		used = put(at, used, room, str_head(str_skip(query, end), 1));
		query = str_skip(query, end + 1);
	}
	return str_of(at, used);
}

struct weir_str mask_query(struct weir_str query, char *at, size_t room)
{
	return has_secret(query) ? masked(query, at, room, 0) : query;
}

struct weir_str mask_url(struct weir_str url, char *at, size_t room)
{
	size_t mark = str_find(url, '?');
	struct weir_str query = str_skip(url, mark + 1);

	if (!has_secret(query))
		return url;
	return masked(query, at, room, put(at, 0, room, str_head(url, mark + 1)));
}
