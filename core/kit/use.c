/* use.c - a plugin opened with options, as a reload would open it. */
#include "core/kit/host_inside.h"

#include <dlfcn.h>

#include "core/conf/diagnostic.h"
#include "core/conf/option.h"
#include "core/route/key.h"

const struct weir_plugin *weir_fake_load(const char *path, struct weir_error *error)
{
	void *code = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct weir_plugin *plugin = code != NULL ? dlsym(code, "weir_plugin") : NULL;

	if (code == NULL)
		(void)fail(error, "%s", dlerror());
	else if (plugin == NULL)
		(void)fail(error, "%s has no `weir_plugin`; end its main file with "
			   "WEIR_PLUGIN(name, ...)", path);
	return plugin;	/* stays mapped, as in the gateway */
}

static const struct weir_key *compile_key(struct arena *arena, const struct weir_str *parts,
					  uint32_t count, struct weir_error *error)
{
	return (const struct weir_key *)(const void *)key_compile(arena, parts, count, error);
}

static const struct weir_template *compile_text(struct arena *arena, struct weir_str text,
						struct weir_error *error)
{
	return (const struct weir_template *)(const void *)template_compile(arena, text, error);
}

static const struct setup_compiler compiler = { compile_key, compile_text };

/* What the table says of the text. */
static const struct conf_values *read_options(struct weir_fake_use *use, const char *options,
					      struct weir_error *error)
{
	static const struct weir_option none[] = { { 0 } };
	const struct weir_option *table = use->plugin.options != NULL ? use->plugin.options : none;
	struct diagnostics found;
	struct check check = { .arena = &use->arena, .out = &found };
	struct place place = { "options", 1, 1 };
	const struct conf_values *values = NULL;
	struct weir_str text = fake_copy(&use->arena, str_from(options != NULL ? options : "{}"));
	struct node *tree = NULL;

	diagnostics_init(&found);
	if (tree_read(&use->arena, "options", text, &tree_limits_usual, &found, &tree))
		values = check_table(&check, table, tree, NULL, place, false);
	if (!diagnostics_fine(&found)) {
		diagnostics_sort(&found);
		values = NULL;
		(void)fail(error, "%s: %s", found.count > 0 ? place_words(found.items[0].place).text
			   : "options", found.count > 0 ? found.items[0].text : "out of memory");
	}
	diagnostics_fini(&found);
	return values;
}

static bool refused(struct weir_fake_use *use, struct weir_error *error, const char *hook)
{
	return fail(error, "the plugin \"%s\" refuses in `%s` and gives no reason",
		    use->plugin.name, hook);
}

static bool run_check(struct weir_fake_use *use, struct weir_error *error)
{
	struct fake_frame before = fake_enter(use, HOOK_CHECK, NULL);
	bool ok = use->plugin.check == NULL || use->plugin.check(&use->setup, error);

	fake_leave(use->fake, before);
	return ok || refused(use, error, "check");
}

static bool run_open(struct weir_fake_use *use, struct weir_error *error)
{
	struct fake_frame before = fake_enter(use, HOOK_OPEN, NULL);

	use->life.compiler = &compiler;
	use->life.cell_new = fake_cell_new;
	use->life.store_open = fake_store_open;
	use->life.counter_open = fake_counter_open;
	use->opened = use->plugin.open == NULL ||
		      use->plugin.open(&use->setup, &use->here.self, error);
	use->life.previous = NULL;
	use->life.cell_new = NULL;
	use->life.store_open = NULL;
	use->life.counter_open = NULL;
	fake_leave(use->fake, before);
	return use->opened || refused(use, error, "open");
}

static bool run_worker_open(struct weir_fake_use *use, struct weir_error *error)
{
	struct fake_frame before = fake_enter(use, HOOK_WORKER_OPEN, NULL);

	use->worker_opened = use->plugin.worker_open == NULL ||
			     use->plugin.worker_open(use->here.self, &use->here.worker, error);
	fake_leave(use->fake, before);
	return use->worker_opened || refused(use, error, "worker_open");
}

/* The first wrong question that it asked about its options. */
static bool asked_well(struct weir_fake_use *use)
{
	struct fake_frame before = fake_enter(use, HOOK_OPEN, NULL);

	if (use->life.mistake.text[0] != '\0')
		fault_note(use->fake, FAULT_BAD_OPTION, use->life.mistake.text);
	fake_leave(use->fake, before);
	return use->life.mistake.text[0] == '\0';
}

static bool begin(struct weir_fake_use *use, const char *options, struct weir_error *error)
{
	if (!abi_read(use->given, &use->arena, &use->plugin, &use->roles, error))
		return false;
	*use->given->host = &fake_host;
	use->life.context = use->plugin.context;
	use->setup.values = read_options(use, options, error);
	if (use->setup.values == NULL || !run_check(use, error))
		return false;
	if (!run_open(use, error) || !asked_well(use))
		return fail(error, "%s", use->life.mistake.text);
	return run_worker_open(use, error);
}

static struct weir_fake_use *use_open(struct weir_fake *f, const struct weir_plugin *plugin,
				      void *previous, const char *options, struct weir_error *error)
{
	struct weir_fake_use *use = fake_must(mem_alloc(sizeof(*use)));

	arena_init(&use->arena, NULL, FAKE_WORLD);
	use->fake = f;
	use->given = plugin;
	use->life = (struct setup_life){ .arena = &use->arena, .place = STR("options:1:1"),
					 .previous = previous, .name = str_from(plugin->name),
					 .path = STR("route route, policy 1") };
	use->setup.life = &use->life;
	use->here = (struct weir_here){ .size = sizeof(use->here),
					.use = (const struct weir_use *)(const void *)use };
	use->next = f->uses;
	f->uses = use;
	if (begin(use, options, error))
		return use;
	weir_fake_close(use);
	return NULL;
}

struct weir_fake_use *weir_fake_open(struct weir_fake *f, const struct weir_plugin *plugin,
				     const char *options, struct weir_error *error)
{
	return use_open(f, plugin, NULL, options, error);
}

struct weir_fake_use *weir_fake_open_after(struct weir_fake_use *before, const char *options,
					   struct weir_error *error)
{
	return use_open(before->fake, before->given, before->here.self, options, error);
}

void weir_fake_close(struct weir_fake_use *use)
{
	struct fake_frame before;

	if (use == NULL || use->closed)
		return;
	use->closed = true;
	before = fake_enter(use, HOOK_WORKER_CLOSE, NULL);
	if (use->worker_opened && use->plugin.worker_close != NULL)
		use->plugin.worker_close(use->here.self, use->here.worker);
	use->fake->hook = HOOK_CLOSE;
	if (use->opened && use->plugin.close != NULL)
		use->plugin.close(use->here.self);
	fake_leave(use->fake, before);
	fake_cells_free(use->cells);
	use->cells = NULL;
}

static void run_background(const struct weir_here *here, void *arg)
{
	const struct weir_fake_use *use = arg;

	if (use->plugin.background != NULL)
		use->plugin.background(here);
}

static void on_control(struct weir_fake_use *use, uint32_t waits, const struct fake_errand *e)
{
	struct weir_fake *f = use->fake;
	struct fake_frame before = fake_enter(use, HOOK_BACKGROUND, NULL);
	struct weir_here here = use->here;

	here.worker = NULL;
	weir_fake_cancel_at(f, waits);
	e->fn(&here, e->arg);
	weir_fake_cancel_at(f, 0);
	f->cancelled = false;
	fake_look_for_leaks(f);
	fake_leave(f, before);
}

void weir_fake_background(struct weir_fake_use *use, uint32_t waits)
{
	use->errands = NULL;
	use->errands_end = &use->errands;
	on_control(use, waits, &(struct fake_errand){ .fn = run_background, .arg = use });
	for (const struct fake_errand *e = use->errands; e != NULL; e = e->next)
		on_control(use, waits, e);
}

static bool errand(const struct weir_use *of, void (*fn)(const struct weir_here *, void *arg), void *arg)
{
	struct weir_fake_use *use = (struct weir_fake_use *)(uintptr_t)of;
	struct fake_errand *e;

	if (use->fake->hook != HOOK_BACKGROUND || use->fake->cancelled)
		return false;
	e = fake_must(arena_take(&use->arena, sizeof(*e)));
	*e = (struct fake_errand){ .fn = fn, .arg = arg };
	*use->errands_end = e;
	use->errands_end = &e->next;
	return true;
}

void fake_fill_uses(struct weir_host *host)
{
	host->errand = errand;
}

bool weir_fake_is_ready(const struct weir_fake_use *use, const char **sentence)
{
	if (sentence != NULL)
		*sentence = use->ready_sentence;
	return !use->not_ready;
}
