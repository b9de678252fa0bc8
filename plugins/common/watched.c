/* watched.c - a file that a use knows by heart, and reads again when it is replaced. */
#include "plugins/common/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t MS = 1000000;
enum { FILE_BYTES = 16 << 20, POLL = 2000, SETTLE = 20, LOOKS = 100 };	/* times in ms */

/* Reading -------------------------------------------------------------------- */

static bool read_all(int fd, char *text, size_t size, size_t *len)
{
	ssize_t got = 1;

	for (*len = 0; *len < size && got > 0; *len += (size_t)got) {
		got = read(fd, text + *len, size - *len);
		if (got < 0)
			return false;
	}
	return true;
}

static void *read_open(const struct watched *w, int fd, struct weir_error *error)
{
	void *value = NULL;
	struct stat st;
	size_t len;
	char *text;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES) {
		(void)weir_fail(error, "it is no plain file of at most 16m");
		return NULL;
	}
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		(void)weir_fail(error, "out of memory");
	else if (!read_all(fd, text, (size_t)st.st_size, &len))
		(void)weir_fail(error, "%s", strerror(errno));
	else
		value = w->read((struct weir_str){ text, len }, error);
	free(text);
	return value;
}

static void *read_file(struct watched *w, struct weir_error *error)
{
	struct weir_error why = { "" };
	void *value = NULL;
	int fd;

	w->mark = mark_of(w->path);
	fd = open(w->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		(void)weir_fail(error, "%s: %s", w->path, strerror(errno));
		return NULL;
	}
	value = read_open(w, fd, &why);
	(void)close(fd);
	if (value == NULL)
		(void)weir_fail(error, "%s: %s", w->path, why.text);
	return value;
}

bool watched_open(struct watched *w, const struct weir_setup *setup, struct weir_str path,
		  watched_read *read, void (*free_value)(void *value), struct weir_error *error)
{
	void *value;

	w->read = read;
	w->free_value = free_value;
	w->path = strndup(path.data, path.len);
	w->cell = weir_cell_new(setup, free_value);
	if (w->path == NULL || w->cell == NULL)
		return weir_fail(error, "out of memory");
	value = read_file(w, error);
	if (value == NULL)
		return false;
	return weir_cell_publish(w->cell, value) || weir_fail(error, "out of memory");
}

void watched_close(struct watched *w)
{
	free(w->path);
	w->path = NULL;
}

/* Watching ------------------------------------------------------------------- */

struct job {
	struct watched *w;
	void *value;
	struct weir_error error;
};

static void run_job(void *arg)
{
	struct job *job = arg;

	job->value = read_file(job->w, &job->error);
}

static enum weir_wait take_in(const struct weir_here *here, struct watched *w)
{
	struct job job = { .w = w, .error = { "" } };
	enum weir_wait how = weir_offload(NULL, run_job, &job);

	if (job.value != NULL && how == WEIR_CANCELLED)
		w->free_value(job.value);
	else if (job.value != NULL && weir_cell_publish(w->cell, job.value))
		weir_log(here, WEIR_INFO, "%s was read again", w->path);
	else if (how == WEIR_OK)
		weir_log(here, WEIR_WARN, "%s; what was known before stays",
			 job.error.text[0] != '\0' ? job.error.text : "out of memory");
	return how;
}

static bool has_changed(const struct watched *w)
{
	struct mark now = mark_of(w->path);

	return !mark_same(&now, &w->mark);
}

/* A file that is being written changes from look to look: waits until it does not. */
static enum weir_wait settle(const struct watched *w)
{
	struct mark before, now = mark_of(w->path);

	for (int look = 0; look < LOOKS; look++) {
		before = now;
		if (weir_sleep(NULL, SETTLE * MS) == WEIR_CANCELLED)
			return WEIR_CANCELLED;
		now = mark_of(w->path);
		if (mark_same(&now, &before))
			break;
	}
	return WEIR_OK;
}

/* Until something may have changed. The folder may be busy with other files than ours. */
static enum weir_wait wait_for_sign(const struct watched *w)
{
	int fd = mark_watch(w->path);
	enum weir_wait how = WEIR_OK;

	if (!has_changed(w))	/* not before the watch was set */
		how = fd >= 0 ? weir_wait_fd(NULL, fd, WEIR_READABLE, POLL * MS)
			      : weir_sleep(NULL, POLL * MS);
	if (fd >= 0)
		(void)close(fd);
	return how == WEIR_CANCELLED ? how : weir_sleep(NULL, SETTLE * MS);
}

void watched_run(const struct weir_here *here, struct watched *const *all, uint32_t count)
{
	enum weir_wait how = count > 0 ? WEIR_OK : WEIR_CANCELLED;

	while (how != WEIR_CANCELLED) {
		how = wait_for_sign(all[0]);
		for (uint32_t i = 0; i < count && how != WEIR_CANCELLED; i++) {
			if (!has_changed(all[i]))
				continue;
			how = settle(all[i]);
			if (how != WEIR_CANCELLED)
				how = take_in(here, all[i]);
		}
	}
}

/* Lines ---------------------------------------------------------------------- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct weir_str trim(struct weir_str s)
{
	while (s.len > 0 && blank(s.data[0]))
		s = (struct weir_str){ s.data + 1, s.len - 1 };
	while (s.len > 0 && blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool watched_line(struct weir_str *rest, struct weir_str *line, uint32_t *number)
{
	while (rest->len > 0) {
		const char *end = memchr(rest->data, '\n', rest->len);
		size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;

		*line = trim((struct weir_str){ rest->data, len });
		rest->data += end != NULL ? len + 1 : len;
		rest->len -= end != NULL ? len + 1 : len;
		++*number;
		if (line->len > 0 && line->data[0] != '#')
			return true;
	}
	return false;
}

bool watched_word(struct weir_str *rest, struct weir_str *word)
{
	size_t len = 0;

	*rest = trim(*rest);
	while (len < rest->len && !blank(rest->data[len]))
		len++;
	*word = (struct weir_str){ rest->data, len };
	*rest = (struct weir_str){ rest->data + len, rest->len - len };
	return len > 0;
}
