/* Nothing stands on this floor yet. */
extern int plugin_floor;
int plugin_floor;
