/* chain.h - the policies of a listener or a route, in order. */
#ifndef CORE_PROXY_CHAIN_H
#define CORE_PROXY_CHAIN_H

#include "core/base/reason.h"

struct exchange;
struct weir_use;
struct match;

enum link_kind { LINK_POLICY, LINK_ANY, LINK_ALL };

/* One place in a chain: a policy, several of which one must pass (`any`), or a named chain with a `when` or
 * an `on_error` of its own. Other chains that are named with `use` have been written out. */
struct link {
	enum link_kind kind;
	struct weir_use *use;			/* LINK_POLICY */
	bool (*applies)(const struct link *l, const struct exchange *ex);	/* `when`; NULL: always */
	const void *when;
	bool go_on;				/* on_error: continue */
	bool goes_on_back;			/* its own, or that of what it stands in */
	struct link *inner;			/* LINK_ANY, LINK_ALL */
	uint32_t inner_count;
	uint32_t scratch;			/* offset of the use's bytes in the chain's scratch */
	uint16_t number;			/* dense within the exchange: listener's first, then route's */
	uint8_t stage;				/* of its chain */
};

/* An exchange passes two chains at most; each has its own bytes, which stay where they are. */
enum { STAGE_LISTENER, STAGE_ROUTE, STAGES };

struct chain {
	struct link *links;
	uint32_t count;
	uint32_t scratch;		/* bytes of all uses in it */
	uint8_t stage;
	uint16_t numbers;		/* how many it has used, inner ones too */
	uint64_t with_response, with_done;	/* a bit per number: who has that hook */
};

enum { CHAIN_MOST = 64 };		/* policies an exchange can pass: a bit each */

/* A use has found its place: notes which hooks it has. */
void chain_note(struct chain *chain, const struct link *l);

/* Runs the request hooks in order until one ends the exchange. REASON_NONE: go on. Otherwise the
 * exchange has its reason or its answer (ex->replied). May wait. */
enum reason chain_request(struct exchange *ex, const struct chain *chain);
/* Runs the response hooks of those that ran, last to first. A failing one sets the exchange's reason. */
void chain_response(struct exchange *ex, const struct chain *chain);
/* Tells those that ran that it is over. Shielded, within five seconds. */
void chain_done(struct exchange *ex, const struct chain *chain);

#endif
