/* systemd.h - the service manager: what it handed us, and what it is told. Without its library. */
#ifndef CORE_WEIR_SYSTEMD_H
#define CORE_WEIR_SYSTEMD_H

#include "core/weir/sockets.h"

/* Sends one datagram to $NOTIFY_SOCKET; nothing without it. A failure is not worth a word. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

void notify_ready(const char *status);		/* READY=1, MAINPID, STATUS */
void notify_reloading(void);			/* RELOADING=1 and the time */
void notify_stopping(void);			/* STOPPING=1 */

/* How often the manager wants to hear WATCHDOG=1, in ns; CLOCK_NEVER: not at all. Half its limit. */
uint64_t notify_watchdog_every(void);

/* Takes the sockets that we were started with ($LISTEN_FDS, $LISTEN_FDNAMES) into the table, under
 * the names of listeners. What is no listening socket is closed with a log line. */
void activation_take(struct sockets *s);

#endif
