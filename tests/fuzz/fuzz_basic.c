/* fuzz_basic.c - what clients and operators write for basic and api_key: a header, a file of users,
 * a file of keys. */
#include "plugins/api_key/keys.h"
#include "plugins/basic/users.h"
#include "tests/fuzz/fuzz.h"

static void read_header(struct weir_str text)
{
	char room[USER_MOST + PASSWORD_MOST + 8];
	struct weir_str name, password;

	if (!users_read_header(text, room, &name, &password))
		return;
	must(name.len <= USER_MOST && password.len <= PASSWORD_MOST);
	must(strlen(name.data) == name.len && strlen(password.data) == password.len);
	must(memchr(name.data, ':', name.len) == NULL);
}

static void read_files(struct weir_str text)
{
	struct weir_error error = { "" };
	struct users *users = users_read(text, &error);
	struct keys *keys;

	must((users == NULL) == (error.text[0] != '\0'));
	for (uint32_t i = 0; users != NULL && i < users->count; i++)
		must(users_find(users, weir_str_from(users->at[i].name)) == &users->at[i]);
	users_free(users);
	error.text[0] = '\0';
	keys = keys_read(text, &error);
	must((keys == NULL) == (error.text[0] != '\0'));
	for (uint32_t i = 0; keys != NULL && i < keys->count; i++)
		must(keys->at[i].identity.len > 0 && keys->at[i].claim_count <= KEY_CLAIMS);
	keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str text = { (const char *)data, size };

	if (size > 4096)
		return 0;
	read_header(text);
	read_files(text);
	return 0;
}
