/* account.h - whose memory it is: every block of a VM belongs to the script that asked for it. */
#ifndef CORE_SCRIPT_ACCOUNT_H
#define CORE_SCRIPT_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One script on one worker. Written by that worker alone; may be read on any thread. An account ends
 * when its script has gone and the last of its blocks was collected. */
struct account {
	_Atomic size_t used;
	size_t most;			/* SIZE_MAX: the VM's own */
	size_t pressure;		/* from here on garbage should be collected */
	char name[64];			/* of its script; empty: the VM's own */
	bool left;			/* the script has gone from this VM */
	_Atomic uint64_t calls, errors, kills, refused;	/* kills: time; refused: memory */
	_Atomic uint64_t ticks;		/* of CPU time, by the signal handler */
};

enum { ACCOUNTS_MOST = 4096 };		/* scripts of one VM, older versions included */

struct accounts {
	struct account *at[ACCOUNTS_MOST];	/* 0: the VM's own */
	uint32_t count;
	uint32_t current;		/* who pays now */
	void (*refused)(struct accounts *a);	/* the current one is over its limit */
	void (*retire)(const struct account *a);	/* its place is used again */
	void (*pressed)(struct accounts *a);	/* it has come over its `pressure` */
};

bool accounts_init(struct accounts *a);
void accounts_fini(struct accounts *a);		/* when all blocks have been freed */

/* Gives the number of a new account, or 0 when there is no room. */
uint32_t account_open(struct accounts *a, const char *name, size_t most);
/* Its script is not there any more. */
void account_leave(struct accounts *a, uint32_t number);

/* Everything that is garbage has been collected: when it should be so again. */
void account_collected(struct account *a);

/* A lua_Alloc; `ud` are the accounts. */
void *account_allocate(void *ud, void *block, size_t old, size_t size);

/* Also called by a signal handler. */
__attribute__((always_inline)) static inline void account_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline void account_count(_Atomic uint64_t *counter)
{
	account_add(counter, 1);
}

#endif
