/* kept.c - the last good configuration, left with the parent for the child that follows a crash. */
#include "core/weir/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/net/socket.h"

#define LARGEST ((size_t)256 << 20)

static bool write_all(int fd, struct weir_str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = str_skip(text, (size_t)n);
	}
	return true;
}

/* Sealed: who reads it later can rely on its length. -1 when that cannot be had. */
static int in_memory(struct weir_str text)
{
	int fd = memfd_create("weir-configuration", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write_all(fd, text) &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	socket_close(fd);
	return -1;
}

void kept_leave(struct control *c, const struct conf *conf)
{
	struct buffer packed;
	int fd = -1;

	if (c->alone)
		return;
	buffer_init(&packed, LARGEST);
	if (sources_pack(&conf->sources, &packed))
		fd = in_memory(buffer_str(&packed));
	buffer_fini(&packed);
	if (fd < 0)
		log_warn("no memory to keep the configuration for a restart after a crash; the one "
			 "kept before stays");
	else
		control_keep(c, fd);
	socket_close(fd);
}

bool kept_may_be_used(const struct control *c)
{
	return c->birth == BIRTH_RESTART && c->kept >= 0;
}

bool kept_load(const struct control *c, const char *path, struct conf **out, struct diagnostics *d)
{
	struct stat st;
	size_t len;
	void *at;
	bool done;

	*out = NULL;
	if (fstat(c->kept, &st) != 0 || st.st_size <= 0 || (size_t)st.st_size > LARGEST)
		return diagnose(d, (struct place){ path, 0, 0 }, "what was kept cannot be read");
	len = (size_t)st.st_size;
	at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, c->kept, 0);
	if (at == MAP_FAILED)
		return diagnose_memory(d);
	done = conf_load_kept(path, str_of(at, len), out, d);
	(void)munmap(at, len);
	return done;
}
