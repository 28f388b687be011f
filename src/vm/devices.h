/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/error.h>

/* What a guest has beside CPUs, memory and its channels to us. Zero: nothing. */
struct vm_devices {
	unsigned disk_mib; /* /dev/vda by virtio-blk: zeroes at first, and for this guest alone */
	bool network; /* a virtio-net NIC: what it sends comes back to it and goes nowhere else */
};

#define VM_DISK_MAX_MIB 65536u

/* -ERANGE with the limit in the text. */
int vm_devices_check(const struct vm_devices *devices, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * What is behind the devices on the host, for one QEMU to inherit. Neither has a name in the file
 * system: they are gone with the last process that holds them. Of the disk only what was written
 * takes memory.
 */
int vm_disk_open(unsigned mib, int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;
int vm_nic_open(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;
