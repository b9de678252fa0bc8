/* reason.c - the table of reasons. */
#include "core/base/reason.h"

const struct reason_row reason_rows[REASON_COUNT] = {
#define X(NAME, WORD, GROUP, SIDE, STATUS, RETRY, SENTENCE) \
	[REASON_##NAME] = { \
		.word = { WORD, sizeof(WORD) - 1 }, \
		.group = { GROUP, sizeof(GROUP) - 1 }, \
		.sentence = { SENTENCE, sizeof(SENTENCE) - 1 }, \
		.side = SIDE_##SIDE, \
		.status = STATUS, \
		.retry = RETRY_##RETRY, \
	},
	REASONS(X)
#undef X
};

enum reason reason_of_word(struct weir_str word)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (str_eq(reason_rows[i].word, word))
			return (enum reason)i;
	return REASON_COUNT;
}

bool reason_group_exists(struct weir_str group)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (group.len > 0 && str_eq(reason_rows[i].group, group))
			return true;
	return false;
}

struct weir_str reason_side_word(enum reason_side side)
{
	switch (side) {
	case SIDE_CLIENT:
		return STR("client");
	case SIDE_GATEWAY:
		return STR("gateway");
	case SIDE_UPSTREAM:
		return STR("upstream");
	case SIDE_NOBODY:
		break;
	}
	return STR("");
}
