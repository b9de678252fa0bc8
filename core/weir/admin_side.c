/* admin_side.c - the admin API and the probe: one server for each address, kept over reloads. */
#include "core/weir/admin_side.h"

#include <fcntl.h>

#include "core/admin/server.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/weir/admin_world.h"
#include "core/weir/door.h"

enum post_state { POST_NEW, POST_OPEN, POST_ENDING };

/* One address with its server. New: prepared, not accepting. Ending: answers the last, then a letter
 * tells, and it is freed. */
struct post {
	struct list link;		/* in admin_side.posts */
	struct admin_side *side;
	const char *name;		/* "admin" or "probe": of its server, its socket, its log lines */
	struct address address;		/* as the configuration says */
	struct listening *sockets;
	struct server *server;
	char *token;			/* of the configuration that is being put in force */
	enum post_state state;
	bool wanted;			/* by that one */
	bool given_up;			/* nobody else listens there: the parent may close it */
	struct letter finished;
};

struct admin_side {
	struct gateway *gateway;
	struct admin_world world;
	struct list posts;
};

/* What the configuration says about one of the two. */
struct post_wish {
	const char *name;
	bool probe;
	struct weir_str address, token;
	struct place place;		/* of the address */
};

/* --- Opening. ---------------------------------------------------------------------------------- */

static void post_free(struct post *p)
{
	if (p == NULL)
		return;
	list_remove(&p->link);
	server_close(p->server);
	listening_free(p->sockets);
	mem_free(p->token);
	mem_free(p);
}

/* On the server's thread. */
static void tell_finished(void *arg)
{
	struct post *p = arg;

	loop_post(&p->side->gateway->control.loop, &p->finished);
}

static void on_finished(struct letter *l)
{
	struct post *p = container_of(l, struct post, finished);

	if (p->given_up) {
		log_info("%s: %s is given up", p->name, p->sockets->bound.text);
		control_give_up(p->side->gateway->parent, p->sockets);
	}
	post_free(p);
}

static struct post *post_new(struct admin_side *a, const struct post_wish *wish,
			     const struct address *address)
{
	struct post *p = mem_alloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->side = a;
	p->name = wish->name;
	p->address = *address;
	p->finished.open = on_finished;
	list_push_back(&a->posts, &p->link);
	return p;
}

static bool listen_there(struct post *p, struct weir_error *error)
{
	struct message_open wish = { .count = 1, .mode = 0600 };

	message_set_text(wish.name, sizeof(wish.name), p->name);
	message_set_text(wish.address, sizeof(wish.address), p->address.text);
	p->sockets = control_listen(p->side->gateway->parent, &wish, error);
	if (p->sockets == NULL)
		return false;
	return p->sockets->count == 1 ||
	       fail(error, "%u sockets came for %s, and one is wanted", p->sockets->count,
		    p->address.text);
}

/* The socket that was passed on to us may be elsewhere than the configuration says. */
static bool check_reach(const struct post *p, const struct post_wish *wish,
			struct weir_error *error)
{
	const struct address *bound = &p->sockets->bound;

	if (wish->probe || wish->token.len > 0 || address_is_local(bound))
		return true;
	return fail(error, "others can reach %s, the socket it was started with, so a token must be "
		    "set; write token: ${file:PATH}", bound->text);
}

static bool start_server(struct post *p, const struct post_wish *wish, struct weir_error *error)
{
	struct server_setup setup = {
		.name = p->name, .probe = wish->probe, .world = &p->side->world,
		.bound = p->sockets->bound, .token = wish->token,
		.finished = tell_finished, .arg = p,
	};
	int fd = fcntl(p->sockets->fds[0], F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return fail(error, "too many open files; raise the limit (ulimit -n, "
			    "LimitNOFILE=)");
	if (p->address.kind != ADDRESS_UNIX)
		setup.host = address_host(&p->address);
	p->server = server_open(fd, &setup, error);
	return p->server != NULL;
}

/* Port 0 is another place each time. */
static bool same_place(const struct address *a, const struct address *b)
{
	return (a->kind == ADDRESS_UNIX || a->port != 0) && address_equal(a, b);
}

/* A listener's sockets are one for each worker: they cannot become ours while it has them. */
static const struct door *door_at(const struct gateway *g, const struct address *address)
{
	list_for_each(link, &g->doors) {
		const struct door *door = container_of(link, struct door, link);

		if (same_place(&door->address, address))
			return door;
	}
	return NULL;
}

static struct post *post_open(struct admin_side *a, const struct post_wish *wish,
			      const struct address *address, struct weir_error *error)
{
	const struct door *door = door_at(a->gateway, address);
	struct post *p;

	if (door != NULL) {
		fail(error, "%s is still the address of the listener %s; choose another, or take "
		     "that listener away in one reload and do this in the next", address->text,
		     door->name);
		return NULL;
	}
	p = post_new(a, wish, address);
	if (p == NULL)
		fail_memory(error);
	else if (listen_there(p, error) && check_reach(p, wish, error) &&
		 start_server(p, wish, error))
		return p;
	post_free(p);
	return NULL;
}

/* --- Two phases. ------------------------------------------------------------------------------- */

static struct post *find(struct admin_side *a, const char *name, const struct address *address)
{
	list_for_each(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		if (p->state == POST_OPEN && strcmp(p->name, name) == 0 &&
		    address_equal(&p->address, address))
			return p;
	}
	return NULL;
}

static bool keep_token(struct post *p, struct weir_str token, struct weir_error *error)
{
	mem_free(p->token);
	p->token = str_dup(token.data != NULL ? token : STR(""));
	return p->token != NULL || fail_memory(error);
}

static bool want(struct admin_side *a, const struct post_wish *wish, struct diagnostics *d)
{
	struct weir_error error = { "" };
	struct address address;
	struct post *p;

	if (wish->address.len == 0)
		return true;
	if (!address_parse(&address, wish->address, &error))
		return diagnose(d, wish->place, "%s: %s", wish->name, error.text);
	p = find(a, wish->name, &address);
	if (p == NULL)
		p = post_open(a, wish, &address, &error);
	if (p == NULL || !check_reach(p, wish, &error) || !keep_token(p, wish->token, &error))
		return diagnose(d, wish->place, "%s: %s", wish->name, error.text);
	p->wanted = true;
	return true;
}

bool admin_side_prepare(struct admin_side *a, const struct conf *conf, struct diagnostics *d)
{
	const struct conf_values *admin = conf_object(conf->top, "admin");
	const struct post_wish wishes[] = {
		{ .name = "admin", .address = conf_text(admin, "address"),
		  .token = conf_text(admin, "token"),
		  .place = admin != NULL ? conf_place(admin, "address") : conf->top->place },
		{ .name = "probe", .address = conf_text(conf->top, "probe"),
		  .place = conf_place(conf->top, "probe"), .probe = true },
	};

	admin_side_forget(a);
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		if (want(a, &wishes[i], d))
			continue;
		admin_side_forget(a);
		return false;
	}
	return true;
}

/* What somebody else wants by now is not the parent's to close. */
static bool wanted_elsewhere(struct admin_side *a, const struct address *address)
{
	list_for_each(link, &a->posts) {
		const struct post *p = container_of(link, struct post, link);

		if (p->wanted && same_place(&p->address, address))
			return true;
	}
	return door_at(a->gateway, address) != NULL;
}

void admin_side_forget(struct admin_side *a)
{
	list_for_each_safe(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		p->wanted = false;
		if (p->state != POST_NEW)
			continue;
		if (p->sockets != NULL)
			control_give_up(a->gateway->parent, p->sockets);
		post_free(p);
	}
}

static void go_on(struct post *p)
{
	bool changed = p->state == POST_NEW || server_set_token(p->server, str_from(p->token));

	if (!changed)
		log_error("%s: no memory for the new token; the one before stays", p->name);
	if (p->state == POST_NEW) {
		server_start(p->server);
		log_info("%s: listening on %s", p->name, p->sockets->bound.text);
	}
	p->state = POST_OPEN;
	p->wanted = false;
	mem_free(p->token);
	p->token = NULL;
}

static void give_up(struct admin_side *a, struct post *p)
{
	p->state = POST_ENDING;
	p->given_up = !wanted_elsewhere(a, &p->address);
	if (p->given_up && socket_refuse_new(p->sockets->fds[0], &p->sockets->bound))
		server_finish(p->server);
	else
		server_yield(p->server);
}

void admin_side_apply(struct admin_side *a)
{
	list_for_each(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		if (!p->wanted && p->state == POST_OPEN)
			give_up(a, p);
	}
	list_for_each(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		if (p->wanted)
			go_on(p);
	}
}

void admin_side_yield(struct admin_side *a)
{
	list_for_each(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		if (p->state != POST_OPEN)
			continue;
		p->state = POST_ENDING;
		server_yield(p->server);
	}
}

/* --- Beginning and end. ------------------------------------------------------------------------ */

struct admin_side *admin_side_new(struct gateway *g, struct weir_error *error)
{
	struct admin_side *a = mem_alloc(sizeof(*a));

	if (a == NULL) {
		fail_memory(error);
		return NULL;
	}
	a->gateway = g;
	list_init(&a->posts);
	admin_world_fill(&a->world, g);
	return a;
}

void admin_side_stop(struct admin_side *a)
{
	if (a == NULL)
		return;
	list_for_each(link, &a->posts) {
		struct post *p = container_of(link, struct post, link);

		server_close(p->server);
		p->server = NULL;
	}
}

void admin_side_free(struct admin_side *a)
{
	if (a == NULL)
		return;
	list_for_each_safe(link, &a->posts)
		post_free(container_of(link, struct post, link));
	mem_free(a);
}
