/* Nothing stands on this floor yet. */
extern int upstream_floor;
int upstream_floor;
