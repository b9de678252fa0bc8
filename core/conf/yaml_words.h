/* yaml_words.h - what libyaml complains of, in words that say what to do. */
#ifndef CORE_CONF_YAML_WORDS_H
#define CORE_CONF_YAML_WORDS_H

#include <yaml.h>

#include "core/base/str.h"

struct diagnostics;

/* Says the parser's error with its place in `source`; near a character that YAML takes for its
 * own, adds "quote this value". Gives false. */
bool yaml_say_error(const yaml_parser_t *parser, const char *file, struct weir_str source,
		    struct diagnostics *d);

#endif
