/* alloc.h - a heap that counts, and fails when told to. Link with tests/alloc.c and
 * $(WRAP_ALLOC). */
#ifndef TESTS_ALLOC_H
#define TESTS_ALLOC_H

#include <stdint.h>

/* The n-th allocation of this thread from now on fails, once; 0: none does. */
void alloc_fail_at(uint64_t n);

/* How many this thread has asked for since the last alloc_fail_at(). */
uint64_t alloc_count(void);

#endif
