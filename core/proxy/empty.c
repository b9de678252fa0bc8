/* Stands in until the floors below are whole. */
extern int proxy_floor;
int proxy_floor;
