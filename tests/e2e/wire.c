/* wire.c - a socket read to the letter: heads, lengths, chunks and trailers. */
#include "tests/e2e/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FNV_START 0xcbf29ce484222325ull
#define FNV_STEP 0x100000001b3ull

void wire_init(struct wire *w, int fd)
{
	*w = (struct wire){ .fd = fd };
}

void wire_fini(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->data);
	*w = (struct wire){ .fd = -1 };
}

void wire_will_reset(struct wire *w)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void make_room(struct wire *w)
{
	if (w->start == w->end)
		w->start = w->end = 0;
	if (w->room - w->end >= 65536)
		return;
	if (w->start > 0)
		memmove(w->data, w->data + w->start, w->end - w->start);
	w->end -= w->start;
	w->start = 0;
	if (w->room - w->end < 65536) {
		w->room = w->room * 2 + 131072;
		w->data = realloc(w->data, w->room);
		if (w->data == NULL)
			abort();
	}
}

bool wire_fill(struct wire *w, int timeout_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	size_t most = w->sip_ms > 0 ? 16384 : SIZE_MAX;
	ssize_t n;

	if (w->ended == WIRE_EOF || w->ended == WIRE_RESET)
		return false;
	usleep(w->sip_ms * 1000);
	if (poll(&p, 1, timeout_ms) <= 0) {
		w->ended = WIRE_HUNG;
		return false;
	}
	make_room(w);
	n = recv(w->fd, w->data + w->end, w->room - w->end < most ? w->room - w->end : most, 0);
	if (n <= 0) {
		w->ended = n == 0 ? WIRE_EOF : WIRE_RESET;
		return false;
	}
	w->ended = WIRE_OPEN;
	w->end += (size_t)n;
	return true;
}

bool wire_send(struct wire *w, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		struct pollfd p = { .fd = w->fd, .events = POLLOUT };
		ssize_t n;

		if (poll(&p, 1, HANG_MS) <= 0)
			return false;
		n = send(w->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static struct weir_str held(const struct wire *w)
{
	return str_of(w->data + w->start, w->end - w->start);
}

/* Gives the length up to and with `end`, reading as much as it takes; 0: it never came. */
static size_t find_end(struct wire *w, const char *end, size_t at_most)
{
	struct weir_str needle = str_from(end);

	for (;;) {
		struct weir_str h = held(w);
		size_t at = h.data != NULL ? str_find_str(h, needle) : h.len;

		if (at < h.len)
			return at + needle.len;
		if (h.len > at_most || !wire_fill(w, HANG_MS))
			return 0;
	}
}

static char *take(struct wire *w, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, w->data + w->start, len);
	copy[len] = '\0';
	w->start += len;
	return copy;
}

bool wire_read_head(struct wire *w, struct wire_message *m)
{
	size_t len = find_end(w, "\r\n\r\n", 1 << 20);

	*m = (struct wire_message){ .body_hash = FNV_START };
	m->head = len > 0 ? take(w, len) : strdup("");
	m->body = strdup("");
	m->trailers = strdup("");
	if (len == 0)
		m->trouble = "no whole head came";
	return len > 0;
}

void wire_message_fini(struct wire_message *m)
{
	free(m->head);
	free(m->body);
	free(m->trailers);
	*m = (struct wire_message){ 0 };
}

static void add_body(struct wire_message *m, const char *data, size_t len)
{
	size_t keep = m->kept + len <= WIRE_KEEPS ? len : WIRE_KEEPS - m->kept;

	for (size_t i = 0; i < len; i++)
		m->body_hash = (m->body_hash ^ (unsigned char)data[i]) * FNV_STEP;
	m->body_len += len;
	if (keep == 0)
		return;
	m->body = realloc(m->body, m->kept + keep + 1);
	if (m->body == NULL)
		abort();
	memcpy(m->body + m->kept, data, keep);
	m->kept += keep;
	m->body[m->kept] = '\0';
}

/* Moves `len` bytes of body from the wire to the message. */
static bool read_bytes(struct wire *w, struct wire_message *m, uint64_t len)
{
	while (len > 0) {
		struct weir_str h = held(w);
		size_t n = h.len < len ? h.len : (size_t)len;

		if (n == 0 && !wire_fill(w, HANG_MS))
			return false;
		add_body(m, h.data, n);
		if (w->counted != NULL)
			atomic_fetch_add(w->counted, n);
		w->start += n;
		len -= n;
	}
	return true;
}

static bool trouble(struct wire_message *m, const char *what)
{
	m->trouble = what;
	return false;
}

/* Reads "<hex>[;ext]CRLF". */
static bool read_chunk_size(struct wire *w, struct wire_message *m, uint64_t *size)
{
	size_t len = find_end(w, "\r\n", 65536);
	struct weir_str line;

	if (len == 0)
		return trouble(m, "no whole chunk size line came");
	line = str_of(w->data + w->start, len - 2);
	line.len = str_find(line, ';');
	if (!str_hex_to_u64(line, size))
		return trouble(m, "a chunk size is not a hexadecimal number");
	w->start += len;
	return true;
}

static bool read_chunks(struct wire *w, struct wire_message *m)
{
	uint64_t size;
	size_t len;

	for (;;) {
		if (!read_chunk_size(w, m, &size))
			return false;
		if (size == 0)
			break;
		if (!read_bytes(w, m, size))
			return trouble(m, "a chunk was cut");
		if (find_end(w, "\r\n", 2) != 2)
			return trouble(m, "no CRLF after a chunk's data");
		w->start += 2;
		m->chunks++;
	}
	len = find_end(w, "\r\n", 65536);
	if (len > 2)
		len = find_end(w, "\r\n\r\n", 65536);
	if (len == 0)
		return trouble(m, "the trailer section was cut");
	free(m->trailers);
	m->trailers = take(w, len);
	m->trailers[len - 2] = '\0';
	return true;
}

static bool has_no_body(const struct wire_message *m, enum wire_side side)
{
	unsigned status = wire_status(m);

	if (side == WIRE_REQUEST)
		return !m->chunked && wire_header(m->head, "content-length", 0).data == NULL;
	return side == WIRE_RESPONSE_TO_HEAD || status < 200 || status == 204 || status == 304;
}

bool wire_read_body(struct wire *w, struct wire_message *m, enum wire_side side)
{
	struct weir_str length = wire_header(m->head, "content-length", 0);
	struct weir_str coding = wire_header(m->head, "transfer-encoding", 0);
	uint64_t n = 0;

	m->chunked = coding.data != NULL && str_eq_nocase(coding, STR("chunked"));
	if (m->chunked && length.data != NULL)
		return trouble(m, "both content-length and transfer-encoding");
	if (has_no_body(m, side))
		m->whole = true;
	else if (m->chunked)
		m->whole = read_chunks(w, m);
	else if (length.data != NULL && !str_to_u64(length, &n))
		return trouble(m, "content-length is not a number");
	else if (length.data != NULL)
		m->whole = read_bytes(w, m, n);
	else {
		read_bytes(w, m, UINT64_MAX);
		m->whole = w->ended == WIRE_EOF;
	}
	if (!m->whole && m->trouble == NULL)
		m->trouble = "the body was cut";
	return m->whole;
}

unsigned wire_status(const struct wire_message *m)
{
	unsigned status = 0;

	if (m->head == NULL || sscanf(m->head, "HTTP/1.%*1[01] %3u", &status) != 1)
		return 0;
	return status;
}

struct weir_str wire_header(const char *head, const char *name, unsigned n)
{
	struct weir_str rest = str_from(head), wanted = str_from(name);

	while (rest.len > 0) {
		size_t end = str_find_str(rest, STR("\r\n"));
		struct weir_str line = str_head(rest, end), field;
		size_t colon = str_find(line, ':');

		field = str_head(line, colon);
		if (colon < line.len && str_eq_nocase(field, wanted) && n-- == 0)
			return str_trim(str_skip(line, colon + 1));
		rest = str_skip(rest, end + 2);
	}
	return STR_ABSENT;
}
