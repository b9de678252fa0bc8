/* headers.c - a policy that sets, adds and removes headers of requests and responses. */
#include <weir/plugin.h>

#include <stdlib.h>

/* Statuses from .. to, both included. */
struct range {
	uint16_t from, to;
};

/* One header to write; the value is filled in for each request. */
struct line {
	struct weir_str name;
	const struct weir_template *value;
};

/* What to do with one side, in this order: remove, set, fill, add. */
struct edits {
	struct line *set, *fill, *add;
	struct weir_str *remove;
	uint32_t set_count, fill_count, add_count, remove_count;
	struct range *status;		/* of the response; none: every one */
	uint32_t status_count;
};

struct headers {
	struct edits request, response;
};

/* False: a value could not be filled in, or was refused. */
static bool edit_request(struct weir_exchange *ex, const struct edits *e)
{
	bool ok = true;

	for (uint32_t i = 0; i < e->remove_count; i++)
		weir_request_header_remove(ex, e->remove[i]);
	for (uint32_t i = 0; i < e->set_count; i++)
		ok &= weir_request_header_set(ex, e->set[i].name,
					      weir_template_text(ex, e->set[i].value));
	for (uint32_t i = 0; i < e->fill_count; i++)
		if (weir_request_header_count(ex, e->fill[i].name) == 0)
			ok &= weir_request_header_set(ex, e->fill[i].name,
						      weir_template_text(ex, e->fill[i].value));
	for (uint32_t i = 0; i < e->add_count; i++)
		ok &= weir_request_header_add(ex, e->add[i].name,
					      weir_template_text(ex, e->add[i].value));
	return ok;
}

static bool edit_response(struct weir_exchange *ex, const struct edits *e)
{
	bool ok = true;

	for (uint32_t i = 0; i < e->remove_count; i++)
		weir_response_header_remove(ex, e->remove[i]);
	for (uint32_t i = 0; i < e->set_count; i++)
		ok &= weir_response_header_set(ex, e->set[i].name,
					       weir_template_text(ex, e->set[i].value));
	for (uint32_t i = 0; i < e->fill_count; i++)
		if (weir_response_header_count(ex, e->fill[i].name) == 0)
			ok &= weir_response_header_set(ex, e->fill[i].name,
						       weir_template_text(ex, e->fill[i].value));
	for (uint32_t i = 0; i < e->add_count; i++)
		ok &= weir_response_header_add(ex, e->add[i].name,
					       weir_template_text(ex, e->add[i].value));
	return ok;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct headers *h = here->self;

	return edit_request(ex, &h->request) ? WEIR_NEXT : WEIR_FAILED;
}

static bool status_is_meant(const struct edits *e, uint16_t status)
{
	for (uint32_t i = 0; i < e->status_count; i++)
		if (status >= e->status[i].from && status <= e->status[i].to)
			return true;
	return e->status_count == 0;
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	const struct headers *h = here->self;

	if (!status_is_meant(&h->response, weir_response_status(ex)))
		return WEIR_NEXT;
	return edit_response(ex, &h->response) ? WEIR_NEXT : WEIR_FAILED;
}

/* Options ------------------------------------------------------------------- */

static bool read_lines(const struct weir_setup *side, const char *name, struct line **lines,
		       uint32_t *count)
{
	uint32_t wanted = weir_option_count(side, name);

	*lines = calloc(wanted + 1, sizeof(**lines));
	if (*lines == NULL)
		return false;
	for (*count = 0; *count < wanted; (*count)++) {
		(*lines)[*count].name = weir_option_key_at(side, name, *count);
		(*lines)[*count].value = weir_option_template_at(side, name, *count);
	}
	return true;
}

/* "404", "5xx". False: it is neither. */
static bool read_range(struct weir_str text, struct range *r)
{
	unsigned n = 0;

	if (text.len != 3 || text.data[0] < '2' || text.data[0] > '5')
		return false;
	if (text.data[1] == 'x' && text.data[2] == 'x') {
		r->from = (uint16_t)((text.data[0] - '0') * 100);
		r->to = (uint16_t)(r->from + 99);
		return true;
	}
	for (size_t i = 0; i < 3; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		n = n * 10 + (unsigned)(text.data[i] - '0');
	}
	r->from = r->to = (uint16_t)n;
	return true;
}

static bool read_statuses(const struct weir_setup *side, struct edits *e)
{
	uint32_t wanted = weir_option_count(side, "status");

	e->status = calloc(wanted + 1, sizeof(*e->status));
	for (; e->status != NULL && e->status_count < wanted; e->status_count++)
		(void)read_range(weir_option_text_at(side, "status", e->status_count),
				 &e->status[e->status_count]);	/* checked before */
	return e->status != NULL;
}

static bool read_side(const struct weir_setup *side, struct edits *e, bool response)
{
	if (side == NULL)
		return true;
	if (response && !read_statuses(side, e))
		return false;
	if (!read_lines(side, "set", &e->set, &e->set_count) ||
	    !read_lines(side, "fill", &e->fill, &e->fill_count) ||
	    !read_lines(side, "add", &e->add, &e->add_count))
		return false;
	e->remove = calloc(weir_option_count(side, "remove") + 1, sizeof(*e->remove));
	if (e->remove == NULL)
		return false;
	for (; e->remove_count < weir_option_count(side, "remove"); e->remove_count++)
		e->remove[e->remove_count] = weir_option_text_at(side, "remove", e->remove_count);
	return true;
}

static void edits_free(struct edits *e)
{
	free(e->set);
	free(e->fill);
	free(e->add);
	free(e->status);
	free(e->remove);
}

static void headers_close(void *self)
{
	struct headers *h = self;

	edits_free(&h->request);
	edits_free(&h->response);
	free(h);
}

static bool headers_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct headers *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return weir_fail(error, "out of memory");
	if (!read_side(weir_option_object(setup, "request"), &h->request, false) ||
	    !read_side(weir_option_object(setup, "response"), &h->response, true)) {
		headers_close(h);
		return weir_fail(error, "out of memory");
	}
	*self = h;
	return true;
}

/* A header's name has letters, digits and some signs (RFC 9110 5.6.2); a map's keys are any
 * text. */
static bool names_valid(const struct weir_setup *side, const char *map, struct weir_error *error)
{
	for (uint32_t i = 0; side != NULL && i < weir_option_count(side, map); i++) {
		struct weir_str name = weir_option_key_at(side, map, i);

		for (size_t k = 0; k < name.len; k++)
			if (name.data[k] <= ' ' || name.data[k] > '~' ||
			    strchr("\"(),/:;<=>?@[\\]{}", name.data[k]) != NULL)
				return weir_fail(error, "`%.*s` under `%s` is no name of a header",
						 WEIR_ARG(name), map);
		if (name.len == 0)
			return weir_fail(error, "a header under `%s` has no name", map);
	}
	return true;
}

static bool all_names_valid(const struct weir_setup *side, struct weir_error *error)
{
	return names_valid(side, "set", error) && names_valid(side, "fill", error) &&
	       names_valid(side, "add", error);
}

static bool statuses_valid(const struct weir_setup *side, struct weir_error *error)
{
	struct range range;

	for (uint32_t i = 0; side != NULL && i < weir_option_count(side, "status"); i++) {
		struct weir_str text = weir_option_text_at(side, "status", i);

		if (!read_range(text, &range))
			return weir_fail(error, "`%.*s` is no status; write 404 or 5xx for example",
					 WEIR_ARG(text));
	}
	return true;
}

static bool headers_check(const struct weir_setup *setup, struct weir_error *error)
{
	const struct weir_setup *request = weir_option_object(setup, "request");
	const struct weir_setup *response = weir_option_object(setup, "response");

	if (request == NULL && response == NULL)
		return weir_fail(error, "there is nothing to do; give `request` or `response`");
	return all_names_valid(request, error) && all_names_valid(response, error) &&
	       statuses_valid(response, error);
}

#define EDITS \
	{ .name = "set", .type = WEIR_MAP, .of = WEIR_TEMPLATE, \
	  .about = "headers that then stand there once, with this value" }, \
	{ .name = "fill", .type = WEIR_MAP, .of = WEIR_TEMPLATE, \
	  .about = "headers that are set where there is none of that name" }, \
	{ .name = "add", .type = WEIR_MAP, .of = WEIR_TEMPLATE, \
	  .about = "headers that are put beside those that are there" }, \
	{ .name = "remove", .type = WEIR_HEADER_NAME, .list = true, \
	  .about = "headers that are taken out, before anything is set" }

static const struct weir_option request_side[] = { EDITS, { 0 } };

static const struct weir_option response_side[] = {
	EDITS,
	{ .name = "status", .type = WEIR_TEXT, .list = true,
	  .about = "only of answers with such a status, 404 or 5xx for example; all when absent" },
	{ 0 }
};

static const struct weir_option options[] = {
	{ .name = "request", .type = WEIR_OBJECT, .fields = request_side,
	  .about = "what is done to the request before it goes upstream" },
	{ .name = "response", .type = WEIR_OBJECT, .fields = response_side,
	  .about = "what is done to every answer, Weir's own ones too" },
	{ 0 }
};

static const struct weir_policy policy =
	WEIR_POLICY(.on_request = on_request, .on_response = on_response);

WEIR_PLUGIN(headers,
	.version = "1.0",
	.summary = "sets, adds and removes headers",
	.options = options, .check = headers_check,
	.open = headers_open, .close = headers_close,
	.policy = &policy);
