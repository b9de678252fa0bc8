/* setup.h - the options of one use of a plugin, as `check` and `open` read them. [control] */
#ifndef WEIR_SETUP_H
#define WEIR_SETUP_H

#include <weir/host.h>
#include <weir/option.h>

/* Every value has been checked against the option table before a plugin sees it: types, limits
 * and required ones need no second look. An option that was not given has its default, or else
 * is absent: the absent str, 0, false. To ask for a name that the table does not have, or as
 * another type, is a mistake of the plugin: `open` then fails with a sentence that says so.
 * Everything lent here lives until `close` (in `check`: until it returns). Nothing here waits. */

/* True when it stands in the file; a default does not count. */
static inline bool weir_option_given(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_given(setup, name);
}

/* TEXT CHOICE PATH SECRET URL ADDRESS CIDR HEADER_NAME SERVICE; also the words of a KEY or
 * TEMPLATE. */
static inline struct weir_str weir_option_text(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_text(setup, name, 0);
}

static inline int64_t weir_option_integer(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_whole(setup, name, 0);
}

static inline bool weir_option_boolean(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_whole(setup, name, 0) != 0;
}

static inline double weir_option_number(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_number(setup, name, 0);
}

/* Nanoseconds; UINT64_MAX for `none`. */
static inline uint64_t weir_option_duration(const struct weir_setup *setup, const char *name)
{
	return (uint64_t)weir_host_slot->option_whole(setup, name, 0);
}

/* Bytes; UINT64_MAX for `none`. */
static inline uint64_t weir_option_size(const struct weir_setup *setup, const char *name)
{
	return (uint64_t)weir_host_slot->option_whole(setup, name, 0);
}

/* Events per second. */
static inline double weir_option_rate(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_number(setup, name, 0);
}

/* The span it was written for, in nanoseconds: a minute of 120/m. */
static inline uint64_t weir_option_rate_span(const struct weir_setup *setup, const char *name)
{
	return (uint64_t)weir_host_slot->option_whole(setup, name, 0);
}

/* 0 .. 1 */
static inline double weir_option_share(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_number(setup, name, 0);
}

/* The compiled form, for weir_key_text() and weir_pick_key(); NULL when absent, and in `check`. */
static inline const struct weir_key *weir_option_key(const struct weir_setup *setup,
						     const char *name)
{
	return weir_host_slot->option_key(setup, name);
}

/* The compiled form, for weir_template_text(); NULL when absent, and in `check`. */
static inline const struct weir_template *weir_option_template(const struct weir_setup *setup,
							       const char *name)
{
	return weir_host_slot->option_template(setup, name, 0);
}

/* A nested map (WEIR_OBJECT); NULL when absent. */
static inline const struct weir_setup *weir_option_object(const struct weir_setup *setup,
							  const char *name)
{
	return weir_host_slot->option_object(setup, name, 0);
}

/* Lists and maps: how many there are, and the one at 0 .. count-1, in the order of the file. */
static inline uint32_t weir_option_count(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_count(setup, name);
}

/* The name of an entry of a WEIR_MAP; its value is what the _at calls below give. */
static inline struct weir_str weir_option_key_at(const struct weir_setup *setup, const char *name,
						 uint32_t at)
{
	return weir_host_slot->option_entry(setup, name, at);
}

static inline struct weir_str weir_option_text_at(const struct weir_setup *setup, const char *name,
						  uint32_t at)
{
	return weir_host_slot->option_text(setup, name, at);
}

/* INTEGER BOOLEAN DURATION SIZE, as above. */
static inline int64_t weir_option_integer_at(const struct weir_setup *setup, const char *name,
					     uint32_t at)
{
	return weir_host_slot->option_whole(setup, name, at);
}

/* NUMBER RATE SHARE */
static inline double weir_option_number_at(const struct weir_setup *setup, const char *name,
					   uint32_t at)
{
	return weir_host_slot->option_number(setup, name, at);
}

static inline const struct weir_template *weir_option_template_at(const struct weir_setup *setup,
								  const char *name, uint32_t at)
{
	return weir_host_slot->option_template(setup, name, at);
}

static inline const struct weir_setup *weir_option_object_at(const struct weir_setup *setup,
							     const char *name, uint32_t at)
{
	return weir_host_slot->option_object(setup, name, at);
}

/* "file:line:column" of an option, or of the use itself when `name` is NULL: for error sentences.
 * The host puts the use's own place before every sentence of `check` and `open`. */
static inline struct weir_str weir_setup_place(const struct weir_setup *setup, const char *name)
{
	return weir_host_slot->option_place(setup, name);
}

/* Its name: `as`, or else the plugin's. */
static inline struct weir_str weir_setup_name(const struct weir_setup *setup)
{
	return weir_host_slot->setup_name(setup);
}

/* Its place in words, "route tariff, policy 2": the same over reloads, as long as it stands there. */
static inline struct weir_str weir_setup_path(const struct weir_setup *setup)
{
	return weir_host_slot->setup_path(setup);
}

/* At a reload that changed this use: the `self` it takes over from, so that what was learnt
 * need not be learnt again. Lent until `open` returns; other threads go on using it. NULL
 * otherwise. */
static inline void *weir_setup_previous(const struct weir_setup *setup)
{
	return weir_host_slot->previous(setup);
}

/* The descriptor's `context`. */
static inline void *weir_setup_context(const struct weir_setup *setup)
{
	return weir_host_slot->context(setup);
}

#endif
