/* ranges.c - sets of IP addresses: whole networks, sorted and merged, found by halving. */
#include "plugins/common/ranges.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { TEXT = 64 };

static const unsigned char MAPPED[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool ip_read(struct weir_str text, struct ip *out)
{
	char room[TEXT];

	if (text.len == 0 || text.len >= sizeof(room) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	if (inet_pton(AF_INET6, room, out->bytes) == 1)
		return true;
	memcpy(out->bytes, MAPPED, sizeof(MAPPED));
	return inet_pton(AF_INET, room, out->bytes + 12) == 1;
}

static bool read_bits(struct weir_str text, unsigned most, unsigned *out)
{
	*out = 0;
	if (text.len == 0 || text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text.data[i] - '0');
	}
	return *out <= most;
}

/* The first `bits` stay; what follows becomes all zeros, and all ones. */
static void spread(const struct ip *ip, unsigned bits, struct ip_range *out)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned own = bits >= (i + 1) * 8 ? 8 : bits > i * 8 ? bits - i * 8 : 0;
		unsigned char mask = (unsigned char)(0xff00u >> own);

		out->first.bytes[i] = ip->bytes[i] & mask;
		out->last.bytes[i] = (unsigned char)(ip->bytes[i] | (unsigned char)~mask);
	}
}

bool ip_range_read(struct weir_str text, struct ip_range *out)
{
	const char *slash = text.len > 0 ? memchr(text.data, '/', text.len) : NULL;
	struct weir_str address = { text.data, slash != NULL ? (size_t)(slash - text.data) : text.len };
	bool v4 = address.len > 0 && memchr(address.data, ':', address.len) == NULL;
	unsigned bits = v4 ? 32 : 128;
	struct ip ip;

	if (!ip_read(address, &ip))
		return false;
	if (slash != NULL && !read_bits((struct weir_str){ slash + 1, text.len - address.len - 1 }, bits,
					&bits))
		return false;
	spread(&ip, v4 ? bits + 96 : bits, out);
	return true;
}

bool ranges_add(struct ranges *r, const struct ip_range *range)
{
	if (r->count == r->room) {
		uint32_t room = r->room > 0 ? r->room * 2 : 16;
		struct ip_range *more = realloc(r->at, room * sizeof(*more));

		if (more == NULL)
			return false;
		r->at = more;
		r->room = room;
	}
	r->at[r->count++] = *range;
	return true;
}

static int compare(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int by_first(const void *a, const void *b)
{
	return compare(&((const struct ip_range *)a)->first, &((const struct ip_range *)b)->first);
}

void ranges_settle(struct ranges *r)
{
	uint32_t kept = 0;

	if (r->count == 0)
		return;
	qsort(r->at, r->count, sizeof(r->at[0]), by_first);
	for (uint32_t i = 1; i < r->count; i++) {
		struct ip_range *last = &r->at[kept];

		if (compare(&r->at[i].first, &last->last) > 0)
			r->at[++kept] = r->at[i];
		else if (compare(&r->at[i].last, &last->last) > 0)
			last->last = r->at[i].last;
	}
	r->count = kept + 1;
}

bool ranges_have(const struct ranges *r, const struct ip *ip)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (compare(ip, &r->at[middle].first) < 0)
			high = middle;
		else if (compare(ip, &r->at[middle].last) > 0)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

void ranges_end(struct ranges *r)
{
	free(r->at);
	*r = (struct ranges){ 0 };
}
