/* Nothing stands on this floor yet. */
extern int net_floor;
int net_floor;
