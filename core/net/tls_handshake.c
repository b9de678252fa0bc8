/* tls_handshake.c - the handshake on a fiber, and why it may fail. */
#include "core/net/tls_inside.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/base/error.h"

/* What may leave with the first bytes that follow: a client's last flight, and a server's tickets, for
 * which nobody waits. In TLS 1.2 the client waits for the server's last flight. */
static bool may_wait(const struct tls *l)
{
	return !l->server || SSL_version(l->ssl) >= TLS1_3_VERSION;
}

/* Sends all of it, waiting as often as need be. */
static enum io send_all(struct tls *l)
{
	while (tls_send(l)) {
		enum io result;

		if (l->out_len == 0)
			return IO_OK;
		result = transport_wait_out(l->transport);
		if (result != IO_OK)
			return result;
	}
	return IO_RESET;
}

static enum io finish(struct tls *l)
{
	l->state.done = true;
	l->here = NULL;
	l->ready = SSL_has_pending(l->ssl);
	return may_wait(l) && tls_hold(l) ? IO_OK : send_all(l);
}

static enum io step(struct tls *l, bool *failed)
{
	enum io result;
	int returned;

	ERR_clear_error();
	returned = SSL_do_handshake(l->ssl);
	if (returned == 1)
		return finish(l);
	if (SSL_get_error(l->ssl, returned) != SSL_ERROR_WANT_READ) {
		*failed = true;
		return IO_RESET;
	}
	result = send_all(l);
	return result == IO_OK ? transport_wait_in(l->transport) : result;
}

static enum reason reason_of(const struct tls *l, enum io result)
{
	switch (result) {
	case IO_TIMEOUT:
		return deadline_ended();
	case IO_CANCELLED:
		return REASON_CLIENT_GONE;
	case IO_OK:
	case IO_AGAIN:
	case IO_EOF:
	case IO_RESET:
		break;
	}
	return l->server ? REASON_TLS_GONE : REASON_TLS_FAILED;
}

enum reason tls_handshake(struct transport *t, struct weir_error *error)
{
	struct tls *l = tls_of(t);
	enum io result = IO_OK;
	enum reason why;
	bool failed = false;

	while (result == IO_OK && !l->state.done)
		result = step(l, &failed);
	if (result == IO_OK)
		return REASON_NONE;
	if (failed) {
		why = tls_blame(l, error);
		(void)tls_send(l);	/* the alert, if the socket takes it */
	} else {
		why = reason_of(l, result);
		(void)fail(error, "%.*s", STR_ARG(reason_row(why)->sentence));
	}
	ERR_clear_error();
	tls_layer_free(l);
	return why;
}

/* Why ---------------------------------------------------------------------------------- */

struct tls_words tls_words(void)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	struct tls_words words;

	(void)snprintf(words.text, sizeof(words.text), "%s",
		       reason != NULL ? reason : "no further words");
	ERR_clear_error();
	return words;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static enum reason blame_client_cert(long verdict)
{
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return REASON_CLIENT_CERT_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		return REASON_CLIENT_CERT_REVOKED;
	default:
		return REASON_CLIENT_CERT_INVALID;
	}
}

static enum reason blame_endpoint_cert(long verdict)
{
	switch (verdict) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return REASON_TLS_NAME;
	default:
		return REASON_TLS_VERIFY;
	}
}

static bool is_about_certificates(int code)
{
	switch (code) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
		return true;
	default:
		return false;
	}
}

static bool is_about_choice(int code)
{
	switch (code) {
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
	case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
	case SSL_R_NO_APPLICATION_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_INAPPROPRIATE_FALLBACK:
		return true;
	default:
		return false;
	}
}

bool tls_is_refusal(void)
{
	return is_about_certificates(ERR_GET_REASON(ERR_peek_error()));
}

static enum reason blame_verify(const struct tls *l, struct weir_error *error)
{
	long verdict = SSL_get_verify_result(l->ssl);

	(void)fail(error, "%s", X509_verify_cert_error_string(verdict));
	return l->server ? blame_client_cert(verdict) : blame_endpoint_cert(verdict);
}

static enum reason blame_by_code(const struct tls *l, int code)
{
	if (!l->server)
		return is_about_certificates(code) ? REASON_TLS_REFUSED : REASON_TLS_FAILED;
	if (code == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return REASON_CLIENT_CERT_MISSING;
	if (is_about_certificates(code))
		return REASON_TLS_REJECTED;
	return is_about_choice(code) ? REASON_TLS_NO_COMMON : REASON_TLS_BROKEN;
}

enum reason tls_blame(struct tls *l, struct weir_error *error)
{
	int code = ERR_GET_REASON(ERR_peek_error());
	enum reason why;

	if (l->server && l->first_len > 0 && is_letter(l->first[0])) {
		(void)fail(error, "it begins like plain HTTP");
		return REASON_HTTP_ON_TLS;
	}
	if (code == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return blame_verify(l, error);
	if (l->ended || l->transport->broken) {
		(void)fail(error, "the connection ended during the handshake");
		return l->server ? REASON_TLS_GONE : REASON_TLS_FAILED;
	}
	why = l->why != REASON_NONE ? l->why : blame_by_code(l, code);
	if (!l->server && code == SSL_R_WRONG_VERSION_NUMBER)
		(void)fail(error, "what answers there does not speak TLS");
	else
		(void)fail(error, "%s", tls_words().text);
	return why;
}

/* What is known ------------------------------------------------------------------------ */

struct weir_str tls_server_name(const struct transport *t)
{
	const char *name = SSL_get_servername(tls_of(t)->ssl, TLSEXT_NAMETYPE_host_name);

	return name != NULL ? str_from(name) : STR_ABSENT;
}

struct weir_str tls_version(const struct transport *t)
{
	return str_from(SSL_get_version(tls_of(t)->ssl));
}

bool tls_resumed(const struct transport *t)
{
	return SSL_session_reused(tls_of(t)->ssl) == 1;
}
