/* plugin.h - all that a plugin includes, and how it says what it is. */
#ifndef WEIR_PLUGIN_H
#define WEIR_PLUGIN_H

#include <weir/balancer.h>
#include <weir/cell.h>
#include <weir/counter.h>
#include <weir/discovery.h>
#include <weir/error.h>
#include <weir/exchange.h>
#include <weir/here.h>
#include <weir/host.h>
#include <weir/option.h>
#include <weir/policy.h>
#include <weir/retry.h>
#include <weir/setup.h>
#include <weir/store.h>
#include <weir/str.h>
#include <weir/tracer.h>
#include <weir/wait.h>

/* The one symbol that a plugin exports. Constant; it grows at the end. Everything but the name
 * and one role may be left out. Lives, outermost first: the plugin; `self`, one per use in the
 * configuration; `worker`, one per use and worker; here->exchange, one per exchange. Code is
 * never unmapped. */
struct weir_plugin {
	/* Set by WEIR_PLUGIN. */
	size_t size;
	uint32_t major, minor;
	size_t option_size;
	const struct weir_host **host;
	const char *name;		/* the same as the file's, and the word in the configuration */

	const char *version;		/* the plugin's own, for people */
	const char *summary;		/* one line */
	const struct weir_option *options;	/* ends with an empty row; NULL: takes none */

	/* More than the table can say about the options; pure: no files, no network, nothing kept. Runs in
	 * `weir check` and before `open`. [any thread] */
	bool (*check)(const struct weir_setup *setup, struct weir_error *error);

	/* A use begins and ends. Must not wait. `close` comes after the last exchange that could see it,
	 * and after every worker_close. [control] */
	bool (*open)(const struct weir_setup *setup, void **self, struct weir_error *error);
	void (*close)(void *self);

	/* The same for each worker, on that worker. Must not wait. [worker] */
	bool (*worker_open)(void *self, void **worker, struct weir_error *error);
	void (*worker_close)(void *self, void *worker);

	/* A fiber on control, for each use, from after the first `open` until it returns or is cancelled
	 * before `close`: learn something and publish it in a cell. May wait, with `ex` NULL. */
	void (*background)(const struct weir_here *here);

	/* The roles it can play; at least one. */
	const struct weir_policy *policy;
	const struct weir_balancer *balancer;
	const struct weir_discovery *discovery;
	const struct weir_retry *retry;
	const struct weir_tracer *tracer;

	/* `background` begins before the configuration comes into force, and up to three seconds are given
	 * it until it says that it is ready (weir_ready(), which it must): for what must be known
	 * before the first request. Until then it may fetch, but not call services. */
	bool background_first;
	/* Of descriptors that a program makes at run time, several with the same functions: what
	 * weir_setup_context() gives. */
	void *context;
};

/* Once per plugin, at the end of its main file: WEIR_PLUGIN(stamp, .summary = "...", .policy =
 * &policy); */
#define WEIR_PLUGIN(plugin_name, ...) \
	const struct weir_host *weir_host_slot; \
	extern __attribute__((visibility("default"))) const struct weir_plugin weir_plugin; \
	const struct weir_plugin weir_plugin = { \
		.size = sizeof(struct weir_plugin), \
		.major = WEIR_API_MAJOR, \
		.minor = WEIR_API_MINOR, \
		.option_size = sizeof(struct weir_option), \
		.host = &weir_host_slot, \
		.name = #plugin_name, \
		__VA_ARGS__ \
	}

#endif
