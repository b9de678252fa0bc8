/* switch_aarch64.S - the switch for 64-bit ARM, AAPCS64: x19 to x30, d8 to d15, sp. */
#include "config.h"

#include "core/fiber/switch.h"

#ifdef SWITCH_AARCH64
	.text
	.p2align 4
	.globl	switch_stacks
	.hidden	switch_stacks
	.type	switch_stacks, %function
switch_stacks:				/* x0: where to keep our pointer, x1: theirs */
	.cfi_startproc
	hint	#34			/* bti c */
	sub	sp, sp, #160
	.cfi_def_cfa_offset 160
	stp	x19, x20, [sp, #0]
	.cfi_rel_offset x19, 0
	.cfi_rel_offset x20, 8
	stp	x21, x22, [sp, #16]
	.cfi_rel_offset x21, 16
	.cfi_rel_offset x22, 24
	stp	x23, x24, [sp, #32]
	.cfi_rel_offset x23, 32
	.cfi_rel_offset x24, 40
	stp	x25, x26, [sp, #48]
	.cfi_rel_offset x25, 48
	.cfi_rel_offset x26, 56
	stp	x27, x28, [sp, #64]
	.cfi_rel_offset x27, 64
	.cfi_rel_offset x28, 72
	stp	x29, x30, [sp, #80]
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1			/* the other stack has the same shape */
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	switch_stacks, . - switch_stacks

	.p2align 4
	.globl	switch_entry
	.hidden	switch_entry
	.type	switch_entry, %function
switch_entry:				/* x19: the argument, x20: what to call */
	.cfi_startproc
	.cfi_undefined x30		/* nobody called us: a backtrace ends here */
	hint	#36			/* bti j */
	mov	x0, x19
	mov	x30, xzr
	blr	x20
	brk	#1
	.cfi_endproc
	.size	switch_entry, . - switch_entry

/* Ready for branch target identification; return addresses are not signed here. */
	.section .note.gnu.property, "a"
	.p2align 3
	.word	4, 16, 5
	.asciz	"GNU"
	.word	0xc0000000, 4, 1, 0
#endif
	.section .note.GNU-stack, "", %progbits
