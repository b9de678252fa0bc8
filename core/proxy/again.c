/* again.c - a policy has seen the answer and wants another one: res:retry, weir_retry(). */
#include "core/proxy/again.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/proxy/retry.h"

enum { AGAIN_MOST = 4 };	/* times in one exchange, whatever policies want */

/* The endpoints of a service that was left are in the record until finish. */
struct again_left {
	struct again_left *next;
	struct pick_ask ask;
};

static enum weir_retry_wish allowed(const struct exchange *ex)
{
	if (!ex->forwarded || ex->head_sent || ex->session == NULL || ex->service == NULL)
		return WEIR_RETRY_NOT_HERE;
	if (ex->again.count >= AGAIN_MOST)
		return WEIR_RETRY_TOO_OFTEN;
	return retry_allowed_again(ex) ? WEIR_RETRY_FOLLOWS : WEIR_RETRY_UNSAFE;
}

enum weir_retry_wish exchange_ask_again(struct exchange *ex, struct weir_str service, uint64_t after)
{
	enum weir_retry_wish wish = allowed(ex);
	struct service *svc = ex->service;

	if (wish != WEIR_RETRY_FOLLOWS)
		return wish;
	if (service.data != NULL)
		svc = snapshot_service(ex->reader->snapshot, service);
	if (svc == NULL)
		return WEIR_RETRY_UNKNOWN;
	ex->again.service = svc;
	ex->again.after = after;
	ex->again.wanted = true;
	return WEIR_RETRY_FOLLOWS;
}

static bool change_service(struct exchange *ex)
{
	struct again_left *left;

	if (ex->again.service == ex->service)
		return true;
	left = arena_take(&ex->arena, sizeof(*left));
	if (left == NULL)
		return false;
	*left = (struct again_left){ ex->again.left, ex->ask };
	ex->again.left = left;
	ex->ask = (struct pick_ask){ .ex = ex->ask.ex, .repeatable = ex->ask.repeatable };
	if (ex->admitted)
		service_release(ex->service, ex->proxy->worker);
	ex->admitted = false;
	ex->service = ex->again.service;
	return true;
}

/* As if there had been no answer yet. */
static void forget_answer(struct exchange *ex)
{
	attempt_end(ex, REASON_NONE);
	buffer_fini(&ex->answer);
	ex->answer_lost = REASON_NONE;
	ex->reply = STR_ABSENT;
	ex->replied = ex->body_replaced = ex->hooks_ran = false;
	ex->refused_status = 0;
	ex->detail = STR_ABSENT;
	ex->trailers = (struct headers){ 0 };
	ex->why = REASON_NONE;
}

static enum reason pause_for(struct exchange *ex)
{
	struct deadline route;
	enum wake how;

	if (ex->again.after == 0)
		return REASON_NONE;
	deadline_enter(&route, ex->route_until, REASON_TIMEOUT);
	how = wait_sleep(ex->again.after);
	deadline_leave(&route);
	if (how == WAKE_CANCEL)
		return REASON_CLIENT_GONE;
	return how == WAKE_DEADLINE ? deadline_ended() : REASON_NONE;
}

enum reason exchange_again(struct exchange *ex)
{
	enum reason why;

	ex->again.wanted = false;
	ex->again.count++;
	forget_answer(ex);
	why = pause_for(ex);
	if (why != REASON_NONE)
		return why;
	return change_service(ex) ? forward_again(ex) : REASON_OUT_OF_MEMORY;
}

void exchange_end_again(struct exchange *ex)
{
	for (struct again_left *left = ex->again.left; left != NULL; left = left->next)
		pick_end(&left->ask);
	ex->again.left = NULL;
}
