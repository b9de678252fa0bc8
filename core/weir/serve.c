/* serve.c - the serving child. */
#include "core/weir/serve.h"

int serve(const struct serve_options *options, struct control *control)
{
	(void)options;
	control_failed(control, "this build has no serving part yet");
	return 1;
}
