/* needs.c - what a token must grant and say beyond being good. */
#include "plugins/jwt/needs.h"

#include <stdlib.h>

struct weir_str *texts_read(const struct weir_setup *setup, const char *name, uint32_t *count)
{
	uint32_t wanted = weir_option_count(setup, name);
	struct weir_str *all = calloc((size_t)wanted + 1, sizeof(*all));

	for (*count = 0; all != NULL && *count < wanted; (*count)++)
		all[*count] = weir_option_text_at(setup, name, *count);
	return all;
}

static bool read_claims(struct needs *needs, const struct weir_setup *setup)
{
	uint32_t count = weir_option_count(setup, "claims");

	needs->claims = calloc((size_t)count + 1, sizeof(*needs->claims));
	for (; needs->claims != NULL && needs->claim_count < count; needs->claim_count++) {
		struct wanted_claim *w = &needs->claims[needs->claim_count];

		w->name = weir_option_key_at(setup, "claims", needs->claim_count);
		w->values = texts_read(weir_option_object_at(setup, "claims", needs->claim_count), "is",
				       &w->count);
		if (w->values == NULL)
			return false;
	}
	return needs->claims != NULL;
}

bool needs_open(struct needs *needs, const struct weir_setup *setup)
{
	*needs = (struct needs){ 0 };
	needs->scopes = texts_read(setup, "scopes", &needs->scope_count);
	return needs->scopes != NULL && read_claims(needs, setup);
}

void needs_close(struct needs *needs)
{
	for (uint32_t i = 0; i < needs->claim_count; i++)
		free(needs->claims[i].values);
	free(needs->claims);
	free(needs->scopes);
}

static bool has_claim(const struct learnt *l, const struct wanted_claim *w)
{
	if (w->count == 0)
		return learnt_at(l, w->name, 0).data != NULL;
	for (uint32_t i = 0; i < w->count; i++)
		if (learnt_has(l, w->name, w->values[i]))
			return true;
	return false;
}

enum fault needs_check(const struct needs *needs, const struct learnt *l, struct weir_str *lacks)
{
	for (uint32_t i = 0; i < needs->scope_count; i++)
		if (!learnt_grants(l, needs->scopes[i])) {
			*lacks = needs->scopes[i];
			return FAULT_SCOPE;
		}
	for (uint32_t i = 0; i < needs->claim_count; i++)
		if (!has_claim(l, &needs->claims[i])) {
			*lacks = needs->claims[i].name;
			return FAULT_CLAIM;
		}
	return FAULT_NONE;
}
