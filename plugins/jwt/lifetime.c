/* lifetime.c - how long an answer may be kept, and when to ask again. */
#include "plugins/jwt/lifetime.h"

#include <strings.h>

static const uint64_t LONGEST = 10 * 366 * 86400ull;

/* Digits, at the beginning; more than LONGEST is LONGEST. False: there is none. */
static bool read_seconds(struct weir_str s, uint64_t *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		if (*out < LONGEST)
			*out = *out * 10 + (uint64_t)(s.data[i] - '0');
	if (*out > LONGEST)
		*out = LONGEST;
	return i > 0;
}

static bool next_word(struct weir_str *rest, struct weir_str *word)
{
	size_t end = 0;

	while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == ',' || rest->data[0] == '\t'))
		*rest = (struct weir_str){ rest->data + 1, rest->len - 1 };
	while (end < rest->len && rest->data[end] != ',')
		end++;
	*word = (struct weir_str){ rest->data, end };
	*rest = (struct weir_str){ rest->data + end, rest->len - end };
	while (word->len > 0 && (word->data[word->len - 1] == ' ' || word->data[word->len - 1] == '\t'))
		word->len--;
	return word->len > 0;
}

static bool is(struct weir_str word, struct weir_str what)
{
	return word.len == what.len && strncasecmp(word.data, what.data, what.len) == 0;
}

uint64_t lifetime_of(struct weir_str cache_control, struct weir_str age, uint64_t fallback)
{
	static const struct weir_str max_age = { "max-age=", 8 };
	struct weir_str rest = cache_control, word;
	uint64_t life = fallback, old = 0;

	while (rest.data != NULL && next_word(&rest, &word)) {
		if (is(word, WEIR_STR("no-store")) || is(word, WEIR_STR("no-cache")))
			return 0;
		if (word.len > max_age.len &&
		    is((struct weir_str){ word.data, max_age.len }, max_age) &&
		    !read_seconds((struct weir_str){ word.data + max_age.len, word.len - max_age.len },
				  &life))
			life = fallback;
	}
	if (age.data != NULL && read_seconds(age, &old))
		life = old < life ? life - old : 0;
	return life;
}

double lifetime_pause(uint32_t failures, uint32_t most, uint64_t dice)
{
	uint32_t pause = failures < 31 ? (uint32_t)1 << (failures > 0 ? failures - 1 : 0) : most;

	if (pause > most)
		pause = most;
	return pause * (1.0 - 0.2 * (double)(dice >> 11) / (double)((uint64_t)1 << 53));
}
