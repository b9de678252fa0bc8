/* ask.h - what goes to the one that decides, and how its answer is read. */
#ifndef PLUGINS_FORWARD_AUTH_ASK_H
#define PLUGINS_FORWARD_AUTH_ASK_H

#include <weir/host.h>

enum { ASK_ANSWER = 256 * 1024 };	/* bytes of an answer */

/* 2xx lets pass; 3xx and 4xx are for the client, but 408 and 429, which are about the question, not
 * about the request; everything else is no answer. */
enum ask_says { ASK_PASSES, ASK_REFUSES, ASK_NO_ANSWER };
enum ask_says ask_read(uint16_t status);

/* How many seconds a client should wait that one asked for a pause (0: did not), rounded up; an hour at
 * most. */
uint64_t ask_seconds(uint64_t pause_ns);

/* Is this header one of them? Without case, and never one that says who forwarded what for whom, or
 * frames a message. */
bool ask_may_send(struct weir_str name, const struct weir_str *names, uint32_t count);

/* The first of this name; absent when there is none. */
struct weir_str ask_header(const struct weir_field *fields, size_t count, struct weir_str name);

#endif
