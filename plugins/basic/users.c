/* users.c - a list of users and their hashed passwords. */
#include "plugins/basic/users.h"

#include <crypt.h>
#include <stdlib.h>
#include <strings.h>

#include "plugins/common/base64.h"
#include "plugins/common/watched.h"

static bool known_hash(const char *hash)
{
	int how = crypt_checksalt(hash);

	return how == CRYPT_SALT_OK || how == CRYPT_SALT_METHOD_LEGACY ||
	       how == CRYPT_SALT_TOO_CHEAP;
}

/* The line is ours to cut. */
static bool read_user(struct user *user, struct weir_str line, uint32_t number,
		      struct weir_error *error)
{
	char *at = (char *)(uintptr_t)line.data, *colon = memchr(at, ':', line.len);

	if (colon == NULL || colon == at || colon - at > USER_MOST)
		return weir_fail(error, "line %u: it is not user:hash", number);
	*colon = '\0';
	at[line.len] = '\0';
	user->name = at;
	user->hash = colon + 1;
	if (user->hash[0] != '$' || !known_hash(user->hash))
		return weir_fail(error, "line %u: the hash of \"%s\" is not one that crypt(3) knows; make "
					"one with: htpasswd -nB USER, or mkpasswd", number, user->name);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct user *)a)->name, ((const struct user *)b)->name);
}

static bool settle(struct users *users, struct weir_error *error)
{
	qsort(users->at, users->count, sizeof(users->at[0]), by_name);
	for (uint32_t i = 1; i < users->count; i++)
		if (by_name(&users->at[i - 1], &users->at[i]) == 0)
			return weir_fail(error, "the user \"%s\" stands there twice", users->at[i].name);
	users->nobody = users->count > 0 ? users->at[0].hash : NULL;
	return true;
}

static bool read_all(struct users *users, struct weir_str text, struct weir_error *error)
{
	struct weir_str line, rest = text;
	uint32_t number = 0, lines = 0;

	while (watched_line(&rest, &line, &number))
		lines++;
	if (lines > USERS_MOST || memchr(text.data, '\0', text.len) != NULL)
		return weir_fail(error, "there are more than %d users, or it is no text", USERS_MOST);
	users->at = calloc((size_t)lines + 1, sizeof(*users->at));
	if (users->at == NULL)
		return weir_fail(error, "out of memory");
	number = 0;
	while (watched_line(&text, &line, &number))
		if (!read_user(&users->at[users->count++], line, number, error))
			return false;
	return settle(users, error);
}

struct users *users_read(struct weir_str text, struct weir_error *error)
{
	struct users *users = calloc(1, sizeof(*users));

	if (users != NULL)
		users->text = malloc(text.len + 1);
	if (users == NULL || users->text == NULL) {
		users_free(users);
		(void)weir_fail(error, "out of memory");
		return NULL;
	}
	if (text.len > 0)
		memcpy(users->text, text.data, text.len);
	if (read_all(users, (struct weir_str){ users->text, text.len }, error))
		return users;
	users_free(users);
	return NULL;
}

void users_free(void *arg)
{
	struct users *users = arg;

	if (users == NULL)
		return;
	free(users->at);
	free(users->text);
	free(users);
}

const struct user *users_find(const struct users *users, struct weir_str name)
{
	const struct user want = { .name = name.data };

	return bsearch(&want, users->at, users->count, sizeof(want), by_name);
}

/* ------------------------------------------------------------------------------ */

static bool no_controls(struct weir_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	return true;
}

bool users_read_header(struct weir_str value, char *room, struct weir_str *name,
		       struct weir_str *password)
{
	size_t skip = 6, len;
	char *colon;

	if (value.len < 7 || strncasecmp(value.data, "basic ", 6) != 0)
		return false;
	while (skip < value.len && value.data[skip] == ' ')
		skip++;
	value = (struct weir_str){ value.data + skip, value.len - skip };
	if (BASE64_ROOM(value.len) > USER_MOST + PASSWORD_MOST + 4 ||
	    !base64_read(value, (unsigned char *)room, &len) ||
	    !no_controls((struct weir_str){ room, len }))
		return false;
	room[len] = '\0';
	colon = memchr(room, ':', len);
	if (colon == NULL || colon - room > USER_MOST || room + len - colon - 1 > PASSWORD_MOST)
		return false;
	*colon = '\0';
	*name = (struct weir_str){ room, (size_t)(colon - room) };
	*password = (struct weir_str){ colon + 1, (size_t)(room + len - colon - 1) };
	return true;
}

bool users_verify(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *made = data != NULL ? crypt_rn(password, hash, data, sizeof(*data)) : NULL;
	bool same = made != NULL &&
		    weir_same_secret(weir_str_from(made), weir_str_from(hash));

	if (data != NULL)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return same;
}
