/* tls_face.c - what a listener shows and asks: certificates by name, authorities, revocations. */
#include "core/net/tls_face.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/net/tls_files.h"
#include "core/net/tls_inside.h"

/* Choices --------------------------------------------------------------------------------- */

static bool choice_has_kind(const struct face_choice *c, int kind)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->pairs[i]->kind == kind)
			return true;
	return false;
}

static bool pair_has_name(const struct tls_pair *p, struct weir_str name)
{
	for (uint32_t i = 0; i < p->name_count; i++)
		if (str_eq(p->names[i], name))
			return true;
	return false;
}

/* Of two of one kind the first in the file is shown. */
static struct face_choice choice_of(const struct tls_face *f, struct weir_str name)
{
	struct face_choice c = { .count = 0 };

	for (uint32_t i = 0; i < f->pair_count && c.count < FACE_KINDS; i++)
		if (pair_has_name(f->pairs[i], name) && !choice_has_kind(&c, f->pairs[i]->kind))
			c.pairs[c.count++] = f->pairs[i];
	return c;
}

static bool same_choice(const struct face_choice *a, const struct face_choice *b)
{
	return a->count == b->count && memcmp(a->pairs, b->pairs, a->count * sizeof(a->pairs[0])) == 0;
}

static struct face_choice *keep_choice(struct tls_face *f, const struct face_choice *c)
{
	for (uint32_t i = 0; i < f->choice_count; i++)
		if (same_choice(&f->choices[i], c))
			return &f->choices[i];
	f->choices[f->choice_count] = *c;
	return &f->choices[f->choice_count++];
}

static bool add_name(struct tls_face *f, struct weir_str name)
{
	bool wild = str_starts(name, STR("*."));
	struct map *map = wild ? &f->wild : &f->exact;
	struct weir_str key = wild ? str_skip(name, 2) : name;
	struct face_choice c;

	if (map_get(map, key) != NULL)
		return true;
	c = choice_of(f, name);
	return map_set(map, key, keep_choice(f, &c));
}

static uint32_t names_in_all(const struct tls_face *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->pair_count; i++)
		n += f->pairs[i]->name_count;
	return n;
}

/* Who asks for nobody we know is shown the first pair, or its like of another kind. */
static struct face_choice default_choice(const struct tls_face *f)
{
	if (f->pairs[0]->name_count > 0)
		return choice_of(f, f->pairs[0]->names[0]);
	return (struct face_choice){ .pairs = { f->pairs[0] }, .count = 1 };
}

static bool make_choices(struct tls_face *f, struct weir_error *error)
{
	struct face_choice first = default_choice(f);

	f->choices = mem_array(names_in_all(f) + 1u, sizeof(*f->choices));
	if (f->choices == NULL)
		return fail_memory(error);
	(void)keep_choice(f, &first);
	for (uint32_t i = 0; i < f->pair_count; i++)
		for (uint32_t n = 0; n < f->pairs[i]->name_count; n++)
			if (!add_name(f, f->pairs[i]->names[n]))
				return fail_memory(error);
	return true;
}

const struct face_choice *face_choose(const struct tls_face *f, struct weir_str name)
{
	const struct face_choice *c = map_get(&f->exact, name);
	size_t dot;

	if (c == NULL && f->wild.count > 0) {
		dot = str_find(name, '.');
		c = dot < name.len ? map_get(&f->wild, str_skip(name, dot + 1)) : NULL;
	}
	return c != NULL ? c : &f->choices[0];
}

/* What is asked of clients ------------------------------------------------------------------ */

static bool digest_file(EVP_MD_CTX *md, const char *path)
{
	struct weir_str bytes = STR_ABSENT;
	uint64_t len;
	bool ok;

	if (path != NULL && !tls_file_read(path, &bytes, NULL))
		return false;
	len = bytes.data != NULL ? bytes.len : UINT64_MAX;
	ok = EVP_DigestUpdate(md, &len, sizeof(len)) == 1 &&
	     (bytes.len == 0 || EVP_DigestUpdate(md, bytes.data, bytes.len) == 1);
	tls_bytes_free(&bytes);
	return ok;
}

static bool digest_policy(struct tls_face *f, const struct tls_server_spec *spec)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char asks = (unsigned char)spec->ask;
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
		  EVP_DigestUpdate(md, &asks, 1) == 1 &&
		  EVP_DigestUpdate(md, spec->name.data, spec->name.len) == 1 &&
		  digest_file(md, spec->ask != TLS_ASK_NONE ? spec->client_ca : NULL) &&
		  digest_file(md, spec->ask != TLS_ASK_NONE ? spec->client_crl : NULL) &&
		  EVP_DigestFinal_ex(md, f->policy, NULL) == 1;

	EVP_MD_CTX_free(md);
	return ok;
}

static bool load_authorities(struct tls_face *f, const struct tls_server_spec *spec,
			     struct weir_error *error)
{
	if (spec->ask == TLS_ASK_NONE)
		return true;
	if (spec->client_ca == NULL)
		return fail(error, "client_ca is missing: who issues the clients' certificates?");
	f->store = tls_store_load(spec->client_ca, spec->client_crl, error);
	if (f->store == NULL)
		return false;
	f->authorities = SSL_load_client_CA_file(spec->client_ca);
	ERR_clear_error();
	return f->authorities != NULL || fail_memory(error);
}

/* Life -------------------------------------------------------------------------------------- */

static bool load_pairs(struct tls_face *f, const struct tls_server_spec *spec, struct weir_error *error)
{
	f->pairs = mem_array(spec->pair_count > 0 ? spec->pair_count : 1, sizeof(struct tls_pair *));
	if (f->pairs == NULL)
		return fail_memory(error);
	for (uint32_t i = 0; i < spec->pair_count; i++) {
		const struct tls_pair_files *files = &spec->pairs[i];

		f->pairs[i] = tls_pair_load(files->cert, files->key, files->staple, error);
		if (f->pairs[i] == NULL)
			return false;
		f->pair_count++;
	}
	return f->pair_count > 0 || fail(error, "certs is empty: a listener with TLS shows a certificate");
}

static bool load(struct tls_face *f, const struct tls_server_spec *spec, struct weir_error *error)
{
	SSL_CTX *trial;
	bool ok;

	f->ask = spec->ask;
	f->only_13 = spec->only_13;
	f->no_tickets = spec->no_tickets;
	if (spec->ciphers != NULL) {
		f->ciphers = str_dup(str_from(spec->ciphers));
		if (f->ciphers == NULL)
			return fail_memory(error);
	}
	if (!load_pairs(f, spec, error) || !make_choices(f, error) || !load_authorities(f, spec, error))
		return false;
	if (!digest_policy(f, spec))
		return fail(error, "client_ca or client_crl cannot be read any more");
	trial = face_context(f, &f->choices[0], error);
	ok = trial != NULL && tls_trial(trial, error);
	SSL_CTX_free(trial);
	return ok;
}

struct tls_face *face_load(const struct tls_server_spec *spec, struct weir_error *error)
{
	struct tls_face *f = mem_alloc(sizeof(*f));

	if (f == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	f->refs = 1;
	map_init(&f->exact);
	map_init(&f->wild);
	if (load(f, spec, error))
		return f;
	face_unref(f);
	return NULL;
}

struct tls_face *face_ref(struct tls_face *f)
{
	atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
	return f;
}

void face_unref(struct tls_face *f)
{
	if (f == NULL || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (uint32_t i = 0; i < f->pair_count; i++)
		tls_pair_free(f->pairs[i]);
	mem_free(f->pairs);
	mem_free(f->choices);
	map_fini(&f->exact);
	map_fini(&f->wild);
	X509_STORE_free(f->store);
	sk_X509_NAME_pop_free(f->authorities, X509_NAME_free);
	mem_free(f->ciphers);
	mem_free(f);
}

static bool same_pair(const struct tls_pair *a, const struct tls_pair *b)
{
	return str_eq(a->cert, b->cert) && str_eq(a->key, b->key) && str_eq(a->staple, b->staple);
}

bool face_same(const struct tls_face *a, const struct tls_face *b)
{
	if (a->pair_count != b->pair_count || memcmp(a->policy, b->policy, sizeof(a->policy)) != 0)
		return false;
	for (uint32_t i = 0; i < a->pair_count; i++)
		if (!same_pair(a->pairs[i], b->pairs[i]))
			return false;
	return true;
}

/* Contexts ---------------------------------------------------------------------------------- */

static int verify_mode(enum tls_ask ask)
{
	switch (ask) {
	case TLS_ASK_REQUIRED:
		return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	case TLS_ASK_OPTIONAL:
		return SSL_VERIFY_PEER;
	case TLS_ASK_NONE:
		break;
	}
	return SSL_VERIFY_NONE;
}

static bool ask_clients(SSL_CTX *ctx, const struct tls_face *f)
{
	SSL_CTX_set_verify(ctx, verify_mode(f->ask), NULL);
	if (f->store == NULL)
		return true;
	SSL_CTX_set1_cert_store(ctx, f->store);
	SSL_CTX_set_client_CA_list(ctx, SSL_dup_CA_list(f->authorities));
	return SSL_CTX_get_client_CA_list(ctx) != NULL;
}

static bool fill(SSL_CTX *ctx, const struct tls_face *f, const struct face_choice *choice,
		 struct weir_error *error)
{
	const struct tls_rules rules = { .min = f->only_13 ? TLS1_3_VERSION : TLS1_2_VERSION,
					 .max = TLS1_3_VERSION, .ciphers = f->ciphers };

	if (!tls_context_rules(ctx, &rules, error))
		return false;
	for (uint32_t i = 0; i < choice->count; i++)
		if (!tls_pair_use(choice->pairs[i], ctx, error))
			return false;
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (f->no_tickets)
		(void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	if (SSL_CTX_set_num_tickets(ctx, f->no_tickets ? 0 : 1) != 1 ||
	    SSL_CTX_set_session_id_context(ctx, f->policy, sizeof(f->policy)) != 1 ||
	    !ask_clients(ctx, f))
		return fail_memory(error);
	return true;
}

SSL_CTX *face_context(const struct tls_face *f, const struct face_choice *choice, struct weir_error *error)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (fill(ctx, f, choice, error))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}
