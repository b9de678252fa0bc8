/* abi.c - descriptors of any age made into those of today. */
#include "config.h"

#include "core/plugin/abi.h"

#include <stddef.h>

#include "core/base/error.h"
#include "core/plugin/options.h"

/* What the very first plugins had: all roles of API 1.0. Less is not a descriptor. */
enum { FIRST_SIZE = offsetof(struct weir_plugin, tracer) + sizeof(void *) };

/* Copies what both know; the rest of `to` is zero. The size stands first in every struct. */
static void copy_known(void *to, size_t room, const void *from)
{
	size_t size = *(const size_t *)from;

	memset(to, 0, room);
	memcpy(to, from, size < room ? size : room);
	*(size_t *)to = room;
}

bool plugin_name_valid(struct weir_str name)
{
	static const char *const taken[] = {
		"use", "any", "when", "as", "on_error", "isolate",
	};

	if (name.len == 0 || name.len > 64 || name.data[0] < 'a' || name.data[0] > 'z')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!(c >= 'a' && c <= 'z') && !ascii_digit(c) && c != '_')
			return false;
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (str_eq(name, str_from(taken[i])))
			return false;
	return true;
}

static bool version_fits(const struct weir_plugin *found, struct weir_error *error)
{
	if (found->major != WEIR_API_MAJOR)
		return fail(error, "it was built for plugin API %u, and this Weir has %u; build it "
			    "again with the headers of this Weir", found->major, WEIR_API_MAJOR);
	if (found->minor > WEIR_API_NEWEST)
		return fail(error, "it was built for plugin API %u.%u, and this Weir has %u.%u; use "
			    "a newer Weir, or build it with -DWEIR_API_MINOR=%u", found->major,
			    found->minor, WEIR_API_MAJOR, WEIR_API_NEWEST, WEIR_API_NEWEST);
	if (found->size < FIRST_SIZE || found->host == NULL || found->name == NULL)
		return fail(error, "its descriptor is not whole; end its main file with "
			    "WEIR_PLUGIN(name, ...)");
	return true;
}

static bool role_whole(bool there, const char *role, const char *hook, struct weir_error *error)
{
	return there || fail(error, "its %s has no `%s`, without which it can do nothing", role, hook);
}

/* A role without its one necessary hook would fail at the first request. */
static bool roles_whole(const struct weir_plugin *p, struct weir_error *error)
{
	if (p->policy == NULL && p->balancer == NULL && p->discovery == NULL &&
	    p->retry == NULL && p->tracer == NULL)
		return fail(error, "it plays no role; give its descriptor a .policy, .balancer, "
			    ".discovery, .retry or .tracer");
	if (p->balancer != NULL &&
	    !(role_whole(p->balancer->pick != NULL, "balancer", "pick", error) &&
	      role_whole(p->balancer->endpoint_size != 0, "balancer", "endpoint_size", error)))
		return false;
	return (p->policy == NULL ||
		role_whole(p->policy->on_request != NULL || p->policy->on_response != NULL ||
			   p->policy->on_done != NULL, "policy", "on_request", error)) &&
	       (p->discovery == NULL ||
		role_whole(p->discovery->watch != NULL, "discovery", "watch", error)) &&
	       (p->retry == NULL || role_whole(p->retry->judge != NULL, "retry", "judge", error)) &&
	       (p->tracer == NULL ||
		role_whole(p->tracer->send != NULL, "tracer", "send", error));
}

#define TAKE_ROLE(role) \
	do { \
		if (out->role != NULL) { \
			copy_known(&roles->role, sizeof(roles->role), out->role); \
			out->role = &roles->role; \
		} \
	} while (0)

bool abi_read(const struct weir_plugin *found, struct arena *arena, struct weir_plugin *out,
	      struct kind_roles *roles, struct weir_error *error)
{
	if (!version_fits(found, error))
		return false;
	copy_known(out, sizeof(*out), found);
	TAKE_ROLE(policy);
	TAKE_ROLE(balancer);
	TAKE_ROLE(discovery);
	TAKE_ROLE(retry);
	TAKE_ROLE(tracer);
	if (!plugin_name_valid(str_from(out->name)))
		return fail(error, "it calls itself `%s`, which is no name for a plugin: a-z first, then "
			    "a-z 0-9 _, and none of use, any, when, as, on_error, isolate", out->name);
	if (out->options != NULL)
		out->options = options_today(out->options, out->option_size, arena, error);
	if (found->options != NULL && out->options == NULL)
		return false;
	out->option_size = sizeof(struct weir_option);
	return options_sane(out->options, error) && roles_whole(out, error);
}
