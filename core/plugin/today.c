/* today.c - what a plugin of any age hands in, made into today's: members it does not know are absent. */
#include "core/plugin/today.h"

#include "core/base/clock.h"
#include "core/base/str.h"

#define CALL_TIME (5 * NS_PER_S)

enum { CALL_ANSWER = 1 << 20 };

/* A newer plugin knows more than we do; what we do not know is not taken. */
static void take(void *ours, size_t size, const void *given, size_t given_size)
{
	memset(ours, 0, size);
	memcpy(ours, given, given_size < size ? given_size : size);
}

struct weir_reply reply_today(const struct weir_reply *given)
{
	struct weir_reply r;

	take(&r, sizeof(r), given, given->size);
	return r;
}

struct weir_refusal refusal_today(const struct weir_refusal *given)
{
	struct weir_refusal r;

	take(&r, sizeof(r), given, given->size);
	return r;
}

struct weir_call_request call_request_today(const struct weir_call_request *given)
{
	struct weir_call_request r;

	take(&r, sizeof(r), given, given->size);
	r.size = sizeof(r);
	if (r.timeout_ns == 0)
		r.timeout_ns = CALL_TIME;
	if (r.most == 0)
		r.most = CALL_ANSWER;
	if (r.method.data == NULL)
		r.method = r.body.len > 0 ? STR("POST") : STR("GET");
	if (r.path.data == NULL)
		r.path = STR("/");
	return r;
}
