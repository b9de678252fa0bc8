/* tls_files.c - PEM files: certificates with their keys, authorities, revocation lists. */
#include "core/net/tls_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/net/tls_inside.h"

enum { FILE_MOST = 8 << 20 };

static bool read_all(int fd, char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, at, len);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_open(int fd, const char *path, struct weir_str *out, struct weir_error *error)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(error, "%s is not a file", path);
	if (st.st_size > FILE_MOST)
		return fail(error, "%s has more than %d bytes", path, FILE_MOST);
	bytes = mem_alloc((size_t)st.st_size + 1);
	if (bytes == NULL)
		return fail_memory(error);
	if (!read_all(fd, bytes, (size_t)st.st_size)) {
		mem_free(bytes);
		return fail(error, "%s cannot be read whole; was it being written?", path);
	}
	*out = str_of(bytes, (size_t)st.st_size);
	return true;
}

bool tls_file_read(const char *path, struct weir_str *out, struct weir_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return fail(error, "cannot read %s: %s", path, strerror(errno));
	ok = read_open(fd, path, out, error);
	close(fd);
	return ok;
}

void tls_bytes_free(struct weir_str *bytes)
{
	if (bytes->data != NULL)
		OPENSSL_cleanse((char *)(uintptr_t)bytes->data, bytes->len);
	mem_free((char *)(uintptr_t)bytes->data);
	*bytes = STR_ABSENT;
}

static BIO *bio_of(struct weir_str bytes)
{
	return bytes.len > 0 && bytes.len <= INT32_MAX ? BIO_new_mem_buf(bytes.data, (int)bytes.len)
						       : NULL;
}

/* No terminal is asked. */
static int no_passphrase(char *at, int room, int writing, void *arg)
{
	(void)at;
	(void)room;
	(void)writing;
	*(bool *)arg = true;
	return 0;
}

static bool use_chain(SSL_CTX *ctx, BIO *in)
{
	X509 *one;

	while ((one = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
		if (SSL_CTX_add0_chain_cert(ctx, one) != 1) {
			X509_free(one);
			return false;
		}
	}
	ERR_clear_error();	/* the end of the file */
	return true;
}

static bool use_certificates(const struct tls_pair *p, SSL_CTX *ctx, struct weir_error *error)
{
	BIO *in = bio_of(p->cert);
	X509 *first = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	bool ok = false;

	if (first == NULL)
		(void)fail(error, "%s holds no certificate in PEM form", p->cert_path);
	else if (SSL_CTX_use_certificate(ctx, first) != 1)
		(void)fail(error, "%s: %s", p->cert_path, tls_words().text);
	else
		ok = use_chain(ctx, in) || fail_memory(error);
	X509_free(first);
	BIO_free(in);
	return ok;
}

static bool use_key(const struct tls_pair *p, SSL_CTX *ctx, struct weir_error *error)
{
	BIO *in = bio_of(p->key);
	bool encrypted = false;
	EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &encrypted) : NULL;
	bool ok = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;

	if (!ok && encrypted)
		(void)fail(error, "the key of %s is encrypted; remove its passphrase (openssl pkey "
			   "-in KEY -out NEW)", p->cert_path);
	else if (!ok && key == NULL)
		(void)fail(error, "the key of %s is no private key in PEM form", p->cert_path);
	else if (!ok)
		(void)fail(error, "the key of %s is another certificate's", p->cert_path);
	EVP_PKEY_free(key);
	BIO_free(in);
	ERR_clear_error();
	return ok;
}

bool tls_pair_use(const struct tls_pair *p, SSL_CTX *ctx, struct weir_error *error)
{
	return use_certificates(p, ctx, error) && use_key(p, ctx, error);
}

/* Authorities ------------------------------------------------------------------------------ */

/* Where systems keep them, in one file each. */
static const char *machines_own(void)
{
	static const char *const files[] = {
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
	};
	const char *given = getenv("SSL_CERT_FILE");

	if (given != NULL && given[0] != '\0')
		return given;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

/* One whose key OpenSSL could not read can verify nobody: for want of memory, say, it would go on so. */
static uint32_t add_authorities(X509_STORE *store, struct weir_str pem, bool *all)
{
	BIO *in = bio_of(pem);
	uint32_t count = 0;
	X509 *one;

	while (in != NULL && (one = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL)) != NULL) {
		bool good = X509_get0_pubkey(one) != NULL && X509_STORE_add_cert(store, one) == 1;

		count += good;
		*all = *all && good;
		X509_free(one);
	}
	BIO_free(in);
	ERR_clear_error();
	return count;
}

static uint32_t add_lists(X509_STORE *store, struct weir_str pem, bool *all)
{
	BIO *in = bio_of(pem);
	uint32_t count = 0;
	X509_CRL *one;

	while (in != NULL && (one = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL)) != NULL) {
		bool good = X509_STORE_add_crl(store, one) == 1;

		count += good;
		*all = *all && good;
		X509_CRL_free(one);
	}
	BIO_free(in);
	ERR_clear_error();
	return count;
}

typedef uint32_t (*add_fn)(X509_STORE *store, struct weir_str pem, bool *all);

/* Those that can be used; `strict`: all of them must. */
static bool fill_store(X509_STORE *store, const char *path, add_fn add, bool strict, const char *what,
		       struct weir_error *error)
{
	struct weir_str pem;
	uint32_t count;
	bool all = true;

	if (!tls_file_read(path, &pem, error))
		return false;
	count = add(store, pem, &all);
	tls_bytes_free(&pem);
	if (count == 0)
		return fail(error, "%s holds no %s in PEM form", path, what);
	return all || !strict || fail(error, "%s: a %s in it cannot be used", path, what);
}

static bool fill_both(X509_STORE *store, const char *authorities, const char *revoked,
		      struct weir_error *error)
{
	const char *path = authorities != NULL ? authorities : machines_own();

	if (path == NULL)
		(void)X509_STORE_set_default_paths(store);	/* maybe nobody: then nobody is trusted */
	else if (!fill_store(store, path, add_authorities, authorities != NULL, "certificate", error))
		return false;
	if (revoked == NULL)
		return true;
	if (!fill_store(store, revoked, add_lists, true, "revocation list", error))
		return false;
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

X509_STORE *tls_store_load(const char *authorities, const char *revoked, struct weir_error *error)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (fill_both(store, authorities, revoked, error))
		return store;
	X509_STORE_free(store);
	return NULL;
}

/* Rules ------------------------------------------------------------------------------------ */

/* Forward secrecy and authenticated encryption alone; in TLS 1.3 there is nothing else. The shorter key
 * first: it is safe enough, and its hash is the one that processors have instructions for. */
static const char good_suites[] =
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
static const char good_ciphers[] =
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
	"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

bool tls_context_rules(SSL_CTX *ctx, const struct tls_rules *rules, struct weir_error *error)
{
	const char *ciphers = rules->ciphers != NULL ? rules->ciphers : good_ciphers;

	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
				       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
				       SSL_OP_ENABLE_KTLS);	/* tls_seal.c plays the kernel */
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);	/* the layer counts such records */
	SSL_CTX_set_read_ahead(ctx, 1);
	if (SSL_CTX_set_min_proto_version(ctx, rules->min) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, rules->max) != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, good_suites) != 1)
		return fail(error, "TLS: %s", tls_words().text);
	if (SSL_CTX_set_cipher_list(ctx, ciphers) != 1) {
		ERR_clear_error();
		return fail(error, "ciphers: \"%s\" names no cipher that can be used; `openssl ciphers` "
			    "lists them", ciphers);
	}
	return true;
}
