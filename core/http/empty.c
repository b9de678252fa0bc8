/* Nothing stands on this floor yet. */
extern int http_floor;
int http_floor;
