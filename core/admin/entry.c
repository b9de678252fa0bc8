/* entry.c - checks what a browser cannot be trusted with, then the token. */
#include "core/admin/entry.h"

#include <arpa/inet.h>

#include "core/admin/paths.h"
#include "core/http/target.h"

/* --- Framing: what two readers could disagree on is refused. ---------------------------------- */

static bool refuse(struct visit *v, unsigned status, const char **why, const char *sentence)
{
	*why = sentence;
	visit_problem(v, status, NULL, "%s", sentence);
	return false;
}

static bool check_fields(struct visit *v, const struct visit_fields *f, const char **why)
{
	uint64_t length = 0;

	if (f->hosts > 1 || f->origins > 1 || f->authorizations > 1 || f->lengths > 1)
		return refuse(v, 400, why, "Host, Origin, Authorization and Content-Length may "
			      "stand once each");
	if (v->name.len == 0 || v->name.data[0] != '/')
		return refuse(v, 400, why, "a path begins with /");
	if (f->chunked)
		return refuse(v, 411, why, "say how long the body is (Content-Length)");
	if (f->length.data != NULL && !str_to_u64(f->length, &length))
		return refuse(v, 400, why, "Content-Length is no number");
	if (length > VISIT_BODY)
		return refuse(v, 413, why, "a body may have 64 KiB here");
	return true;
}

/* --- Host and Origin. ------------------------------------------------------------------------- */

static bool is_ip(struct weir_str host)
{
	unsigned char ip[16];
	char text[64];

	if (host.len >= 2 && host.data[0] == '[')
		host = str_of(host.data + 1, host.len - 2);
	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	return inet_pton(AF_INET, text, ip) == 1 || inet_pton(AF_INET6, text, ip) == 1;
}

static bool may_be_called(struct weir_str host, const struct entry_rules *rules)
{
	return rules->probe || is_ip(host) || str_eq(host, STR("localhost")) ||
	       (rules->name.len > 0 && str_eq_nocase(host, rules->name));
}

/* "http://HOST[:PORT]" of where it was sent to; https when a proxy in front speaks TLS. */
static bool is_same_origin(struct visit *v, struct weir_str origin, struct weir_str whole)
{
	struct weir_str rest, theirs, host;
	uint16_t port;

	if (str_starts(origin, STR("http://")))
		rest = str_skip(origin, 7);
	else if (str_starts(origin, STR("https://")))
		rest = str_skip(origin, 8);
	else
		return false;
	return authority_read(&v->arena, rest, &theirs, &host, &port) && str_eq(theirs, whole);
}

static bool check_names(struct visit *v, const struct visit_fields *f,
			const struct entry_rules *rules, const char **why)
{
	struct weir_str whole = STR(""), host = STR("");
	uint16_t port;

	if (f->hosts > 0 && !authority_read(&v->arena, f->host, &whole, &host, &port))
		return refuse(v, 400, why, "Host is not HOST or HOST:PORT");
	if (f->hosts > 0 && !may_be_called(host, rules))
		return refuse(v, 403, why, "Host must be an IP address, localhost or the name that "
			      "is configured: a web page could have sent this");
	if (f->origins > 0 && !is_same_origin(v, f->origin, whole))
		return refuse(v, 403, why, "Origin is another site: a web page has sent this");
	return true;
}

/* --- The token. ------------------------------------------------------------------------------- */

static struct weir_str bearer(struct weir_str authorization)
{
	if (!str_starts_nocase(authorization, STR("Bearer ")))
		return STR_ABSENT;
	return str_trim(str_skip(authorization, 7));
}

static bool check_token(struct visit *v, const struct visit_fields *f,
			const struct entry_rules *rules, const char **why)
{
	if (rules->file || rules->probe || (rules->local && !visit_is_command(v)))
		return true;
	if (rules->token.len == 0)
		return refuse(v, 403, why, "POST needs a token, and none is configured: set "
			      "admin.token, or let the admin API listen on a Unix socket");
	if (weir_same_secret(bearer(f->authorization), rules->token))
		return true;
	v->challenge = "Bearer realm=\"weir admin\"";
	return refuse(v, 401, why, f->authorization.data == NULL
		? "this needs the token: send `Authorization: Bearer TOKEN` (admin.token)"
		: "the token is not the one that is configured (admin.token)");
}

bool entry_check(struct visit *v, const struct visit_fields *fields,
		 const struct entry_rules *rules, const char **why)
{
	return check_fields(v, fields, why) && check_names(v, fields, rules, why) &&
	       check_token(v, fields, rules, why);
}
