/* entry.h - who may ask what: the Host, the Origin, the token. */
#ifndef CORE_ADMIN_ENTRY_H
#define CORE_ADMIN_ENTRY_H

#include "core/admin/visit.h"
#include "core/net/address.h"

struct entry_rules {
	bool probe;
	bool local;		/* only this machine reaches the address; for a unix socket too */
	bool file;		/* a unix socket: whoever may open it may do everything */
	struct weir_str name;	/* the host as configured: a name that may stand in Host */
	struct weir_str token;	/* absent or empty: none */
};

/* True: go on. False: the visit has its answer (400, 401, 403, 411, 413), and `why` says it for the
 * log. Nothing of the request's body has been read yet.
 *
 * Host stops a page of a stranger whose name was made to point here (DNS rebinding); Origin stops a
 * page that posts here directly. The probe has no secret and takes no command: those who watch over
 * Weir may ask it under any name. */
bool entry_check(struct visit *v, const struct visit_fields *fields,
		 const struct entry_rules *rules, const char **why);

#endif
