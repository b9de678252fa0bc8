/* ejection.h - the moves of passive ejection; each counted against `at_most`, and logged. For this floor. */
#ifndef CORE_UPSTREAM_EJECTION_H
#define CORE_UPSTREAM_EJECTION_H

#include "core/upstream/service.h"

/* How a try to eject went. */
enum ejected {
	EJECTED_NOW,
	EJECTED_ALREADY,	/* it is out, or another worker was faster */
	EJECTED_NOT,		/* `at_most` are out */
};

/* Any worker. None of them waits. `now` is monotonic ns. */
enum ejected ejection_out(struct service *svc, struct endpoint *ep, enum reason why, unsigned status,
			  uint32_t failures, uint64_t now);
/* Its time is over, and this request is its trial; false: not so, or another one is. */
bool ejection_try(struct endpoint *ep, uint64_t now);
/* The trial went well / badly / said nothing. */
void ejection_passed(struct service *svc, struct endpoint *ep, uint64_t now);
void ejection_failed(struct service *svc, struct endpoint *ep, enum reason why, unsigned status,
		     uint64_t now);
void ejection_unproven(struct endpoint *ep, uint64_t now);

/* [control] It joins or leaves the endpoints of which `at_most` is a share. */
void ejection_set_member(struct endpoint *ep, bool member);
/* [control] Its checks found it well again after they had found it ill: it is put back. */
void ejection_recovered(struct endpoint *ep);
/* [control] Fewer may be out than are: it is put back. */
void ejection_pardon(struct endpoint *ep);

#endif
