/* resolve.c - names to addresses. A and AAAA come from the system's resolver (hosts file included), SRV and
 * the time to live from the DNS itself; either runs on a helper thread while the fiber waits. */
#include "core/proxy/resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/loop.h"
#include "core/fiber/wait.h"
#include "core/plugin/waits.h"

enum { RESOLVE_MOST = 256, ANSWER_BYTES = 65535 };
#define RESOLVE_TIME (30 * NS_PER_S)

struct look_up {
	char name[256];
	int kind;
	struct addrinfo *found;
	int error;
	unsigned char *answer;
	int answer_len, h_errno_was;
};

static void look_up_host(void *arg)
{
	struct look_up *l = arg;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };

	l->error = getaddrinfo(l->name, NULL, &hints, &l->found);
}

static bool on_helper(void (*fn)(void *), void *arg)
{
	struct deadline d;
	bool done;

	deadline_enter(&d, clock_after(loop_now(loop_self()), RESOLVE_TIME), REASON_CONNECT_TIMEOUT);
	done = loop_offload(fn, arg);
	deadline_leave(&d);
	return done;
}

static bool name_copy(struct look_up *l, struct weir_str name)
{
	if (name.len == 0 || name.len >= sizeof(l->name))
		return false;
	memcpy(l->name, name.data, name.len);
	return true;
}

bool resolve_host(struct weir_str host, uint16_t port, struct address *out)
{
	struct look_up l = { 0 };
	bool found;

	if (address_parse_host(out, host, port, NULL) && out->kind != ADDRESS_NAME)
		return true;
	if (!name_copy(&l, host) || !on_helper(look_up_host, &l) || l.error != 0)
		return false;
	found = l.found != NULL &&
		address_from_sockaddr(out, l.found->ai_addr, l.found->ai_addrlen);
	if (found)
		address_set_port(out, port);
	freeaddrinfo(l.found);
	return found;
}

static void ask_dns(void *arg)
{
	struct look_up *l = arg;
	struct __res_state state = { 0 };

	l->h_errno_was = TRY_AGAIN;
	if (res_ninit(&state) != 0)
		return;
	l->answer_len = res_nquery(&state, l->name, ns_c_in, l->kind, l->answer, ANSWER_BYTES);
	l->h_errno_was = state.res_h_errno;
	res_nclose(&state);
}

/* What is given out: the records, and behind them their texts. */
struct records {
	struct weir_record at[RESOLVE_MOST];
	char texts[RESOLVE_MOST][256];
};

static bool read_target(const ns_msg *msg, const unsigned char *data, int len, char *text)
{
	return dn_expand(ns_msg_base(*msg), ns_msg_end(*msg), data, text, 256) > 0 && len > 0;
}

static bool read_record(const ns_msg *msg, const ns_rr *rr, int kind, struct weir_record *r, char *text)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	int len = ns_rr_rdlen(*rr);

	if ((int)ns_rr_type(*rr) != kind)
		return false;
	if (kind == WEIR_RECORD_SRV) {
		if (len < 7 || !read_target(msg, data + 6, len - 6, text))
			return false;
		r->priority = (uint16_t)ns_get16(data);
		r->weight = (uint16_t)ns_get16(data + 2);
		r->port = (uint16_t)ns_get16(data + 4);
	} else if (len != (kind == WEIR_RECORD_A ? 4 : 16) ||
		   inet_ntop(kind == WEIR_RECORD_A ? AF_INET : AF_INET6, data, text, 256) == NULL) {
		return false;
	}
	r->target = str_from(text);
	return true;
}

static enum weir_wait read_answer(const struct look_up *l, struct weir_resolved *out)
{
	struct records *all = mem_alloc(sizeof(*all));
	uint32_t ttl = UINT32_MAX;
	ns_msg msg;

	if (all == NULL)
		return WEIR_NO_MEMORY;
	if (ns_initparse(l->answer, l->answer_len, &msg) != 0) {
		mem_free(all);
		return WEIR_NO_ANSWER;
	}
	for (int i = 0; i < ns_msg_count(msg, ns_s_an) && out->count < RESOLVE_MOST; i++) {
		ns_rr rr;

		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0)
			break;
		if (!read_record(&msg, &rr, l->kind, &all->at[out->count], all->texts[out->count]))
			continue;
		out->count++;
		ttl = ns_rr_ttl(rr) < ttl ? ns_rr_ttl(rr) : ttl;
	}
	if (out->count == 0) {
		mem_free(all);
		return WEIR_NO_DATA;
	}
	out->records = all->at;
	out->hold = all;
	out->ttl = ttl;
	return WEIR_OK;
}

enum weir_wait resolve_from_window(struct weir_exchange *ex, struct weir_str name, int kind,
				   struct weir_resolved *out)
{
	struct look_up l = { .kind = kind };
	enum weir_wait result = WEIR_NO_ANSWER;

	(void)ex;
	if (!wait_allowed())
		return WEIR_NOT_HERE;
	if (!name_copy(&l, name))
		return WEIR_UNKNOWN;
	l.answer = mem_alloc(ANSWER_BYTES);
	if (l.answer == NULL)
		return WEIR_NO_MEMORY;
	if (!on_helper(ask_dns, &l))
		result = WEIR_NO_MEMORY;
	else if (l.answer_len > 0)
		result = read_answer(&l, out);
	else if (l.h_errno_was == HOST_NOT_FOUND)
		result = WEIR_UNKNOWN;
	else if (l.h_errno_was == NO_DATA)
		result = WEIR_NO_DATA;
	mem_free(l.answer);
	if (!fiber_cancelled(fiber_self()))
		return result;
	resolve_done(out);	/* who is cancelled only cleans up what was given to him */
	return WEIR_CANCELLED;
}

void resolve_done(struct weir_resolved *resolved)
{
	mem_free(resolved->hold);
	resolved->hold = NULL;
	resolved->records = NULL;
	resolved->count = 0;
}
