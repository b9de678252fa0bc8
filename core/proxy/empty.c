/* Nothing stands on this floor yet. */
extern int proxy_floor;
int proxy_floor;
