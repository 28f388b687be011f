/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "runner/session.h"
#include "vm/kernel/entry.h"

/* What it takes to boot a VM on this machine: QEMU, an accelerator, a kernel, the guest's init. */
struct vm_env {
	struct qemu qemu;
	struct accel accel;
	struct kernel_entry *kernel;
	struct initramfs *initramfs;
	struct template_store *templates; /* NULL: every guest is booted */
};

/* Zero means default. */
struct vm_env_config {
	const char *kernel; /* a reference as for kernel_store_find(); NULL: its default */
	enum accel_kind accel;
	bool busybox; /* a shell is wanted in the guest */
	bool templates;
};

/* Everything or nothing; the text names what is missing and what to do. */
int vm_env_open(const struct vm_env_config *config, struct vm_env *ret_env,
		struct ktstr_error *error) KTSTR_MUST_CHECK;
void vm_env_close(struct vm_env *env); /* safe on a zeroed one */

/*
 * Refuse devices that the kernel cannot drive: -ENODEV, with what to do. Where a kernel does not
 * tell what is built into it, the guest will, when it boots.
 */
int vm_env_check_devices(const struct vm_env *env, const struct vm_devices *devices,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Path of ktstr-guest: $KTSTR_GUEST (which then has to be it), beside the tool, the build tree's
 * place for it, the folder it was installed to. The caller frees.
 */
int guest_agent_find(char **ret_path, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* A busybox that runs without libraries; the caller frees. -ENOENT says what to install. */
int busybox_find(char **ret_path, struct ktstr_error *error) KTSTR_MUST_CHECK;
