/* host.c - the one way from scripts to the gateway, or to what stands for it in a test. */
#include <weir/host.h>

const struct weir_host *weir_host_slot;
