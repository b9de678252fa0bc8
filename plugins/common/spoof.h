/* spoof.h - headers that only Weir may set, in every spelling that an application could take for
 * them. */
#ifndef PLUGINS_COMMON_SPOOF_H
#define PLUGINS_COMMON_SPOOF_H

#include <weir/exchange.h>

/* Without case, and _ for -: CGI makes X_USER of both x-user and x_user. */
static inline bool spoof_same(struct weir_str a, struct weir_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char x = a.data[i], y = b.data[i];

		x = x == '_' ? '-' : x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
		y = y == '_' ? '-' : y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
		if (x != y)
			return false;
	}
	return true;
}

/* Takes away what the client has sent under this name. */
static inline void spoof_strip(struct weir_exchange *ex, struct weir_str name)
{
	struct weir_field field;
	uint32_t n = 0;

	weir_request_header_remove(ex, name);	/* whether it is there or not: trailers of that name go too */
	while (weir_request_header_nth(ex, n, &field))
		if (!spoof_same(field.name, name) || weir_request_header_remove(ex, field.name) == 0)
			n++;
		else
			n = 0;
}

#endif
