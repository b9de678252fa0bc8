/* load.h - clients that keep asking, on threads of their own, while a story does something to the gateway. */
#ifndef TESTS_E2E_LOAD_H
#define TESTS_E2E_LOAD_H

#include <stdbool.h>

struct load;

/* What the clients of a load have seen so far. */
struct load_count {
	unsigned long answered;		/* with 200 */
	unsigned long refused;		/* could not connect */
	unsigned long cut;		/* connected, asked, and got no whole answer */
	unsigned long wrong;		/* another status */
	unsigned last_wrong;		/* which */
};

/* Starts `clients` threads that send GET `target`, each on one connection as long as it is kept open
 * (`fresh`: a new one for each request). */
struct load *load_start(const char *address, const char *target, unsigned clients, bool fresh);
struct load_count load_so_far(struct load *l);
/* Waits until that many more were answered. */
bool load_goes_on(struct load *l, unsigned long answers);
struct load_count load_stop(struct load *l);	/* the load is gone */

#endif
