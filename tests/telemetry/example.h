/* example.h - an exchange as finish could have recorded it: a POST whose first attempt was
 * refused. */
#ifndef TESTS_TELEMETRY_EXAMPLE_H
#define TESTS_TELEMETRY_EXAMPLE_H

#include "core/base/clock.h"
#include "core/telemetry/record.h"

#define EXAMPLE_WALL (1795445201123ull * NS_PER_MS)	/* 2026-11-23T14:46:41.123Z */

static inline void example_record(struct record *r)
{
	record_init(r);
	r->start = 1000 * NS_PER_MS;
	r->head_read = r->start + 40 * NS_PER_US;
	r->policies_done = r->head_read + 30 * NS_PER_US;
	r->first_attempt = r->head_read + 50 * NS_PER_US;
	r->upstream_head = r->first_attempt + 11 * NS_PER_MS;
	r->answered = r->upstream_head + 25 * NS_PER_US;
	r->end = r->answered + 2 * NS_PER_MS;
	r->wall = EXAMPLE_WALL;
	r->client = STR("203.0.113.7");
	r->method = STR("GET");
	r->host = STR("api.example.com");
	r->path = STR("/tariff/010121");
	r->query = STR("lang=en");
	r->protocol = STR("HTTP/1.1");
	r->user_agent = STR("curl/7.88.1");
	r->request_id = STR("01JDD3V2N8Q9W6");
	r->trace_id = STR("4bf92f3577b34da6a3ce929d0e0e4736");
	r->listener = (struct record_part){ STR("edge"), 0 };
	r->route = (struct record_part){ STR("tariff"), 0 };
	r->service = (struct record_part){ STR("tariff-svc"), 0 };
	r->endpoint = STR("10.0.0.12:9000");
	r->status = 200;
	r->bytes_out = 128;
	record_add_attempt(r, &(struct record_attempt){
		.endpoint = STR("10.0.0.11:9000"),
		.why = REASON_CONNECT_REFUSED,
		.ns = 400 * NS_PER_US,
	});
	record_add_attempt(r, &(struct record_attempt){
		.endpoint = STR("10.0.0.12:9000"),
		.status = 200,
		.reused = true,
		.ns = 10600 * NS_PER_US,
	});
}

#endif
