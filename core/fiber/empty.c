/* Nothing stands on this floor yet. */
extern int fiber_floor;
int fiber_floor;
