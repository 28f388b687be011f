/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/topology.h>

#include "vm/accel.h"
#include "vm/devices.h"
#include "vm/qemu.h"

struct initramfs;

/* How a guest comes to life. */
enum vm_start {
	VM_START_BOOT,	  /* its kernel boots, its memory is its own */
	VM_START_DRAFT,	  /* its kernel boots, its memory is ram_fd, which vm_save() needs */
	VM_START_RESTORE, /* as it was saved: devices from state_fd, memory a private ram_fd */
	VM_START_DERIVE,  /* as it was saved, its memory ram_fd itself: vm_save() saves it anew */
};

/* One VM, as data. Everything is borrowed until vm_boot() returns. */
struct vm_config {
	struct ktstr_topology topology; /* resolved: no field is 0 */
	unsigned memory_mib;		/* 0: VM_MEMORY_DEFAULT_MIB; raised to what the CPUs need */
	struct vm_devices devices;
	const struct qemu *qemu;
	const struct accel *accel;
	const char
		*kernel; /* bzImage, or ELF with a PVH note, which boots 0.9 s faster under TCG */
	const struct initramfs *initramfs;
	const char *const *kernel_args; /* the user's, one parameter each */
	size_t kernel_args_count;
	bool verbose; /* kernel messages on the console from the first line on */
	bool tty;     /* a terminal port, for shells */

	enum vm_start start;
	int ram_fd, state_fd; /* files, for all but VM_START_BOOT; QEMU opens them anew */
};

/* Whether the guest's kernel boots, or goes on from where it was saved. */
static inline bool vm_start_boots(enum vm_start start)
{
	return start == VM_START_BOOT || start == VM_START_DRAFT;
}

/* The oldest QEMU that can do more than boot: it knows file: and memory files opened read-only. */
#define VM_START_QEMU_MAJOR 8
#define VM_START_QEMU_MINOR 2

/* With "ctl", "log" or "tty" behind it the id of a port in QEMU's events. */
#define VM_PORT_PREFIX "port-"

#define VM_MEMORY_DEFAULT_MIB 1024u
#define VM_MEMORY_MIN_MIB 256u
#define VM_MEMORY_PER_CPU_MIB 64u

/* What the guest gets: the largest of the three above that apply, divisible by the nodes. */
unsigned vm_memory_mib(const struct vm_config *config);
