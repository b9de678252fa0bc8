/* utf8.h - one UTF-8 sequence at a time, as strict as RFC 3629: no surrogates, nothing overlong. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/str.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD, for what is not valid */

/* How many bytes the valid sequence at the front of `s` has; 0: it is not valid, or `s` is empty.
 */
unsigned utf8_step(struct weir_str s);

bool utf8_valid(struct weir_str s);

/* How many bytes to pass over, and to replace by one U+FFFD, where utf8_step() gave 0: the
 * "maximal subpart" of Unicode 3.9. At least 1; `s` is not empty. */
unsigned utf8_bad_step(struct weir_str s);

#endif
