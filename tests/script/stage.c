/* stage.c - Lua policies on real fibers before a host of cardboard. */
#include "config.h"

#include "tests/script/stage.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

struct stage stage;

/* The host ---------------------------------------------------------------------- */

static void *context(const struct weir_setup *setup)
{
	(void)setup;
	return stage.script;
}

static uint32_t option_count(const struct weir_setup *setup, const char *name)
{
	(void)setup, (void)name;
	return 1;
}

static struct weir_str option_text(const struct weir_setup *setup, const char *name, uint32_t at)
{
	(void)setup, (void)at;
	return str_from(name);
}

static int64_t option_whole(const struct weir_setup *setup, const char *name, uint32_t at)
{
	(void)setup, (void)name, (void)at;
	return 7;
}

static void say(const struct weir_use *use, enum weir_level level, struct weir_str line)
{
	size_t used = strlen(stage.said);

	(void)use;
	(void)snprintf(stage.said + used, sizeof(stage.said) - used, "%d %.*s\n", (int)level,
		       STR_ARG(line));
}

static struct weir_str part(const struct weir_exchange *ex, enum weir_part which)
{
	switch (which) {
	case WEIR_PART_PATH:
		return str_from(ex->path);
	case WEIR_PART_ROUTE:
		return WEIR_STR("the-route");
	case WEIR_PART_ID:
		return WEIR_STR("the-id");
	case WEIR_PART_METHOD:
		return WEIR_STR("GET");
	case WEIR_PART_QUERY:
		return WEIR_STR("a=1");
	default:
		return WEIR_ABSENT;
	}
}

static struct weir_str named(const struct weir_exchange *ex, enum weir_named what, struct weir_str name)
{
	(void)ex, (void)what;
	return str_eq(name, STR("none")) ? STR_ABSENT : name;
}

static bool part_rewrite(struct weir_exchange *ex, enum weir_part which, struct weir_str value,
			 struct weir_error *error)
{
	if (which != WEIR_PART_PATH || value.data[0] != '/')
		return weir_fail(error, "it is no path");
	(void)snprintf(ex->set + strlen(ex->set), sizeof(ex->set) - strlen(ex->set), "path=%.*s;",
		       STR_ARG(value));
	return true;
}

static struct weir_str header(const struct weir_exchange *ex, enum weir_side side, struct weir_str name)
{
	(void)side;
	if (!str_eq_nocase(name, STR("x-in")))
		return STR_ABSENT;
	return str_from(ex->header[0] != '\0' ? ex->header : ex->path);
}

static struct weir_str header_at(const struct weir_exchange *ex, enum weir_side side,
				 struct weir_str name, uint32_t at)
{
	return at < 2 ? header(ex, side, name) : STR_ABSENT;
}

static bool header_nth(const struct weir_exchange *ex, enum weir_side side, uint32_t n,
		       struct weir_field *out)
{
	(void)ex, (void)side;
	*out = (struct weir_field){ n == 0 ? STR("X-First") : STR("x-second"), STR("v") };
	return n < 2;
}

static bool header_set(struct weir_exchange *ex, enum weir_side side, struct weir_str name,
		       struct weir_str value)
{
	if (str_eq(name, STR("content-length")))
		return false;
	(void)snprintf(ex->set + strlen(ex->set), sizeof(ex->set) - strlen(ex->set), "%s%.*s=%.*s;",
		       side == WEIR_RESPONSE ? "<" : "", STR_ARG(name), STR_ARG(value));
	return true;
}

static uint32_t header_remove(struct weir_exchange *ex, enum weir_side side, struct weir_str name)
{
	return header_set(ex, side, name, STR("(gone)"));
}

static uint16_t status(const struct weir_exchange *ex)
{
	return ex->status;
}

static bool status_set(struct weir_exchange *ex, uint16_t code)
{
	ex->status = code;
	return code >= 200 && code < 600;
}

static bool route_to(struct weir_exchange *ex, struct weir_str service)
{
	(void)snprintf(ex->service, sizeof(ex->service), "%.*s", STR_ARG(service));
	return !str_eq(service, STR("nowhere"));
}

static void reply(struct weir_exchange *ex, const struct weir_reply *r)
{
	(void)snprintf(ex->reply, sizeof(ex->reply), "%u %.*s", r->status, STR_ARG(r->body));
	for (size_t i = 0; i < r->header_count; i++)
		(void)header_set(ex, WEIR_RESPONSE, r->headers[i].name, r->headers[i].value);
}

static void refuse(struct weir_exchange *ex, uint16_t code, struct weir_str why)
{
	(void)snprintf(ex->reply, sizeof(ex->reply), "denied %u %.*s", code, STR_ARG(why));
}

static bool log_value(struct weir_exchange *ex, struct weir_str key, struct weir_str value)
{
	(void)snprintf(ex->logged, sizeof(ex->logged), "%.*s=%.*s", STR_ARG(key), STR_ARG(value));
	return true;
}

static void *take(struct weir_exchange *ex, size_t size)
{
	return ex->memory[ex->memories++ % 256] = malloc(size);
}

static uint32_t attempts(const struct weir_exchange *ex)
{
	(void)ex;
	return 1;
}

static uint64_t time_left(const struct weir_exchange *ex)
{
	(void)ex;
	return NS_PER_S;
}

static enum weir_wait nap(struct weir_exchange *ex, uint64_t ns)
{
	if (ex == NULL || fiber_self() == NULL)
		return WEIR_NOT_HERE;
	switch (wait_sleep(ns)) {
	case WAKE_CANCEL:
		return WEIR_CANCELLED;
	case WAKE_DEADLINE:
		return WEIR_TIMED_OUT;
	default:
		return WEIR_OK;
	}
}

static enum weir_wait body_read(struct weir_exchange *ex, enum weir_side side, size_t most,
				struct weir_str *out)
{
	(void)side;
	if (wait_sleep(NS_PER_MS) == WAKE_CANCEL)
		return WEIR_CANCELLED;
	*out = str_from(ex->body);
	return out->len > most ? WEIR_TOO_LARGE : WEIR_OK;
}

static bool body_set(struct weir_exchange *ex, enum weir_side side, struct weir_str body)
{
	return header_set(ex, side, STR("(body)"), body);
}

/* One that is there; no script of the stage uses it. */
static struct weir_store *store_open(const struct weir_setup *setup, struct weir_str name, size_t most)
{
	(void)setup, (void)name, (void)most;
	return (struct weir_store *)(void *)&stage;
}

static uint64_t now(void)
{
	return clock_now();
}

static uint64_t dice(void)
{
	static uint64_t n;

	return n++;
}

static void failed(struct weir_exchange *ex, struct weir_str reason)
{
	(void)snprintf(ex->failed, sizeof(ex->failed), "%.*s", WEIR_ARG(reason));
}

static struct weir_host cardboard = {
	.size = sizeof(cardboard), .major = WEIR_API_MAJOR, .context = context,
	.option_count = option_count, .option_text = option_text, .option_whole = option_whole,
	.option_entry = option_text,
	.log = say, .part = part, .part_rewrite = part_rewrite, .named = named, .header = header,
	.header_at = header_at, .header_nth = header_nth, .header_set = header_set,
	.header_add = header_set, .header_remove = header_remove, .status = status,
	.status_set = status_set, .route_to = route_to, .reply = reply, .refuse = refuse,
	.failed = failed, .log_value = log_value, .alloc = take, .attempts = attempts,
	.time_left = time_left, .sleep = nap,
	.store_open = store_open, .body_read = body_read,
	.body_set = body_set, .now = now, .wall = now, .dice = dice,
};

/* The stage --------------------------------------------------------------------- */

int stage_begin(void **state)
{
	(void)state;
	stage = (struct stage){ .folder = "/tmp/weir-stage-XXXXXX", .time_ns = 50 * NS_PER_MS,
				.memory = 8 << 20 };
	stage_fill_shared(&cardboard);
	weir_host_slot = &cardboard;
	assert_non_null(mkdtemp(stage.folder));
	assert_true(worker_init(&stage.worker, 0, NULL, &stage.error));
	return 0;
}

static void leave(void)
{
	if (stage.here != NULL)
		script_plugin(stage.script)->worker_close(stage.self, stage.here);
	if (stage.self != NULL)
		script_plugin(stage.script)->close(stage.self);
	script_unref(stage.script);
	stage.script = stage.self = stage.here = NULL;
}

int stage_end(void **state)
{
	char command[128];

	(void)state;
	leave();
	stage_end_shared();
	worker_fini(&stage.worker);
	(void)snprintf(command, sizeof(command), "rm -r %s", stage.folder);
	return system(command);
}

void stage_writes(const char *name, const char *text)
{
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", stage.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

bool stage_loads(const char *text)
{
	char *path;

	leave();
	stage.error.text[0] = '\0';
	stage.folders[0] = str_from(stage.folder);
	stage.rules = (struct script_rules){ stage.folders, 1, stage.time_ns, stage.memory };
	stage_writes("play.lua", text);
	path = script_find(&stage.rules, STR("play"));
	if (path == NULL) {
		(void)snprintf(stage.error.text, sizeof(stage.error.text), "play.lua is not there");
		return false;
	}
	stage.script = script_load(&stage.rules, path, STR("play"), &stage.error);
	mem_free(path);
	if (stage.script == NULL)
		return false;
	if (!script_plugin(stage.script)->open(NULL, &stage.self, &stage.error))
		return false;
	return script_plugin(stage.script)->worker_open(stage.self, &stage.here, &stage.error);
}

void stage_plays(const char *text)
{
	if (!stage_loads(text))
		fail_msg("%s", stage.error.text);
}

void stage_plays_request(const char *text)
{
	char whole[8192];

	(void)snprintf(whole, sizeof(whole), "local policy = {}\nfunction policy.request(req, options)\n"
		       "%s\nend\nreturn policy\n", text);
	stage_plays(whole);
}

static void run(struct weir_exchange *ex, enum weir_side side)
{
	const struct weir_policy *policy = script_plugin(stage.script)->policy;
	const struct weir_here here = { .size = sizeof(here), .self = stage.self,
					.worker = stage.here };
	struct deadline d;

	ex->began = clock_now();
	deadline_enter(&d, clock_after(clock_now(), 20 * NS_PER_S), REASON_TIMEOUT);
	ex->verdict = side == WEIR_REQUEST ? policy->on_request(&here, ex)
					   : policy->on_response(&here, ex);
	deadline_leave(&d);
	ex->took = clock_now() - ex->began;
	for (uint32_t i = 0; i < ex->memories && i < 256; i++)
		free(ex->memory[i]);
	ex->memories = 0;
	ex->ended = true;
}

static void run_request(void *arg)
{
	run(arg, WEIR_REQUEST);
}

static void run_response(void *arg)
{
	run(arg, WEIR_RESPONSE);
}

void stage_starts(struct weir_exchange *ex, enum weir_side side)
{
	ex->fiber = fiber_start(&stage.worker.loop,
				side == WEIR_REQUEST ? run_request : run_response, ex);
	assert_non_null(ex->fiber);
}

void stage_turns(struct weir_exchange *ex, size_t count)
{
	uint64_t patience = clock_after(clock_now(), 20 * NS_PER_S);

	for (size_t i = 0; i < count; i++)
		while (!ex[i].ended) {
			assert_true(clock_now() < patience);
			loop_turn(&stage.worker.loop, 10 * NS_PER_MS);
		}
}

enum weir_verdict stage_requests(struct weir_exchange *ex, const char *path)
{
	*ex = (struct weir_exchange){ .path = path };
	stage_starts(ex, WEIR_REQUEST);
	stage_turns(ex, 1);
	return ex->verdict;
}

void stage_replies(const char *body, const char *want)
{
	struct weir_exchange ex;

	stage_plays_request(body);
	if (stage_requests(&ex, "/") != WEIR_ANSWERED)
		fail_msg("%s: %s", body, stage.said);
	assert_string_equal(ex.reply, want);
}

void stage_fails(const char *body, const char *sentence)
{
	struct weir_exchange ex;

	stage_plays_request(body);
	assert_int_equal(stage_requests(&ex, "/"), WEIR_FAILED);
	stage_said(sentence);
}

void stage_said(const char *text)
{
	if (strstr(stage.said, text) == NULL)
		fail_msg("the log has no \"%s\":\n%s", text, stage.said);
}
