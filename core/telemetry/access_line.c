/* access_line.c - one exchange as one line of the access log. */
#include "core/telemetry/access_line.h"

#include "core/base/clock.h"
#include "core/base/escape.h"
#include "core/base/json_write.h"
#include "core/telemetry/mask.h"

enum { URL_MOST = 4096, TEXT_MOST = 1024 };	/* bytes of one field, before escapes */
enum { KEPT_BACK = 32 };			/* bytes for "cut" and the newline */

/* Long ones are cut where a sequence ends or not: the escapes repair it. */
static struct weir_str shortened(struct weir_str s, size_t most)
{
	return s.len > most ? str_head(s, most) : s;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void put(struct json_write *w, struct weir_str key, struct weir_str value)
{
	if (value.data != NULL)
		json_write_str(w, key, shortened(value, TEXT_MOST));
}

static void put_time(struct json_write *w, uint64_t wall)
{
	char text[CLOCK_UTC_LEN + 2] = "\"";

	*clock_put_utc(text + 1, wall) = '"';
	json_write_raw(w, STR("time"), str_of(text, sizeof(text)));
}

static void put_query(struct json_write *w, struct weir_str query)
{
	char room[URL_MOST];

	if (query.data != NULL)
		json_write_str(w, STR("query"),
			       mask_query(shortened(query, URL_MOST), room, sizeof(room)));
}

static void put_referer(struct json_write *w, struct weir_str referer)
{
	char room[TEXT_MOST];

	if (referer.data != NULL)
		json_write_str(w, STR("referer"),
			       mask_url(shortened(referer, TEXT_MOST), room, sizeof(room)));
}

static void put_request(struct json_write *w, const struct record *r,
			const struct access_rules *rules)
{
	put(w, STR("listener"), r->listener.name);
	put(w, STR("client"), r->client);
	put(w, STR("identity"), r->identity);
	put(w, STR("method"), r->method);
	put(w, STR("host"), r->host);
	if (r->path.data != NULL)
		json_write_str(w, STR("path"), shortened(r->path, URL_MOST));
	if (!rules->no_query)
		put_query(w, r->query);
	put(w, STR("protocol"), r->protocol);
}

static void put_result(struct json_write *w, const struct record *r)
{
	json_write_u64(w, STR("status"), r->status);
	if (r->why != REASON_NONE) {
		json_write_str(w, STR("reason"), reason_row(r->why)->word);
		json_write_str(w, STR("side"), reason_side_word(reason_row(r->why)->side));
	}
	json_write_u64(w, STR("bytes_in"), r->bytes_in);
	json_write_u64(w, STR("bytes_out"), r->bytes_out);
	json_write_seconds(w, STR("total"), record_total_ns(r));
	json_write_seconds(w, STR("gateway"), record_gateway_ns(r));
	if (r->attempts > 0)
		json_write_seconds(w, STR("upstream"), record_upstream_ns(r));
}

static void put_attempts(struct json_write *w, const struct record *r)
{
	if (r->attempts == 0)
		return;
	json_write_open(w, STR("attempts"), '[');
	for (uint32_t i = 0; i < record_attempts_kept(r); i++) {
		const struct record_attempt *a = &r->attempt[i];

		json_write_open(w, STR_ABSENT, '{');
		put(w, STR("endpoint"), a->endpoint);
		if (a->why != REASON_NONE)
			json_write_str(w, STR("reason"), reason_row(a->why)->word);
		if (a->status != 0)
			json_write_u64(w, STR("status"), a->status);
		json_write_seconds(w, STR("seconds"), a->ns);
		if (a->reused)
			json_write_bool(w, STR("reused"), true);
		json_write_close(w);
	}
	json_write_close(w);
	if (r->attempts > RECORD_ATTEMPTS)
		json_write_u64(w, STR("attempts_made"), r->attempts);
}

static void put_extras(struct json_write *w, const struct record *r)
{
	if (r->extras == 0)
		return;
	json_write_open(w, STR("extra"), '{');
	for (uint32_t i = 0; i < r->extras; i++) {
		const struct record_extra *x = &r->extra[i];

		json_write_str(w, x->key, mask_is_secret_header(x->key) ? STR("***") :
			       shortened(x->value, TEXT_MOST));
	}
	json_write_close(w);
}

static size_t json_line(char *at, const struct record *r, const struct access_rules *rules)
{
	struct json_write w;

	json_write_init(&w, at, ACCESS_LINE - KEPT_BACK);
	json_write_open(&w, STR_ABSENT, '{');
	put_time(&w, r->wall);
	put_request(&w, r, rules);
	put_result(&w, r);
	put(&w, STR("route"), r->route.name);
	put(&w, STR("service"), r->service.name);
	put(&w, STR("endpoint"), r->endpoint);
	put_attempts(&w, r);
	put(&w, STR("request_id"), r->request_id);
	put(&w, STR("trace_id"), r->trace_id);
	put(&w, STR("span_id"), r->span_id);
	put(&w, STR("user_agent"), r->user_agent);
	put_referer(&w, r->referer);
	put_extras(&w, r);
	if (w.cut) {
		w.end += KEPT_BACK - 1;
		json_write_bool(&w, STR("cut"), true);
	}
	json_write_close(&w);
	*w.at++ = '\n';
	return (size_t)(w.at - w.start);
}

/* --- text ------------------------------------------------------------------------------------ */

/* What does not fit is left out, and nothing after it is written: `end` is then where it stood. */
struct text {
	char *at, *end;
	bool cut;
};

static void text_put(struct text *t, struct weir_str s)
{
	if ((size_t)(t->end - t->at) < s.len) {
		t->cut = true;
		return;
	}
	memcpy(t->at, s.data, s.len);
	t->at += s.len;
}

static void text_escaped(struct text *t, struct weir_str s)
{
	char *stop = escape_put(t->at, t->end, s.len > 0 ? s : STR("-"), ESCAPE_QUOTED);

	if (stop == NULL)
		t->cut = true;
	else
		t->at = stop;
}

static void text_quoted(struct text *t, const char *before, struct weir_str s)
{
	text_put(t, str_from(before));
	text_put(t, STR("\""));
	text_escaped(t, s);
	text_put(t, STR("\""));
}

static void text_number(struct text *t, const char *before, uint64_t n)
{
	char room[20];

	text_put(t, str_from(before));
	text_put(t, str_between(room, str_put_u64(room, n)));
}

static void text_seconds(struct text *t, const char *before, uint64_t ns)
{
	char room[28];

	text_put(t, str_from(before));
	text_put(t, str_between(room, str_put_seconds(room, ns)));
}

/* A word that stands without quotes: names of the configuration, which have no blanks as a rule. */
static void text_word(struct text *t, const char *before, struct weir_str s)
{
	text_put(t, str_from(before));
	if (str_find(s, ' ') < s.len || str_find(s, '"') < s.len)
		text_quoted(t, "", shortened(s, TEXT_MOST));
	else
		text_escaped(t, shortened(s, TEXT_MOST));
}

/* The beginning is what is called the combined format, so that what reads that reads this. */
static void text_combined(struct text *t, const struct record *r, const struct access_rules *rules)
{
	char time[CLOCK_UTC_LEN], room[URL_MOST];

	(void)clock_put_utc(time, r->wall);
	text_word(t, "", r->client);
	text_word(t, " - ", r->identity);
	text_put(t, STR(" ["));
	text_put(t, str_of(time, sizeof(time)));
	text_put(t, STR("] \""));
	text_escaped(t, shortened(r->method, TEXT_MOST));
	text_put(t, STR(" "));
	text_escaped(t, shortened(r->path, URL_MOST));
	if (r->query.data != NULL && !rules->no_query) {
		text_put(t, STR("?"));
		text_escaped(t, mask_query(shortened(r->query, URL_MOST), room, sizeof(room)));
	}
	text_put(t, STR(" "));
	text_escaped(t, r->protocol);
	text_number(t, "\" ", r->status);
	text_number(t, " ", r->bytes_out);
	text_quoted(t, " ", mask_url(shortened(r->referer, TEXT_MOST), room, sizeof(room)));
	text_quoted(t, " ", shortened(r->user_agent, TEXT_MOST));
}

static void text_attempts(struct text *t, const struct record *r)
{
	text_put(t, STR(" attempts="));
	if (r->attempts == 0)
		text_put(t, STR("-"));
	for (uint32_t i = 0; i < record_attempts_kept(r); i++) {
		const struct record_attempt *a = &r->attempt[i];

		text_word(t, i > 0 ? "," : "", a->endpoint);
		text_word(t, "/", a->why != REASON_NONE ? reason_row(a->why)->word : STR("ok"));
		text_seconds(t, "/", a->ns);
	}
}

static size_t text_line(char *at, const struct record *r, const struct access_rules *rules)
{
	struct text t = { at, at + ACCESS_LINE - sizeof(" cut\n"), false };

	text_combined(&t, r, rules);
	text_word(&t, " reason=", reason_row(r->why)->word);
	text_word(&t, " listener=", r->listener.name);
	text_word(&t, " route=", r->route.name);
	text_word(&t, " service=", r->service.name);
	text_word(&t, " endpoint=", r->endpoint);
	text_word(&t, " host=", r->host);
	text_number(&t, " in=", r->bytes_in);
	text_seconds(&t, " total=", record_total_ns(r));
	text_seconds(&t, " gateway=", record_gateway_ns(r));
	text_seconds(&t, " upstream=", record_upstream_ns(r));
	text_attempts(&t, r);
	text_word(&t, " id=", r->request_id);
	text_word(&t, " trace=", r->trace_id);
	for (uint32_t i = 0; i < r->extras; i++) {
		text_word(&t, " ", r->extra[i].key);
		text_quoted(&t, "=", mask_is_secret_header(r->extra[i].key) ? STR("***") :
			    shortened(r->extra[i].value, TEXT_MOST));
	}
	if (t.cut) {
		memcpy(t.at, " cut", 4);
		t.at += 4;
	}
	*t.at++ = '\n';
	return (size_t)(t.at - at);
}

size_t access_line(char *at, const struct record *r, const struct access_rules *rules)
{
	return rules->format == ACCESS_JSON ? json_line(at, r, rules) : text_line(at, r, rules);
}
