/* serve.h - the serving child, as `weir run` starts it once the parent has greeted it. */
#ifndef CORE_WEIR_SERVE_H
#define CORE_WEIR_SERVE_H

#include "core/weir/control.h"

struct serve_options {
	const char *config;	/* the file to read */
	uint32_t workers;	/* at least 1 */
	bool workers_given;	/* on the command line: it rules over the configuration */
	bool watch;		/* reload when a file that was read changes */
};

/* Reads the configuration, asks for the sockets with control_listen(), starts the workers, says
 * control_ready() (or control_failed()), serves, and gives the exit status when it has drained: 0.
 *
 * On its control loop it starts a `beat` (beat.h), which reads `control` and tells the parent that
 * the workers turn; control_set_calls() says what reload, drain and reopen do. When told to drain it
 * stops accepting, finishes, and returns; the sockets live on in the parent. When control->birth is
 * BIRTH_RESTART and the file on disk no longer loads, control->kept is the last good one, if the
 * child before left it with control_keep(). */
int serve(const struct serve_options *options, struct control *control);

#endif
