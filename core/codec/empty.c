/* Nothing stands on this floor yet. */
extern int codec_floor;
int codec_floor;
