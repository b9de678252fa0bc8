/* run.c - `weir run`: the parent, or the serving child that the parent has started with the same words. */
#include <sys/prctl.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/weir/commands.h"
#include "core/weir/cpus.h"
#include "core/weir/parent.h"
#include "core/weir/serve.h"

#define WATCHDOG_DEFAULT (10 * NS_PER_S)
#define WATCHDOG_LEAST (2 * NS_PER_S)	/* the child beats once a second */
#define START_DEFAULT (60 * NS_PER_S)

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the configuration; required" },
	{ "workers", 0, "N", "threads that serve; as many as CPUs may be used" },
	{ "watch", 0, NULL, "reload when a file that was read changes" },
	{ "watchdog", 0, "TIME", "replace a child whose worker is stuck so long; 10s, or none" },
	{ "start-timeout", 0, "TIME", "how long a child may take to be ready; 60s" },
	{ "alone", 0, NULL, "one process without a parent, for a debugger" },
	{ NULL, 0, NULL, NULL }
};

static bool read_serve(const struct command_line *line, struct serve_options *serving)
{
	uint64_t workers = cpus_usable();

	*serving = (struct serve_options){ .config = command_value(line, "config"),
					   .watch = command_has(line, "watch") };
	if (workers > MESSAGE_WORKERS)
		workers = MESSAGE_WORKERS;
	if (!command_number(line, "workers", 1, MESSAGE_WORKERS, &workers))
		return false;
	serving->workers = (uint32_t)workers;
	serving->workers_given = command_value(line, "workers") != NULL;
	return true;
}

static bool read_parent(const struct command_line *line, struct parent_options *parent)
{
	parent->argv = line->argv;
	parent->watchdog = WATCHDOG_DEFAULT;
	parent->start = START_DEFAULT;
	if (!command_duration(line, "watchdog", &parent->watchdog) ||
	    !command_duration(line, "start-timeout", &parent->start))
		return false;
	if (parent->start == 0)
		parent->start = CLOCK_NEVER;
	if (parent->watchdog == 0 || parent->watchdog >= WATCHDOG_LEAST)
		return true;
	fprintf(stderr, "weir run: --watchdog must be 2s or more, or none\n");
	return false;
}

static int be_child(const struct serve_options *serving, bool alone)
{
	struct weir_error error = { "" };
	struct control control;
	int status;

	if (!(alone ? control_open_alone(&control, &error) : control_open(&control, &error))) {
		log_error("%s", error.text);
		return 1;
	}
	(void)prctl(PR_SET_NAME, "weir-serve");
	status = serve(serving, &control);
	control_close(&control);
	return status;
}

static int run(const struct command_line *line)
{
	static char path[4096];
	struct serve_options serving;
	struct parent_options parent = { .path = path };

	if (!read_serve(line, &serving) || !read_parent(line, &parent))
		return COMMAND_MISUSED;
	if (control_inherited())
		return be_child(&serving, false);
	if (command_has(line, "alone"))
		return be_child(&serving, true);
	if (!image_find(line->argv[0], path, sizeof(path))) {
		log_error("cannot find my own executable; call it with its whole path");
		return 1;
	}
	return parent_run(&parent);
}

const struct command command_run = {
	.name = "run",
	.summary = "serve, in the foreground, until told to stop",
	.options = options,
	.required = "config",
	.run = run,
};
