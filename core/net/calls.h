/* calls.h - receiving and sending without the libc's doors. Private to transport.c.
 *
 * The libc's recv() and send() are places where a thread may be cancelled, and in a program with threads
 * two atomic operations around each call see to that. Nobody cancels ours: they are never more than their
 * system call. The sanitizers watch the libc's. */
#ifndef CORE_NET_CALLS_H
#define CORE_NET_CALLS_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(SYS_recvfrom) && defined(SYS_sendto) && defined(SYS_sendmsg) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CALLS_ARE_OURS 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#undef CALLS_ARE_OURS
#endif
#endif

#ifdef CALLS_ARE_OURS
static inline ssize_t call_recv(int fd, void *at, size_t room, int flags)
{
	return syscall(SYS_recvfrom, fd, at, room, flags, NULL, NULL);
}

static inline ssize_t call_send(int fd, const void *at, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, at, len, flags, NULL, 0);
}

static inline ssize_t call_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}
#else
#define call_recv recv
#define call_send send
#define call_sendmsg sendmsg
#endif

#endif
