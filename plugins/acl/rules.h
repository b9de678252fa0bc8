/* rules.h - rules about who may do what: the first that is about a request decides. */
#ifndef PLUGINS_ACL_RULES_H
#define PLUGINS_ACL_RULES_H

#include "plugins/common/ranges.h"

/* Several values; a rule is about a request when one of them is so. 0: the rule does not ask. */
struct values {
	const struct weir_str *at;
	uint32_t count;
};

struct claim_rule {
	struct weir_str name;
	struct values is;	/* none: it must be there */
};

struct rule {
	bool allows;
	struct weir_str name;		/* for people; absent: its number */
	struct values methods, paths, identities, hosts;
	struct values scopes;		/* all of these */
	const struct claim_rule *claims;	/* all of these */
	uint32_t claim_count;
	struct ranges clients;
	bool asks_client;
};

/* Who asks for what. */
struct subject {
	struct weir_str method, host, path, client, identity;
	/* The n-th value of a claim; absent after the last. */
	struct weir_str (*claim)(void *arg, struct weir_str name, uint32_t n);
	void *arg;
};

/* Why a rule is not about a request: the first condition that does not hold. */
enum miss {
	MISS_NONE, MISS_METHOD, MISS_HOST, MISS_PATH, MISS_CLIENT, MISS_IDENTITY, MISS_SCOPE,
	MISS_CLAIM
};

enum miss rule_misses(const struct rule *rule, const struct subject *s);
const char *miss_word(enum miss miss);

/* /a is itself alone, a * at the end behind a / what is below it and itself. */
bool path_fits(struct weir_str pattern, struct weir_str path);
/* * is any text without a /, ** any text at all; everything else is itself. */
bool glob_fits(struct weir_str pattern, struct weir_str text);

#endif
