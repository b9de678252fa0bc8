/* exchange.h - what a hook may see of a request and its response, and change. [worker] */
#ifndef WEIR_EXCHANGE_H
#define WEIR_EXCHANGE_H

#include <weir/host.h>

/* An exchange belongs to its worker: nothing here may be called from another thread, and
 * nothing here waits. Views live until the exchange ends, across waits and edits. Names and
 * values are a literal, a char pointer or a struct weir_str, and are copied. Header names have
 * no case. */

/* The parts of a request; absent when there is none. Host without port, path as it was
 * normalised and as it will be sent, query without '?', client the address as text, identity of
 * its certificate or token. */
#define WEIR_PART_CALL(word, which) \
	static inline struct weir_str weir_request_##word(const struct weir_exchange *ex) \
	{ \
		return weir_host_slot->part(ex, which); \
	}
WEIR_PART_CALL(method, WEIR_PART_METHOD)
WEIR_PART_CALL(scheme, WEIR_PART_SCHEME)
WEIR_PART_CALL(host, WEIR_PART_HOST)
WEIR_PART_CALL(path, WEIR_PART_PATH)
WEIR_PART_CALL(query, WEIR_PART_QUERY)
WEIR_PART_CALL(target, WEIR_PART_TARGET)	/* as the client wrote it */
WEIR_PART_CALL(client, WEIR_PART_CLIENT)	/* trusted proxies looked through */
WEIR_PART_CALL(identity, WEIR_PART_IDENTITY)
WEIR_PART_CALL(id, WEIR_PART_ID)		/* x-request-id */
WEIR_PART_CALL(route, WEIR_PART_ROUTE)
WEIR_PART_CALL(service, WEIR_PART_SERVICE)	/* where it will go, or went */
WEIR_PART_CALL(listener, WEIR_PART_LISTENER)
WEIR_PART_CALL(protocol, WEIR_PART_PROTOCOL)	/* "HTTP/1.1" */
WEIR_PART_CALL(endpoint, WEIR_PART_ENDPOINT)	/* address of the last attempt */
WEIR_PART_CALL(reason, WEIR_PART_REASON)	/* absent: the upstream's own answer */
#undef WEIR_PART_CALL

/* Rewriting what is sent. Checked and normalised like a client's, and within the same limit
 * (`limits.target`); false and unchanged when not valid, too long or sent already. */
#define weir_request_set_path(ex, path) \
	weir_host_slot->part_set(ex, WEIR_PART_PATH, WEIR_TEXT_OF(path))
#define weir_request_set_query(ex, query) \
	weir_host_slot->part_set(ex, WEIR_PART_QUERY, WEIR_TEXT_OF(query))
#define weir_request_set_host(ex, host) \
	weir_host_slot->part_set(ex, WEIR_PART_HOST, WEIR_TEXT_OF(host))
/* The same of WEIR_PART_PATH, _QUERY or _HOST, with a sentence when it cannot be. */
#define weir_request_rewrite(ex, part, value, error) \
	weir_host_slot->part_rewrite(ex, part, WEIR_TEXT_OF(value), error)

/* A segment that the route's path names; a query parameter or cookie, decoded; absent when none. */
#define weir_request_param(ex, name) \
	weir_host_slot->named(ex, WEIR_NAMED_PARAM, WEIR_TEXT_OF(name))
#define weir_request_query_value(ex, name) \
	weir_host_slot->named(ex, WEIR_NAMED_QUERY, WEIR_TEXT_OF(name))
#define weir_request_cookie(ex, name) \
	weir_host_slot->named(ex, WEIR_NAMED_COOKIE, WEIR_TEXT_OF(name))

/* What policies have learnt about the client; `claim.NAME` in keys and templates. */
#define weir_claim(ex, name) \
	weir_host_slot->named(ex, WEIR_NAMED_CLAIM, WEIR_TEXT_OF(name))
#define weir_claim_set(ex, name, value) \
	weir_host_slot->claim_set(ex, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
/* One with several values (groups, roles): _set replaces all by one, _add puts one beside them, _at
 * gives the n-th alone, absent after the last; the plain call gives them joined with a comma.
 * False: no room (256 values in all). */
#define weir_claim_add(ex, name, value) \
	weir_host_slot->claim_add(ex, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
#define weir_claim_at(ex, name, n) weir_host_slot->claim_at(ex, WEIR_TEXT_OF(name), n)

/* Who the client is, for keys, logs and later policies; replaces what was known before. */
#define weir_identity_set(ex, identity) \
	weir_host_slot->identity_set(ex, WEIR_TEXT_OF(identity))

/* The client's certificate, verified; absent when it showed none, or was not asked for one. Its
 * subject ("CN=web,O=Example"), its fingerprint (SHA-256, 64 small hex digits), its serial number
 * (hex), its SPIFFE id if it has exactly one URI and that is one; and its alternative names of a
 * kind, the n-th: absent after the last. */
static inline struct weir_str weir_peer_at(const struct weir_exchange *ex, enum weir_peer which,
					   uint32_t n)
{
	return weir_host_slot->peer(ex, which, n);
}
#define weir_peer(ex, which) weir_peer_at(ex, which, 0)

static inline bool weir_peer_known(const struct weir_exchange *ex)
{
	return weir_peer(ex, WEIR_PEER_FINGERPRINT).data != NULL;
}

/* Headers. The plain call gives all values joined with ", " (of set-cookie only the first),
 * absent when there is none; _at gives the n-th alone, _nth walks over all of them: false after
 * the last. _set replaces all by one, _add adds, _remove gives how many there were. An edit is
 * false, and logged against the plugin, when the name or value is not valid, the head would
 * grow over its limits, or it is one of those that frame the message (content-length,
 * transfer-encoding, connection ...). */
#define weir_request_header(ex, name) \
	weir_host_slot->header(ex, WEIR_REQUEST, WEIR_TEXT_OF(name))
#define weir_request_header_at(ex, name, n) \
	weir_host_slot->header_at(ex, WEIR_REQUEST, WEIR_TEXT_OF(name), n)
#define weir_request_header_count(ex, name) \
	weir_host_slot->header_count(ex, WEIR_REQUEST, WEIR_TEXT_OF(name))
#define weir_request_header_nth(ex, n, field) \
	weir_host_slot->header_nth(ex, WEIR_REQUEST, n, field)
#define weir_request_header_set(ex, name, value) \
	weir_host_slot->header_set(ex, WEIR_REQUEST, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
#define weir_request_header_add(ex, name, value) \
	weir_host_slot->header_add(ex, WEIR_REQUEST, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
#define weir_request_header_remove(ex, name) \
	weir_host_slot->header_remove(ex, WEIR_REQUEST, WEIR_TEXT_OF(name))

/* The same of the response: in on_response and on_done; before that, absent and false. Headers
 * set on the response before there is one are not kept: wait for on_response. */
#define weir_response_header(ex, name) \
	weir_host_slot->header(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name))
#define weir_response_header_at(ex, name, n) \
	weir_host_slot->header_at(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name), n)
#define weir_response_header_count(ex, name) \
	weir_host_slot->header_count(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name))
#define weir_response_header_nth(ex, n, field) \
	weir_host_slot->header_nth(ex, WEIR_RESPONSE, n, field)
#define weir_response_header_set(ex, name, value) \
	weir_host_slot->header_set(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
#define weir_response_header_add(ex, name, value) \
	weir_host_slot->header_add(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))
#define weir_response_header_remove(ex, name) \
	weir_host_slot->header_remove(ex, WEIR_RESPONSE, WEIR_TEXT_OF(name))

/* Fields behind the body: those of the upstream once its body was read, and those that are added. They
 * reach only clients who know chunks. */
#define weir_response_trailer(ex, name) \
	weir_host_slot->header(ex, WEIR_TRAILERS, WEIR_TEXT_OF(name))
#define weir_response_trailer_set(ex, name, value) \
	weir_host_slot->header_set(ex, WEIR_TRAILERS, WEIR_TEXT_OF(name), WEIR_TEXT_OF(value))

/* 0 before there is a response. Setting: 200 .. 599, and not where it would change whether a
 * body may follow (204, 304); false otherwise. */
static inline uint16_t weir_response_status(const struct weir_exchange *ex)
{
	return weir_host_slot->status(ex);
}

static inline bool weir_response_set_status(struct weir_exchange *ex, uint16_t status)
{
	return weir_host_slot->status_set(ex, status);
}

/* Sends the request to another configured service than the route's. In on_request; false:
 * unknown. */
#define weir_route_to(ex, service) weir_host_slot->route_to(ex, WEIR_TEXT_OF(service))

/* `key: value` in the access log. False when the room for such (16) is used up. */
#define weir_log_value(ex, key, value) \
	weir_host_slot->log_value(ex, WEIR_TEXT_OF(key), WEIR_TEXT_OF(value))

/* Gives memory that lives as long as the exchange; not zeroed; NULL when over its limit. */
static inline void *weir_alloc(struct weir_exchange *ex, size_t size)
{
	return weir_host_slot->alloc(ex, size);
}

/* A copy that lives as long as the exchange; absent when there is no memory. */
static inline struct weir_str weir_copy(struct weir_exchange *ex, struct weir_str s)
{
	char *at = s.data != NULL ? weir_host_slot->alloc(ex, s.len + 1) : NULL;

	if (at == NULL)
		return WEIR_ABSENT;
	memcpy(at, s.data, s.len);
	at[s.len] = '\0';
	return (struct weir_str){ at, s.len };
}

/* What a key is for this request; a list's parts are joined unambiguously. False: some part is
 * missing (its place in *out is empty), for plugins that must tell. */
static inline bool weir_key_text(struct weir_exchange *ex, const struct weir_key *key,
				 struct weir_str *out)
{
	return weir_host_slot->key_text(ex, key, out);
}

/* The same as a 64-bit hash, equal in every worker and process. */
static inline bool weir_key_hash(struct weir_exchange *ex, const struct weir_key *key, uint64_t *out)
{
	return weir_host_slot->key_hash(ex, key, out);
}

/* A key that is not an option but comes up later: "client.ip", or the parts of a list. End it with
 * weir_key_free(). False with a sentence that says what is possible. Any thread. */
struct weir_own_key {
	const struct weir_key *key;
	void *hold;			/* the host's */
};

static inline bool weir_key_compile(const struct weir_str *parts, uint32_t count,
				    struct weir_own_key *out, struct weir_error *error)
{
	return weir_host_slot->key_compile(parts, count, out, error);
}

static inline void weir_key_free(struct weir_own_key *key)
{
	weir_host_slot->key_free(key);
}

/* A template filled in for this request; absent only when there is no memory. */
static inline struct weir_str weir_template_text(struct weir_exchange *ex,
						 const struct weir_template *text)
{
	return weir_host_slot->template_text(ex, text);
}

/* How many upstream tries there have been. */
static inline uint32_t weir_attempts(const struct weir_exchange *ex)
{
	return weir_host_slot->attempts(ex);
}

/* Nanoseconds until the exchange's deadline. */
static inline uint64_t weir_time_left(const struct weir_exchange *ex)
{
	return weir_host_slot->time_left(ex);
}

#endif
