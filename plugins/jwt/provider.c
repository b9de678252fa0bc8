/* provider.c - what an issuer says of itself. */
#include "plugins/jwt/provider.h"

#include <stdio.h>
#include <strings.h>

#include "plugins/jwt/json.h"

enum { DESCRIPTION_BYTES = 256 * 1024 };

static bool begins(struct weir_str s, const char *front)
{
	size_t len = strlen(front);

	return s.len > len && strncasecmp(s.data, front, len) == 0;
}

static bool plain(struct weir_str url)
{
	for (size_t i = 0; i < url.len; i++)
		if (url.data[i] <= ' ' || url.data[i] >= 0x7f)
			return false;
	return begins(url, "https://") || begins(url, "http://");
}

bool provider_address(struct weir_str issuer, char out[PROVIDER_URL])
{
	int len;

	if (!plain(issuer) || memchr(issuer.data, '?', issuer.len) != NULL ||
	    memchr(issuer.data, '#', issuer.len) != NULL)
		return false;
	while (issuer.data[issuer.len - 1] == '/')
		issuer.len--;
	len = snprintf(out, PROVIDER_URL, "%.*s/.well-known/openid-configuration", WEIR_ARG(issuer));
	return len > 0 && len < PROVIDER_URL;
}

static bool take_address(struct weir_str uri, struct weir_str issuer, char out[PROVIDER_URL],
			 struct weir_error *error)
{
	if (uri.data == NULL || !plain(uri) || uri.len >= PROVIDER_URL)
		return weir_fail(error, "its description has no usable `jwks_uri`");
	if (begins(issuer, "https://") && !begins(uri, "https://"))
		return weir_fail(error, "its description leads to keys without TLS; an https issuer must "
					"have an https `jwks_uri`");
	memcpy(out, uri.data, uri.len);
	out[uri.len] = '\0';
	return true;
}

bool provider_keys(struct weir_str text, struct weir_str issuer, char out[PROVIDER_URL],
		   struct weir_error *error)
{
	json_t *json = text.len <= DESCRIPTION_BYTES ? json_object_read(text) : NULL;
	struct weir_str name = json_member_text(json, "issuer");
	bool ok;

	if (json == NULL)
		(void)weir_fail(error, "its description is no JSON object");
	else if (name.data == NULL || !weir_str_eq(name, issuer))
		(void)weir_fail(error, "its description is that of \"%.*s\"; write the issuer exactly so",
				(int)(name.len < 200 ? name.len : 200),
				name.data != NULL ? name.data : "");
	ok = error->text[0] == '\0' &&
	     take_address(json_member_text(json, "jwks_uri"), issuer, out, error);
	json_decref(json);
	return ok;
}
