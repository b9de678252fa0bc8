/* fuzz_tls_name.c - names of certificates: what covers what, and which SPIFFE ids there are; two ways of
 * reading them agree. The input is two lines: a name or pattern, and who is held against it. */
#include "core/net/tls_name.h"
#include "plugins/mtls/pattern.h"
#include "tests/fuzz/fuzz.h"

static void check_names(struct weir_str name, struct weir_str asked)
{
	char room[256];
	struct weir_str host = tls_name_fold(asked, room);

	if (host.data == NULL)
		return;
	must(host.len > 0 && host.len <= 253 && tls_name_valid(host));
	must(tls_name_covers(host, host));
	must(dns_pattern_valid(host));
	if (!tls_name_valid(name) || !tls_name_covers(name, host))
		return;
	must(dns_matches(name, host));
	must(str_starts(name, STR("*.")) ? str_find(host, '.') < host.len : str_eq(name, host));
}

static void check_spiffe(struct weir_str pattern, struct weir_str id)
{
	if (spiffe_valid(pattern))
		must(spiffe_pattern_valid(pattern) && spiffe_matches(pattern, pattern));
	if (!spiffe_pattern_valid(pattern) || !spiffe_matches(pattern, id))
		return;
	must(spiffe_valid(id) || !spiffe_valid(pattern));
	must(str_starts(id, STR("spiffe://")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str all = str_of((const char *)data, size);
	struct weir_str first = str_head(all, str_find(all, '\n'));
	struct weir_str second = str_skip(all, first.len + 1);
	char digits[FINGERPRINT];

	check_names(first, second);
	check_spiffe(first, second);
	if (fingerprint_read(first, digits))
		must(memchr(digits, ':', sizeof(digits)) == NULL);
	return 0;
}
