/* bind_digest.c - hashes, digests, base64 and hex. */
#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/hash.h"
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/spend.h"

enum form { FORM_HEX, FORM_RAW, FORM_BASE64, FORM_BASE64URL };
static const char *const forms[] = { "hex", "raw", "base64", "base64url", NULL };

enum { BYTES_PER_STEP = 4 };

/* A seed of its own that never changes: a canary keeps its clients over restarts and versions. */
#define HASH_SEED 0x77656972ull

/* (text...) -> the same number everywhere, 0 .. 2^63-1 */
static int weir_hash(lua_State *L)
{
	int count = lua_gettop(L);
	uint64_t h = hash64(HASH_SEED, string_arg(L, 1));

	for (int i = 2; i <= count; i++)	/* not joined: "a", "bc" is not "ab", "c" */
		h = hash64(h, string_arg(L, i));
	lua_pushinteger(L, (lua_Integer)(h >> 1));
	return 1;
}

static int push_form(lua_State *L, const uint8_t *bytes, size_t size, enum form form)
{
	struct weir_str data = str_of((const char *)bytes, size);
	char text[2 * DIGEST_MOST];

	switch (form) {
	case FORM_RAW:
		lua_pushlstring(L, data.data, size);
		break;
	case FORM_HEX:
		hex_encode(data, text);
		lua_pushlstring(L, text, 2 * size);
		break;
	default:
		lua_pushlstring(L, text, base64_encode(form == FORM_BASE64 ? BASE64_PLAIN :
						       BASE64_URL, data, text));
		break;
	}
	return 1;
}

/* Of a long text, a step for each block. */
static void charge(lua_State *L, struct weir_str data)
{
	script_spend(L, 100 + data.len / BYTES_PER_STEP);
}

static int give_digest(lua_State *L, enum digest d)
{
	enum form form = (enum form)luaL_checkoption(L, 2, "hex", forms);
	struct weir_str data = string_arg(L, 1);
	uint8_t out[DIGEST_MOST];

	charge(L, data);
	if (!digest_of(d, data, out))
		return luaL_error(L, "this digest is not to be had on this machine");
	return push_form(L, out, digest_size(d), form);
}

static int weir_sha256(lua_State *L)
{
	return give_digest(L, DIGEST_SHA256);
}

static int weir_sha1(lua_State *L)
{
	return give_digest(L, DIGEST_SHA1);
}

static int weir_sha512(lua_State *L)
{
	return give_digest(L, DIGEST_SHA512);
}

/* (key, data, algorithm, form) */
static int weir_hmac(lua_State *L)
{
	struct weir_str key = string_arg(L, 1), data = string_arg(L, 2);
	struct weir_str word = str_from(luaL_optstring(L, 3, "sha256"));
	enum form form = (enum form)luaL_checkoption(L, 4, "hex", forms);
	uint8_t out[DIGEST_MOST];
	enum digest d;

	if (!digest_parse(word, &d))
		return luaL_argerror(L, 3, "wanted sha1, sha256, sha384 or sha512");
	charge(L, key);
	charge(L, data);
	if (!digest_hmac(d, key, data, out))
		return luaL_error(L, "this digest is not to be had on this machine");
	return push_form(L, out, digest_size(d), form);
}

static int weir_equal(lua_State *L)
{
	struct weir_str a = string_arg(L, 1), b = string_arg(L, 2);

	charge(L, a);
	lua_pushboolean(L, weir_same_secret(a, b));
	return 1;
}

/* (bytes) -> a text for cookies and URLs that nobody can guess */
static int weir_token(lua_State *L)
{
	lua_Integer size = luaL_optinteger(L, 1, 16);
	uint8_t bytes[DIGEST_MOST];

	luaL_argcheck(L, size >= 8 && size <= DIGEST_MOST, 1, "a token has 8 to 64 bytes");
	script_spend(L, 200);
	if (!digest_random(bytes, (size_t)size))
		return luaL_error(L, "there is no randomness to be had");
	return push_form(L, bytes, (size_t)size, FORM_BASE64URL);
}

/* Letters ------------------------------------------------------------------------ */

static int give_base64(lua_State *L, enum base64_form form)
{
	struct weir_str data = string_arg(L, 1);
	luaL_Buffer b;
	char *out = luaL_buffinitsize(L, &b, base64_room(data.len) + 1);

	charge(L, data);
	luaL_pushresultsize(&b, base64_encode(form, data, out));
	return 1;
}

static int give_bytes(lua_State *L, enum base64_form form)
{
	struct weir_str text = string_arg(L, 1);
	luaL_Buffer b;
	char *out = luaL_buffinitsize(L, &b, base64_decoded_room(text.len));
	size_t len = 0;
	bool good;

	charge(L, text);
	good = base64_decode(form, text, out, &len);
	luaL_pushresultsize(&b, good ? len : 0);
	if (!good)
		lua_pushnil(L);
	return 1;
}

static int base64_encode_plain(lua_State *L)
{
	return give_base64(L, BASE64_PLAIN);
}

static int base64_encode_url(lua_State *L)
{
	return give_base64(L, BASE64_URL);
}

static int base64_decode_plain(lua_State *L)
{
	return give_bytes(L, BASE64_PLAIN);
}

static int base64_decode_url(lua_State *L)
{
	return give_bytes(L, BASE64_URL);
}

static int encode_hex(lua_State *L)
{
	struct weir_str data = string_arg(L, 1);
	luaL_Buffer b;
	char *out = luaL_buffinitsize(L, &b, 2 * data.len + 1);

	charge(L, data);
	hex_encode(data, out);
	luaL_pushresultsize(&b, 2 * data.len);
	return 1;
}

static int decode_hex(lua_State *L)
{
	struct weir_str text = string_arg(L, 1);
	luaL_Buffer b;
	char *out = luaL_buffinitsize(L, &b, text.len / 2 + 1);
	bool good = hex_decode(text, out);

	charge(L, text);
	luaL_pushresultsize(&b, good ? text.len / 2 : 0);
	if (!good)
		lua_pushnil(L);
	return 1;
}

void bind_digest(lua_State *L)
{
	bindings_add(L, bindings_digest);
	lua_newtable(L);
	bindings_add(L, bindings_base64);
	lua_setfield(L, -2, "base64");
	lua_newtable(L);
	bindings_add(L, bindings_hex);
	lua_setfield(L, -2, "hex");
}

const struct binding bindings_digest[] = {
	{ "hash", weir_hash, "weir.hash(text, ...) -> integer",
	  "The same number from 0 for the same texts, on every machine and in every version: for "
	  "shares, not for secrets.", false, "0.1" },
	{ "sha256", weir_sha256, "weir.sha256(data [, form]) -> text",
	  "The digest as `\"hex\"`, `\"raw\"`, `\"base64\"` or `\"base64url\"`.", false, "0.1" },
	{ "sha1", weir_sha1, "weir.sha1(data [, form]) -> text",
	  "For what others sign with it; choose SHA-256 for anything new.", false, "0.1" },
	{ "sha512", weir_sha512, "weir.sha512(data [, form]) -> text", "The longer digest.", false,
	  "0.1" },
	{ "hmac", weir_hmac, "weir.hmac(key, data [, algorithm [, form]]) -> text",
	  "A keyed digest, with `\"sha256\"` unless told otherwise; compare it with `weir.equal`.",
	  false, "0.1" },
	{ "equal", weir_equal, "weir.equal(a, b) -> boolean",
	  "Compares secrets in a time that does not tell where they differ.", false, "0.1" },
	{ "token", weir_token, "weir.token([bytes]) -> text",
	  "A text for cookies and URLs that nobody can guess; of 16 random bytes.", false, "0.1" },
	{ 0 }
};

const struct binding bindings_base64[] = {
	{ "encode", base64_encode_plain, "weir.base64.encode(data) -> text", "With `+`, `/` and `=`.",
	  false, "0.1" },
	{ "decode", base64_decode_plain, "weir.base64.decode(text) -> data", "nil when it is none.",
	  false, "0.1" },
	{ "encode_url", base64_encode_url, "weir.base64.encode_url(data) -> text",
	  "With `-` and `_`, and not filled up.", false, "0.1" },
	{ "decode_url", base64_decode_url, "weir.base64.decode_url(text) -> data",
	  "nil when it is none.", false, "0.1" },
	{ 0 }
};

const struct binding bindings_hex[] = {
	{ "encode", encode_hex, "weir.hex.encode(data) -> text", "Two small letters for each byte.",
	  false, "0.1" },
	{ "decode", decode_hex, "weir.hex.decode(text) -> data", "Of either case; nil when it is none.",
	  false, "0.1" },
	{ 0 }
};
