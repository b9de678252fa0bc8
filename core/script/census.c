/* census.c - all VMs of the process, and what scripts have done in those that are gone. */
#include "core/script/census.h"

#include <pthread.h>

#include "core/base/map.h"
#include "core/script/budget.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct list all = LIST_INIT(all);
static struct map gone;		/* script's name -> struct script_row; as many as there ever were names */

void census_lock(void)
{
	(void)pthread_mutex_lock(&lock);
}

void census_unlock(void)
{
	(void)pthread_mutex_unlock(&lock);
}

static bool is_taken(uint32_t number)
{
	list_for_each(item, &all)
		if (container_of(item, struct script_vm, link)->number == number)
			return true;
	return false;
}

void census_enter(struct script_vm *vm)
{
	census_lock();
	vm->number = 0;
	while (is_taken(vm->number))
		vm->number++;
	list_push_back(&all, &vm->link);
	census_unlock();
}

static uint64_t load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static struct script_row row_of(const struct account *a)
{
	return (struct script_row){
		.script = a->name[0] != '\0' ? str_from(a->name) : STR_ABSENT,
		.memory = atomic_load_explicit(&a->used, memory_order_relaxed),
		.calls = load(&a->calls),
		.errors = load(&a->errors),
		.kills = load(&a->kills),
		.refused = load(&a->refused),
		.cpu_ns = load(&a->ticks) * BUDGET_TICK_MS * 1000000ull,
	};
}

/* Without memory for it the counts are lost: the metric then begins anew. */
void census_retire(const struct account *a)
{
	struct script_row row = row_of(a), *sum;

	if (row.script.data == NULL || row.calls == 0)
		return;
	sum = map_get(&gone, row.script);
	if (sum == NULL) {
		sum = mem_alloc(sizeof(*sum));
		if (sum == NULL || !map_set(&gone, row.script, sum)) {
			mem_free(sum);
			return;
		}
	}
	sum->calls += row.calls;
	sum->errors += row.errors;
	sum->kills += row.kills;
	sum->refused += row.refused;
	sum->cpu_ns += row.cpu_ns;
}

void census_leave(struct script_vm *vm)
{
	bool served = !list_empty(&vm->link);

	census_lock();
	list_remove(&vm->link);
	for (uint32_t i = 0; served && i < vm->accounts.count; i++)
		census_retire(vm->accounts.at[i]);
	census_unlock();
}

void script_visit(void (*visit)(void *arg, const struct script_row *row), void *arg)
{
	census_lock();
	list_for_each(item, &all) {
		const struct script_vm *vm = container_of(item, struct script_vm, link);

		for (uint32_t i = 0; i < vm->accounts.count; i++) {
			struct script_row row = row_of(vm->accounts.at[i]);

			row.vm = vm->number;
			visit(arg, &row);
		}
	}
	map_for_each(entry, &gone) {
		struct script_row row = *(const struct script_row *)entry->value;

		row.script = entry->key;
		row.vm = UINT32_MAX;
		visit(arg, &row);
	}
	census_unlock();
}
