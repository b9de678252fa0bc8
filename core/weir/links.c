/* links.c - follows a path link by link. */
#include "core/weir/links.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MOST = 40, ROOM = PATH_MAX };

static bool make_absolute(const char *path, char *room)
{
	size_t used;

	room[0] = '\0';
	if (path[0] != '/' && getcwd(room, ROOM) == NULL)
		return false;
	used = strlen(room);
	return (size_t)snprintf(room + used, ROOM - used, "%s%s", path[0] == '/' ? "" : "/", path) <
	       ROOM - used;
}

/* The folder in which the first `len` bytes of path stand. */
static void folder_of(const char *path, size_t len, char *room)
{
	while (len > 1 && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	memcpy(room, path, len);
	room[len] = '\0';
}

/* Replaces the link that ends at `end` by where it points to. */
static bool follow(char *path, size_t end, const char *folder)
{
	char target[ROOM], fresh[ROOM];
	char head[ROOM];
	ssize_t n;
	int len;

	memcpy(head, path, end);
	head[end] = '\0';
	n = readlink(head, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	if (target[0] == '/')
		len = snprintf(fresh, sizeof(fresh), "%s%s", target, path + end);
	else
		len = snprintf(fresh, sizeof(fresh), "%s/%s%s", folder, target, path + end);
	if (len < 0 || len >= ROOM)
		return false;
	memcpy(path, fresh, (size_t)len + 1);
	return true;
}

enum step { STEP_ON, STEP_LINK, STEP_END, STEP_ERROR };

/* Looks at the part of the path that ends at `end`. */
static enum step look_at(char *path, size_t end, bool (*visit)(void *arg, const char *folder),
			 void *arg)
{
	char head[ROOM], folder[ROOM];
	bool last = path[end + strspn(path + end, "/")] == '\0', there;
	struct stat about;

	memcpy(head, path, end);
	head[end] = '\0';
	folder_of(path, end, folder);
	there = lstat(head, &about) == 0;
	if (there && !last && !S_ISLNK(about.st_mode))
		return STEP_ON;
	if (!visit(arg, folder))
		return STEP_ERROR;
	if (!there)
		return STEP_END;
	if (S_ISLNK(about.st_mode))
		return follow(path, end, folder) ? STEP_LINK : STEP_END;
	return !S_ISDIR(about.st_mode) || visit(arg, head) ? STEP_END : STEP_ERROR;
}

bool links_walk(const char *path, bool (*visit)(void *arg, const char *folder), void *arg)
{
	char whole[ROOM];
	size_t end = 0;
	int links = 0;

	if (!make_absolute(path, whole))
		return false;
	for (;;) {
		end += strspn(whole + end, "/");
		if (whole[end] == '\0')
			return visit(arg, whole);	/* the root itself */
		end += strcspn(whole + end, "/");
		switch (look_at(whole, end, visit, arg)) {
		case STEP_ON:
			break;
		case STEP_LINK:
			if (++links > LINKS_MOST)
				return true;	/* a ring: stat() will fail until it is mended */
			end = 0;
			break;
		case STEP_END:
			return true;
		case STEP_ERROR:
			return false;
		}
	}
}
