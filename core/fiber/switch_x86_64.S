/* switch_x86_64.S - the switch for x86-64, System V: six registers and the stack pointer. */
#include "config.h"

#include "core/fiber/switch.h"

#ifdef SWITCH_X86_64
	.text
	.p2align 4
	.globl	switch_stacks
	.hidden	switch_stacks
	.type	switch_stacks, @function
switch_stacks:				/* rdi: where to keep our pointer, rsi: theirs */
	.cfi_startproc
	endbr64
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp		/* the other stack has the same shape */
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	/* A return would go where the processor's own stack of returns does not expect it;
	 * a jump is predicted by its history. It lands behind a call, hence no endbr64 there. */
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	notrack jmp *%rcx
	.cfi_endproc
	.size	switch_stacks, . - switch_stacks

	.p2align 4
	.globl	switch_entry
	.hidden	switch_entry
	.type	switch_entry, @function
switch_entry:				/* r12: the argument, r13: what to call */
	.cfi_startproc
	.cfi_undefined %rip		/* nobody called us: a backtrace ends here */
	endbr64
	movq	%r12, %rdi
	callq	*%r13
	ud2
	.cfi_endproc
	.size	switch_entry, . - switch_entry

/* Indirect branches are tracked; a shadow stack is not switched, so it must stay off. */
#if defined(__CET__) && (__CET__ & 1)
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0
#endif
#endif
	.section .note.GNU-stack, "", @progbits
