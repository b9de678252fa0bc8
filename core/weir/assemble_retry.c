/* assemble_retry.c - `retry:` of a route: what may be tried again, as bits; and who decides. */
#include "core/base/clock.h"
#include "core/weir/assemble.h"

static void add_status(struct retry_rules *r, unsigned status)
{
	r->statuses[status / 8] |= (uint8_t)(1u << (status % 8));
}

/* "503", or "5xx" for all of a class. */
static bool add_statuses(struct retry_rules *r, struct weir_str word)
{
	uint64_t status;

	if (str_to_u64(word, &status) && status >= 100 && status < 600) {
		add_status(r, (unsigned)status);
		return true;
	}
	if (word.len != 3 || !ascii_digit(word.data[0]) || !str_ends(word, STR("xx")))
		return false;
	for (unsigned s = 0; s < 100; s++)
		add_status(r, (unsigned)(word.data[0] - '0') * 100 + s);
	return true;
}

static void add_word(struct retry_rules *r, struct weir_str word)
{
	if (add_statuses(r, word))
		return;
	for (int why = REASON_NONE + 1; why < REASON_COUNT; why++) {
		const struct reason_row *row = reason_row((enum reason)why);

		if (str_eq_nocase(row->word, word) ||
		    (row->group.len > 0 && str_eq_nocase(row->group, word)))
			r->reasons[why / 64] |= 1ull << (why % 64);
	}
}

bool assemble_retry(struct world *w, struct retry_rules *rules, const struct conf_values *route,
		    struct weir_str path, struct diagnostics *d)
{
	const struct conf_values *c = conf_object(route, "retry");
	const struct conf_slot *decide;
	const struct conf_value *when;
	uint32_t count;

	rules->attempts = (uint32_t)conf_integer(c, "attempts");
	rules->per_try = conf_duration(c, "per_try");
	rules->budget = conf_number(c, "budget");
	rules->replay_bytes = (uint32_t)conf_size(c, "body");
	rules->repeatable = conf_boolean(route, "repeatable");
	when = conf_items(c, "when", &count);
	for (uint32_t i = 0; i < count; i++)
		add_word(rules, when[i].text);
	decide = conf_slots(c, "decide", &count);
	if (rules->attempts < 2 || count == 0)
		return true;
	rules->judge = world_use(w, AS_RETRY, decide,
				 arena_print(&w->arena, "%.*s, retry", STR_ARG(path)), d);
	return rules->judge != NULL || w->gateway == NULL;
}
