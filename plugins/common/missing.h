/* missing.h - what policies that count by a key do with requests that lack a part of it. */
#ifndef PLUGINS_COMMON_MISSING_H
#define PLUGINS_COMMON_MISSING_H

#include <weir/option.h>

/* They are counted together, refused, or not counted at all. */
enum missing { MISSING_SHARE, MISSING_REFUSE, MISSING_PASS };

static const char *const missing_words[] = { "share", "refuse", "pass", NULL };

#define MISSING_OPTION \
	{ .name = "missing", .type = WEIR_CHOICE, .choices = missing_words, .fallback = "share", \
	  .about = "a request that lacks a part of the key: shares one limit with its like, is " \
		   "refused (403), or passes uncounted" }

static inline enum missing missing_of(const struct weir_setup *setup)
{
	struct weir_str word = weir_option_text(setup, "missing");

	return weir_str_eq(word, WEIR_STR("refuse")) ? MISSING_REFUSE
		: weir_str_eq(word, WEIR_STR("pass")) ? MISSING_PASS : MISSING_SHARE;
}

/* Without a key there is nothing to lack. */
static inline bool missing_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (weir_option_given(setup, "missing") && weir_option_count(setup, "key") == 0)
		return weir_fail(error, "`missing` says what to do without a `key`, and there is none");
	return true;
}

#endif
