/* named_metrics.c - what has a name of its own: shared stores, and the counters of plugins. */
#include "core/telemetry/metrics.h"

#include "core/base/shared.h"
#include "core/base/tally.h"

/* A store, family by family: few are open, so they are walked over for each. */
struct row {
	struct exposition *e;
	enum family_id id;
};

static uint64_t number_of(enum family_id id, const struct shared_seen *seen)
{
	switch ((int)id) {
	case FAMILY_STORE_ENTRIES:
		return seen->entries;
	case FAMILY_STORE_BYTES:
		return seen->bytes;
	case FAMILY_STORE_MOST:
		return seen->most;
	case FAMILY_STORE_EVICTED:
		return seen->evicted;
	default:
		return seen->refused;
	}
}

static void put_store(void *arg, const struct shared_seen *seen)
{
	const struct row *row = arg;
	struct label label = { "store", seen->name };

	exposition_u64(row->e, &label, 1, number_of(row->id, seen));
}

static void put_tally(void *arg, const struct board_name *board, struct weir_str word, uint64_t n)
{
	struct label labels[] = { { "plugin", board->plugin }, { "use", board->use },
				  { "place", board->place }, { "event", word } };

	exposition_u64(arg, labels, 4, n);
}

void named_collect(struct exposition *e)
{
	static const enum family_id of_stores[] = {
		FAMILY_STORE_ENTRIES, FAMILY_STORE_BYTES, FAMILY_STORE_MOST, FAMILY_STORE_EVICTED,
		FAMILY_STORE_REFUSED,
	};

	for (size_t i = 0; i < sizeof(of_stores) / sizeof(of_stores[0]); i++) {
		struct row row = { e, of_stores[i] };

		exposition_begin(e, &families[of_stores[i]]);
		shared_visit(put_store, &row);
	}
	exposition_begin(e, &families[FAMILY_PLUGIN_EVENTS]);
	tallies_visit(put_tally, e);
}
