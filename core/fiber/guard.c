/* guard.c - a fiber that ran off its stack is named before the program ends. */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fiber/inside.h"

/* The handler needs a stack of its own: the fiber's is used up. */
enum { ALTERNATE = 65536 };

static __thread void *alternate;
static atomic_flag installed = ATOMIC_FLAG_INIT;
static struct sigaction former;	/* of SIGSEGV; set once, before ours can run */

/* A line put together without stdio, which may not be called in a handler. */
struct line {
	char text[256];
	size_t len;
};

static void add(struct line *l, const char *s)
{
	while (*s != '\0' && l->len < sizeof(l->text))
		l->text[l->len++] = *s++;
}

static void add_number(struct line *l, uintptr_t n, unsigned base)
{
	char digits[2 + 2 * sizeof(n) + 8], *at = digits + sizeof(digits);

	*--at = '\0';
	do {
		*--at = "0123456789abcdef"[n % base];
		n /= base;
	} while (n > 0);
	if (base == 16)
		add(l, "0x");
	add(l, at);
}

static void say_overflow(const struct fiber *f)
{
	struct line l = { .len = 0 };

	add(&l, "fiber stack overflow: fiber at ");
	add_number(&l, (uintptr_t)f, 16);
	add(&l, ", stack ");
	add_number(&l, (uintptr_t)f->stack.base, 16);
	add(&l, "..");
	add_number(&l, (uintptr_t)f->stack.top, 16);
	add(&l, " (");
	add_number(&l, (uintptr_t)(f->stack.top - f->stack.base) / 1024, 10);
	add(&l, " KiB); raise `fiber_stack`\n");
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		return;		/* nobody to tell */
}

/* Other faults are for whoever handled them before: on return the instruction faults again. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct fiber *f = loop_here != NULL ? loop_here->running : NULL;

	(void)number, (void)context;
	if (f != NULL && stack_guards(&f->stack, info->si_addr)) {
		say_overflow(f);
		abort();
	}
	(void)sigaction(SIGSEGV, &former, NULL);
}

static bool install_handler(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (atomic_flag_test_and_set(&installed))
		return true;
	sigemptyset(&action.sa_mask);
	return sigaction(SIGSEGV, NULL, &former) == 0 && sigaction(SIGSEGV, &action, NULL) == 0;
}

bool fiber_guard_install(void)
{
	stack_t ours = { .ss_size = ALTERNATE };

	if (alternate != NULL)
		return true;
	ours.ss_sp = mmap(NULL, ALTERNATE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ours.ss_sp == MAP_FAILED)
		return false;
	if (sigaltstack(&ours, NULL) != 0 || !install_handler()) {
		(void)munmap(ours.ss_sp, ALTERNATE);
		return false;
	}
	alternate = ours.ss_sp;
	return true;
}

void fiber_guard_remove(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	if (alternate == NULL)
		return;
	(void)sigaltstack(&none, NULL);
	(void)munmap(alternate, ALTERNATE);
	alternate = NULL;
}
