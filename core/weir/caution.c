/* caution.c - what a configuration may say and yet will not mean: all that is looked for. */
#include "core/weir/caution.h"

#include "core/weir/assemble_tls.h"

static bool caution_tls(const struct world *w, struct diagnostics *d)
{
	assemble_tls_advise(w, d);
	return true;
}

bool caution_look(const struct world *w, struct diagnostics *d)
{
	static bool (*const all[])(const struct world *w, struct diagnostics *d) = {
		caution_routes,
		caution_policies,
		caution_tls,
	};
	bool fine = true;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		fine = all[i](w, d) && fine;
	return fine;
}
