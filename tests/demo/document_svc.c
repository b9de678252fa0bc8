/* document_svc.c - whether a customs declaration is complete: POST /documents. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/demo/svc.h"

static void complain(json_t *problems, const char *field, const char *what)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s %s", field, what);
	json_array_append_new(problems, json_string(text));
}

/* Gives the text of a field that must be there, or NULL after a complaint. */
static const char *want_text(const json_t *document, const char *field, json_t *problems)
{
	const char *text = json_string_value(json_object_get(document, field));

	if (text == NULL || *text == '\0')
		complain(problems, field, "is missing, or not a text");
	return text;
}

static void want_letters(const json_t *document, const char *field, size_t count, const char *what,
			 json_t *problems)
{
	const char *text = want_text(document, field, problems);

	if (text == NULL)
		return;
	for (size_t i = 0; i <= strlen(text); i++) {
		if (i == count ? text[i] != '\0' : !isupper((unsigned char)text[i])) {
			complain(problems, field, what);
			return;
		}
	}
}

static void check_items(const json_t *document, json_t *problems)
{
	json_t *items = json_object_get(document, "items"), *item;
	char field[32];
	size_t i;

	if (json_array_size(items) == 0) {
		complain(problems, "items", "must list at least one kind of goods");
		return;
	}
	json_array_foreach(items, i, item) {
		(void)snprintf(field, sizeof(field), "items[%zu]", i);
		if (!json_is_string(json_object_get(item, "code")))
			complain(problems, field, "has no code");
		if (json_number_value(json_object_get(item, "value")) <= 0)
			complain(problems, field, "has no value above zero");
	}
}

static struct svc_answer on_document(const struct svc_request *request)
{
	json_t *problems;
	bool valid;

	if (strcmp(request->path, "/documents") != 0 || strcmp(request->method, "POST") != 0)
		return svc_refuse(404, "only POST /documents is here");
	if (!json_is_object(request->body))
		return svc_refuse(400, "the document is not a JSON object");
	problems = json_array();
	want_text(request->body, "declarant", problems);
	want_letters(request->body, "origin", 2, "must be two capital letters", problems);
	want_letters(request->body, "currency", 3, "must be three capital letters", problems);
	check_items(request->body, problems);
	valid = json_array_size(problems) == 0;
	return (struct svc_answer){ valid ? 200 : 422, json_pack("{s:b, s:o}", "valid", valid,
								 "problems", problems) };
}

int main(int argc, char **argv)
{
	return svc_main(argc, argv, "document-svc", on_document);
}
