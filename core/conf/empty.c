/* Nothing stands on this floor yet. */
extern int conf_floor;
int conf_floor;
