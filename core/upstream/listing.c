/* listing.c - rows are checked and copied once, so that nobody needs to doubt them later. */
#include "config.h"

#include "core/upstream/listing.h"

#include "core/base/error.h"
#include "core/base/map.h"
#include "core/base/mem.h"

enum { TEXTS_MOST = 32 << 20 };		/* bytes of all texts of a listing */

struct listing *listing_begin(uint32_t room)
{
	struct listing *l = mem_alloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	l->refs = 1;
	arena_init(&l->arena, NULL, TEXTS_MOST);
	l->told = mem_array(room > 0 ? room : 1, sizeof(*l->told));
	l->addresses = mem_array(room > 0 ? room : 1, sizeof(*l->addresses));
	l->names = mem_array(room > 0 ? room : 1, sizeof(*l->names));
	if (l->told == NULL || l->addresses == NULL || l->names == NULL) {
		listing_unref(l);
		return NULL;
	}
	return l;
}

static struct weir_str keep(struct listing *l, struct weir_str s)
{
	return s.data != NULL ? arena_copy(&l->arena, s) : s;
}

static bool keep_labels(struct listing *l, struct weir_endpoint *row)
{
	struct weir_field *labels;

	if (row->label_count == 0) {
		row->labels = NULL;
		return true;
	}
	labels = arena_take(&l->arena, row->label_count * sizeof(*labels));
	if (labels == NULL)
		return false;
	for (size_t i = 0; i < row->label_count; i++) {
		labels[i].name = keep(l, row->labels[i].name);
		labels[i].value = keep(l, row->labels[i].value);
	}
	row->labels = labels;
	return true;
}

/* The row at the end, whose texts still are somebody else's. */
static bool own_row(struct listing *l, struct weir_str name)
{
	struct weir_endpoint *row = &l->told[l->count];
	const struct address *address = &l->addresses[l->count];

	row->address = address_text(address);
	row->id = keep(l, row->id);
	row->zone = keep(l, row->zone);
	row->server_name = keep(l, row->server_name);
	if (row->id.data == NULL)
		row->id = row->address;
	if (row->weight == 0)
		row->weight = 1;
	l->names[l->count] = keep(l, name);
	if (!keep_labels(l, row) || l->arena.overflowed)
		return false;
	if (address->kind == ADDRESS_NAME)
		l->name_count++;
	l->count++;
	return true;
}

/* Few are added so: names have a handful of addresses. */
static bool has(const struct listing *l, const struct address *address)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (address_equal(&l->addresses[i], address))
			return true;
	return false;
}

bool listing_add(struct listing *l, const struct weir_endpoint *row, const struct address *address,
		 struct weir_str name)
{
	if (name.data != NULL && has(l, address))
		return true;
	l->told[l->count] = *row;
	l->addresses[l->count] = *address;
	return own_row(l, name);
}

/* Rows may be of an older and shorter kind. */
static struct weir_endpoint row_at(const struct weir_endpoint *rows, uint32_t i, size_t size)
{
	struct weir_endpoint row = { .weight = 0 };

	memcpy(&row, (const char *)rows + i * size, size < sizeof(row) ? size : sizeof(row));
	return row;
}

static bool check_row(const struct weir_endpoint *row, uint32_t i, struct address *address,
		      struct weir_error *error)
{
	struct weir_error why = { .text = "" };

	if (row->weight > WEIGHT_MOST)
		return fail(error, "endpoint %u (%.*s): the weight must be at most %d, got %u",
			    i + 1, STR_ARG(row->address), WEIGHT_MOST, row->weight);
	if (!address_parse(address, row->address, &why))
		return fail(error, "endpoint %u: %s", i + 1, why.text);
	return true;
}

static bool check_twice(const struct listing *l, struct weir_error *error)
{
	struct map seen;
	bool ok = true;

	map_init(&seen);
	for (uint32_t i = 0; ok && i < l->count; i++) {
		struct weir_str text = address_text(&l->addresses[i]);

		if (map_get(&seen, text) != NULL)
			ok = fail(error, "endpoint %.*s stands there twice", STR_ARG(text));
		else if (!map_set(&seen, text, (void *)l))
			ok = fail_memory(error);
	}
	map_fini(&seen);
	return ok;
}

static bool fill(struct listing *l, const struct weir_endpoint *rows, uint32_t count, size_t size,
		 struct weir_error *error)
{
	for (uint32_t i = 0; i < count; i++) {
		l->told[i] = row_at(rows, i, size);
		if (!check_row(&l->told[i], i, &l->addresses[i], error))
			return false;
		if (!own_row(l, STR_ABSENT))
			return fail_memory(error);
	}
	if (l->name_count > NAMES_MOST)
		return fail(error, "%u host names are more than the %d that are looked up",
			    l->name_count, NAMES_MOST);
	return check_twice(l, error);
}

struct listing *listing_new(const struct weir_endpoint *rows, uint32_t count, size_t size,
			    struct weir_error *error)
{
	struct listing *l;

	if (count > SET_MOST) {
		(void)fail(error, "%u endpoints are more than the %d that a service may have",
			   count, SET_MOST);
		return NULL;
	}
	l = listing_begin(count);
	if (l == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (!fill(l, rows, count, size, error)) {
		listing_unref(l);
		return NULL;
	}
	return l;
}

struct listing *listing_of_service(const struct service_endpoint *rows, uint32_t count,
				   struct weir_error *error)
{
	struct weir_endpoint *told = mem_array(count > 0 ? count : 1, sizeof(*told));
	struct listing *l;

	if (told == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		told[i].address = address_text(&rows[i].address);
		told[i].weight = rows[i].weight;
	}
	l = listing_new(told, count, sizeof(*told), error);
	mem_free(told);
	return l;
}

static bool labels_same(const struct weir_endpoint *a, const struct weir_endpoint *b)
{
	if (a->label_count != b->label_count)
		return false;
	for (size_t i = 0; i < a->label_count; i++)
		if (!str_eq(a->labels[i].name, b->labels[i].name) ||
		    !str_eq(a->labels[i].value, b->labels[i].value))
			return false;
	return true;
}

static bool row_same(const struct weir_endpoint *a, const struct weir_endpoint *b)
{
	return a->weight == b->weight && str_eq(a->address, b->address) && str_eq(a->id, b->id) &&
	       str_eq(a->zone, b->zone) && str_eq(a->server_name, b->server_name) &&
	       labels_same(a, b);
}

bool listing_same(const struct listing *a, const struct listing *b)
{
	if (a == b)
		return true;
	if (a == NULL || b == NULL || a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!row_same(&a->told[i], &b->told[i]) || !str_eq(a->names[i], b->names[i]))
			return false;
	return true;
}

struct listing *listing_ref(struct listing *l)
{
	l->refs++;
	return l;
}

void listing_unref(struct listing *l)
{
	if (l == NULL || --l->refs > 0)
		return;
	arena_reset(&l->arena);
	mem_free(l->told);
	mem_free(l->addresses);
	mem_free(l->names);
	mem_free(l);
}
