/* secure.c - curl and openssl as clients of a TLS listener. */
#include "tests/e2e/secure.h"

#include <stdarg.h>

struct certs certs;

int secure_begin(void **state)
{
	(void)state;
	certs_make(&certs);
	setenv("CERTS", certs.dir, 1);
	return 0;
}

int secure_end(void **state)
{
	(void)state;
	certs_remove(&certs);
	return 0;
}

static size_t keep(char *data, size_t size, size_t count, void *arg)
{
	struct caller *c = arg;
	size_t n = size * count, room = c->len < sizeof(c->body) - 1 ? sizeof(c->body) - 1 - c->len : 0;

	memcpy(c->body + c->len, data, n < room ? n : room);
	c->len += n;
	return n;
}

struct caller *caller_new(struct story *s, const char *shows)
{
	struct caller *c = calloc(1, sizeof(*c));
	char text[256];

	c->curl = curl_easy_init();
	(void)snprintf(text, sizeof(text), "::%s", s->edge);
	c->connect_to = curl_slist_append(NULL, text);
	curl_easy_setopt(c->curl, CURLOPT_CONNECT_TO, c->connect_to);
	curl_easy_setopt(c->curl, CURLOPT_CAINFO, certs_path(&certs, "ca.pem"));
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)HANG_MS / 1000);
	curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "*");
	if (shows == NULL)
		return c;
	(void)snprintf(text, sizeof(text), "%s/%s.pem", certs.dir, shows);
	curl_easy_setopt(c->curl, CURLOPT_SSLCERT, text);
	(void)snprintf(text, sizeof(text), "%s/%s.key", certs.dir, shows);
	curl_easy_setopt(c->curl, CURLOPT_SSLKEY, text);
	return c;
}

void caller_free(struct caller *c)
{
	curl_easy_cleanup(c->curl);
	curl_slist_free_all(c->headers);
	curl_slist_free_all(c->connect_to);
	free(c);
}

void caller_header(struct caller *c, const char *line)
{
	c->headers = curl_slist_append(c->headers, line);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
}

long caller_gets(struct caller *c, const char *name, const char *target)
{
	char url[512];

	(void)snprintf(url, sizeof(url), "https://%s%s", name, target);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	c->len = 0;
	c->status = 0;
	c->result = curl_easy_perform(c->curl);
	c->body[c->len < sizeof(c->body) ? c->len : sizeof(c->body) - 1] = '\0';
	if (c->result == CURLE_OK)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &c->status);
	return c->status;
}

long gets_securely(struct story *s, const char *name, const char *shows, const char *target)
{
	struct caller *c = caller_new(s, shows);
	long status = caller_gets(c, name, target);

	caller_free(c);
	return status;
}

const char *run_shell(const char *format, ...)
{
	static char said[65536];
	char command[2048];
	va_list args;
	FILE *pipe;
	size_t n;

	va_start(args, format);
	(void)vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(said, 1, sizeof(said) - 1, pipe);
	said[n] = '\0';
	(void)pclose(pipe);
	return said;
}

const char *s_client(struct story *s, const char *input, const char *arguments)
{
	return run_shell("printf '%s' | timeout 20 openssl s_client -connect %s -CAfile %s/ca.pem %s 2>&1",
			 input, s->edge, certs.dir, arguments);
}

void holds(const char *where, const char *what)
{
	if (strstr(where, what) == NULL)
		fail_msg("\"%s\" is not in:\n%s", what, where);
}

void lacks(const char *where, const char *what)
{
	if (strstr(where, what) != NULL)
		fail_msg("\"%s\" is in:\n%s", what, where);
}

static void copy_live(struct story *s, const char *name, const char *end)
{
	char path[256], bytes[16384];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s.%s", certs.dir, name, end);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes) - 1, file);
	bytes[n] = '\0';
	(void)fclose(file);
	(void)snprintf(path, sizeof(path), "live.%s", end);
	gateway_writes_file(s->gateway, path, bytes);
}

void goes_live(struct story *s, const char *name)
{
	copy_live(s, name, "key");
	copy_live(s, name, "pem");
}

double handshakes(struct story *s, const char *result)
{
	char label[128];

	(void)snprintf(label, sizeof(label), "result=\"%s\"", result);
	return gateway_metric(s->gateway, "weir_tls_handshakes_total", label, NULL);
}
