/* fuzz.h - what a fuzz target is: it aborts when something that must hold does not. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it, and so does replay.c. Gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stays in every build, unlike assert(). */
#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif
