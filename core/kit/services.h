/* services.h - services and names of the world that is not there. */
#ifndef CORE_KIT_SERVICES_H
#define CORE_KIT_SERVICES_H

#include <weir/fake.h>

struct arena;

/* False when there is none of that name. Told of no service at all, any name is fine. */
bool fake_service_known(struct weir_fake *f, struct weir_str name);
/* What it answers now; false: it was never told. Texts live in `arena`. */
bool fake_service_answers(struct weir_fake *f, struct weir_str name,
			  const struct weir_call_request *request, struct arena *arena,
			  struct weir_fake_answer *answer);
/* What DNS was told of it; NULL: nothing. `count` 0: no such records. */
struct fake_name {
	struct fake_name *next;
	struct weir_str name;
	int kind;
	struct weir_record *records;
	uint32_t count, ttl;
};
/* The entry of that kind; with another kind than asked when there is only that; NULL: NXDOMAIN. */
const struct fake_name *fake_name_find(const struct weir_fake *f, struct weir_str name, int kind);

#endif
