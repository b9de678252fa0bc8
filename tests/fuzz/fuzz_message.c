/* fuzz_message.c - whatever a child says to its parent, only whole and sensible messages are believed.
 * The bytes are cut into datagrams: one byte says how long each is, in units of 8. */
#include <sys/socket.h>
#include <unistd.h>

#include "core/weir/message.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct message *m)
{
	must(m->head.type > 0 && m->head.type < MESSAGE_TYPES);
	must(m->fd_count == 0);
	if (m->head.type == MESSAGE_OPEN) {
		must(strlen(m->open.name) < MESSAGE_NAME && m->open.name[0] != '\0');
		must(strlen(m->open.address) < ADDRESS_TEXT);
		must(m->open.count > 0 && m->open.count <= MESSAGE_WORKERS);
	}
	if (m->head.type == MESSAGE_FAILED)
		must(strlen(m->text.text) < WEIR_ERROR_ROOM);
	if (m->head.type == MESSAGE_BEAT)
		must(m->beat.workers <= MESSAGE_WORKERS);
}

static void say(int from, int to, const uint8_t *data, size_t size)
{
	struct message m;
	enum message_result got;

	if (send(from, data, size, MSG_NOSIGNAL) != (ssize_t)size)
		return;
	got = message_receive(to, &m);
	must(got == MESSAGE_OK || got == MESSAGE_BAD);
	if (got == MESSAGE_OK)
		check(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0)
		return 0;
	while (size > 1) {
		size_t part = (size_t)data[0] * 8 + 4;

		if (part > size - 1)
			part = size - 1;
		say(ends[0], ends[1], data + 1, part);
		data += 1 + part;
		size -= 1 + part;
	}
	close(ends[0]);
	close(ends[1]);
	return 0;
}
