/* lists.c - who may come in by address. */
#include "plugins/ip/lists.h"

#include <stdlib.h>

#include "plugins/common/watched.h"

enum { LIST_MOST = 1000000 };

struct ranges *list_read(struct weir_str text, struct weir_error *error)
{
	struct ranges *list = calloc(1, sizeof(*list));
	struct weir_str line, word;
	uint32_t number = 0;
	bool ok = list != NULL || weir_fail(error, "out of memory");

	while (ok && watched_line(&text, &line, &number)) {
		struct ip_range range;

		if (!watched_word(&line, &word) || !ip_range_read(word, &range))
			ok = weir_fail(error, "line %u: \"%.*s\" is no address and no network", number,
				       (int)(word.len < 60 ? word.len : 60), word.data);
		else if (list->count == LIST_MOST)
			ok = weir_fail(error, "there are more than %d addresses", LIST_MOST);
		else if (!ranges_add(list, &range))
			ok = weir_fail(error, "out of memory");
	}
	if (!ok) {
		list_free(list);
		return NULL;
	}
	ranges_settle(list);
	return list;
}

void list_free(void *arg)
{
	struct ranges *list = arg;

	if (list != NULL)
		ranges_end(list);
	free(list);
}

enum ip_says lists_say(const struct ip_lists *lists, struct weir_str client)
{
	bool demanded = lists->allow[0] != NULL || lists->allow[1] != NULL;
	bool allowed = !demanded;
	struct ip ip;

	if (!ip_read(client, &ip))
		return IP_UNKNOWN;
	for (int i = 0; i < 2; i++) {
		if (lists->deny[i] != NULL && ranges_have(lists->deny[i], &ip))
			return IP_DENIED;
		allowed |= lists->allow[i] != NULL && ranges_have(lists->allow[i], &ip);
	}
	return allowed ? IP_PASSES : IP_NOT_ALLOWED;
}
