/* place.h - where something stands in a file. */
#ifndef CORE_CONF_PLACE_H
#define CORE_CONF_PLACE_H

#include <stdint.h>

/* Lines and columns begin at 1, as editors count; line 0: the file as a whole. `file` is NULL
 * for what stands in no file (a default), and lives as long as what the place belongs to. */
struct place {
	const char *file;	/* as it was named; ends with NUL */
	uint32_t line, column;
};

#endif
