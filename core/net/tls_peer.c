/* tls_peer.c - who is at the far end: read from its certificate, when somebody asks. */
#include "core/net/tls_peer.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/base/mem.h"
#include "core/net/tls_inside.h"
#include "core/net/tls_name.h"

static struct weir_str keep(const char *data, size_t len)
{
	char *copy = str_dup(str_of(data, len));

	return copy != NULL ? str_of(copy, len) : STR_ABSENT;
}

/* What could be taken for two, or for the end of one, is nobody's name. */
static bool is_plain(const char *data, int len)
{
	for (int i = 0; i < len; i++)
		if (data[i] <= ' ' || data[i] > '~' || data[i] == '"' || data[i] == ',' || data[i] == ';' ||
		    data[i] == '\\')
			return false;
	return len > 0 && len <= 2048;
}

static bool add(struct tls_peer *p, enum tls_san kind, const char *data, int len)
{
	struct weir_str text;

	if (!is_plain(data, len) || p->name_count == PEER_NAMES_MOST)
		return true;
	text = keep(data, (size_t)len);
	if (text.data == NULL)
		return false;
	p->names[p->name_count++] = (struct tls_alternative){ kind, text };
	return true;
}

static bool add_ip(struct tls_peer *p, const ASN1_OCTET_STRING *ip)
{
	int len = ASN1_STRING_length(ip);
	char text[INET6_ADDRSTRLEN];

	if ((len != 4 && len != 16) ||
	    inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof(text)) == NULL)
		return true;
	return add(p, TLS_SAN_IP, text, (int)strlen(text));
}

static bool add_name(struct tls_peer *p, const GENERAL_NAME *name)
{
	const ASN1_STRING *text = NULL;
	enum tls_san kind;

	switch (name->type) {
	case GEN_URI:
		kind = TLS_SAN_URI;
		text = name->d.uniformResourceIdentifier;
		break;
	case GEN_DNS:
		kind = TLS_SAN_DNS;
		text = name->d.dNSName;
		break;
	case GEN_EMAIL:
		kind = TLS_SAN_EMAIL;
		text = name->d.rfc822Name;
		break;
	case GEN_IPADD:
		return add_ip(p, name->d.iPAddress);
	default:
		return true;
	}
	return add(p, kind, (const char *)ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

static bool add_names(struct tls_peer *p, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool ok = true;

	p->names = mem_array(PEER_NAMES_MOST, sizeof(*p->names));
	ok = p->names != NULL;
	for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++)
		ok = add_name(p, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	return ok;
}

static bool learn_subject(struct tls_peer *p, X509 *cert)
{
	BIO *text = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len = 0;

	if (text != NULL && X509_NAME_print_ex(text, X509_get_subject_name(cert), 0,
					       XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_UTF8_CONVERT) >= 0)
		len = BIO_get_mem_data(text, &data);
	p->subject = keep(len > 0 ? data : "", len > 0 ? (size_t)len : 0);
	BIO_free(text);
	return p->subject.data != NULL;
}

static struct weir_str hex(const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = mem_alloc(len * 2 + 1);

	if (text == NULL)
		return STR_ABSENT;
	for (size_t i = 0; i < len; i++) {
		text[i * 2] = digits[bytes[i] >> 4];
		text[i * 2 + 1] = digits[bytes[i] & 15];
	}
	return str_of(text, len * 2);
}

static bool learn_digits(struct tls_peer *p, X509 *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(cert, EVP_sha256(), digest, &len) != 1)
		return false;
	p->fingerprint = hex(digest, len);
	p->serial = hex(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
	return p->fingerprint.data != NULL && p->serial.data != NULL;
}

static struct weir_str first_of(const struct tls_peer *p, enum tls_san kind, uint32_t *count)
{
	struct weir_str first = STR_ABSENT;

	*count = 0;
	for (uint32_t i = 0; i < p->name_count; i++)
		if (p->names[i].kind == kind && (*count)++ == 0)
			first = p->names[i].text;
	return first;
}

/* An SVID has exactly one URI. */
static void settle_identity(struct tls_peer *p)
{
	static const enum tls_san order[] = { TLS_SAN_URI, TLS_SAN_DNS, TLS_SAN_EMAIL };
	uint32_t count;

	p->spiffe = first_of(p, TLS_SAN_URI, &count);
	if (count != 1 || !spiffe_valid(p->spiffe))
		p->spiffe = STR_ABSENT;
	p->identity = p->spiffe;
	for (size_t i = 0; i < ARRAY_LEN(order) && p->identity.data == NULL; i++)
		p->identity = first_of(p, order[i], &count);
	if (p->identity.data == NULL)
		p->identity = p->subject;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

struct tls_peer *tls_peer_read(X509 *cert)
{
	struct tls_peer *p = mem_alloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	if (!add_names(p, cert) || !learn_subject(p, cert) || !learn_digits(p, cert)) {
		tls_peer_free(p);
		return NULL;
	}
	p->not_after = seconds_of(X509_get0_notAfter(cert));
	settle_identity(p);
	return p;
}

void tls_peer_free(struct tls_peer *p)
{
	if (p == NULL)
		return;
	for (uint32_t i = 0; i < p->name_count; i++)
		mem_free((char *)(uintptr_t)p->names[i].text.data);
	mem_free(p->names);
	mem_free((char *)(uintptr_t)p->subject.data);
	mem_free((char *)(uintptr_t)p->fingerprint.data);
	mem_free((char *)(uintptr_t)p->serial.data);
	mem_free(p);
}

const struct tls_peer *tls_peer(const struct transport *t)
{
	struct tls *l = tls_of(t);
	X509 *cert;

	if (l->peer != NULL || !l->state.done || SSL_get_verify_mode(l->ssl) == SSL_VERIFY_NONE ||
	    SSL_get_verify_result(l->ssl) != X509_V_OK)
		return l->peer;
	cert = SSL_get0_peer_certificate(l->ssl);
	if (cert != NULL)
		l->peer = tls_peer_read(cert);
	ERR_clear_error();
	return l->peer;
}
