/* assemble_tls.h - `tls` of listeners and services: files read, contexts tried. */
#ifndef CORE_WEIR_ASSEMBLE_TLS_H
#define CORE_WEIR_ASSEMBLE_TLS_H

#include "core/net/tls_client.h"
#include "core/net/tls_server.h"
#include "core/weir/assemble.h"

/* What a listener or a service has; one of the two is NULL. */
struct tls_thing {
	struct weir_str owner;		/* "listener edge" */
	struct place place;
	struct tls_server *server;
	struct tls_client *client;	/* ref held */
};

/* NULL with a diagnostic; the world keeps it. Reads files on a helper thread when on a fiber. */
struct tls_server *assemble_tls_server(struct world *w, const struct conf_entry *listener,
				       struct diagnostics *d);
struct tls_client *assemble_tls_client(struct world *w, const struct conf_entry *service,
				       struct diagnostics *d);

/* Warns of routes that are open on both a plain and a TLS listener. */
void assemble_tls_advise(const struct world *w, struct diagnostics *d);

/* At the end of a world: no worker uses them any more. */
void tls_things_free(struct world *w);

/* Calls `see` for each certificate of a thing. */
void tls_thing_visit(const struct tls_thing *thing, void (*see)(void *arg, const struct tls_pair *pair),
		     void *arg);
void tls_thing_files(const struct tls_thing *thing, void (*see)(void *arg, const char *path), void *arg);

enum { TLS_WARN_DAYS = 14 };	/* before a certificate expires */

#endif
