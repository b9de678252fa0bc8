/* Nothing stands on this floor yet. */
extern int telemetry_floor;
int telemetry_floor;
