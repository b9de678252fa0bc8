/* fuzz_config.c - any text is a configuration or is refused with words; what is shown of it
 * loads again. */
#include "core/base/buffer.h"
#include "core/base/json.h"
#include "core/conf/conf.h"
#include "core/conf/show.h"
#include "tests/fuzz/fuzz.h"

static const struct weir_option some_options[] = {
	{ .name = "rate", .type = WEIR_RATE, .fallback = "1/s" },
	{ .name = "keys", .type = WEIR_KEY, .fallback = "client.ip" },
	{ .name = "header", .type = WEIR_MAP, .of = WEIR_TEMPLATE, .keys = WEIR_HEADER_NAME },
	{ .name = "to", .type = WEIR_SERVICE },
	{ 0 }
};

struct story {
	struct conf *conf;
	struct diagnostics *d;
};

static bool check_slot(void *context, struct conf_slot *slot)
{
	struct story *s = context;

	(void)conf_check_slot(s->conf, slot, some_options, s->d);
	return true;
}

/* Every fault has a place and a sentence without control characters. */
static void look_at(const struct diagnostics *d)
{
	must(!d->out_of_memory);
	for (uint32_t i = 0; i < d->count; i++) {
		must(d->items[i].place.file != NULL);
		must(d->items[i].text[0] != '\0');
		must(strchr(d->items[i].text, '\n') == NULL);
	}
}

static void load_again(const struct conf *conf)
{
	json_t *shown = show_configuration(conf);
	struct diagnostics d;
	struct buffer text;
	struct conf *again;

	diagnostics_init(&d);
	buffer_init(&text, (size_t)1 << 28);
	must(json_print(&text, shown, 0));
	if (str_find_str(buffer_str(&text), STR("${")) == buffer_len(&text) &&
	    str_find_str(buffer_str(&text), STR(SHOW_MASK)) == buffer_len(&text))
		must(conf_load_text("again", buffer_str(&text), &again, &d));
	else
		again = NULL;
	conf_free(again);
	json_decref(shown);
	buffer_fini(&text);
	diagnostics_fini(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics d;
	struct story s = { .d = &d };
	bool fine;

	diagnostics_init(&d);
	fine = conf_load_text("fuzz", str_of((const char *)data, size), &s.conf, &d);
	must(fine == diagnostics_fine(&d));
	must(!fine || s.conf != NULL);
	if (fine)
		load_again(s.conf);
	if (s.conf != NULL)
		must(conf_visit_slots(s.conf, check_slot, &s));
	look_at(&d);
	conf_free(s.conf);
	diagnostics_fini(&d);
	return 0;
}
