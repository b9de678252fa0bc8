/* test_access_options.c - what the policies about access say to options that cannot be meant. */
#include "tests/plugins/loaded.h"

static void says(const char *plugin, const char *options, const char *sentence)
{
	struct loaded l;

	loaded_open(&l, plugin, options);
	if (l.open || strstr(l.error.text, sentence) == NULL)
		fail_msg("%s %s: \"%s\" does not say \"%s\"", plugin, options, l.error.text, sentence);
	loaded_close(&l);
}

#define SECRET "secret: 0123456789abcdef0123456789abcdef"

static void jwt_wants_to_know_whose_tokens_and_for_whom(void **state)
{
	(void)state;
	says("jwt", "{issuers: []}", "`issuers` is empty");
	says("jwt", "{issuers: [{issuer: a, audience: b}]}", "issuer 1: without `jwks_url`");
	says("jwt", "{issuers: [{audience: b}]}", "must be an http:// or https:// URL");
	says("jwt", "{issuers: [{issuer: a, " SECRET "}]}", "`any_audience: true`");
	says("jwt", "{issuers: [{issuer: 'https://a/', audience: b}, {audience: c, pem: x, " SECRET "}]}",
	     "issuer 2: give one of");
}

static void jwt_does_not_mix_secrets_and_public_keys(void **state)
{
	(void)state;
	says("jwt", "{issuers: [{audience: b, algorithms: RS256, " SECRET "}]}", "with `secret` only HS256");
	says("jwt", "{issuers: [{audience: b, algorithms: [RS256, HS256], pem: x}]}", "need a `secret`");
	says("jwt", "{issuers: [{issuer: 'https://a/', audience: b, algorithms: HS256}]}", "need a `secret`");
	says("jwt", "{issuers: [{audience: b, secret: short}]}", "`secret` has 5 bytes");
}

static void jwt_does_not_write_what_would_break_a_header(void **state)
{
	(void)state;
	says("jwt", "{realm: 'a\"b', issuers: [{audience: b, " SECRET "}]}", "`realm`");
	says("jwt", "{scopes: ['a b'], issuers: [{audience: b, " SECRET "}]}", "is no scope");
	says("jwt", "{scopes: [''], issuers: [{audience: b, " SECRET "}]}", "a scope is empty");
	says("basic", "{file: x, realm: 'a\"b'}", "`realm`");
}

static void what_contradicts_itself_is_refused(void **state)
{
	(void)state;
	says("ip", "{}", "there is nothing to decide by");
	says("forward_auth", "{service: a, url: 'http://a/'}", "either `service` or `url`");
	says("forward_auth", "{}", "either `service` or `url`");
	says("forward_auth", "{url: 'http://a/', path: /x}", "there is no `path`");
	says("forward_auth", "{service: a, path: x}", "must begin with /");
}

static void rules_say_one_thing_about_paths_that_can_be(void **state)
{
	(void)state;
	says("acl", "{rules: [{allow: {}}, {}]}", "rule 2 must have either `allow` or `deny`");
	says("acl", "{rules: [{allow: {}, deny: {}}]}", "rule 1 must have either");
	says("acl", "{rules: [{deny: {path: admin}}]}", "must begin with /");
	says("acl", "{rules: [{deny: {path: '/admin*'}}]}", "a * may only stand at the end");
	says("acl", "{rules: [{deny: {path: '/*/x'}}]}", "a * may only stand at the end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jwt_wants_to_know_whose_tokens_and_for_whom),
		cmocka_unit_test(jwt_does_not_mix_secrets_and_public_keys),
		cmocka_unit_test(jwt_does_not_write_what_would_break_a_header),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(rules_say_one_thing_about_paths_that_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
