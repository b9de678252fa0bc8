/* fuzz_address.c - an address is printed in one spelling, which reads as the same address. */
#include "core/net/address.h"
#include "tests/fuzz/fuzz.h"

static void check_kernel_form(const struct address *a)
{
	struct peer p = peer_from_sockaddr(&a->any, a->len);
	char room[PEER_TEXT];
	struct address back;
	struct weir_str text;

	must(a->len > 0 && a->len <= sizeof(a->storage));
	must(address_from_sockaddr(&back, &a->any, a->len));
	if (a->kind == ADDRESS_UNIX) {
		must(address_equal(a, &back));
		return;
	}
	text = peer_text(&p, room);
	must(text.len <= sizeof(room));
	must(str_eq(text, address_text(&back)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str text = str_of((const char *)data, size);
	struct weir_error error = { "" };
	struct address a, again;

	if (!address_parse(&a, text, &error)) {
		must(error.text[0] != '\0');
		return 0;
	}
	must(a.text_len < ADDRESS_TEXT && a.text[a.text_len] == '\0');
	must(strlen(a.text) == a.text_len);
	must(address_parse(&again, address_text(&a), NULL));
	must(address_equal(&a, &again));
	must(address_host(&a).len > 0);
	if (a.kind == ADDRESS_NAME)
		must(a.len == 0);
	else
		check_kernel_form(&a);
	return 0;
}
