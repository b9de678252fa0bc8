/* script_metrics.c - what Lua policies do and hold, as metrics. */
#include "core/weir/script_metrics.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/script/script.h"

struct rows {
	struct script_row *at;
	uint32_t count, room;
};

static void keep(void *arg, const struct script_row *row)
{
	struct rows *rows = arg;

	if (rows->count == rows->room) {
		uint32_t room = rows->room > 0 ? rows->room * 2 : 64;
		struct script_row *at = mem_resize(rows->at, room, sizeof(*at));

		if (at == NULL)
			return;		/* a metric may be missing; memory is what is wanted */
		rows->at = at;
		rows->room = room;
	}
	rows->at[rows->count++] = *row;
}

static int by_script_and_vm(const void *a, const void *b)
{
	const struct script_row *x = a, *y = b;
	int order = str_compare(x->script, y->script);

	if (order != 0)
		return order;
	return x->vm < y->vm ? -1 : x->vm > y->vm;
}

static void add(struct script_row *to, const struct script_row *row)
{
	to->memory += row->memory;
	to->calls += row->calls;
	to->errors += row->errors;
	to->kills += row->kills;
	to->refused += row->refused;
	to->cpu_ns += row->cpu_ns;
}

/* One row for each script, or for each script in each VM. */
static uint32_t merge(const struct rows *rows, bool vms, struct script_row *out)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		const struct script_row *row = &rows->at[i];
		struct script_row *last = count > 0 ? &out[count - 1] : NULL;

		if (last != NULL && str_eq(last->script, row->script) && (!vms || last->vm == row->vm))
			add(last, row);
		else
			out[count++] = *row;
	}
	return count;
}

static void put_memory(struct exposition *e, const struct script_row *rows, uint32_t count)
{
	exposition_begin(e, &families[FAMILY_LUA_MEMORY]);
	for (uint32_t i = 0; i < count; i++) {
		char number[16];
		struct label labels[] = { { "vm", STR_ABSENT }, { "script", rows[i].script } };

		if (rows[i].vm == UINT32_MAX)
			continue;
		(void)snprintf(number, sizeof(number), "%u", rows[i].vm);
		labels[0].value = str_from(number);
		exposition_u64(e, labels, 2, rows[i].memory);
	}
}

static void put_counter(struct exposition *e, enum family_id id, const struct script_row *rows,
			uint32_t count, size_t member)
{
	exposition_begin(e, &families[id]);
	for (uint32_t i = 0; i < count; i++) {
		struct label label = { "script", rows[i].script };
		const char *row = (const char *)&rows[i];

		if (rows[i].script.data != NULL)
			exposition_u64(e, &label, 1, *(const uint64_t *)(const void *)(row + member));
	}
}

static void put_stopped(struct exposition *e, const struct script_row *rows, uint32_t count)
{
	exposition_begin(e, &families[FAMILY_LUA_STOPPED]);
	for (uint32_t i = 0; i < count; i++) {
		struct label time[] = { { "script", rows[i].script }, { "limit", STR("time") } };
		struct label memory[] = { { "script", rows[i].script }, { "limit", STR("memory") } };

		if (rows[i].script.data == NULL)
			continue;
		exposition_u64(e, time, 2, rows[i].kills);
		exposition_u64(e, memory, 2, rows[i].refused);
	}
}

static void put_cpu(struct exposition *e, const struct script_row *rows, uint32_t count)
{
	exposition_begin(e, &families[FAMILY_LUA_CPU]);
	for (uint32_t i = 0; i < count; i++) {
		struct label label = { "script", rows[i].script };

		if (rows[i].script.data != NULL)
			exposition_double(e, &label, 1, (double)rows[i].cpu_ns / NS_PER_S);
	}
}

static void collect(void *arg, struct exposition *e)
{
	struct rows rows = { 0 };
	struct script_row *merged;
	uint32_t count;

	(void)arg;
	script_visit(keep, &rows);
	merged = mem_array(rows.count + 1, sizeof(*merged));
	if (merged != NULL) {
		if (rows.count > 1)
			qsort(rows.at, rows.count, sizeof(*rows.at), by_script_and_vm);
		count = merge(&rows, false, merged);
		put_counter(e, FAMILY_LUA_CALLS, merged, count, offsetof(struct script_row, calls));
		put_counter(e, FAMILY_LUA_ERRORS, merged, count, offsetof(struct script_row, errors));
		put_stopped(e, merged, count);
		put_cpu(e, merged, count);
		put_memory(e, merged, merge(&rows, true, merged));
	}
	mem_free(merged);
	mem_free(rows.at);
}

struct collector *script_metrics(void)
{
	static struct collector collector = { .collect = collect };

	return &collector;
}
