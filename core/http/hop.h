/* hop.h - what a message says to one hop only, what only a trusted hop may say, and by whom it came. */
#ifndef CORE_HTTP_HOP_H
#define CORE_HTTP_HOP_H

#include "core/http/header.h"

/* Marks as gone what RFC 9110 7.6.1 keeps to one hop: Connection and what it names (but never what
 * frames, routes, identifies or traces: Host, Content-Length, Authorization, Cookie, Content-Type,
 * Forwarded ...), Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade,
 * HTTP2-Settings, and Proxy-Authenticate/-Authorization. Call it before anybody adds fields of his
 * own. */
void headers_strip_hop_by_hop(struct headers *h);

/* Marks as gone what only a proxy we trust may say (Forwarded, X-Forwarded-*, X-Real-IP, client
 * certificates in headers), also when spelt with '_' for '-'. */
void headers_strip_trusted(struct headers *h);
/* Like headers_remove, and takes '_' and '-' for the same: before setting what the upstream will
 * trust. */
unsigned headers_remove_spellings(struct headers *h, struct weir_str name);

/* Does it frame the message, or manage this one connection? Then no plugin writes it. */
bool header_frames(enum header_id id);

/* By whom the message came (Via, RFC 9110 7.6.3), joined; absent: straight. */
struct weir_str headers_via(const struct headers *h);
/* Puts `by`, which is lent, behind them; what came is kept. */
void headers_add_via(struct headers *h, struct weir_str by);
/* A header's list with one more at its end, in the arena; `list` absent: `one` itself. */
struct weir_str header_list_add(struct arena *arena, struct weir_str list, struct weir_str one);

#endif
