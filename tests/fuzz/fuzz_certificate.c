/* fuzz_certificate.c - what is read of any certificate is plain text that cannot play two. */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "core/net/tls_inside.h"
#include "core/net/tls_name.h"
#include "core/net/tls_peer.h"
#include "tests/fuzz/fuzz.h"

static void check_plain(struct weir_str s)
{
	must(s.data != NULL && s.len > 0 && s.data[s.len] == '\0');
	for (size_t i = 0; i < s.len; i++)
		must(s.data[i] > ' ' && s.data[i] <= '~' && strchr("\",;\\", s.data[i]) == NULL);
}

static void check_peer(const struct tls_peer *p)
{
	must(p->fingerprint.len == 64 && p->subject.data != NULL && p->identity.data != NULL);
	must(p->name_count <= PEER_NAMES_MOST);
	for (uint32_t i = 0; i < p->name_count; i++)
		check_plain(p->names[i].text);
	for (size_t i = 0; i < p->subject.len; i++)
		must((unsigned char)p->subject.data[i] >= ' ' && (unsigned char)p->subject.data[i] <= '~');
	if (p->spiffe.data != NULL)
		must(spiffe_valid(p->spiffe) && str_eq(p->identity, p->spiffe));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	X509 *cert = d2i_X509(NULL, &at, (long)size);
	struct tls_peer *p = cert != NULL ? tls_peer_read(cert) : NULL;

	if (p != NULL)
		check_peer(p);
	tls_peer_free(p);
	X509_free(cert);
	ERR_clear_error();
	return 0;
}
