/* census.h - all VMs of the process, and what scripts have done in those that are gone. */
#ifndef CORE_SCRIPT_CENSUS_H
#define CORE_SCRIPT_CENSUS_H

#include "core/script/vm.h"

/* A VM that serves; one in which a script is only read is not in it. Any thread. */
void census_enter(struct script_vm *vm);
void census_leave(struct script_vm *vm);

/* While accounts are opened and closed, nobody looks at them. */
void census_lock(void);
void census_unlock(void);
/* The account's counts go on under its script's name. Locked. */
void census_retire(const struct account *a);

#endif
