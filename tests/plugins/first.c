/* first.c - a plugin of API 1.0, frozen: it has its own copy of what the headers said on the
 * first day. If a test with it fails, the window has broken a promise: put the member back
 * where it was. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct first_str {
	const char *data;
	size_t len;
};

typedef void (*first_function)(void);

/* The table of 1.0, by number. */
struct first_host {
	size_t size;
	uint32_t major, minor;
	first_function at[60];
};

enum { OPTION_TEXT = 2, HEADER_SET = 25 };

struct first_option {
	const char *name;
	int type;
	bool required, list, none_is_allowed;
	const char *fallback;
	double min, max;
	const char *const *choices;
	const struct first_option *fields;
	int of;
	const char *about;
	bool bare;
};

struct first_here {
	size_t size;
	void *self, *worker, *exchange;
	const void *use;
};

struct first_policy {
	size_t size, exchange_size;
	int (*on_request)(const struct first_here *, void *);
	int (*on_response)(const struct first_here *, void *);
	void (*on_done)(const struct first_here *, void *);
};

struct first_plugin {
	size_t size;
	uint32_t major, minor;
	size_t option_size;
	const struct first_host **host;
	const char *name, *version, *summary;
	const struct first_option *options;
	bool (*check)(const void *, char *);
	bool (*open)(const void *, void **, char *);
	void (*close)(void *);
	bool (*worker_open)(void *, void **, char *);
	void (*worker_close)(void *, void *);
	void (*background)(const struct first_here *);
	const struct first_policy *policy;
	const void *balancer, *discovery, *retry, *tracer;
};

static const struct first_host *host;
static struct first_str value;

static bool first_open(const void *setup, void **self, char *error)
{
	struct first_str (*text)(const void *, const char *, uint32_t) =
		(struct first_str (*)(const void *, const char *, uint32_t))host->at[OPTION_TEXT];

	(void)error;
	value = text(setup, "value", 0);
	*self = &value;
	return true;
}

static int on_response(const struct first_here *here, void *ex)
{
	bool (*set)(void *, int, struct first_str, struct first_str) =
		(bool (*)(void *, int, struct first_str, struct first_str))host->at[HEADER_SET];
	const struct first_str *self = here->self;

	return set(ex, 1, (struct first_str){ "x-first", 7 }, *self) ? 0 : 3;
}

static const struct first_option options[] = {
	{ .name = "value", .type = 1, .fallback = "day" },
	{ 0 },
};

static const struct first_policy policy = {
	.size = sizeof(policy), .on_response = on_response,
};

extern __attribute__((visibility("default"))) const struct first_plugin weir_plugin;
const struct first_plugin weir_plugin = {
	.size = sizeof(weir_plugin), .major = 1, .minor = 0,
	.option_size = sizeof(struct first_option), .host = &host, .name = "first",
	.options = options, .open = first_open, .policy = &policy,
};
