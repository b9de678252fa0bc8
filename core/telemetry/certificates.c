/* certificates.c - the certificates in use, for metrics. */
#include "core/telemetry/certificates.h"

#include <pthread.h>

#include "core/base/arena.h"
#include "core/base/mem.h"

enum { TEXTS_MOST = 16 << 20 };

/* Rows and their texts, replaced whole. */
struct table {
	struct arena arena;
	struct certificate_row *rows;
	uint32_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table *table;
static struct counter taken, refused;

static void table_free(struct table *t)
{
	if (t == NULL)
		return;
	arena_reset(&t->arena);
	mem_free(t);
}

static struct table *table_copy(const struct certificate_row *rows, uint32_t count)
{
	struct table *t = mem_alloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	arena_init(&t->arena, NULL, TEXTS_MOST);
	t->rows = arena_take(&t->arena, (count + 1u) * sizeof(*rows));
	for (; t->rows != NULL && t->count < count; t->count++) {
		struct certificate_row *row = &t->rows[t->count];

		*row = rows[t->count];
		row->owner = arena_copy(&t->arena, row->owner);
		row->file = arena_copy(&t->arena, row->file);
	}
	if (!t->arena.overflowed)
		return t;
	table_free(t);
	return NULL;
}

bool certificates_set(const struct certificate_row *rows, uint32_t count)
{
	struct table *fresh = count > 0 ? table_copy(rows, count) : NULL, *old;

	if (fresh == NULL && count > 0)
		return false;
	pthread_mutex_lock(&lock);
	old = table;
	table = fresh;
	pthread_mutex_unlock(&lock);
	table_free(old);
	return true;
}

void certificates_count_read(bool ok)
{
	counter_add(ok ? &taken : &refused, 1);
}

void certificates_collect(struct exposition *e)
{
	struct label accepted = { "result", STR("accepted") }, not = { "result", STR("refused") };

	exposition_begin(e, &families[FAMILY_CERTIFICATE]);
	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; table != NULL && i < table->count; i++) {
		struct label labels[] = { { "owner", table->rows[i].owner },
					  { "file", table->rows[i].file } };

		exposition_i64(e, labels, 2, table->rows[i].expires);
	}
	pthread_mutex_unlock(&lock);
	exposition_begin(e, &families[FAMILY_CERTIFICATE_READS]);
	exposition_u64(e, &accepted, 1, counter_read(&taken));
	exposition_u64(e, &not, 1, counter_read(&refused));
}
