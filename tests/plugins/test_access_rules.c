/* test_access_rules.c - addresses, rules, hashed keys, users: what the policies about access decide
 * by. */
#include <stdlib.h>

#include "plugins/acl/rules.h"
#include "plugins/api_key/keys.h"
#include "plugins/basic/users.h"
#include "plugins/common/digest.h"
#include "plugins/common/ranges.h"
#include "plugins/forward_auth/ask.h"
#include "plugins/ip/lists.h"
#include "tests/test.h"

/* Addresses -------------------------------------------------------------------- */

static void add(struct ranges *r, const char *text)
{
	struct ip_range range;

	if (!ip_range_read(weir_str_from(text), &range))
		fail_msg("\"%s\" is no network", text);
	assert_true(ranges_add(r, &range));
}

static bool has(const struct ranges *r, const char *text)
{
	struct ip ip;

	assert_true(ip_read(weir_str_from(text), &ip));
	return ranges_have(r, &ip);
}

static void networks_hold_their_addresses_and_no_others(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, "10.0.0.0/8");
	add(&r, "192.0.2.130/25");	/* the network that it is in */
	add(&r, "203.0.113.7");
	add(&r, "2001:db8::/33");
	add(&r, "10.1.0.0/16");		/* inside another */
	ranges_settle(&r);

	assert_int_equal(r.count, 4);
	assert_true(has(&r, "10.0.0.0"));
	assert_true(has(&r, "10.255.255.255"));
	assert_false(has(&r, "9.255.255.255"));
	assert_false(has(&r, "11.0.0.0"));
	assert_true(has(&r, "192.0.2.128"));
	assert_false(has(&r, "192.0.2.127"));
	assert_true(has(&r, "203.0.113.7"));
	assert_false(has(&r, "203.0.113.8"));
	assert_true(has(&r, "2001:db8:7fff:ffff::1"));
	assert_false(has(&r, "2001:db8:8000::"));
	assert_true(has(&r, "::ffff:10.2.3.4"));	/* the same address in another writing */
	assert_false(has(&r, "::10.2.3.4"));
	ranges_end(&r);
}

static void everything_is_a_network_too(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, "0.0.0.0/0");
	ranges_settle(&r);
	assert_true(has(&r, "255.255.255.255"));
	assert_false(has(&r, "::1"));
	add(&r, "::/0");
	ranges_settle(&r);
	assert_true(has(&r, "::1"));
	ranges_end(&r);
}

static void what_is_no_address_is_none(void **state)
{
	static const char *const bad[] = { "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129",
		"10.0.0.0/8x", "010.0.0.1", "10.0.0.1 ", "example", "10.0.0.0/0008", "1:2" };
	struct ip_range range;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ip_range_read(weir_str_from(bad[i]), &range))
			fail_msg("\"%s\" is taken for a network", bad[i]);
}

static void who_is_denied_is_not_allowed(void **state)
{
	struct weir_error error = { "" };
	struct ranges *allow = list_read(WEIR_STR("# ours\n10.0.0.0/8  office\n\n"), &error);
	struct ranges *deny = list_read(WEIR_STR("10.0.0.13\r\n"), &error);
	const struct ip_lists both = { .allow = { allow }, .deny = { NULL, deny } };
	const struct ip_lists only_deny = { .deny = { deny } };

	(void)state;
	assert_int_equal(lists_say(&both, WEIR_STR("10.0.0.1")), IP_PASSES);
	assert_int_equal(lists_say(&both, WEIR_STR("10.0.0.13")), IP_DENIED);
	assert_int_equal(lists_say(&both, WEIR_STR("11.0.0.1")), IP_NOT_ALLOWED);
	assert_int_equal(lists_say(&both, WEIR_ABSENT), IP_UNKNOWN);
	assert_int_equal(lists_say(&only_deny, WEIR_STR("11.0.0.1")), IP_PASSES);
	list_free(allow);
	list_free(deny);
	assert_null(list_read(WEIR_STR("10.0.0.0/8\nnot one\n"), &error));
	assert_string_equal(error.text, "line 2: \"not\" is no address and no network");
}

/* Rules ------------------------------------------------------------------------ */

static const struct weir_field claims[] = {
	{ { "scope", 5 }, { "read write", 10 } }, { { "groups", 6 }, { "a", 1 } },
	{ { "groups", 6 }, { "admin", 5 } }, { { "scp", 3 }, { "extra", 5 } },
};

static struct weir_str claim(void *arg, struct weir_str name, uint32_t n)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		if (weir_str_eq(claims[i].name, name) && n-- == 0)
			return claims[i].value;
	return WEIR_ABSENT;
}

static const struct subject subject = {
	.method = { "GET", 3 }, .host = { "shop.example", 12 }, .path = { "/orders/7", 9 },
	.client = { "10.0.0.1", 8 }, .identity = { "spiffe://x/ns/a/svc/b", 21 }, .claim = claim,
};

#define VALUES(...) { (const struct weir_str[]){ __VA_ARGS__ }, \
	sizeof((const struct weir_str[]){ __VA_ARGS__ }) / sizeof(struct weir_str) }
#define MISSES(...) rule_misses(&(struct rule){ __VA_ARGS__ }, &subject)

static void a_rule_says_what_it_misses(void **state)
{
	(void)state;
	assert_int_equal(MISSES(.allows = true), MISS_NONE);
	assert_int_equal(MISSES(.methods = VALUES(WEIR_STR("POST"), WEIR_STR("GET"))), MISS_NONE);
	assert_int_equal(MISSES(.methods = VALUES(WEIR_STR("get"))), MISS_METHOD);
	assert_int_equal(MISSES(.hosts = VALUES(WEIR_STR("SHOP.example"))), MISS_NONE);
	assert_int_equal(MISSES(.hosts = VALUES(WEIR_STR("shop"))), MISS_HOST);
	assert_int_equal(MISSES(.paths = VALUES(WEIR_STR("/orders/*"))), MISS_NONE);
	assert_int_equal(MISSES(.paths = VALUES(WEIR_STR("/orders"))), MISS_PATH);
	assert_int_equal(MISSES(.identities = VALUES(WEIR_STR("spiffe://x/ns/*/svc/b"))), MISS_NONE);
	assert_int_equal(MISSES(.identities = VALUES(WEIR_STR("spiffe://x/*"))), MISS_IDENTITY);
	assert_int_equal(MISSES(.asks_client = true), MISS_CLIENT);
	assert_int_equal(MISSES(.scopes = VALUES(WEIR_STR("write"), WEIR_STR("extra"))), MISS_NONE);
	assert_int_equal(MISSES(.scopes = VALUES(WEIR_STR("write"), WEIR_STR("admin"))), MISS_SCOPE);
	assert_int_equal(MISSES(.scopes = VALUES(WEIR_STR("read write"))), MISS_SCOPE);
}

static void claims_are_looked_at_value_by_value(void **state)
{
	const struct claim_rule admin = { WEIR_STR("groups"), VALUES(WEIR_STR("x"), WEIR_STR("admin")) };
	const struct claim_rule joined = { WEIR_STR("groups"), VALUES(WEIR_STR("a,admin")) };
	const struct claim_rule there = { WEIR_STR("groups"), { NULL, 0 } };
	const struct claim_rule missing = { WEIR_STR("tier"), { NULL, 0 } };

	(void)state;
	assert_int_equal(MISSES(.claims = &admin, .claim_count = 1), MISS_NONE);
	assert_int_equal(MISSES(.claims = &joined, .claim_count = 1), MISS_CLAIM);
	assert_int_equal(MISSES(.claims = &there, .claim_count = 1), MISS_NONE);
	assert_int_equal(MISSES(.claims = &missing, .claim_count = 1), MISS_CLAIM);
	assert_string_equal(miss_word(MISS_CLAIM), "claim");
}

static bool path(const char *pattern, const char *text)
{
	return path_fits(weir_str_from(pattern), weir_str_from(text));
}

static bool glob(const char *pattern, const char *text)
{
	return glob_fits(weir_str_from(pattern), weir_str_from(text));
}

static void paths_end_at_slashes(void **state)
{
	(void)state;
	assert_true(path("/admin/*", "/admin"));
	assert_true(path("/admin/*", "/admin/"));
	assert_true(path("/admin/*", "/admin/a/b"));
	assert_false(path("/admin/*", "/administrator"));
	assert_false(path("/admin", "/admin/"));
	assert_true(path("/*", "/"));
	assert_true(path("/*", "/x"));
}

static void stars_stop_at_slashes_and_pairs_do_not(void **state)
{
	char text[3000];

	(void)state;
	assert_true(glob("a*c", "abbc"));
	assert_true(glob("a*c", "ac"));
	assert_false(glob("a*c", "ab/c"));
	assert_true(glob("a**c", "ab/c"));
	assert_true(glob("**/svc/*", "spiffe://d/ns/x/svc/y"));
	assert_false(glob("**/svc/*", "spiffe://d/ns/x/svc/y/z"));
	assert_true(glob("*", ""));
	assert_false(glob("*", "a/b"));
	assert_true(glob("**", "a/b"));
	assert_false(glob("", "a"));
	assert_false(glob("spiffe://a/*", "spiffe://a"));
	assert_true(glob("*a*b*", "xaaybz"));
	assert_false(glob("ann", "ann2"));
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(glob("**a*a*a*b", text));	/* and it comes to an end */
}

/* Keys ------------------------------------------------------------------------- */

/* sha256("foo"), sha256("bar") */
#define FOO "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define BAR "FCDE2B2EDBA56BF408601FB721FE9B5C338D10EE429EA04FAE5511B68FBF8FB9"

static void a_key_leads_to_whose_it_is(void **state)
{
	struct weir_error error = { "" };
	struct keys *keys = keys_read(WEIR_STR("# partners\n" FOO " acme tier=gold g=a g=b\n\n  " BAR
					       "\tother\n"), &error);

	(void)state;
	assert_non_null(keys);
	assert_int_equal(keys->count, 2);
	assert_str(keys_find(keys, WEIR_STR("foo"))->identity, "acme");
	assert_int_equal(keys_find(keys, WEIR_STR("foo"))->claim_count, 3);
	assert_str(keys_find(keys, WEIR_STR("foo"))->claims[2].value, "b");
	assert_str(keys_find(keys, WEIR_STR("bar"))->identity, "other");
	assert_null(keys_find(keys, WEIR_STR("baz")));
	assert_null(keys_find(keys, WEIR_STR("")));
	assert_null(keys_find(keys, WEIR_STR(FOO)));	/* who steals the file has no key */
	keys_free(keys);
}

static void keys_wrong(const char *text, const char *why)
{
	struct weir_error error = { "" };

	assert_null(keys_read(weir_str_from(text), &error));
	if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void a_bad_line_is_named(void **state)
{
	struct weir_error error = { "" };
	struct keys *none = keys_read(WEIR_STR(""), &error);

	(void)state;
	keys_wrong(FOO " a\nfoo b\n", "line 2");
	keys_wrong("\n" FOO "\n", "line 2: it does not say whose");
	keys_wrong(FOO " a tier\n", "line 1: \"tier\"");
	keys_wrong(FOO " a =x\n", "line 1");
	keys_wrong(FOO " a\n" FOO " b\n", "is also that of");
	assert_non_null(none);
	assert_null(keys_find(none, WEIR_STR("foo")));
	keys_free(none);
}

/* Users ------------------------------------------------------------------------ */

static void passwords_are_what_crypt_says(void **state)
{
	const char *bcrypt = "$2y$04$abcdefghijklmnopqrstuu6cv7oXFdPUnBbhKd8mGkkMRb4kJLyq2";

	(void)state;
	assert_false(users_verify(bcrypt, "wrong"));
	assert_false(users_verify("$6$", ""));
	assert_false(users_verify("*0", "x"));
	assert_false(users_verify("", ""));
	/* openssl passwd -5 -salt saltsalt orange */
	assert_true(users_verify("$5$saltsalt$NpqJP7gSMKSjkzC8ywX7cD.LmGwN7K/FZfI8A/ngrs3", "orange"));
	assert_false(users_verify("$5$saltsalt$NpqJP7gSMKSjkzC8ywX7cD.LmGwN7K/FZfI8A/ngrs3", "Orange"));
}

static void users_wrong(const char *text, const char *why)
{
	struct weir_error error = { "" };

	assert_null(users_read(weir_str_from(text), &error));
	if (strstr(error.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void users_are_read(void **state)
{
	struct weir_error error = { "" };
	struct users *users = users_read(WEIR_STR("# people\nbob:$2y$04$abcdefghijklmnopqrstuu6cv7oXFdPUnBbhKd8mG"
						  "kkMRb4kJLyq2\nann:$5$saltsalt$xyz\n"), &error);

	(void)state;
	if (users == NULL)
		fail_msg("%s", error.text);
	assert_int_equal(users->count, 2);
	assert_string_equal(users_find(users, WEIR_STR("ann"))->hash, "$5$saltsalt$xyz");
	assert_null(users_find(users, WEIR_STR("carl")));
	users_free(users);
	users_wrong("ann\n", "line 1: it is not user:hash");
	users_wrong(":$5$a$b\n", "line 1");
	users_wrong("ann:orange\n", "not one that crypt(3) knows");
	users_wrong("ann:$apr1$x$y\n", "not one that crypt(3) knows");
	users_wrong("ann:$5$a$b\nann:$5$a$c\n", "twice");
}

static bool basic(const char *value, const char *name, const char *password)
{
	char room[USER_MOST + PASSWORD_MOST + 8];
	struct weir_str n, p;

	if (!users_read_header(weir_str_from(value), room, &n, &p))
		return false;
	assert_str(n, name);
	assert_str(p, password);
	return true;
}

static void the_header_of_basic_is_read_strictly(void **state)
{
	char longest[2000] = "Basic ";

	(void)state;
	assert_true(basic("Basic YW5uOm9yYW5nZQ==", "ann", "orange"));
	assert_true(basic("bASIC  YW5uOg==", "ann", ""));
	assert_true(basic("Basic YW5uOmE6Yg==", "ann", "a:b"));		/* the first colon */
	assert_false(basic("Basic YW5u", NULL, NULL));			/* no colon */
	assert_false(basic("Basic YW5uOm9yYW5nZQ", NULL, NULL));	/* no padding */
	assert_false(basic("Basic YW5uOm8AYQ==", NULL, NULL));		/* NUL */
	assert_false(basic("Basic YW5uOgo=", NULL, NULL));		/* line feed */
	assert_false(basic("Bearer YW5uOg==", NULL, NULL));
	assert_false(basic("Basic", NULL, NULL));
	memset(longest + 6, 'Q', 1600);
	assert_false(basic(longest, NULL, NULL));
}

static void what_was_true_is_forgotten(void **state)
{
	struct recall *r = recall_new(8);
	unsigned char digest[DIGEST];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		const struct weir_str piece = { (const char *)&i, sizeof(i) };

		assert_true(digest_of(&piece, 1, digest));
		assert_false(recall_has(r, digest, 10));
		recall_put(r, digest, 100 + i);
		assert_true(recall_has(r, digest, 99));
		assert_false(recall_has(r, digest, 100 + i));
	}
	recall_free(r);
}

/* Forwarding ------------------------------------------------------------------- */

static void an_answer_passes_refuses_or_is_none(void **state)
{
	(void)state;
	assert_int_equal(ask_read(200), ASK_PASSES);
	assert_int_equal(ask_read(204), ASK_PASSES);
	assert_int_equal(ask_read(302), ASK_REFUSES);
	assert_int_equal(ask_read(401), ASK_REFUSES);
	assert_int_equal(ask_read(404), ASK_REFUSES);
	assert_int_equal(ask_read(304), ASK_NO_ANSWER);
	assert_int_equal(ask_read(429), ASK_NO_ANSWER);
	assert_int_equal(ask_read(500), ASK_NO_ANSWER);
	assert_int_equal(ask_read(0), ASK_NO_ANSWER);
	assert_int_equal(ask_read(100), ASK_NO_ANSWER);
	assert_int_equal(ask_seconds(0), 0);
	assert_int_equal(ask_seconds(1), 1);
	assert_int_equal(ask_seconds(7000000000), 7);
	assert_int_equal(ask_seconds(UINT64_MAX), 3600);
}

static void what_says_who_asks_is_never_taken_from_the_client(void **state)
{
	const struct weir_str all[] = { { "Cookie", 6 }, { "x-forwarded-for", 15 }, { "content-length", 14 } };

	(void)state;
	assert_true(ask_may_send(WEIR_STR("cookie"), all, 3));
	assert_false(ask_may_send(WEIR_STR("cookies"), all, 3));
	assert_false(ask_may_send(WEIR_STR("X-Forwarded-For"), all, 3));
	assert_false(ask_may_send(WEIR_STR("Content-Length"), all, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_their_addresses_and_no_others),
		cmocka_unit_test(everything_is_a_network_too),
		cmocka_unit_test(what_is_no_address_is_none),
		cmocka_unit_test(who_is_denied_is_not_allowed),
		cmocka_unit_test(a_rule_says_what_it_misses),
		cmocka_unit_test(claims_are_looked_at_value_by_value),
		cmocka_unit_test(paths_end_at_slashes),
		cmocka_unit_test(stars_stop_at_slashes_and_pairs_do_not),
		cmocka_unit_test(a_key_leads_to_whose_it_is),
		cmocka_unit_test(a_bad_line_is_named),
		cmocka_unit_test(passwords_are_what_crypt_says),
		cmocka_unit_test(users_are_read),
		cmocka_unit_test(the_header_of_basic_is_read_strictly),
		cmocka_unit_test(what_was_true_is_forgotten),
		cmocka_unit_test(an_answer_passes_refuses_or_is_none),
		cmocka_unit_test(what_says_who_asks_is_never_taken_from_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
