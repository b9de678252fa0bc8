/* bad.c - plugins that cannot be used, each for a reason of its own: -DBAD_... says which. */
#include <weir/plugin.h>

#if defined(BAD_NOBODY)

int nobody(void);
int nobody(void)
{
	return 0;
}

#elif defined(BAD_IDLE)
WEIR_PLUGIN(idle, .summary = "plays no role");

#else

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

#if defined(BAD_ELDER) || defined(BAD_YOUNGER)

/* Built with the headers of another time. */
static const struct weir_host *slot;
extern __attribute__((visibility("default"))) const struct weir_plugin weir_plugin;
const struct weir_plugin weir_plugin = {
	.size = sizeof(struct weir_plugin), .host = &slot,
	.option_size = sizeof(struct weir_option),
#if defined(BAD_ELDER)
	.major = 0, .minor = 7, .name = "elder",
#else
	.major = WEIR_API_MAJOR, .minor = 999, .name = "younger",
#endif
	.policy = &policy,
};

#elif defined(BAD_MISNAMED)
WEIR_PLUGIN(somebody_else, .policy = &policy);

#elif defined(BAD_OPTIONS)
static const struct weir_option options[] = {
	{ .name = "colour", .type = WEIR_CHOICE, .about = "of nothing" },
	{ 0 }
};
WEIR_PLUGIN(badoptions, .options = options, .policy = &policy);

#elif defined(BAD_LOST)
int nowhere_to_be_found(void);
static bool lost_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	(void)setup, (void)self, (void)error;
	return nowhere_to_be_found() == 0;
}
WEIR_PLUGIN(lost, .open = lost_open, .policy = &policy);
#endif
#endif
