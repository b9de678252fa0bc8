/* Nothing stands on this floor yet. */
extern int route_floor;
int route_floor;
