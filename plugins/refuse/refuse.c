/* refuse.c - a policy that refuses requests by method, path or header, with a status and a
 * sentence. */
#include <weir/plugin.h>

#include <stdlib.h>

struct words {
	struct weir_str *at;
	uint32_t count;
};

/* All conditions that are given must hold for a request to be refused. */
struct refuse {
	struct words methods, paths;	/* one of them */
	struct words names, values;	/* headers that are there with this value; "*": any */
	struct words missing;		/* headers of which one is not there */
	uint16_t status;
	struct weir_str why;
};

static bool any_method(const struct words *methods, struct weir_str method)
{
	for (uint32_t i = 0; i < methods->count; i++)
		if (weir_str_eq(methods->at[i], method))
			return true;
	return methods->count == 0;
}

/* "/a/b" is itself; "/a/" with a star behind it is everything below, and "/a" too. */
static bool path_fits(struct weir_str pattern, struct weir_str path)
{
	size_t len = pattern.len;

	if (len < 2 || memcmp(pattern.data + len - 2, "/*", 2) != 0)
		return weir_str_eq(pattern, path);
	len -= 2;
	return path.len >= len && memcmp(path.data, pattern.data, len) == 0 &&
	       (path.len == len || path.data[len] == '/');
}

static bool any_path(const struct words *paths, struct weir_str path)
{
	for (uint32_t i = 0; i < paths->count; i++)
		if (path_fits(paths->at[i], path))
			return true;
	return paths->count == 0;
}

/* Every value of a repeated header is looked at: the second one counts as much as the first. */
static bool header_fits(struct weir_exchange *ex, struct weir_str name, struct weir_str value)
{
	uint32_t count = weir_request_header_count(ex, name);

	if (weir_str_eq(value, WEIR_STR("*")))
		return count > 0;
	for (uint32_t i = 0; i < count; i++)
		if (weir_str_eq(weir_request_header_at(ex, name, i), value))
			return true;
	return false;
}

static bool all_headers(const struct refuse *r, struct weir_exchange *ex)
{
	for (uint32_t i = 0; i < r->names.count; i++)
		if (!header_fits(ex, r->names.at[i], r->values.at[i]))
			return false;
	return true;
}

static bool one_missing(const struct refuse *r, const struct weir_exchange *ex)
{
	for (uint32_t i = 0; i < r->missing.count; i++)
		if (weir_request_header_count(ex, r->missing.at[i]) == 0)
			return true;
	return r->missing.count == 0;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct refuse *r = here->self;

	if (!any_method(&r->methods, weir_request_method(ex)) ||
	    !any_path(&r->paths, weir_request_path(ex)) || !all_headers(r, ex) ||
	    !one_missing(r, ex))
		return WEIR_NEXT;
	return weir_refuse(ex, r->status, r->why);
}

/* Options ------------------------------------------------------------------- */

typedef struct weir_str (*word_at)(const struct weir_setup *setup, const char *name, uint32_t at);

static bool read_words(const struct weir_setup *setup, const char *name, word_at word,
		       struct words *words)
{
	uint32_t count = weir_option_count(setup, name);

	words->at = calloc(count + 1, sizeof(*words->at));
	if (words->at == NULL)
		return false;
	for (; words->count < count; words->count++)
		words->at[words->count] = word(setup, name, words->count);
	return true;
}

static void refuse_close(void *self)
{
	struct refuse *r = self;

	free(r->methods.at);
	free(r->paths.at);
	free(r->names.at);
	free(r->values.at);
	free(r->missing.at);
	free(r);
}

static bool refuse_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct refuse *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return weir_fail(error, "out of memory");
	r->status = (uint16_t)weir_option_integer(setup, "status");
	r->why = weir_option_text(setup, "why");
	if (!read_words(setup, "method", weir_option_text_at, &r->methods) ||
	    !read_words(setup, "path", weir_option_text_at, &r->paths) ||
	    !read_words(setup, "header", weir_option_key_at, &r->names) ||
	    !read_words(setup, "header", weir_option_text_at, &r->values) ||
	    !read_words(setup, "missing", weir_option_text_at, &r->missing)) {
		refuse_close(r);
		return weir_fail(error, "out of memory");
	}
	*self = r;
	return true;
}

static bool refuse_check(const struct weir_setup *setup, struct weir_error *error)
{
	for (uint32_t i = 0; i < weir_option_count(setup, "path"); i++) {
		struct weir_str path = weir_option_text_at(setup, "path", i);
		const char *star;

		if (path.len == 0 || path.data[0] != '/')
			return weir_fail(error, "the path `%.*s` must begin with /", WEIR_ARG(path));
		star = memchr(path.data, '*', path.len);
		if (star != NULL && (star != path.data + path.len - 1 || star[-1] != '/'))
			return weir_fail(error, "in the path `%.*s` a * may only stand at the end, "
					 "behind a /", WEIR_ARG(path));
	}
	return true;
}

static const struct weir_option options[] = {
	{ .name = "method", .type = WEIR_TEXT, .list = true,
	  .about = "methods that are refused; absent: all" },
	{ .name = "path", .type = WEIR_TEXT, .list = true,
	  .about = "paths that are refused: /exact or /below/*; absent: all" },
	{ .name = "header", .type = WEIR_MAP, .of = WEIR_TEXT,
	  .about = "headers that must all be there, with this value or * for any" },
	{ .name = "missing", .type = WEIR_HEADER_NAME, .list = true,
	  .about = "refuse only when one of these headers is not there" },
	{ .name = "status", .type = WEIR_INTEGER, .fallback = "403", .min = 400, .max = 499,
	  .about = "the status of the refusal" },
	{ .name = "why", .type = WEIR_TEXT, .fallback = "this request is not allowed here",
	  .about = "the sentence that the client is told" },
	{ 0 }
};

static const struct weir_policy policy = WEIR_POLICY(
	.on_request = on_request, .traits = WEIR_AUTHORISES);

WEIR_PLUGIN(refuse,
	.version = "1.0",
	.summary = "refuses requests by method, path or header",
	.options = options, .check = refuse_check,
	.open = refuse_open, .close = refuse_close,
	.policy = &policy);
