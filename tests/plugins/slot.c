/* slot.c - the host table of a test that calls nothing of it, for files that could. */
#include <weir/host.h>

const struct weir_host *weir_host_slot;
