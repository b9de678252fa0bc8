/* door.c - one listening address: opened, kept over reloads, given up. */
#include "core/weir/door.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/proxy.h"
#include "core/weir/round.h"

#define GIVE_UP_TIME (3 * NS_PER_S)	/* a listener finishes in two at most */

/* --- On a worker. ------------------------------------------------------------------------------- */

static bool may_accept(struct listener *l)
{
	struct door_place *place = l->owner;
	struct proxy *px = proxy_of(place->door->gateway->worker_list[place - place->door->places]);

	return shared_limit_has_room(px->connections) &&
	       shared_limit_has_room(place->door->connections);
}

static void accepted(struct listener *l, int fd, const struct peer *peer)
{
	struct door_place *place = l->owner;
	struct proxy *px = proxy_of(place->door->gateway->worker_list[place - place->door->places]);

	proxy_accept(px, place->slot, place->reader, place->door->connections, fd, peer);
}

static void on_finished_letter(struct letter *letter);

static void tell_finished(struct door_place *place)
{
	place->finished.open = on_finished_letter;
	loop_post(&place->door->gateway->control.loop, &place->finished);
}

static void finished(struct listener *l)
{
	struct door_place *place = l->owner;

	if (--place->finishing > 0)
		return;
	snapshot_unpin(place->reader);
	place->reader = NULL;
	tell_finished(place);
}

static const struct listener_calls calls = {
	.may_accept = may_accept,
	.accepted = accepted,
	.finished = finished,
};

/* Paused: nobody is accepted before the configuration is in force. */
static bool open_place(struct door *door, struct worker *w, struct weir_error *error)
{
	struct door_place *place = &door->places[w->index];

	place->slot = door->slot;
	for (uint32_t i = 0; i < door->sockets->count; i++) {
		struct listener *l = &place->listeners[place->count];

		if (!listening_is_for(door->sockets, i, w->index, door->gateway->count))
			continue;
		l->owner = place;
		if (!listener_open(l, &w->loop, door->sockets->fds[i], &door->sockets->bound,
				   door->sockets->shared, &calls, error))
			return false;
		listener_pause(l);
		place->count++;
	}
	return true;
}

static void close_place(struct door_place *place)
{
	for (uint32_t i = 0; i < place->count; i++)
		listener_close(&place->listeners[i]);
	place->count = 0;
	if (place->reader != NULL)
		snapshot_unpin(place->reader);
	place->reader = NULL;
}

static void finish_place(struct door *door, struct worker *w)
{
	struct door_place *place = &door->places[w->index];
	struct proxy *px = proxy_of(w);

	proxy_end_sessions(px, place->slot);
	if (door->sockets->activated)		/* the service manager's: who waits, waits for it */
		close_place(place);
	place->finishing = place->count;
	if (place->count == 0) {
		tell_finished(place);
		return;
	}
	place->reader = snapshot_pin(px->reader);	/* for those who are on their way in */
	for (uint32_t i = 0; i < place->count; i++)
		listener_finish(&place->listeners[i]);
}

void doors_finish(struct gateway *g, struct worker *w)
{
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (!door->wanted && door->accepting)
			finish_place(door, w);
	}
}

struct move {
	struct gateway *gateway;
	struct worker *worker;
};

static uint32_t slot_after(void *arg, uint32_t slot)
{
	const struct move *move = arg;

	list_for_each(link, &move->gateway->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->wanted && door->accepting && door->unfinished == 0 &&
		    door->places[move->worker->index].slot == slot)
			return door->slot;
	}
	return slot;
}

void doors_move(struct gateway *g, struct worker *w)
{
	struct move move = { g, w };
	bool any = false;

	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		any = any || (door->wanted && door->accepting &&
			      door->places[w->index].slot != door->slot);
	}
	if (!any)
		return;
	proxy_move_sessions(proxy_of(w), slot_after, &move);
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->wanted)
			door->places[w->index].slot = door->slot;
	}
}

static bool open_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	struct gateway *g = arg;

	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->wanted && !door->accepting && !open_place(door, w, error))
			return false;
	}
	return true;
}

static bool accept_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	struct gateway *g = arg;

	(void)error;
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);
		struct door_place *place = &door->places[w->index];

		for (uint32_t i = 0; door->wanted && !door->accepting && i < place->count; i++)
			listener_resume(&place->listeners[i]);
	}
	return true;
}

static bool stop_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	struct gateway *g = arg;

	(void)error;
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		close_place(&door->places[w->index]);
	}
	return true;
}

/* --- On control. -------------------------------------------------------------------------------- */

static void door_free(struct door *door)
{
	struct gateway *g = door->gateway;

	list_remove(&door->link);
	for (uint32_t i = 0; door->places != NULL && i < g->count; i++)
		mem_free(door->places[i].listeners);
	mem_free(door->places);
	listening_free(door->sockets);
	shared_limit_unref(door->connections);
	mem_free(door);
}

static void give_up(struct door *door)
{
	log_info("listener %s: %.*s is given up", door->name,
		 STR_ARG(address_text(&door->sockets->bound)));
	control_give_up(door->gateway->parent, door->sockets);
	door_free(door);
}

static void close_finished(struct gateway *g)
{
	g->doors_busy = false;
	list_for_each_safe(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (!door->wanted && !door->accepting && door->unfinished == 0)
			give_up(door);
	}
}

static bool ask_workers(struct gateway *g,
			bool (*fn)(struct worker *w, void *arg, struct weir_error *error),
			struct weir_error *error)
{
	bool ok;

	g->doors_busy = true;
	ok = round_run(&g->crew, fn, g, error);
	close_finished(g);
	return ok;
}

/* While workers look at the doors, none is freed. */
static void on_finished_letter(struct letter *letter)
{
	struct door_place *place = container_of(letter, struct door_place, finished);
	struct door *door = place->door;

	if (--door->unfinished == 0 && !door->gateway->doors_busy)
		give_up(door);
}

static bool make_places(struct door *door)
{
	struct gateway *g = door->gateway;

	door->places = mem_array(g->count, sizeof(*door->places));
	if (door->places == NULL)
		return false;
	for (uint32_t i = 0; i < g->count; i++) {
		door->places[i].door = door;
		door->places[i].listeners =
			mem_array(door->sockets->count, sizeof(struct listener));
		if (door->places[i].listeners == NULL)
			return false;
	}
	return true;
}

/* By address, whatever its name was: two doors on the same sockets would harm each other. Only port 0
 * is another port each time. */
static struct door *find(struct gateway *g, struct weir_str name, const struct address *a)
{
	bool any_name = a->kind == ADDRESS_UNIX || a->port != 0;

	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->unfinished == 0 && address_equal(&door->address, a) &&
		    (any_name || str_eq(str_from(door->name), name)))
			return door;
	}
	return NULL;
}

static struct door *open_door(struct gateway *g, struct weir_str name, const struct address *a,
			      struct weir_error *error)
{
	struct message_open wish = { .count = g->count };
	struct door *door = mem_alloc(sizeof(*door));

	if (door == NULL) {
		fail_memory(error);
		return NULL;
	}
	door->gateway = g;
	door->address = *a;
	list_init(&door->link);
	(void)snprintf(door->name, sizeof(door->name), "%.*s", STR_ARG(name));
	message_set_text(wish.name, sizeof(wish.name), door->name);
	message_set_text(wish.address, sizeof(wish.address), a->text);
	door->connections = shared_limit_new();
	door->sockets = control_listen(g->parent, &wish, error);
	if (door->sockets == NULL || door->connections == NULL || !make_places(door)) {
		fail_memory(error);
		door_free(door);
		return NULL;
	}
	list_push_back(&g->doors, &door->link);
	return door;
}

static bool prepare_one(struct gateway *g, const struct conf_entry *entry, const struct snapshot *s,
			struct diagnostics *d)
{
	struct weir_error error = { "" };
	struct address a;
	struct door *door;

	if (!address_parse(&a, conf_text(entry->value.object, "address"), &error))
		return diagnose(d, conf_place(entry->value.object, "address"), "%s", error.text);
	door = find(g, entry->key, &a);
	if (door != NULL && door->wanted)
		return diagnose(d, conf_place(entry->value.object, "address"),
				"listener %.*s: %s is the address of listener %s already",
				STR_ARG(entry->key), a.text, door->name);
	if (door == NULL)
		door = open_door(g, entry->key, &a, &error);
	if (door == NULL)
		return diagnose(d, conf_place(entry->value.object, "address"), "listener %.*s: %s",
				STR_ARG(entry->key), error.text);
	(void)snprintf(door->name, sizeof(door->name), "%.*s", STR_ARG(entry->key));
	door->wanted = true;
	for (uint32_t i = 0; i < s->listener_slots; i++)
		if (s->listeners[i] != NULL && str_eq(s->listeners[i]->name, entry->key))
			door->slot = i;
	return true;
}

static bool prepare_all(struct gateway *g, const struct conf *conf, const struct snapshot *s,
			struct diagnostics *d)
{
	struct weir_error error = { "" };
	uint32_t count;
	const struct conf_entry *entries = conf_entries(conf->top, "listen", &count);

	list_for_each(link, &g->doors)
		container_of(link, struct door, link)->wanted = false;
	for (uint32_t i = 0; i < count; i++)
		if (!prepare_one(g, &entries[i], s, d))
			return false;
	return ask_workers(g, open_on_worker, &error) ||
	       diagnose(d, conf_place(conf->top, "listen"), "%s", error.text);
}

/* The preparation is given up. Their listeners are paused: no loop knows them. */
static void forget_new(struct gateway *g)
{
	list_for_each_safe(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->accepting || door->unfinished > 0)
			continue;
		control_give_up(g->parent, door->sockets);
		door_free(door);
	}
}

bool doors_prepare(struct gateway *g, const struct conf *conf, const struct snapshot *s,
		   struct diagnostics *d)
{
	if (prepare_all(g, conf, s, d))
		return true;
	forget_new(g);
	return false;
}

void doors_leave(struct gateway *g)
{
	g->doors_busy = true;
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (!door->wanted && door->accepting)
			door->unfinished = g->count;
	}
}

void doors_commit(struct gateway *g)
{
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->wanted)
			atomic_store(&door->connections->most,
				     g->snapshot->listeners[door->slot]->connections);
	}
	(void)round_run(&g->crew, accept_on_worker, g, NULL);
	list_for_each(link, &g->doors) {
		struct door *door = container_of(link, struct door, link);

		if (door->wanted && !door->accepting)
			log_info("listener %s: accepting on %.*s", door->name,
				 STR_ARG(address_text(&door->sockets->bound)));
		door->accepting = door->wanted;
	}
	close_finished(g);
}

static bool finish_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	(void)error;
	doors_finish(arg, w);
	return true;
}

static void give_all_up(struct gateway *g)
{
	uint64_t until = clock_now() + GIVE_UP_TIME;

	list_for_each(link, &g->doors)
		container_of(link, struct door, link)->wanted = false;
	doors_leave(g);
	(void)round_run(&g->crew, finish_on_worker, g, NULL);
	list_for_each(link, &g->doors)
		container_of(link, struct door, link)->accepting = false;
	close_finished(g);
	while (!list_empty(&g->doors) && clock_now() < until)
		(void)wait_sleep(10 * NS_PER_MS);
}

void doors_stop(struct gateway *g)
{
	if (!g->parent->yielded)
		give_all_up(g);
	(void)ask_workers(g, stop_on_worker, NULL);
}

void doors_close(struct gateway *g)
{
	list_for_each_safe(link, &g->doors)
		door_free(container_of(link, struct door, link));
}
