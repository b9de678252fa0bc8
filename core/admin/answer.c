/* answer.c - libmicrohttpd's side of a visit: its head, its body, its answer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/admin/paths.h"
#include "core/admin/server_inside.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/net/address.h"

#define COMPLAIN_EVERY NS_PER_S

static struct guest *guest_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

/* --- The life of a call. ---------------------------------------------------------------------- */

static void call_free(struct call *c)
{
	c->server->visits--;
	visit_fini(&c->visit);
	mem_free(c);
}

/* The method is not known yet: the head follows. NULL: out of memory. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct server *s = arg;
	struct call *c = mem_alloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	c->server = s;
	c->connection = connection;
	s->visits++;
	guest_asks(guest_of(connection));
	if (visit_init(&c->visit, s->world, str_from(target)))
		return c;
	call_free(c);
	return NULL;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)how;
	if (*context != NULL)
		call_free(*context);
	*context = NULL;
	guest_may_take(guest_of(connection), GUEST_IDLE_TIME);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct server *s = arg;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		guest_free(*context);
		*context = NULL;
		s->again = true;	/* below its limit it listens again, from the next turn on */
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context = info != NULL ? guest_new(&s->guests, info->connect_fd) : NULL;
}

/* --- The head. -------------------------------------------------------------------------------- */

static void note(struct weir_str *field, unsigned *count, const char *value)
{
	*field = str_from(value != NULL ? value : "");
	(*count)++;
}

static enum MHD_Result on_field(void *arg, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	struct visit_fields *f = arg;

	(void)kind;
	if (strcasecmp(name, "host") == 0)
		note(&f->host, &f->hosts, value);
	else if (strcasecmp(name, "origin") == 0)
		note(&f->origin, &f->origins, value);
	else if (strcasecmp(name, "authorization") == 0)
		note(&f->authorization, &f->authorizations, value);
	else if (strcasecmp(name, "content-length") == 0)
		note(&f->length, &f->lengths, value);
	else if (strcasecmp(name, "transfer-encoding") == 0)
		f->chunked = true;
	return MHD_YES;
}

/* "10.0.0.7", or "unix". */
static struct weir_str client_of(const struct call *c, char *room)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct peer peer;

	if (info == NULL || c->server->rules.file)
		return STR("unix");
	peer = peer_from_sockaddr(info->client_addr, sizeof(struct sockaddr_storage));
	return peer_ip_text(&peer, room);
}

/* A stranger who tries tokens fills no disk. */
static void log_refusal(struct call *c, const char *why)
{
	struct server *s = c->server;
	uint64_t now = clock_now();
	char room[PEER_TEXT];

	s->unsaid++;
	if (s->complained != 0 && now - s->complained < COMPLAIN_EVERY)
		return;
	log_warn("%s: %.*s %.*s from %.*s was refused: %s%s", s->name, STR_ARG(c->visit.method),
		 STR_ARG(str_head(c->visit.name, 100)), STR_ARG(client_of(c, room)), why,
		 s->unsaid > 1 ? " (and others before)" : "");
	s->complained = now;
	s->unsaid = 0;
}

static bool may_enter(struct call *c)
{
	struct server *s = c->server;
	struct visit_fields fields = { .chunked = false };
	const char *why = "";
	bool may;

	(void)MHD_get_connection_values(c->connection, MHD_HEADER_KIND, on_field, &fields);
	pthread_mutex_lock(&s->lock);
	may = entry_check(&c->visit, &fields, &s->rules, &why);
	pthread_mutex_unlock(&s->lock);
	if (!may)
		log_refusal(c, why);
	return may;
}

/* --- The answer. ------------------------------------------------------------------------------ */

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
	if (value != NULL)
		(void)MHD_add_response_header(r, name, value);
}

/* The bytes stay the visit's, which lives until they are out. */
static enum MHD_Result give(struct call *c)
{
	struct visit *v = &c->visit;
	struct weir_str bytes = buffer_str(&v->answer);
	struct MHD_Response *r = MHD_create_response_from_buffer(bytes.len, (void *)bytes.data,
								 MHD_RESPMEM_PERSISTENT);
	enum MHD_Result queued;

	if (r == NULL)
		return MHD_NO;
	add_header(r, "Content-Type", v->content_type);
	add_header(r, "Cache-Control", "no-store");
	add_header(r, "X-Content-Type-Options", "nosniff");
	add_header(r, "WWW-Authenticate", v->challenge);
	add_header(r, "Allow", v->allow);
	add_header(r, "Retry-After", v->retry_after);
	if (atomic_load(&c->server->phase) >= SERVER_FINISHING)
		add_header(r, "Connection", "close");
	queued = MHD_queue_response(c->connection, v->status, r);
	MHD_destroy_response(r);
	return queued;
}

static void on_helper(struct errand *e)
{
	struct call *c = container_of(e, struct call, errand);
	struct server *s = c->server;

	visit_run(&c->visit);
	MHD_resume_connection(c->connection);	/* wakes nobody who polls for himself */
	server_wake(s);
}

/* Suspends first: the helper may be done before we return. */
static enum MHD_Result hand_to_helper(struct call *c)
{
	c->errand.run = on_helper;
	c->suspended = true;
	guest_may_take(guest_of(c->connection), CLOCK_NEVER);
	MHD_suspend_connection(c->connection);
	if (helper_give(&c->server->helper, &c->errand))
		return MHD_YES;
	c->visit.retry_after = "5";
	visit_problem(&c->visit, 503, NULL, "%d commands wait already; try again in a moment",
		      HELPER_WAITING);
	MHD_resume_connection(c->connection);
	c->server->again = true;
	return MHD_YES;
}

static void log_command(const struct call *c)
{
	char room[PEER_TEXT];

	log_info("%s: %.*s %.*s from %.*s", c->server->name, STR_ARG(c->visit.method),
		 STR_ARG(str_head(c->visit.target, 200)), STR_ARG(client_of(c, room)));
}

static enum MHD_Result answer(struct call *c)
{
	if (c->visit.status == 0) {
		if (visit_is_command(&c->visit) && c->visit.path != NULL)
			log_command(c);
		if (visit_waits(&c->visit))
			return hand_to_helper(c);
		visit_run(&c->visit);
	}
	if (c->suspended)
		guest_may_take(guest_of(c->connection), GUEST_VISIT_TIME);
	return give(c);
}

static enum MHD_Result begin(struct call *c, const char *method)
{
	c->begun = true;
	visit_set_method(&c->visit, str_from(method));
	c->visit.probe = c->server->rules.probe;
	c->visit.path = paths_find(c->visit.name, c->visit.probe);
	guest_may_take(guest_of(c->connection), GUEST_VISIT_TIME);
	return may_enter(c) ? MHD_YES : give(c);
}

/* Called once with the head, for each piece of the body, and once when all of it is there; and
 * again after a suspension. MHD_NO closes the connection. */
static enum MHD_Result on_call(void *arg, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **context)
{
	struct call *c = *context;

	(void)arg;
	(void)connection;
	(void)url;
	(void)version;
	if (c == NULL)
		return MHD_NO;
	if (!c->begun)
		return begin(c, method);
	if (*size > 0) {
		bool taken = buffer_add(&c->visit.body, str_of(data, *size));

		*size = 0;
		return taken ? MHD_YES : MHD_NO;
	}
	return answer(c);
}

/* --- The daemon. ------------------------------------------------------------------------------ */

static void on_message(void *arg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void on_message(void *arg, const char *format, va_list args)
{
	const struct server *s = arg;
	char text[256];
	size_t len;

	(void)vsnprintf(text, sizeof(text), format, args);
	len = strlen(text);
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	log_debug("%s: %s", s->name, text);
}

struct MHD_Daemon *daemon_start(struct server *s, struct weir_error *error)
{
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
		on_call, s,
		MHD_OPTION_EXTERNAL_LOGGER, on_message, s,
		MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		s->rules.local ? 0u : (unsigned)SERVER_CONNECTIONS_EACH,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
		MHD_OPTION_END);

	if (daemon == NULL) {
		(void)fail(error, "%s: libmicrohttpd cannot start: %s", s->name, strerror(errno));
		return NULL;
	}
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	s->events = info != NULL ? info->epoll_fd : -1;
	return daemon;
}
