/* hello.c - a policy that greets whoever asks: the smallest whole plugin. */
#include <weir/plugin.h>

#include <stdlib.h>

/* One use of it in the configuration. */
struct hello {
	struct weir_str to;
};

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct hello *hello = here->self;
	const struct weir_str parts[] = { WEIR_STR("hello, "), hello->to, WEIR_STR("\n") };
	size_t len = parts[0].len + parts[1].len + parts[2].len, at = 0;
	char *text = weir_alloc(ex, len);

	if (text == NULL)
		return WEIR_FAILED;
	for (size_t i = 0; i < 3; i++) {
		memcpy(text + at, parts[i].data, parts[i].len);
		at += parts[i].len;
	}
	return weir_reply(ex, 200, ((struct weir_str){ text, len }));
}

static bool hello_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct hello *hello = calloc(1, sizeof(*hello));

	if (hello == NULL)
		return weir_fail(error, "out of memory");
	hello->to = weir_option_text(setup, "to");
	*self = hello;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "to", .type = WEIR_TEXT, .fallback = "world", .bare = true,
	  .about = "whom to greet" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

WEIR_PLUGIN(hello,
	.version = "1.0",
	.summary = "greets whoever asks",
	.options = options,
	.open = hello_open, .close = free,
	.policy = &policy);
