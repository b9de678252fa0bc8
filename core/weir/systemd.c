/* systemd.c - speaks to the service manager in datagrams, and takes the sockets it opened. */
#include "core/weir/systemd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/socket.h"

enum { FIRST_FD = 3, FDS_MOST = 1024 };

static bool manager_address(struct sockaddr_un *sa, socklen_t *len)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path != NULL ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(sa->sun_path) || (path[0] != '/' && path[0] != '@'))
		return false;
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(sa->sun_path, path, n);
	if (path[0] == '@')
		sa->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

void notify(const char *format, ...)
{
	struct sockaddr_un sa;
	socklen_t len;
	char text[1024];
	va_list args;
	int fd, n;

	if (!manager_address(&sa, &len))
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && n > 0 && n < (int)sizeof(text))
		(void)sendto(fd, text, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&sa, len);
	socket_close(fd);
}

void notify_ready(const char *status)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s", status);
	line[strcspn(line, "\n")] = '\0';
	notify("READY=1\nMAINPID=%d\nSTATUS=%s", (int)getpid(), line);
}

void notify_reloading(void)
{
	notify("RELOADING=1\nMONOTONIC_USEC=%llu",
	       (unsigned long long)(clock_now() / NS_PER_US));
}

void notify_stopping(void)
{
	notify("STOPPING=1\nSTATUS=draining");
}

static bool for_us(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t pid;

	return text == NULL || (str_to_u64(str_from(text), &pid) && pid == (uint64_t)getpid());
}

uint64_t notify_watchdog_every(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	uint64_t us;

	if (text == NULL || !for_us("WATCHDOG_PID") || !str_to_u64(str_from(text), &us) || us == 0 ||
	    us > UINT64_MAX / NS_PER_US)
		return CLOCK_NEVER;
	return us * NS_PER_US / 2;
}

static void take_one(struct sockets *s, struct weir_str name, int fd)
{
	char text[MESSAGE_NAME];

	if (name.len == 0)
		name = STR("unknown");	/* what systemd calls it, too */
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(name));
	if (!sockets_adopt(s, text, fd))
		log_warn("descriptor %d (%s), handed over at start, is no listening socket that can "
			 "be used; it is closed", fd, text);
}

void activation_take(struct sockets *s)
{
	const char *text = getenv("LISTEN_FDS");
	struct weir_str names = str_from(getenv("LISTEN_FDNAMES"));
	uint64_t count;

	if (text == NULL || getenv("LISTEN_PID") == NULL || !for_us("LISTEN_PID"))
		return;
	if (!str_to_u64(str_from(text), &count) || count > FDS_MOST) {
		log_warn("LISTEN_FDS=%s is not understood", text);
		return;
	}
	for (int i = 0; i < (int)count; i++) {
		struct weir_str name = STR_ABSENT;

		(void)str_next(&names, ':', &name);
		take_one(s, name, FIRST_FD + i);
	}
	(void)unsetenv("LISTEN_FDS");
}
