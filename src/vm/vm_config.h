/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/topology.h>

#include "vm/accel.h"
#include "vm/qemu.h"

struct initramfs;

/* One VM, as data. Everything is borrowed until vm_boot() returns. */
struct vm_config {
	struct ktstr_topology topology; /* resolved: no field is 0 */
	unsigned memory_mib;		/* 0: VM_MEMORY_DEFAULT_MIB; raised to what the CPUs need */
	const struct qemu *qemu;
	const struct accel *accel;
	const char
		*kernel; /* bzImage, or ELF with a PVH note, which boots 0.9 s faster under TCG */
	const struct initramfs *initramfs;
	const char *const *kernel_args; /* the user's, one parameter each */
	size_t kernel_args_count;
	bool verbose; /* kernel messages on the console from the first line on */
	bool tty;     /* a terminal port, for shells */
};

#define VM_MEMORY_DEFAULT_MIB 1024u
#define VM_MEMORY_MIN_MIB 256u
#define VM_MEMORY_PER_CPU_MIB 64u

/* What the guest gets: the largest of the three above that apply, divisible by the nodes. */
unsigned vm_memory_mib(const struct vm_config *config);
