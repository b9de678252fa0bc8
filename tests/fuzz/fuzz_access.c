/* fuzz_access.c - patterns and addresses of rules, and the answers of the one that forward_auth
 * asks. The input is a pattern, a line feed, and a text. */
#include "plugins/acl/rules.h"
#include "plugins/common/query.h"
#include "plugins/forward_auth/ask.h"
#include "plugins/ip/lists.h"
#include "tests/fuzz/fuzz.h"

static void match(struct weir_str pattern, struct weir_str text)
{
	bool star = pattern.len > 0 && memchr(pattern.data, '*', pattern.len) != NULL;
	bool fits = glob_fits(pattern, text);

	must(star || fits == weir_str_eq(pattern, text));
	must(glob_fits(WEIR_STR("**"), text));
	(void)path_fits(pattern, text);
	must(path_fits(WEIR_STR("/*"), text) == (text.len == 0 || text.data[0] == '/'));
}

static void find(struct weir_str network, struct weir_str text)
{
	struct weir_error error = { "" };
	struct ranges *list = list_read(text, &error);
	struct ip_range range;
	struct ip ip;

	if (list != NULL)
		for (uint32_t i = 0; i < list->count; i++)
			must(ranges_have(list, &list->at[i].first) && ranges_have(list, &list->at[i].last));
	if (list != NULL && ip_range_read(network, &range) && ranges_add(list, &range)) {
		ranges_settle(list);
		must(ranges_have(list, &range.first) && ranges_have(list, &range.last));
	}
	(void)(ip_read(text, &ip) && list != NULL && ranges_have(list, &ip));
	list_free(list);
}

/* An answer of outside: a status and headers, of which only those that are listed are taken. */
static void answer(struct weir_str name, struct weir_str text)
{
	const struct weir_field field = { text, name };
	uint16_t status = (uint16_t)(text.len > 1 ? (uint8_t)text.data[0] << 8 | (uint8_t)text.data[1] : 0);

	must(ask_read(status) != ASK_PASSES || status / 100 == 2);
	must(ask_header(&field, 1, text).data == name.data);
	must(!ask_may_send(WEIR_STR("X-Forwarded-For"), &(struct weir_str){ "x-forwarded-for", 15 }, 1));
	must(!ask_may_send(text, &name, 1) || name.len == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = cut != NULL ? (size_t)(cut - data) : size;
	struct weir_str pattern = { (const char *)data, len };
	struct weir_str text = { (const char *)data + len + (cut != NULL), size - len - (cut != NULL) };
	char room[2048];

	if (size == 0 || size > sizeof(room))
		return 0;
	match(pattern, text);
	find(pattern, text);
	answer(pattern, text);
	must(query_without(text, pattern, room) <= text.len);
	return 0;
}
