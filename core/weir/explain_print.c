/* explain_print.c - an explanation for people. */
#include "core/weir/explain_print.h"

#include <string.h>

/* --- For people. -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static void print_routes(const json_t *answer, FILE *out)
{
	const json_t *routes = json_object_get(answer, "routes");
	size_t i, width = 0;
	const json_t *route;

	json_array_foreach(routes, i, route)
		if (strlen(text_of(route, "route")) > width)
			width = strlen(text_of(route, "route"));
	fprintf(out, "routes considered:\n");
	json_array_foreach(routes, i, route)
		fprintf(out, "  %s %-*s  %s\n",
			json_is_true(json_object_get(route, "matched")) ? "+" : "-", (int)width,
			text_of(route, "route"), text_of(route, "why"));
}

static void print_route(const json_t *answer, FILE *out)
{
	json_int_t status = json_integer_value(json_object_get(answer, "status"));

	fprintf(out, "route: %s\n", text_of(answer, "route"));
	if (status > 0)
		fprintf(out, "answer: %d, by the route itself\n", (int)status);
}

/* A key and its value as it would be written on one line of the file. */
static void print_json(const json_t *value, FILE *out)
{
	char *line = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	fputs(line != NULL ? line : "", out);
	free(line);
}

static void print_remark(FILE *out, unsigned *count, const char *word, const char *value)
{
	fprintf(out, "%s%s %s", (*count)++ == 0 ? "  (" : "; ", word, value);
}

/* What stands beside its name: (chain base; on_error: continue; when {...}: not this request) */
static void print_remarks(const json_t *policy, FILE *out)
{
	const json_t *when = json_object_get(policy, "when");
	unsigned count = 0;

	if (*text_of(policy, "chain") != '\0')
		print_remark(out, &count, "chain", text_of(policy, "chain"));
	if (*text_of(policy, "on_error") != '\0')
		print_remark(out, &count, "on_error:", text_of(policy, "on_error"));
	if (when != NULL) {
		print_remark(out, &count, "when", "");
		print_json(when, out);
		fputs(json_is_true(json_object_get(policy, "applies")) ? ": holds"
								       : ": not this request", out);
	}
	fputs(count > 0 ? ")\n" : "\n", out);
}

static void print_policy(const json_t *policy, FILE *out, int indent);

static void print_group(const json_t *group, const json_t *inner, FILE *out, int indent)
{
	const json_t *one;
	size_t i;

	if (*text_of(group, "as") != '\0')
		fprintf(out, " as %s", text_of(group, "as"));
	fputc(':', out);
	print_remarks(group, out);
	json_array_foreach(inner, i, one)
		print_policy(one, out, indent + 2);
}

static void print_policy(const json_t *policy, FILE *out, int indent)
{
	const json_t *any = json_object_get(policy, "any");
	const json_t *all = json_object_get(policy, "policies");
	const json_t *options = json_object_get(policy, "options");

	if (any != NULL) {
		fprintf(out, "%*sany of", indent, "");
		print_group(policy, any, out, indent);
		return;
	}
	if (all != NULL) {
		fprintf(out, "%*schain %s", indent, "", text_of(policy, "use"));
		print_group(policy, all, out, indent);
		return;
	}
	fprintf(out, "%*s%s", indent, "", text_of(policy, "policy"));
	if (*text_of(policy, "as") != '\0')
		fprintf(out, " as %s", text_of(policy, "as"));
	if (options != NULL) {
		fputc(' ', out);
		print_json(options, out);
	}
	print_remarks(policy, out);
	if (*text_of(policy, "says") != '\0')
		fprintf(out, "%*s  %s: %s\n", indent, "", text_of(policy, "verdict"),
			text_of(policy, "says"));
}

/* A file knows the address only; a running Weir the state as well. */
static void print_endpoint(const json_t *endpoint, FILE *out)
{
	const char *state = text_of(endpoint, "state"), *why = text_of(endpoint, "why");

	fprintf(out, "  %s%s%s%s%s\n", text_of(endpoint, "address"), *state != '\0' ? " " : "", state,
		*why != '\0' ? ": " : "", why);
}

static void print_services(const json_t *answer, FILE *out)
{
	const json_t *services = json_object_get(answer, "services"), *service, *endpoint;
	size_t i, k;

	json_array_foreach(services, i, service) {
		const json_t *endpoints = json_object_get(service, "endpoints");

		fprintf(out, "service: %s\n", text_of(service, "service"));
		if (json_array_size(endpoints) == 0)
			fprintf(out, "  endpoints: found by discovery while Weir runs\n");
		json_array_foreach(endpoints, k, endpoint)
			print_endpoint(endpoint, out);
	}
}

void explain_print(const json_t *answer, FILE *out)
{
	const json_t *policies = json_object_get(answer, "policies"), *policy;
	const char *result = text_of(answer, "result");
	size_t i;

	fprintf(out, "%s http://%s%s on listener %s\n", text_of(answer, "method"),
		text_of(answer, "host"), text_of(answer, "path"), text_of(answer, "listener"));
	print_routes(answer, out);
	if (strcmp(result, "route") == 0)
		print_route(answer, out);
	else if (strcmp(result, "method-not-allowed") == 0)
		fprintf(out, "answer: 405, allowed: %s\n", text_of(answer, "allow"));
	else if (strcmp(result, "redirect") == 0)
		fprintf(out, "answer: the listener redirects every request\n");
	else
		fprintf(out, "answer: 404, no route matches\n");
	if (json_array_size(policies) > 0)
		fprintf(out, "policies, in this order:\n");
	json_array_foreach(policies, i, policy)
		print_policy(policy, out, 2);
	print_services(answer, out);
}
