/* say.h - a sentence for `weir explain`, put together piece by piece; what does not fit is cut off. */
#ifndef PLUGINS_COMMON_SAY_H
#define PLUGINS_COMMON_SAY_H

#include <weir/setup.h>

static inline void say(struct weir_error *said, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void say(struct weir_error *said, const char *format, ...)
{
	size_t at = strlen(said->text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said->text + at, sizeof(said->text) - at, format, args);
	va_end(args);
}

/* `before` and the texts of an option, "a or b"; nothing when it has none. */
static inline void say_texts(struct weir_error *said, const char *before,
			     const struct weir_setup *setup, const char *option, const char *between)
{
	for (uint32_t i = 0; i < weir_option_count(setup, option); i++)
		say(said, "%s%.*s", i == 0 ? before : between,
		    WEIR_ARG(weir_option_text_at(setup, option, i)));
}

#endif
