/* rules.c - rules about who may do what. */
#include "plugins/acl/rules.h"

#include <strings.h>

bool path_fits(struct weir_str pattern, struct weir_str path)
{
	size_t stem;

	if (pattern.len < 2 || pattern.data[pattern.len - 1] != '*')
		return weir_str_eq(pattern, path);
	stem = pattern.len - 2;		/* without the / and the * */
	return path.len >= stem && memcmp(path.data, pattern.data, stem) == 0 &&
	       (path.len == stem || path.data[stem] == '/');
}

/* Two places to come back to: the last * and the last **. Each text is walked over a bounded number
 * of times for each star, and there are few. */
struct star {
	size_t pattern, text;
	bool set;
};

static bool back_to(struct star *star, bool deep, struct weir_str text, size_t *p, size_t *t)
{
	if (!star->set || star->text >= text.len || (!deep && text.data[star->text] == '/'))
		return false;
	*p = star->pattern;
	*t = ++star->text;
	return true;
}

bool glob_fits(struct weir_str pattern, struct weir_str text)
{
	struct star one = { 0 }, deep = { 0 };
	size_t p = 0, t = 0;

	while (p < pattern.len || t < text.len) {
		if (p + 1 < pattern.len && pattern.data[p] == '*' && pattern.data[p + 1] == '*') {
			p += 2;
			deep = (struct star){ p, t, true };
			one.set = false;
		} else if (p < pattern.len && pattern.data[p] == '*') {
			p++;
			one = (struct star){ p, t, true };
		} else if (p < pattern.len && t < text.len && pattern.data[p] == text.data[t]) {
			p++;
			t++;
		} else if (!back_to(&one, false, text, &p, &t)) {
			one.set = false;
			if (!back_to(&deep, true, text, &p, &t))
				return false;
		}
	}
	return true;
}

static bool is_one_of(const struct values *values, struct weir_str text)
{
	for (uint32_t i = 0; i < values->count; i++)
		if (weir_str_eq(values->at[i], text))
			return true;
	return false;
}

static bool path_is_one_of(const struct values *values, struct weir_str path)
{
	for (uint32_t i = 0; i < values->count; i++)
		if (path_fits(values->at[i], path))
			return true;
	return false;
}

static bool host_is_one_of(const struct values *values, struct weir_str host)
{
	for (uint32_t i = 0; i < values->count; i++)
		if (values->at[i].len == host.len &&
		    strncasecmp(values->at[i].data, host.data, host.len) == 0)
			return true;
	return false;
}

static bool identity_is_one_of(const struct values *values, struct weir_str identity)
{
	for (uint32_t i = 0; identity.data != NULL && i < values->count; i++)
		if (glob_fits(values->at[i], identity))
			return true;
	return false;
}

static bool has_word(struct weir_str text, struct weir_str word)
{
	size_t at = 0;

	while (at < text.len) {
		const char *space = memchr(text.data + at, ' ', text.len - at);
		size_t end = space != NULL ? (size_t)(space - text.data) : text.len;

		if (weir_str_eq((struct weir_str){ text.data + at, end - at }, word))
			return true;
		at = end + 1;
	}
	return false;
}

/* By a word of `scope` or `scp`, whichever a token uses. */
static bool grants(const struct subject *s, struct weir_str scope)
{
	static const struct weir_str names[] = { { "scope", 5 }, { "scp", 3 } };
	struct weir_str value;

	for (int i = 0; i < 2; i++)
		for (uint32_t n = 0; (value = s->claim(s->arg, names[i], n)).data != NULL; n++)
			if (has_word(value, scope))
				return true;
	return false;
}

static bool scopes_granted(const struct rule *rule, const struct subject *s)
{
	for (uint32_t i = 0; i < rule->scopes.count; i++)
		if (!grants(s, rule->scopes.at[i]))
			return false;
	return true;
}

static bool claim_holds(const struct claim_rule *rule, const struct subject *s)
{
	struct weir_str value;

	for (uint32_t n = 0; (value = s->claim(s->arg, rule->name, n)).data != NULL; n++)
		if (rule->is.count == 0 || is_one_of(&rule->is, value))
			return true;
	return false;
}

static bool claims_hold(const struct rule *rule, const struct subject *s)
{
	for (uint32_t i = 0; i < rule->claim_count; i++)
		if (!claim_holds(&rule->claims[i], s))
			return false;
	return true;
}

static bool client_is_in(const struct rule *rule, const struct subject *s)
{
	struct ip ip;

	return ip_read(s->client, &ip) && ranges_have(&rule->clients, &ip);
}

enum miss rule_misses(const struct rule *rule, const struct subject *s)
{
	if (rule->methods.count > 0 && !is_one_of(&rule->methods, s->method))
		return MISS_METHOD;
	if (rule->hosts.count > 0 && !host_is_one_of(&rule->hosts, s->host))
		return MISS_HOST;
	if (rule->paths.count > 0 && !path_is_one_of(&rule->paths, s->path))
		return MISS_PATH;
	if (rule->asks_client && !client_is_in(rule, s))
		return MISS_CLIENT;
	if (rule->identities.count > 0 && !identity_is_one_of(&rule->identities, s->identity))
		return MISS_IDENTITY;
	if (!scopes_granted(rule, s))
		return MISS_SCOPE;
	return claims_hold(rule, s) ? MISS_NONE : MISS_CLAIM;
}

const char *miss_word(enum miss miss)
{
	static const char *const words[] = {
		[MISS_NONE] = "", [MISS_METHOD] = "method", [MISS_HOST] = "host", [MISS_PATH] = "path",
		[MISS_CLIENT] = "client", [MISS_IDENTITY] = "identity", [MISS_SCOPE] = "scope",
		[MISS_CLAIM] = "claim",
	};

	return words[miss];
}
