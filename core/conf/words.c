/* words.c - what an option may be, and what was probably meant, in words. */
#include <stdio.h>

#include "core/base/mem.h"
#include "core/conf/option.h"

void nearest_init(struct nearest *n, struct weir_str word)
{
	*n = (struct nearest){ .word = word };
	n->distance = word.len <= 3 ? 2 : word.len <= 7 ? 3 : 4;	/* nearer than this */
}

void nearest_try(struct nearest *n, const char *candidate)
{
	unsigned distance = str_distance(n->word, str_from(candidate));

	if (distance > 1 && n->word.len > 4 && strncmp(n->word.data, candidate, 3) == 0)
		distance--;	/* who begins alike is meant more often */
	if (distance < n->distance) {
		n->distance = distance;
		n->best = candidate;
	}
}

struct nearest_words nearest_words(const struct nearest *n)
{
	struct nearest_words words = { "" };

	if (n->best != NULL)
		(void)snprintf(words.text, sizeof(words.text), "; did you mean \"%.60s\"?",
			       n->best);
	return words;
}

static const struct {
	enum weir_option_type type;
	const char *words;
} plain[] = {
	{ WEIR_TEXT, "text" },
	{ WEIR_SECRET, "text" },
	{ WEIR_BOOLEAN, "true or false" },
	{ WEIR_DURATION, "a duration such as 250ms, 3s or 1m" },
	{ WEIR_SIZE, "a size such as 512b, 64k or 8m" },
	{ WEIR_RATE, "a rate such as 100/s or 10/m" },
	{ WEIR_SHARE, "a share such as 10%" },
	{ WEIR_PATH, "the path of a file" },
	{ CONF_OUTPUT, "the path of a file" },
	{ WEIR_URL, "a URL that begins with http:// or https://" },
	{ WEIR_ADDRESS, "an address: IP:PORT, [IPv6]:PORT, HOST:PORT or unix:PATH" },
	{ WEIR_CIDR, "a range of addresses such as 10.0.0.0/8" },
	{ WEIR_HEADER_NAME, "the name of a header" },
	{ WEIR_SERVICE, "the name of a service" },
	{ WEIR_KEY, "a key such as client.ip or header.NAME, or a list of keys" },
	{ WEIR_TEMPLATE, "text, with {parts} to fill in" },
	{ WEIR_OBJECT, "a map" },
	{ WEIR_MAP, "a map" },
	{ CONF_NAME, "a name" },
	{ CONF_HOST, "a host such as api.example.com or *.example.com" },
	{ CONF_METHOD, "a method such as GET" },
	{ CONF_ROUTE_PATH, "a path such as /exact, /prefix/* or /users/{id}" },
	{ CONF_WHEN, "a reason such as connect or reset, a status such as 503, or 5xx" },
	{ CONF_POLICIES, "a list of policies, each its name or {name: options}" },
	{ CONF_BALANCER, "a balancer: its name or {name: options}" },
	{ CONF_DISCOVERIES, "a discovery: its name or {name: options}, or a list of them" },
	{ CONF_TRACERS, "a tracer: its name or {name: options}, or a list of them" },
	{ CONF_RETRY, "a retry plugin: its name or {name: options}" },
};

static const char *plain_words(enum weir_option_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (plain[i].type == type)
			return plain[i].words;
	return "a value";
}

static size_t add(struct option_words *words, size_t used, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static size_t add(struct option_words *words, size_t used, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(words->text + used, sizeof(words->text) - used, format, args);
	va_end(args);
	if (n < 0)
		return used;
	return used + (size_t)n < sizeof(words->text) ? used + (size_t)n : sizeof(words->text) - 1;
}

static size_t add_choices(struct option_words *words, size_t used, const char *const *choice,
			  const char *last)
{
	for (bool first = true; *choice != NULL; choice++, first = false) {
		const char *between = first ? "" : choice[1] == NULL ? last : ", ";

		used = add(words, used, "%s%s", between, *choice);
	}
	return used;
}

/* A bound as one writes it in the file. */
static size_t add_bound(struct option_words *words, size_t used, enum weir_option_type type,
			double bound)
{
	bool whole_k = bound >= 1024 && bound / 1024 == (double)(int64_t)(bound / 1024);
	bool whole_m = whole_k && bound / 1048576 == (double)(int64_t)(bound / 1048576);

	if (type == WEIR_DURATION && bound >= 3600)
		return add(words, used, "%gh", bound / 3600);
	if (type == WEIR_DURATION)
		return bound > 0 && bound < 1 ? add(words, used, "%gms", bound * 1000)
					      : add(words, used, "%gs", bound);
	if (type == WEIR_SHARE)
		return add(words, used, "%g%%", bound * 100);
	if (type == WEIR_RATE)
		return add(words, used, "%g/s", bound);
	if (type != WEIR_SIZE)
		return add(words, used, "%.15g", bound);
	if (whole_m)
		return add(words, used, "%gm", bound / 1048576);
	return whole_k ? add(words, used, "%gk", bound / 1024) : add(words, used, "%gb", bound);
}

static size_t add_range(struct option_words *words, size_t used, const struct weir_option *row,
			enum weir_option_type type)
{
	if (row->min == 0 && row->max == 0)
		return used;
	used = add(words, used, row->max > row->min ? " from " : " of at least ");
	used = add_bound(words, used, type, row->min);
	if (row->max > row->min) {
		used = add(words, used, " to ");
		used = add_bound(words, used, type, row->max);
	}
	return used;
}

struct option_words option_expects(const struct weir_option *row, enum weir_option_type type)
{
	struct option_words words = { "" };
	size_t used = 0;

	if (type == WEIR_CHOICE) {
		used = add(&words, used, "%s", row->choices[1] != NULL ? "one of " : "");
		used = add_choices(&words, used, row->choices, " or ");
	} else if (type == WEIR_INTEGER || type == WEIR_NUMBER) {
		used = add(&words, used, type == WEIR_INTEGER ? "a whole number" : "a number");
		used = add_range(&words, used, row, type);
	} else {
		used = add(&words, used, "%s", plain_words(type));
		used = add_range(&words, used, row, type);
	}
	if (type != WEIR_CHOICE && row->choices != NULL) {
		used = add(&words, used, ", or ");
		used = add_choices(&words, used, row->choices, " or ");
	}
	if (row->none_is_allowed)
		(void)add(&words, used, ", or none");
	return words;
}
