/* endpoints_file.c - a text that lists endpoints, as YAML or JSON, read into rows. */
#include "plugins/file/endpoints_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reading {
	yaml_document_t *document;
	char *why;
};

static bool wrong(const struct reading *r, const yaml_node_t *node, const char *what,
		  const char *word)
{
	int line = node != NULL ? (int)node->start_mark.line + 1 : 1;

	if (word != NULL)
		snprintf(r->why, FILE_WHY, "line %d: \"%.60s\" %s", line, word, what);
	else
		snprintf(r->why, FILE_WHY, "line %d: %s", line, what);
	return false;
}

static const yaml_node_t *node_at(const struct reading *r, int number)
{
	return yaml_document_get_node(r->document, number);
}

/* The text of a scalar, or NULL when it is none, is empty or holds a NUL. */
static const char *text_of(const yaml_node_t *node)
{
	const char *text;

	if (node == NULL || node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	if (node->data.scalar.length == 0 || strlen(text) != node->data.scalar.length)
		return NULL;
	return text;
}

static bool read_weight(const struct reading *r, const yaml_node_t *value, uint32_t *out)
{
	const char *text = text_of(value);
	char *end = NULL;
	unsigned long n = 0;

	if (text != NULL && text[0] >= '0' && text[0] <= '9')
		n = strtoul(text, &end, 10);
	if (end == NULL || *end != '\0' || n < 1 || n > 65535)
		return wrong(r, value, "is no weight; write a whole number from 1 to 65535",
			     text != NULL ? text : "");
	*out = (uint32_t)n;
	return true;
}

static bool read_labels(const struct reading *r, const yaml_node_t *value, struct file_row *row)
{
	if (value->type != YAML_MAPPING_NODE)
		return wrong(r, value, "`labels` must be a map of texts", NULL);
	for (yaml_node_pair_t *pair = value->data.mapping.pairs.start;
	     pair < value->data.mapping.pairs.top; pair++) {
		const char *name = text_of(node_at(r, pair->key));
		const char *label = text_of(node_at(r, pair->value));

		if (name == NULL || label == NULL)
			return wrong(r, value, "`labels` must be a map of texts", NULL);
		if (row->label_count == FILE_LABELS)
			return wrong(r, value, "there are more than 16 labels", NULL);
		row->labels[row->label_count].name = name;
		row->labels[row->label_count].value = label;
		row->label_count++;
	}
	return true;
}

static bool read_member(const struct reading *r, const yaml_node_t *key, const yaml_node_t *value,
			struct file_row *row)
{
	const struct { const char *name; const char **to; } texts[] = {
		{ "address", &row->address }, { "id", &row->id }, { "zone", &row->zone },
		{ "server_name", &row->server_name },
	};
	const char *name = text_of(key);

	if (name == NULL)
		return wrong(r, key, "a key must be a word", NULL);
	if (strcmp(name, "weight") == 0)
		return read_weight(r, value, &row->weight);
	if (strcmp(name, "labels") == 0)
		return read_labels(r, value, row);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) != 0)
			continue;
		if (*texts[i].to != NULL)
			return wrong(r, key, "stands there twice", name);
		*texts[i].to = text_of(value);
		return *texts[i].to != NULL || wrong(r, value, "must have a text behind it", name);
	}
	return wrong(r, key, "is not known; an endpoint has address, weight, id, zone, server_name, "
		     "labels", name);
}

static bool read_row(const struct reading *r, const yaml_node_t *node, struct file_row *row)
{
	*row = (struct file_row){ .weight = 1, .line = (uint32_t)node->start_mark.line + 1 };
	row->address = text_of(node);
	if (row->address != NULL)
		return true;
	if (node->type != YAML_MAPPING_NODE)
		return wrong(r, node, "an endpoint is an address, or a map with an address", NULL);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (!read_member(r, node_at(r, pair->key), node_at(r, pair->value), row))
			return false;
	return row->address != NULL || wrong(r, node, "this endpoint has no `address`", NULL);
}

static bool read_list(const struct reading *r, const yaml_node_t *list, struct file_rows *out)
{
	size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);

	if (count > FILE_ROWS)
		return wrong(r, list, "there are more than 10000 endpoints", NULL);
	out->at = calloc(count + 1, sizeof(*out->at));
	if (out->at == NULL)
		return wrong(r, list, "out of memory", NULL);
	for (; out->count < count; out->count++)
		if (!read_row(r, node_at(r, list->data.sequence.items.start[out->count]),
			      &out->at[out->count]))
			return false;
	return true;
}

/* The value of `key`, or NULL. */
static const yaml_node_t *member(const struct reading *r, const yaml_node_t *map, const char *key)
{
	for (yaml_node_pair_t *pair = map->data.mapping.pairs.start;
	     pair < map->data.mapping.pairs.top; pair++) {
		const char *name = text_of(node_at(r, pair->key));

		if (name != NULL && strcmp(name, key) == 0)
			return node_at(r, pair->value);
	}
	return NULL;
}

static bool read_root(const struct reading *r, const char *service, struct file_rows *out)
{
	const yaml_node_t *root = yaml_document_get_root_node(r->document), *list = root;

	if (root == NULL)
		return wrong(r, NULL, "the file is empty; write [] if there is no endpoint", NULL);
	if (root->type == YAML_MAPPING_NODE) {
		list = member(r, root, service);
		if (list == NULL)
			list = member(r, root, "endpoints");
		if (list == NULL)
			return wrong(r, root, "is a service that the file has no list for", service);
	}
	if (list->type != YAML_SEQUENCE_NODE)
		return wrong(r, list, "there must be a list of endpoints here", NULL);
	return read_list(r, list, out);
}

static bool parse(const char *text, size_t len, yaml_document_t *document, char why[FILE_WHY])
{
	yaml_parser_t parser;
	bool ok;

	if (!yaml_parser_initialize(&parser)) {
		snprintf(why, FILE_WHY, "out of memory");
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ok = yaml_parser_load(&parser, document) != 0;
	if (!ok)
		snprintf(why, FILE_WHY, "line %d: %s", (int)parser.problem_mark.line + 1,
			 parser.problem != NULL ? parser.problem : "this is no YAML");
	yaml_parser_delete(&parser);
	return ok;
}

bool file_rows_read(const char *text, size_t len, const char *service, struct file_rows *out,
		    char why[FILE_WHY])
{
	yaml_document_t *document = calloc(1, sizeof(*document));
	struct reading r = { document, why };

	*out = (struct file_rows){ .text = document };
	if (document == NULL) {
		snprintf(why, FILE_WHY, "out of memory");
		return false;
	}
	if (!parse(text, len, document, why)) {
		free(document);
		out->text = NULL;
		return false;
	}
	if (read_root(&r, service, out))
		return true;
	file_rows_free(out);
	return false;
}

void file_rows_free(struct file_rows *rows)
{
	free(rows->at);
	if (rows->text != NULL) {
		yaml_document_delete(rows->text);
		free(rows->text);
	}
	*rows = (struct file_rows){ 0 };
}
