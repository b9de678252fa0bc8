/* answer.h - answers that Weir makes itself, before they are sent. */
#ifndef CORE_PROXY_ANSWER_H
#define CORE_PROXY_ANSWER_H

#include "core/proxy/exchange.h"

/* Makes ex->res and ex->reply the problem document of a reason. */
void answer_prepare(struct exchange *ex, enum reason why);
/* Or an answer with this body; lends it until finish. `type` absent: no content-type. */
void answer_reply(struct exchange *ex, unsigned status, struct weir_str type, struct weir_str body);
/* How a body of our own is framed. */
void answer_set_framing(struct exchange *ex);

/* What a policy that refused has said. */
static inline enum reason exchange_refused_why(const struct exchange *ex)
{
	return ex->refused_why != REASON_NONE ? ex->refused_why : REASON_REFUSED;
}

/* A refusal that `any` or `on_error` overrules leaves nothing behind. */
void exchange_unrefuse(struct exchange *ex);

#endif
