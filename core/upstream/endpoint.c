/* endpoint.c - the words for an endpoint's states, and its references. */
#include "config.h"

#include "core/upstream/endpoint.h"

#include "core/base/clock.h"

static struct endpoint_state unpack(uint64_t word)
{
	return (struct endpoint_state){
		.state = (uint8_t)(word & 0x7f),
		.why = (uint8_t)(word >> 8),
		.status = (uint16_t)(word >> 16),
		.since = (uint32_t)(word >> 32),
	};
}

uint64_t endpoint_state_word(uint8_t state, enum reason why, unsigned status)
{
	return (uint64_t)state | (uint64_t)why << 8 | (uint64_t)(status & 0xffff) << 16 |
	       (clock_wall() / NS_PER_S) << 32;
}

struct endpoint_state endpoint_health(const struct endpoint *ep)
{
	return unpack(atomic_load_explicit(&ep->health, memory_order_relaxed));
}

struct endpoint_state endpoint_ejection(const struct endpoint *ep)
{
	return unpack(atomic_load_explicit(&ep->ejection, memory_order_relaxed));
}

struct weir_str endpoint_server_name(const struct endpoint *ep)
{
	if (ep->server_name != NULL)
		return str_from(ep->server_name);
	return ep->address.kind == ADDRESS_UNIX ? STR("localhost") : address_host(&ep->address);
}

struct endpoint *endpoint_ref(struct endpoint *ep)
{
	atomic_fetch_add_explicit(&ep->refs, 1, memory_order_relaxed);
	return ep;
}

/* The roster holds the last one, and looks now and then whether it is the only one left. */
void endpoint_unref(struct endpoint *ep)
{
	if (ep != NULL)
		atomic_fetch_sub_explicit(&ep->refs, 1, memory_order_release);
}

struct weir_str health_word(enum health health)
{
	switch (health) {
	case HEALTH_UNCHECKED:
		return STR("unchecked");
	case HEALTH_UNKNOWN:
		return STR("unknown");
	case HEALTH_GOOD:
		return STR("healthy");
	case HEALTH_BAD:
		break;
	}
	return STR("unhealthy");
}

struct weir_str ejection_word(enum ejection ejection)
{
	switch (ejection) {
	case EJECTION_NONE:
		return STR("in");
	case EJECTION_OUT:
		return STR("ejected");
	case EJECTION_TRIAL:
		break;
	}
	return STR("trial");
}
