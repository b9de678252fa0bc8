/* tls_pair.c - a certificate with its key: read, checked against each other, and asked for its names. */
#include "core/net/tls_files.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/tls_inside.h"
#include "core/net/tls_name.h"

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static bool add_name(struct tls_pair *p, const char *data, int len)
{
	struct weir_str *more;
	char *copy;

	if (len <= 0 || !tls_name_valid(str_of(data, (size_t)len)))
		return true;		/* nobody asks for it */
	more = mem_resize(p->names, p->name_count + 1u, sizeof(*more));
	if (more == NULL)
		return false;
	p->names = more;
	copy = str_dup(str_of(data, (size_t)len));
	if (copy == NULL)
		return false;
	for (int i = 0; i < len; i++)
		copy[i] = ascii_lower(copy[i]);
	p->names[p->name_count++] = str_of(copy, (size_t)len);
	return true;
}

static bool add_alternative(struct tls_pair *p, const GENERAL_NAME *name)
{
	const ASN1_STRING *text;

	if (name->type != GEN_DNS)
		return true;
	text = name->d.dNSName;
	return add_name(p, (const char *)ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

static bool add_common_name(struct tls_pair *p, X509 *cert)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	int len;
	bool ok;

	if (at < 0)
		return true;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	ok = len <= 0 || add_name(p, (const char *)text, len);
	OPENSSL_free(text);
	return ok;
}

/* The alternative names; of a certificate without any, the subject's. */
static bool learn_names(struct tls_pair *p, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool ok = true;

	for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++)
		ok = add_alternative(p, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	if (ok && p->name_count == 0)
		ok = add_common_name(p, cert);
	return ok;
}

/* Its authority is not at hand, but its number is. */
static bool is_about(OCSP_SINGLERESP *single, X509 *cert)
{
	const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
	ASN1_INTEGER *number = NULL;

	(void)OCSP_id_get0_info(NULL, NULL, NULL, &number, (OCSP_CERTID *)(uintptr_t)id);
	return number != NULL && ASN1_INTEGER_cmp(number, X509_get0_serialNumber(cert)) == 0;
}

/* The earliest end of its parts about the certificate, a day from now without one; 0: there are none. */
static int64_t staple_until(OCSP_BASICRESP *basic, X509 *cert)
{
	int64_t until = 0, day = (int64_t)(clock_wall() / NS_PER_S) + 86400;

	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		ASN1_GENERALIZEDTIME *next = NULL;
		int64_t end;

		if (!is_about(single, cert))
			continue;
		(void)OCSP_single_get0_status(single, NULL, NULL, NULL, &next);
		end = next != NULL ? seconds_of(next) : day;
		until = until == 0 || end < until ? end : until;
	}
	return until;
}

/* An answer about another certificate, the one before this perhaps, is no reason to refuse this one. */
static bool learn_staple(struct tls_pair *p, X509 *cert, const char *path, struct weir_error *error)
{
	const unsigned char *at = (const unsigned char *)p->staple.data;
	OCSP_RESPONSE *answer = d2i_OCSP_RESPONSE(NULL, &at, (long)p->staple.len);
	OCSP_BASICRESP *basic = answer != NULL &&
				OCSP_response_status(answer) == OCSP_RESPONSE_STATUS_SUCCESSFUL
				? OCSP_response_get1_basic(answer) : NULL;
	bool ok = basic != NULL;

	if (ok)
		p->staple_until = staple_until(basic, cert);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(answer);
	ERR_clear_error();
	if (!ok)
		return fail(error, "%s is no OCSP answer in DER form (openssl ocsp -respout)", path);
	if (p->staple_until == 0)
		log_warn("%s is an OCSP answer about another certificate than %s; it is not shown",
			 path, p->cert_path);
	return true;
}

static bool learn(struct tls_pair *p, X509 *cert, const char *staple, struct weir_error *error)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (key == NULL)
		return fail(error, "%s: the certificate's key cannot be used", p->cert_path);
	p->kind = EVP_PKEY_get_base_id(key);
	p->not_before = seconds_of(X509_get0_notBefore(cert));
	p->not_after = seconds_of(X509_get0_notAfter(cert));
	if (!learn_names(p, cert))
		return fail_memory(error);
	return staple == NULL || learn_staple(p, cert, staple, error);
}

/* A context that is thrown away tells whether the files go together. */
static bool check(struct tls_pair *p, const char *staple, struct weir_error *error)
{
	SSL_CTX *trial = SSL_CTX_new(TLS_method());
	bool ok = trial != NULL;

	if (!ok)
		(void)fail_memory(error);
	ok = ok && tls_pair_use(p, trial, error) &&
	     learn(p, SSL_CTX_get0_certificate(trial), staple, error);
	SSL_CTX_free(trial);
	ERR_clear_error();
	return ok;
}

bool tls_staple_is_fresh(const struct tls_pair *p)
{
	return p->staple.len > 0 && (int64_t)(clock_wall() / NS_PER_S) < p->staple_until;
}

static bool load(struct tls_pair *p, const char *cert, const char *key, const char *staple,
		 struct weir_error *error)
{
	p->cert_path = str_dup(str_from(cert));
	if (p->cert_path == NULL)
		return fail_memory(error);
	return tls_file_read(cert, &p->cert, error) && tls_file_read(key, &p->key, error) &&
	       (staple == NULL || tls_file_read(staple, &p->staple, error)) &&
	       check(p, staple, error);
}

struct tls_pair *tls_pair_load(const char *cert, const char *key, const char *staple,
			       struct weir_error *error)
{
	struct tls_pair *p = mem_alloc(sizeof(*p));

	if (p == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (load(p, cert, key, staple, error))
		return p;
	tls_pair_free(p);
	return NULL;
}

void tls_pair_free(struct tls_pair *p)
{
	if (p == NULL)
		return;
	tls_bytes_free(&p->cert);
	tls_bytes_free(&p->key);
	tls_bytes_free(&p->staple);
	for (uint32_t i = 0; i < p->name_count; i++)
		mem_free((char *)(uintptr_t)p->names[i].data);
	mem_free(p->names);
	mem_free(p->cert_path);
	mem_free(p);
}

int tls_days_left(int64_t not_after, int64_t now)
{
	int64_t left = not_after - now, day = 86400;

	return (int)(left >= 0 ? left / day : -((-left + day - 1) / day));
}
