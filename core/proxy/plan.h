/* plan.h - a route as the exchange uses it: everything looked up, compiled and numbered beforehand. */
#ifndef CORE_PROXY_PLAN_H
#define CORE_PROXY_PLAN_H

#include "core/http/message.h"
#include "core/proxy/chain.h"

struct conf_values;
struct service;
struct template;
struct key;
struct weir_use;

enum plan_kind { PLAN_SERVICE, PLAN_SPLIT, PLAN_REDIRECT, PLAN_RESPOND };

/* Sets, adds or removes one header; the value may ask the request for its parts. */
struct header_edit {
	enum { EDIT_SET, EDIT_ADD, EDIT_REMOVE } kind;
	struct weir_str name;
	struct weir_str text;			/* used when `value` is NULL */
	const struct template *value;
};

struct header_edits {
	struct header_edit *at;
	uint32_t count;
};

struct split_share {
	struct service *service;
	uint32_t upto;		/* of the running total of weights: taken when the dice fall below */
};

struct retry_rules {
	uint32_t attempts;		/* the first one counted in; 1: none is repeated */
	uint64_t per_try;		/* ns; CLOCK_NEVER: only the route's time rules */
	uint64_t reasons[(REASON_COUNT + 63) / 64];	/* a bit per enum reason that may be tried
						 * again */
	uint8_t statuses[75];		/* a bit per status 0..599 */
	double budget;			/* 0 .. 1: share of the requests that may be repeated */
	struct weir_use *judge;		/* plugin of role retry; NULL when attempts is 1 */
	bool repeatable;		/* requests of this route may be repeated whatever the method */
	uint32_t replay_bytes;		/* of a request body kept for another try */
};

struct mirror_rules {
	struct service *service;	/* NULL: no mirror */
	uint32_t share;			/* of 2^32 */
	uint32_t body;			/* bytes; a longer body is not mirrored */
	struct header_edits edits;	/* removals */
};

/* Part of a snapshot; immutable, shared by all workers. */
struct plan {
	struct weir_str name;
	uint32_t slot;
	struct weir_str pattern;		/* its path as it is written; absent: a regex, or none */
	enum plan_kind kind;
	const struct conf_values *conf;		/* as it is written; for people */
	struct chain chain;

	struct service *service;		/* PLAN_SERVICE */
	struct split_share *shares;		/* PLAN_SPLIT */
	uint32_t share_count, share_total;
	const struct key *split_by;		/* NULL: dice */

	uint16_t status;			/* PLAN_REDIRECT, PLAN_RESPOND */
	const struct template *location;	/* PLAN_REDIRECT: query apart */
	bool whole_path;			/* and the request's path behind it */
	const struct template *body;		/* PLAN_RESPOND; NULL: empty */
	struct weir_str body_file;		/* PLAN_RESPOND: read at assembly */
	struct weir_str content_type;
	struct header_edits respond_headers;	/* PLAN_RESPOND */

	const struct template *path, *host;	/* rewrite; NULL: as it is */
	struct header_edits request_headers, response_headers;

	uint64_t head_timeout, all_timeout;	/* ns; CLOCK_NEVER: none */
	uint64_t body_limit;			/* bytes; UINT64_MAX: none */
	bool body_limited;			/* else the listener's limit rules */
	uint32_t head_limit, header_limit;	/* bytes, headers; 0: the listener's */
	struct retry_rules retry;
	struct mirror_rules mirror;
};

static inline bool retry_lists_reason(const struct retry_rules *r, enum reason why)
{
	return (r->reasons[why / 64] >> (why % 64) & 1) != 0;
}

static inline bool retry_lists_status(const struct retry_rules *r, unsigned status)
{
	return status < 600 && (r->statuses[status / 8] >> (status % 8) & 1) != 0;
}

#endif
