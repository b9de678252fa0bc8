/* file.c - a discovery plugin that reads endpoints from a file, and again whenever it is
 * replaced. */
#include <weir/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/file/endpoints_file.h"
#include "plugins/file/mark.h"

static const uint64_t MS = 1000000;
enum {
	SETTLE = 50,			/* ms between two looks at a file that may be half written */
	LOOKS = 40,			/* at most */
	PAUSE = 10,			/* ms between two readings */
	FILE_BYTES = 4 << 20,		/* of the longest file */
};

struct file {
	char *path;		/* ends with NUL */
	uint64_t poll;		/* ns between looks when nobody tells us */
};

/* What one reading needs and gives; it runs on a helper thread, for disks can be slow. */
struct job {
	const char *path;
	char *service;
	struct mark mark;	/* of what was read */
	struct file_rows rows;
	bool ok;
	char why[FILE_WHY];
};

/* Reading ------------------------------------------------------------------- */

static char *slurp(int fd, size_t size, size_t *len)
{
	char *text = malloc(size + 1);
	ssize_t got = 1;

	for (*len = 0; text != NULL && *len < size && got > 0; *len += (size_t)got) {
		got = read(fd, text + *len, size - *len);
		if (got < 0)
			got = 0;
	}
	return text;
}

static bool say(struct job *job, const char *what)
{
	snprintf(job->why, sizeof(job->why), "%s", what);
	return false;
}

static bool read_open(struct job *job, int fd)
{
	struct stat st;
	size_t len;
	char *text;
	bool ok;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return say(job, "it is no plain file");
	if (st.st_size > FILE_BYTES)
		return say(job, "it is larger than 4m");
	text = slurp(fd, (size_t)st.st_size, &len);
	if (text == NULL)
		return say(job, "out of memory");
	ok = file_rows_read(text, len, job->service, &job->rows, job->why);
	free(text);
	return ok;
}

static void read_file(void *arg)
{
	struct job *job = arg;
	int fd;

	job->mark = mark_of(job->path);
	fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		job->ok = say(job, strerror(errno));
		return;
	}
	job->ok = read_open(job, fd);
	(void)close(fd);
}

/* Publishing ---------------------------------------------------------------- */

static struct weir_endpoint endpoint_of(const struct file_row *row, struct weir_field *labels)
{
	for (uint32_t i = 0; i < row->label_count; i++)
		labels[i] = (struct weir_field){ weir_str_from(row->labels[i].name),
						 weir_str_from(row->labels[i].value) };
	return (struct weir_endpoint){
		.address = weir_str_from(row->address), .id = weir_str_from(row->id),
		.weight = row->weight, .zone = weir_str_from(row->zone),
		.server_name = weir_str_from(row->server_name),
		.labels = labels, .label_count = row->label_count,
	};
}

static bool publish(struct weir_watch *watch, const struct file_rows *rows,
		    struct weir_error *error)
{
	struct weir_endpoint *endpoints = calloc((size_t)rows->count + 1, sizeof(*endpoints));
	struct weir_field *labels = calloc((size_t)rows->count * FILE_LABELS + 1, sizeof(*labels));
	bool ok = endpoints != NULL && labels != NULL;

	for (uint32_t i = 0; ok && i < rows->count; i++)
		endpoints[i] = endpoint_of(&rows->at[i], &labels[(size_t)i * FILE_LABELS]);
	if (!ok)
		(void)weir_fail(error, "out of memory");
	else
		ok = weir_publish(watch, endpoints, rows->count, error);
	free(endpoints);
	free(labels);
	return ok;
}

/* What is wrong with the file; the last good set stays. */
static void complain(const struct weir_here *here, struct weir_watch *watch, const char *why)
{
	const struct file *file = here->self;
	struct weir_error said = { "" };

	(void)weir_fail(&said, "%s: %s", file->path, why);
	weir_log(here, WEIR_WARN, "%s; the endpoints known before stay", said.text);
	weir_watch_failed(watch, said.text);
}

/* Watching ------------------------------------------------------------------ */

/* Reads it once and says what it holds. */
static enum weir_wait take_in(const struct weir_here *here, struct weir_watch *watch,
			      struct job *job)
{
	struct weir_error error = { "" };
	enum weir_wait how = weir_offload(NULL, read_file, job);

	if (how == WEIR_NO_MEMORY)
		complain(here, watch, "no helper thread could be had to read it");
	if (how == WEIR_OK && !job->ok)
		complain(here, watch, job->why);
	if (how == WEIR_OK && job->ok && !publish(watch, &job->rows, &error))
		complain(here, watch, error.text);
	file_rows_free(&job->rows);
	return how;
}

/* A file that is being written changes from look to look: waits until it does not. */
static enum weir_wait settle(const char *path)
{
	struct mark before, now = mark_of(path);
	enum weir_wait how = WEIR_OK;

	for (int look = 0; look < LOOKS && how == WEIR_OK; look++) {
		before = now;
		how = weir_sleep(NULL, SETTLE * MS);
		now = mark_of(path);
		if (mark_same(&before, &now))
			break;
	}
	return how;
}

/* Until the file is another than the one that was read. Asks from time to time as well: not every
 * file system tells. */
static enum weir_wait wait_for_change(const struct file *file, int fd, const struct mark *was)
{
	for (;;) {
		struct mark now = mark_of(file->path);
		bool whole = false;
		enum weir_wait how;

		if (mark_same(&now, was)) {
			how = fd >= 0 ? weir_wait_fd(NULL, fd, WEIR_READABLE, file->poll)
				      : weir_sleep(NULL, file->poll);
			if (how == WEIR_CANCELLED)
				return how;
		}
		/* A folder may be busy with other files than ours. */
		if (weir_sleep(NULL, PAUSE * MS) == WEIR_CANCELLED)
			return WEIR_CANCELLED;
		whole = fd >= 0 && mark_drain(fd);
		now = mark_of(file->path);
		if (!mark_same(&now, was))
			return whole ? WEIR_OK : settle(file->path);
	}
}

/* The watch is set before the file is read, so that no change falls between the two. */
static void watch(const struct weir_here *here, struct weir_watch *w)
{
	const struct file *file = here->self;
	struct weir_str service = weir_watch_service(w);
	struct job job = { .path = file->path, .service = strndup(service.data, service.len) };
	enum weir_wait how = WEIR_OK;

	while (job.service != NULL && how != WEIR_CANCELLED) {
		int fd = mark_watch(file->path);

		how = take_in(here, w, &job);
		if (how != WEIR_CANCELLED)
			how = wait_for_change(file, fd, &job.mark);
		if (fd >= 0)
			(void)close(fd);
	}
	free(job.service);
}

/* Lives ---------------------------------------------------------------------- */

static void file_close(void *self)
{
	struct file *file = self;

	free(file->path);
	free(file);
}

static bool file_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct weir_str path = weir_option_text(setup, "path");
	struct file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return weir_fail(error, "out of memory");
	file->path = strndup(path.data, path.len);
	file->poll = weir_option_duration(setup, "poll");
	if (file->path == NULL) {
		free(file);
		return weir_fail(error, "out of memory");
	}
	*self = file;
	return true;
}

static bool file_check(const struct weir_setup *setup, struct weir_error *error)
{
	uint64_t poll = weir_option_duration(setup, "poll");

	if (weir_option_text(setup, "path").len == 0)
		return weir_fail(error, "`path` is empty");
	if (poll < 100 * MS || poll > 3600000 * MS)
		return weir_fail(error, "`poll` must be between 100ms and 1h");
	return true;
}

static const struct weir_option options[] = {
	{ .name = "path", .type = WEIR_PATH, .required = true, .bare = true,
	  .about = "the file with the endpoints, YAML or JSON" },
	{ .name = "poll", .type = WEIR_DURATION, .fallback = "5s",
	  .about = "how often it is looked at where the file system does not tell of changes" },
	{ 0 }
};

static const struct weir_discovery discovery = WEIR_DISCOVERY(.watch = watch);

WEIR_PLUGIN(file,
	.version = "1.0",
	.summary = "endpoints from a file, read again whenever it is replaced",
	.options = options, .check = file_check,
	.open = file_open, .close = file_close,
	.discovery = &discovery);
