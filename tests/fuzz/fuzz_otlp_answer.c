/* fuzz_otlp_answer.c - what a collector answers, in protobuf and JSON, is read without harm: what is
 * given lies in the answer. */
#include <weir/str.h>

#include "plugins/otlp/encode.h"
#include "tests/fuzz/fuzz.h"

const struct weir_host *weir_host_slot;		/* nobody calls it here */

static void check(struct weir_str body, bool ok, uint32_t rejected, struct weir_str why)
{
	must(ok || rejected == 0);
	must(why.data == NULL ||
	     (why.data >= body.data && why.data + why.len <= body.data + body.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str body = { (const char *)data, size }, why;
	uint32_t rejected;
	bool ok;

	ok = otlp_answer_protobuf(body, &rejected, &why);
	check(body, ok, rejected, why);
	ok = otlp_answer_json(body, &rejected, &why);
	check(body, ok, rejected, why);
	return 0;
}
