/* signals.c - signals as something to read from a descriptor. */
#include "core/weir/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int ours[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD };

enum { OURS = sizeof(ours) / sizeof(ours[0]) };

static void set_ours(sigset_t *set)
{
	sigemptyset(set);
	for (int i = 0; i < OURS; i++)
		sigaddset(set, ours[i]);
}

int signals_open(void)
{
	sigset_t set;

	set_ours(&set);
	/* A signal that is ignored never arrives, not even blocked: nohup and some shells hand that on. */
	for (int i = 0; i < OURS; i++)
		(void)signal(ours[i], SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_next(int fd)
{
	struct signalfd_siginfo got;

	if (read(fd, &got, sizeof(got)) != (ssize_t)sizeof(got))
		return 0;
	return (int)got.ssi_signo;
}

void signals_reset(void)
{
	sigset_t none;

	for (int i = 0; i < OURS; i++)
		(void)signal(ours[i], SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void signals_ignore(void)
{
	for (int i = 0; i < OURS; i++) {
		if (ours[i] != SIGCHLD)
			(void)signal(ours[i], SIG_IGN);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}
