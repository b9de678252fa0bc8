/* bind_cache.c - weir.cache: what costs a call is asked once, however many want it at once. */
#include "core/base/clock.h"
#include "core/base/list.h"
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/keeping.h"
#include "core/script/parcel.h"
#include "core/script/spend.h"

enum { KEY = 1, FOR, FETCH };	/* arguments */
enum { ROUNDS = 3 };		/* of waiting for others, before asking oneself */

#define WAIT_MOST (10 * NS_PER_S)
#define NEGATIVE_MOST NS_PER_S	/* how long it is remembered that there was nothing */

/* Somebody of this worker is asking. It lies on the fiber of the one who asks, and those who wait
 * for it on theirs; all of them leave the lists themselves, or are taken off when it is over. */
struct flight {
	struct list link;		/* in flights */
	const struct script_here *script;
	const struct script_run *run;
	struct weir_str key;
	struct list waiting;		/* struct waiter */
};

struct waiter {
	struct list link;
	struct weir_ticket ticket;
};

static __thread struct list flights;

static struct flight *find_flight(const struct script_run *run, struct weir_str key)
{
	if (flights.next == NULL)
		list_init(&flights);
	list_for_each(item, &flights) {
		struct flight *f = container_of(item, struct flight, link);

		if (f->script == run->script && str_eq(f->key, key))
			return f;
	}
	return NULL;
}

static void take_off(struct flight *f, const struct script_run *run, struct weir_str key)
{
	*f = (struct flight){ .script = run->script, .run = run, .key = key };
	list_init(&f->waiting);
	list_push_back(&flights, &f->link);
}

static void land(struct flight *f)
{
	struct list *item;

	list_remove(&f->link);
	while ((item = list_pop_front(&f->waiting)) != NULL)
		weir_ticket_wake(container_of(item, struct waiter, link)->ticket);
}

/* False: it cannot be waited for. Raises when cancelled. */
static bool wait_for(lua_State *L, struct flight *f)
{
	struct script_run *run = script_wait_begin(L);
	struct waiter w = { .ticket = weir_ticket_take(run->ex) };
	enum weir_wait how = WEIR_NO_MEMORY;

	list_init(&w.link);
	if (w.ticket.id != 0) {
		list_push_back(&f->waiting, &w.link);
		how = weir_ticket_wait(run->ex, w.ticket, WAIT_MOST);
		list_remove(&w.link);
	}
	return script_wait_end(L, how) == WEIR_OK;
}

/* How long to keep it, and how long to keep that there is none. */
struct spans {
	uint64_t keep, negative;
};

static struct spans check_spans(lua_State *L)
{
	struct spans s;

	if (lua_istable(L, FOR)) {
		s.keep = script_span_field(L, FOR, "ttl", UINT64_MAX);
		luaL_argcheck(L, s.keep != UINT64_MAX, FOR, "{ttl = \"1m\", negative = \"5s\"}");
		s.negative = script_span_field(L, FOR, "negative",
					       s.keep < NEGATIVE_MOST ? s.keep : NEGATIVE_MOST);
		return s;
	}
	s.keep = script_check_span(L, FOR);
	s.negative = s.keep < NEGATIVE_MOST ? s.keep : NEGATIVE_MOST;
	return s;
}

/* Protected, with the key as it stands in the store, and the spans: asks and keeps the answer. */
static int fetch(lua_State *L)
{
	const struct spans *spans = lua_touserdata(L, 2);
	struct weir_store *store = script_running(L)->store;
	struct weir_str key, bytes;
	uint64_t ttl;

	lua_pushvalue(L, 1);
	lua_call(L, 0, 2);		/* the value, and why not: on 4 and 5 */
	ttl = lua_isnil(L, 4) ? spans->negative : spans->keep;
	if (ttl == 0)
		return 2;
	lua_createtable(L, 2, 0);
	lua_pushvalue(L, 4);
	lua_rawseti(L, -2, 1);
	lua_pushvalue(L, 5);
	lua_rawseti(L, -2, 2);
	key.data = lua_tolstring(L, 3, &key.len);
	bytes = parcel_pack(L, 6, 0);
	script_spend(L, bytes.len / 16);
	(void)weir_store_set(store, key, bytes, ttl);	/* too large: asked again next time */
	lua_settop(L, 5);
	return 2;
}

/* Whoever waits is woken, however it ends. */
static int ask(lua_State *L, struct weir_str key, int key_at, struct spans *spans)
{
	struct flight f;
	int status;

	take_off(&f, script_running(L), key);
	lua_pushcfunction(L, fetch);
	lua_pushvalue(L, FETCH);
	lua_pushlightuserdata(L, spans);
	lua_pushvalue(L, key_at);
	status = lua_pcall(L, 3, 2, 0);
	land(&f);
	if (status != LUA_OK)
		(void)lua_error(L);
	return 2;
}

static bool push_kept(lua_State *L, struct weir_store *store, struct weir_str key)
{
	struct weir_str bytes = keeping_get(L, store, key);

	if (bytes.data == NULL)
		return false;
	parcel_unpack(L, bytes);
	(void)lua_rawgeti(L, -1, 1);
	(void)lua_rawgeti(L, -2, 2);
	return true;
}

static int weir_cache(lua_State *L)
{
	struct weir_store *store = keeping_store(L, "weir.cache");
	struct spans spans = check_spans(L);
	const struct script_run *run = script_running(L);
	struct weir_str key;
	int key_at;

	luaL_checktype(L, FETCH, LUA_TFUNCTION);
	lua_settop(L, FETCH);
	key = keeping_key(L, KEEPING_CACHE, KEY);
	key_at = lua_gettop(L);
	for (int i = 0; i < ROUNDS; i++) {
		struct flight *f;

		if (push_kept(L, store, key))
			return 2;
		f = find_flight(run, key);
		if (f == NULL || f->run == run || run->ex == NULL || !wait_for(L, f))
			break;
	}
	return ask(L, key, key_at, &spans);
}

void bind_cache(lua_State *L)
{
	bindings_add(L, bindings_cache);
}

const struct binding bindings_cache[] = {
	{ "cache", weir_cache, "weir.cache(key, ttl, fn) -> value, why",
	  "Gives what `fn` gave within `ttl`, on any worker, or asks it: one request at a time, the "
	  "others of the worker wait for it. nil is kept too, for a second at most, or as long as "
	  "`{ttl = \"1m\", negative = \"5s\"}` says.", true, "0.1" },
	{ 0 }
};
