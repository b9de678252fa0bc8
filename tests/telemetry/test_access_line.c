/* test_access_line.c - one exchange as one line of the access log. */
#include "tests/test.h"

#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/base/utf8.h"
#include "core/telemetry/access_line.h"
#include "tests/telemetry/example.h"

static char room[ACCESS_LINE];

static struct weir_str line_of(const struct record *r, enum access_format format)
{
	const struct access_rules rules = { .format = format };

	memset(room, '#', sizeof(room));
	return str_of(room, access_line(room, r, &rules));
}

static json_t *json_of(const struct record *r)
{
	struct weir_str line = line_of(r, ACCESS_JSON);
	struct weir_error error = { "" };
	json_t *got;

	assert_true(str_ends(line, STR("}\n")));
	assert_int_equal(str_find(line, '\n'), line.len - 1);
	got = json_read(line, ACCESS_LINE, &error);
	if (got == NULL)
		fail_msg("%s: %.*s", error.text, STR_ARG(line));
	return got;
}

static void a_retried_request_is_told_whole(void **state)
{
	struct record r;

	(void)state;
	example_record(&r);

	assert_str(line_of(&r, ACCESS_JSON),
		"{\"time\":\"2026-11-23T14:46:41.123Z\",\"listener\":\"edge\","
		"\"client\":\"203.0.113.7\",\"method\":\"GET\",\"host\":\"api.example.com\","
		"\"path\":\"/tariff/010121\",\"query\":\"lang=en\",\"protocol\":\"HTTP/1.1\","
		"\"status\":200,\"bytes_in\":0,\"bytes_out\":128,\"total\":0.013115,"
		"\"gateway\":0.000075,\"upstream\":0.011000,\"route\":\"tariff\","
		"\"service\":\"tariff-svc\",\"endpoint\":\"10.0.0.12:9000\",\"attempts\":["
		"{\"endpoint\":\"10.0.0.11:9000\",\"reason\":\"connect-refused\","
		"\"seconds\":0.000400},{\"endpoint\":\"10.0.0.12:9000\",\"status\":200,"
		"\"seconds\":0.010600,\"reused\":true}],"
		"\"request_id\":\"01JDD3V2N8Q9W6\","
		"\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
		"\"user_agent\":\"curl/7.88.1\"}\n");
}

static void as_text_it_begins_like_the_combined_format(void **state)
{
	struct record r;

	(void)state;
	example_record(&r);

	assert_str(line_of(&r, ACCESS_TEXT),
		"203.0.113.7 - - [2026-11-23T14:46:41.123Z] \"GET /tariff/010121?lang=en HTTP/1.1\""
		" 200 128 \"-\" \"curl/7.88.1\" reason=- listener=edge route=tariff"
		" service=tariff-svc endpoint=10.0.0.12:9000"
		" host=api.example.com in=0 total=0.013115 gateway=0.000075"
		" upstream=0.011000 attempts=10.0.0.11:9000/connect-refused/0.000400,"
		"10.0.0.12:9000/ok/0.010600 id=01JDD3V2N8Q9W6"
		" trace=4bf92f3577b34da6a3ce929d0e0e4736\n");
}

static void a_failure_names_its_reason_and_side(void **state)
{
	struct record r;
	json_t *got;

	(void)state;
	record_init(&r);
	r.wall = EXAMPLE_WALL;
	r.status = 404;
	r.why = REASON_NO_ROUTE;

	got = json_of(&r);
	assert_str(json_str(json_object_get(got, "reason")), "no-route");
	assert_str(json_str(json_object_get(got, "side")), "gateway");
	assert_null(json_object_get(got, "attempts"));
	assert_null(json_object_get(got, "upstream"));
	assert_null(json_object_get(got, "path"));
	json_decref(got);
}

static void credentials_do_not_come_into_it(void **state)
{
	struct record r;

	(void)state;
	example_record(&r);
	r.query = STR("lang=en&access_token=hush1");
	r.referer = STR("https://a.example/?code=hush2");
	record_add_extra(&r, STR("Authorization"), STR("Bearer hush3"));
	record_add_extra(&r, STR("cookie"), STR("session=hush4"));
	record_add_extra(&r, STR("tenant"), STR("acme"));

	for (int format = ACCESS_JSON; format <= ACCESS_TEXT; format++) {
		struct weir_str line = line_of(&r, (enum access_format)format);

		assert_int_equal(str_find_str(line, STR("hush")), line.len);
		assert_true(str_find_str(line, STR("lang=en&access_token=***")) < line.len);
		assert_true(str_find_str(line, STR("acme")) < line.len);
	}
}

static void the_query_may_be_left_out(void **state)
{
	const struct access_rules json = { ACCESS_JSON, .no_query = true };
	const struct access_rules text = { ACCESS_TEXT, .no_query = true };
	struct weir_str line;
	struct record r;

	(void)state;
	example_record(&r);
	line = str_of(room, access_line(room, &r, &json));
	assert_int_equal(str_find_str(line, STR("lang=en")), line.len);
	line = str_of(room, access_line(room, &r, &text));
	assert_int_equal(str_find_str(line, STR("lang=en")), line.len);
	assert_true(str_find_str(line, STR("GET /tariff/010121 HTTP")) < line.len);
}

static void a_stranger_cannot_forge_a_line(void **state)
{
	struct record r;
	json_t *got;

	(void)state;
	example_record(&r);
	r.user_agent = STR("x\",\"status\":200}\n{\"forged\":\"yes\x1b[31m");
	r.path = STR("/\xff\xfe\"\r\nreason=ok");
	r.request_id = STR("id with blank reason=none");
	record_add_extra(&r, STR("k"), STR("v\" x=\n"));

	got = json_of(&r);
	assert_null(json_object_get(got, "forged"));
	assert_str(json_str(json_object_get(got, "path")),
		   "/\xef\xbf\xbd\xef\xbf\xbd\"\r\nreason=ok");
	json_decref(got);

	assert_int_equal(str_find(line_of(&r, ACCESS_TEXT), '\n'),
			 line_of(&r, ACCESS_TEXT).len - 1);
	assert_int_equal(str_find(line_of(&r, ACCESS_TEXT), '\x1b'),
			 line_of(&r, ACCESS_TEXT).len);
	assert_true(str_find_str(line_of(&r, ACCESS_TEXT),
				 STR("id=\"id with blank reason=none\"")) < sizeof(room) - 100);
}

static void many_attempts_are_counted_where_not_shown(void **state)
{
	struct record r;
	json_t *got;

	(void)state;
	record_init(&r);
	for (int i = 0; i < 12; i++)
		record_add_attempt(&r, &(struct record_attempt){ .why = REASON_CONNECT_REFUSED });

	got = json_of(&r);
	assert_int_equal(json_array_size(json_object_get(got, "attempts")), RECORD_ATTEMPTS);
	assert_int_equal(json_integer_value(json_object_get(got, "attempts_made")), 12);
	json_decref(got);
}

/* Every field is as long and as nasty as can be. */
static void fill_badly(struct record *r, struct weir_str nasty)
{
	example_record(r);
	r->client = r->identity = r->method = r->host = r->path = r->query = r->protocol = nasty;
	r->user_agent = r->referer = r->request_id = r->trace_id = r->span_id = nasty;
	r->listener.name = r->route.name = r->service.name = nasty;
	for (int i = 0; i < RECORD_ATTEMPTS; i++)
		record_add_attempt(r, &(struct record_attempt){ .endpoint = nasty });
	for (int i = 0; i < RECORD_EXTRAS; i++)
		record_add_extra(r, str_of(&"0123456789abcdef"[i], 1), nasty);
}

static void the_longest_line_stays_within_its_room(void **state)
{
	static char text[20000];
	const char fills[] = { 'x', '\x01', '"', '\xff', ' ', '\0' };
	struct record r;
	json_t *got;

	(void)state;
	for (size_t i = 0; i < sizeof(fills); i++) {
		memset(text, fills[i], sizeof(text));
		fill_badly(&r, str_of(text, sizeof(text)));

		assert_true(line_of(&r, ACCESS_TEXT).len <= ACCESS_LINE);
		assert_true(str_ends(line_of(&r, ACCESS_TEXT), STR(" cut\n")));
		if (fills[i] == '\0')
			continue;	/* jansson reads none */
		got = json_of(&r);
		assert_true(json_is_true(json_object_get(got, "cut")));
		assert_int_equal(json_integer_value(json_object_get(got, "status")), 200);
		json_decref(got);
	}
}

static void any_bytes_give_a_valid_line(void **state)
{
	struct rng dice;
	char text[600];

	(void)state;
	rng_init_seed(&dice, 11);
	for (int i = 0; i < 300; i++) {
		struct record r;
		struct weir_str line;

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = (char)(1 + rng_below(&dice, 255));
		fill_badly(&r, str_of(text, rng_below(&dice, sizeof(text))));
		json_decref(json_of(&r));
		line = line_of(&r, ACCESS_TEXT);
		assert_true(utf8_valid(line));
		assert_int_equal(str_find(line, '\n'), line.len - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retried_request_is_told_whole),
		cmocka_unit_test(as_text_it_begins_like_the_combined_format),
		cmocka_unit_test(a_failure_names_its_reason_and_side),
		cmocka_unit_test(credentials_do_not_come_into_it),
		cmocka_unit_test(the_query_may_be_left_out),
		cmocka_unit_test(a_stranger_cannot_forge_a_line),
		cmocka_unit_test(many_attempts_are_counted_where_not_shown),
		cmocka_unit_test(the_longest_line_stays_within_its_room),
		cmocka_unit_test(any_bytes_give_a_valid_line),
	};

	return cmocka_run_group_tests_name("access_line", tests, NULL, NULL);
}
