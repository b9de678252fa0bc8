/* resolve.c - names to addresses, for plugins and what they fetch: asked on the worker itself, and what came
 * over the wire is read here. */
#include "core/proxy/resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/net/dns.h"
#include "core/plugin/waits.h"

enum { RESOLVE_MOST = 256, ANSWER_BYTES = 65535, NAME_ROOM = 256 };
#define RESOLVE_TIME (30 * NS_PER_S)

static bool name_copy(char *room, struct weir_str name)
{
	if (name.len == 0 || name.len >= NAME_ROOM || memchr(name.data, '\0', name.len) != NULL)
		return false;
	memcpy(room, name.data, name.len);
	room[name.len] = '\0';
	return true;
}

static enum dns_result look_up(const char *name, struct dns_host *found)
{
	struct worker *w = worker_self();
	enum dns_result result;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&w->loop), RESOLVE_TIME), REASON_CONNECT_TIMEOUT);
	result = dns_host(w, name, found);
	deadline_leave(&d);
	return result;
}

bool resolve_host(struct weir_str host, uint16_t port, struct address *out)
{
	struct dns_host found;
	char name[NAME_ROOM];

	if (address_parse_host(out, host, port, NULL) && out->kind != ADDRESS_NAME)
		return true;
	if (!name_copy(name, host) || look_up(name, &found) != DNS_FOUND ||
	    !address_from_sockaddr(out, (const struct sockaddr *)&found.at[0], found.lens[0]))
		return false;
	address_set_port(out, port);
	return true;
}

static enum dns_result ask_dns(const char *name, int kind, struct buffer *packet)
{
	struct worker *w = worker_self();
	enum dns_result result;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&w->loop), RESOLVE_TIME), REASON_CONNECT_TIMEOUT);
	result = dns_query(w, name, kind, packet);
	deadline_leave(&d);
	return result;
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

static enum weir_wait read_answer(struct weir_str packet, int kind, struct weir_resolved *out)
{
	struct records *all = mem_alloc(sizeof(*all));
	uint32_t ttl = UINT32_MAX;
	ns_msg msg;

	if (all == NULL)
		return WEIR_NO_MEMORY;
	if (ns_initparse((const unsigned char *)packet.data, (int)packet.len, &msg) != 0) {
		mem_free(all);
		return WEIR_NO_ANSWER;
	}
	for (int i = 0; i < ns_msg_count(msg, ns_s_an) && out->count < RESOLVE_MOST; i++) {
		ns_rr rr;

		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0)
			break;
		if (!read_record(&msg, &rr, kind, &all->at[out->count], all->texts[out->count]))
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

static enum weir_wait in_words_of_the_window(enum dns_result result)
{
	switch (result) {
	case DNS_FOUND:
		return WEIR_OK;
	case DNS_UNKNOWN:
		return WEIR_UNKNOWN;
	case DNS_NO_DATA:
		return WEIR_NO_DATA;
	case DNS_NO_MEMORY:
		return WEIR_NO_MEMORY;
	case DNS_CANCELLED:
		return WEIR_CANCELLED;
	case DNS_FAILED:
		break;
	}
	return WEIR_NO_ANSWER;
}

enum weir_wait resolve_from_window(struct weir_exchange *ex, struct weir_str name, int kind,
				   struct weir_resolved *out)
{
	struct buffer packet;
	enum weir_wait result;
	char text[NAME_ROOM];

	(void)ex;
	if (!wait_allowed())
		return WEIR_NOT_HERE;
	if (!name_copy(text, name))
		return WEIR_UNKNOWN;
	buffer_init(&packet, ANSWER_BYTES);
	result = in_words_of_the_window(ask_dns(text, kind, &packet));
	if (result == WEIR_OK)
		result = read_answer(buffer_str(&packet), kind, out);
	buffer_fini(&packet);
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
