/* fault.c - the table of what can be wrong with a token. */
#include "plugins/jwt/fault.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static const struct fault_row rows[FAULT_COUNT] = {
#define X(NAME, REASON, STATUS, ERROR, SENTENCE) \
	[FAULT_##NAME] = { TEXT(REASON), TEXT(ERROR), TEXT(SENTENCE), STATUS },
	FAULTS(X)
#undef X
};

const struct fault_row *fault_row(enum fault f)
{
	return &rows[f];
}
