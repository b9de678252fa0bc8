/* test_resolve.c - names to addresses for plugins, with a DNS that answers as it is told. */
#include <arpa/nameser.h>

#include "core/base/clock.h"
#include "core/net/dns.h"
#include "core/proxy/resolve.h"
#include "tests/plugin/crewed.h"

static struct crewed crewed;

/* What the DNS says: a packet, or an error. */
static unsigned char packet[1024];
static int packet_len;
static enum dns_result dns_error;
static bool slow;

enum dns_result __wrap_dns_query(struct worker *w, const char *name, int type, struct buffer *out);

enum dns_result __wrap_dns_query(struct worker *w, const char *name, int type, struct buffer *out)
{
	(void)w, (void)name, (void)type;
	while (slow)
		if (wait_sleep(NS_PER_MS) == WAKE_CANCEL)
			return DNS_CANCELLED;
	if (dns_error == DNS_FOUND)
		assert_true(buffer_add(out, str_of((const char *)packet, (size_t)packet_len)));
	return dns_error;
}

static void put(const void *bytes, size_t len)
{
	memcpy(packet + packet_len, bytes, len);
	packet_len += (int)len;
}

static void put_u16(unsigned n)
{
	const unsigned char bytes[] = { (unsigned char)(n >> 8), (unsigned char)n };

	put(bytes, 2);
}

/* "\1a\4test": with the root behind it. */
#define NAME "\1a\4test"

static void begin_answer(unsigned records)
{
	packet_len = 0;
	dns_error = DNS_FOUND;
	put_u16(1);
	put_u16(0x8180);
	put_u16(0);
	put_u16(records);
	put_u16(0);
	put_u16(0);
}

static void put_record(unsigned type, unsigned ttl, const void *data, unsigned len)
{
	put(NAME, sizeof(NAME));
	put_u16(type);
	put_u16(ns_c_in);
	put_u16(0);
	put_u16(ttl);
	put_u16(len);
	put(data, len);
}

struct asking {
	struct weir_str name;
	int kind;
	enum weir_wait how;
	struct weir_resolved out;
};

static void ask(void *arg)
{
	struct asking *a = arg;

	a->out = (struct weir_resolved){ .size = sizeof(a->out) };
	a->how = resolve_from_window(NULL, a->name, a->kind, &a->out);
}

static struct asking asks(int kind)
{
	struct asking a = { .name = STR("a.test"), .kind = kind };

	crewed_do(&crewed.workers[0], ask, &a);
	return a;
}

static void addresses_come_with_the_smallest_time_to_live(void **state)
{
	struct asking a;

	(void)state;
	begin_answer(2);
	put_record(ns_t_a, 300, "\12\0\0\1", 4);
	put_record(ns_t_a, 60, "\12\0\0\2", 4);
	a = asks(WEIR_RECORD_A);

	assert_int_equal(a.how, WEIR_OK);
	assert_int_equal(a.out.count, 2);
	assert_int_equal(a.out.ttl, 60);
	assert_str(a.out.records[0].target, "10.0.0.1");
	assert_str(a.out.records[1].target, "10.0.0.2");
	resolve_done(&a.out);
}

static void services_come_with_port_priority_and_weight(void **state)
{
	struct asking a;

	(void)state;
	begin_answer(1);
	put_record(ns_t_srv, 5, "\0\1\0\2\37\220" NAME, 6 + sizeof(NAME));
	a = asks(WEIR_RECORD_SRV);

	assert_int_equal(a.how, WEIR_OK);
	assert_str(a.out.records[0].target, "a.test");
	assert_int_equal(a.out.records[0].priority, 1);
	assert_int_equal(a.out.records[0].weight, 2);
	assert_int_equal(a.out.records[0].port, 8080);
	resolve_done(&a.out);
}

static void no_name_no_data_and_no_answer_are_told_apart(void **state)
{
	(void)state;
	dns_error = DNS_UNKNOWN;
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_UNKNOWN);
	dns_error = DNS_NO_DATA;
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_NO_DATA);
	dns_error = DNS_FAILED;
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_NO_ANSWER);
	dns_error = DNS_NO_MEMORY;
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_NO_MEMORY);
}

static void records_of_another_kind_are_no_data(void **state)
{
	struct asking a;

	(void)state;
	begin_answer(1);
	put_record(ns_t_aaaa, 5, "0123456789abcdef", 16);
	a = asks(WEIR_RECORD_A);

	assert_int_equal(a.how, WEIR_NO_DATA);
	assert_null(a.out.hold);
}

static void nonsense_is_no_answer(void **state)
{
	(void)state;
	begin_answer(1);
	packet_len = 7;
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_NO_ANSWER);
	begin_answer(3);	/* more than there are */
	put_record(ns_t_a, 300, "\12\0\0", 3);
	assert_int_equal(asks(WEIR_RECORD_A).how, WEIR_NO_ANSWER);
}

/* The fiber that asks is cancelled while it waits for the DNS. */
struct leaver {
	struct asking asking;
	struct fiber *fiber;
};

static void ask_along(void *arg)
{
	struct leaver *l = arg;

	ask(&l->asking);
	l->fiber = NULL;
}

static void ask_and_leave(void *arg)
{
	struct leaver *l = arg;

	l->fiber = fiber_start(loop_self(), ask_along, l);
	(void)wait_sleep(5 * NS_PER_MS);
	fiber_cancel(l->fiber);
	while (l->fiber != NULL)
		(void)wait_sleep(NS_PER_MS);
}

static void one_who_leaves_gets_nothing_to_clean_up(void **state)
{
	struct leaver l = { .asking = { .name = STR("a.test"), .kind = WEIR_RECORD_A } };

	(void)state;
	begin_answer(1);
	put_record(ns_t_a, 300, "\12\0\0\1", 4);
	slow = true;
	crewed_do(&crewed.workers[0], ask_and_leave, &l);
	slow = false;

	assert_int_equal(l.asking.how, WEIR_CANCELLED);
	assert_null(l.asking.out.hold);
}

static int begin(void **state)
{
	(void)state;
	crewed_begin(&crewed);
	return 0;
}

static int end(void **state)
{
	(void)state;
	crewed_end(&crewed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_with_the_smallest_time_to_live),
		cmocka_unit_test(services_come_with_port_priority_and_weight),
		cmocka_unit_test(no_name_no_data_and_no_answer_are_told_apart),
		cmocka_unit_test(records_of_another_kind_are_no_data),
		cmocka_unit_test(nonsense_is_no_answer),
		cmocka_unit_test(one_who_leaves_gets_nothing_to_clean_up),
	};

	return cmocka_run_group_tests_name("resolve", tests, begin, end);
}
