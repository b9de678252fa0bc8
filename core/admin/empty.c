/* Nothing stands on this floor yet. */
extern int admin_floor;
int admin_floor;
