/* source.c - the files a configuration was read from. */
#include "core/conf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/conf/tree.h"

bool source_add(struct sources *s, struct weir_str path, enum source_kind kind)
{
	struct weir_str own;

	for (uint32_t i = 0; i < s->count; i++)
		if (s->items[i].kind == kind && str_eq(str_from(s->items[i].path), path))
			return true;
	if (s->count == s->room) {
		uint32_t room = s->room > 0 ? s->room * 2 : 16;
		struct source_file *items = arena_take(s->arena, room * sizeof(*items));

		if (items == NULL)
			return false;
		if (s->count > 0)
			memcpy(items, s->items, s->count * sizeof(*items));
		s->items = items;
		s->room = room;
	}
	own = text_copy(s->arena, path);
	if (own.data == NULL)
		return false;
	s->items[s->count++] = (struct source_file){ .path = own.data, .kind = kind };
	return true;
}

static bool read_kept(const struct sources *kept, const char *path, struct weir_str *out,
		      struct weir_error *error)
{
	for (uint32_t i = 0; i < kept->count; i++) {
		*out = kept->items[i].text;
		if (out->data != NULL && strcmp(kept->items[i].path, path) == 0)
			return true;
	}
	return fail(error, "%s is not among the files that were kept", path);
}

bool sources_read(struct sources *s, const char *path, size_t longest, bool regular,
		  struct weir_str *out, struct weir_error *error)
{
	bool done = s->kept != NULL ? read_kept(s->kept, path, out, error)
				    : source_read(s->arena, path, longest, regular, out, error);

	for (uint32_t i = 0; done && i < s->count; i++)
		if (strcmp(s->items[i].path, path) == 0)
			s->items[i].text = *out;
	return done;
}

struct weir_str source_resolve(struct arena *arena, const char *file, struct weir_str path)
{
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;
	struct weir_str folder;
	char *joined;

	if (slash == NULL || (path.len > 0 && path.data[0] == '/'))
		return text_copy(arena, path);
	folder = str_between(file, slash + 1);
	joined = arena_take(arena, folder.len + path.len + 1);
	if (joined == NULL)
		return STR_ABSENT;
	memcpy(joined, folder.data, folder.len);
	if (path.len > 0)
		memcpy(joined + folder.len, path.data, path.len);
	joined[folder.len + path.len] = '\0';
	return str_of(joined, folder.len + path.len);
}

static bool read_all(int fd, struct buffer *into, const char *path, struct weir_error *error)
{
	for (;;) {
		ssize_t n;

		if (buffer_len(into) == into->ceiling)
			return fail(error, "%s is larger than %zu bytes", path, into->ceiling - 1);
		if (!buffer_reserve(into, into->room > into->end ? 1 : into->ceiling / 64 + 1) &&
		    !buffer_reserve(into, 1))
			return fail_memory(error);
		n = read(fd, into->data + into->end, into->room - into->end);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return fail(error, "cannot read %s: %s", path, strerror(errno));
		if (n > 0)
			into->end += (size_t)n;
	}
}

static bool check_kind(int fd, const char *path, bool regular, struct weir_error *error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(error, "cannot look at %s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(error, "%s is a folder, not a file", path);
	if (regular && !S_ISREG(st.st_mode))
		return fail(error, "%s is not a regular file", path);
	return true;
}

bool source_read(struct arena *arena, const char *path, size_t longest, bool regular,
		 struct weir_str *out, struct weir_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0));
	struct buffer text;
	bool done;

	if (fd < 0)
		return fail(error, "cannot open %s: %s", path, strerror(errno));
	buffer_init(&text, longest + 1);
	done = check_kind(fd, path, regular, error) && read_all(fd, &text, path, error);
	close(fd);
	if (done) {
		*out = text_copy(arena, buffer_str(&text));
		done = out->data != NULL || fail_memory(error);
	}
	buffer_fini(&text);
	return done;
}
