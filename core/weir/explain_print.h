/* explain_print.h - an explanation for people. */
#ifndef CORE_WEIR_EXPLAIN_PRINT_H
#define CORE_WEIR_EXPLAIN_PRINT_H

#include <jansson.h>
#include <stdio.h>

void explain_print(const json_t *answer, FILE *out);

#endif
