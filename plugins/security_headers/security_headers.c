/* security_headers.c - a policy that sets what browsers should know about a site's safety. */
#include <weir/plugin.h>

#include <stdlib.h>

/* One header, and the option that it comes from. */
static const struct {
	const char *option, *header;
	bool tls_only;
} known[] = {
	{ "hsts", "strict-transport-security", true },	/* RFC 6797 7.2: never over plain HTTP */
	{ "content_type_options", "x-content-type-options", false },
	{ "frame_options", "x-frame-options", false },
	{ "referrer_policy", "referrer-policy", false },
	{ "content_security_policy", "content-security-policy", false },
	{ "permissions_policy", "permissions-policy", false },
	{ "cross_origin_opener_policy", "cross-origin-opener-policy", false },
	{ "cross_origin_resource_policy", "cross-origin-resource-policy", false },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

struct security_headers {
	struct weir_str value[KNOWN];	/* absent: off */
	struct weir_str *remove;
	uint32_t remove_count;
	bool override;
};

/* An application that says something of its own knows better, unless told otherwise. */
static bool set_one(const struct security_headers *s, struct weir_exchange *ex, unsigned i)
{
	if (!s->override && weir_response_header_count(ex, known[i].header) > 0)
		return true;
	return weir_response_header_set(ex, known[i].header, s->value[i]);
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct security_headers *s = here->self;
	bool tls = weir_str_eq(weir_request_scheme(ex), WEIR_STR("https"));
	bool ok = true;

	for (uint32_t i = 0; i < s->remove_count; i++)
		weir_response_header_remove(ex, s->remove[i]);
	for (unsigned i = 0; i < KNOWN; i++)
		if (weir_str_present(s->value[i]) && (tls || !known[i].tls_only))
			ok &= set_one(s, ex, i);
	return ok ? WEIR_NEXT : WEIR_FAILED;
}

static void security_headers_close(void *self)
{
	struct security_headers *s = self;

	free(s->remove);
	free(s);
}

static bool security_headers_open(const struct weir_setup *setup, void **self,
				  struct weir_error *error)
{
	struct security_headers *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return weir_fail(error, "out of memory");
	for (unsigned i = 0; i < KNOWN; i++) {
		s->value[i] = weir_option_text(setup, known[i].option);
		if (weir_str_eq(s->value[i], WEIR_STR("off")))
			s->value[i] = WEIR_ABSENT;
	}
	s->override = weir_option_boolean(setup, "override");
	s->remove = calloc(weir_option_count(setup, "remove") + 1, sizeof(*s->remove));
	if (s->remove == NULL) {
		free(s);
		return weir_fail(error, "out of memory");
	}
	for (; s->remove_count < weir_option_count(setup, "remove"); s->remove_count++)
		s->remove[s->remove_count] = weir_option_text_at(setup, "remove", s->remove_count);
	*self = s;
	return true;
}

static bool is_value(struct weir_str value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
			return false;
	return value.len > 0;
}

static bool security_headers_check(const struct weir_setup *setup, struct weir_error *error)
{
	for (unsigned i = 0; i < KNOWN; i++) {
		struct weir_str value = weir_option_text(setup, known[i].option);

		if (weir_str_present(value) && !is_value(value))
			return weir_fail(error, "`%s` must be one line of text, or `off`",
					 known[i].option);
	}
	return true;
}

static const struct weir_option options[] = {
	{ .name = "hsts", .type = WEIR_TEXT, .fallback = "max-age=31536000",
	  .about = "strict-transport-security, over TLS only: come back by TLS" },
	{ .name = "content_type_options", .type = WEIR_TEXT, .fallback = "nosniff",
	  .about = "x-content-type-options: do not guess what a file is" },
	{ .name = "frame_options", .type = WEIR_TEXT, .fallback = "SAMEORIGIN",
	  .about = "x-frame-options: who may show the site in a frame" },
	{ .name = "referrer_policy", .type = WEIR_TEXT,
	  .fallback = "strict-origin-when-cross-origin",
	  .about = "referrer-policy: how much other sites learn of where a visitor came from" },
	{ .name = "content_security_policy", .type = WEIR_TEXT,
	  .fallback = "frame-ancestors 'self'; base-uri 'self'; object-src 'none'",
	  .about = "content-security-policy: where scripts and the like may come from" },
	{ .name = "permissions_policy", .type = WEIR_TEXT, .fallback = "off",
	  .about = "permissions-policy: which abilities of the browser the site may use" },
	{ .name = "cross_origin_opener_policy", .type = WEIR_TEXT, .fallback = "off",
	  .about = "cross-origin-opener-policy: who shares a window's processes" },
	{ .name = "cross_origin_resource_policy", .type = WEIR_TEXT, .fallback = "off",
	  .about = "cross-origin-resource-policy: which sites may load what is answered" },
	{ .name = "remove", .type = WEIR_HEADER_NAME, .list = true,
	  .about = "headers that tell too much, such as [server, x-powered-by]" },
	{ .name = "override", .type = WEIR_BOOLEAN, .fallback = "false",
	  .about = "replace what the application says itself" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(.on_response = on_response);

WEIR_PLUGIN(security_headers,
	.version = "1.0",
	.summary = "tells browsers what keeps a site safe",
	.options = options, .check = security_headers_check,
	.open = security_headers_open, .close = security_headers_close,
	.policy = &policy);
