/* fault.h - misbehaviour that the fake host can name: one table. */
#ifndef CORE_KIT_FAULT_H
#define CORE_KIT_FAULT_H

#define FAULTS(X)	/* name, word, what is wrong and what to do */ \
	X(ANSWERED_TWICE, "answered-twice", "called weir_reply() twice; the first answer is lost") \
	X(NO_REPLY, "answered-without-reply", \
	  "gave WEIR_ANSWERED, but never called weir_reply(): the client gets 500 policy-error") \
	X(NO_REFUSAL, "refused-without-refuse", \
	  "gave WEIR_REFUSED, but never called weir_refuse(): nobody learns why") \
	X(REPLY_DROPPED, "reply-dropped", \
	  "called weir_reply() and gave another verdict than WEIR_ANSWERED") \
	X(REFUSAL_DROPPED, "refusal-dropped", \
	  "called weir_refuse() and gave another verdict than WEIR_REFUSED") \
	X(BAD_VERDICT, "bad-verdict", "gave a verdict that is none") \
	X(BAD_STATUS, "bad-status", "answered with a status outside 200 .. 599") \
	X(BAD_REFUSAL, "bad-refusal", "refused with a status outside 400 .. 599") \
	X(AFTER_DONE, "after-done", "used an exchange that is over; take a ticket instead") \
	X(NO_EXCHANGE, "no-exchange", "passed NULL for the exchange where there must be one") \
	X(WRONG_THREAD, "wrong-thread", "touched an exchange from a thread that is not its worker's") \
	X(MAY_NOT_WAIT, "may-not-wait", "waits in a hook that must not wait") \
	X(WENT_ON, "went-on-after-cancel", \
	  "was told WEIR_CANCELLED and went on; clean up and return") \
	X(NO_END, "waits-without-end", "waited 10,000 times in one hook") \
	X(MUTEX_HELD, "mutex-held", "waits with a mutex held: the next one who wants it blocks the worker") \
	X(BUSY_STEP, "busy-step", \
	  "called Weir within a step of weir_store_update(), which holds a lock; only compute there") \
	X(LEAKED_CALL, "leaked-call", "made a call without an exchange and never weir_call_done()") \
	X(LEAKED_NAMES, "leaked-names", "resolved a name and never called weir_resolve_done()") \
	X(BAD_HEADER, "bad-header", "wrote a header whose name or value is not valid; it was not kept") \
	X(FRAMING_HEADER, "framing-header", \
	  "wrote a header that frames the message, which is Weir's; it was not kept") \
	X(EARLY_HEADER, "early-header", \
	  "wrote a header of the response before there is one; wait for on_response") \
	X(LATE_EDIT, "late-edit", "edited what is over: on_done is for accounts") \
	X(LATE_ROUTE, "late-route", "wanted another service after the request was sent") \
	X(LATE_REWRITE, "late-rewrite", "rewrote the request after it was sent") \
	X(SCRATCH_OVERRUN, "scratch-overrun", \
	  "wrote beyond the bytes it has in each exchange; declare a larger exchange_size") \
	X(BAD_OPTION, "bad-option", "asked for an option that its table does not have so") \
	X(CELL_PLACE, "cell-out-of-place", \
	  "published a cell in a hook of a worker; that is for open, watch and background") \
	X(BAD_PICK, "bad-pick", "picked an endpoint that is not there or not usable") \
	X(BAD_SET, "bad-set", "published a set that is not valid") \
	X(UNSAFE_AGAIN, "unsafe-again", "wants to repeat what may not be repeated")

enum fault {
#define X(name, word, sentence) FAULT_##name,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

struct weir_fake;

const char *fault_word(enum fault fault);
/* Notes the fault against the hook that runs; `what` says the details, or is NULL. [any thread] */
void fault_note(struct weir_fake *f, enum fault fault, const char *what);

#endif
