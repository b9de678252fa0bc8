/* fault.c - who misbehaved, and how. */
#include "core/kit/inside.h"

struct row {
	const char *word, *sentence;
};

static const struct row rows[] = {
#define X(name, word, sentence) { word, sentence },
	FAULTS(X)
#undef X
};

const char *fault_word(enum fault fault)
{
	return rows[fault].word;
}

void fault_note(struct weir_fake *f, enum fault fault, const char *what)
{
	const struct weir_fake_use *use = f->running;
	const struct row *row = &rows[fault];

	if (use == NULL)
		fake_line_add(f, &f->faults, fault, "%s: outside of any hook, somebody %s%s%s",
			      row->word, row->sentence, what != NULL ? ": " : "",
			      what != NULL ? what : "");
	else
		fake_line_add(f, &f->faults, fault, "%s: %s of the plugin %s %s%s%s", row->word,
			      hook_word(f->hook), use->plugin.name, row->sentence,
			      what != NULL ? ": " : "", what != NULL ? what : "");
}

uint32_t weir_fake_faults(const struct weir_fake *f)
{
	return f->faults.count;
}

const char *weir_fake_fault(const struct weir_fake *f, uint32_t at)
{
	const struct fake_line *l = fake_line_at(&f->faults, at);

	return l != NULL ? l->text : NULL;
}

const char *weir_fake_unexpected(const struct weir_fake *f)
{
	for (const struct fake_line *l = f->faults.first; l != NULL; l = l->next)
		if (!l->expected)
			return l->text;
	return NULL;
}

bool weir_fake_blames(struct weir_fake *f, const char *word)
{
	bool found = false;

	for (struct fake_line *l = f->faults.first; l != NULL; l = l->next) {
		if (strcmp(fault_word(l->fault), word) != 0)
			continue;
		l->expected = true;
		found = true;
	}
	return found;
}
