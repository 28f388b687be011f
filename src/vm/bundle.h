/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/initramfs.h"
#include "vm/vm.h"

/*
 * The files that a test needs in its guest, held in memory: sent as often as there are VMs. What
 * the initramfs brings already is not: it stays where it is, or gets another name.
 */
struct bundle;

/* initramfs is borrowed as long as the bundle lives; NULL: the guest has nothing. */
int bundle_new(const struct initramfs *initramfs, struct bundle **ret_bundle,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;
void bundle_free(struct bundle *bundle); /* NULL-safe */

/* As guest_files_add_program() and guest_files_add(). */
int bundle_add_program(struct bundle *bundle, const char *host_path, const char *guest_path,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
int bundle_add_file(struct bundle *bundle, const char *host_path, const char *guest_path,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What there is to do: files that are sent or linked, and the bytes of those that are sent. */
size_t bundle_count(const struct bundle *bundle);
uint64_t bundle_bytes(const struct bundle *bundle);

/* Those of the guest when all is handed over, with size and hash of their contents. */
const struct guest_files *bundle_files(const struct bundle *bundle);

/* Both may be NULL. */
struct bundle_listener {
	/* Whatever the VM says meanwhile that is not about the bundle. */
	void (*event)(void *data, const struct vm_event *event);
	/* After each frame. */
	void (*progress)(void *data, uint64_t sent_bytes, uint64_t total_bytes);
	void *data;
};

/*
 * Send everything and wait until the agent has confirmed each file. -EREMOTEIO when it refuses
 * one, -EPIPE when the VM ends (the listener has seen all that came before), -ETIMEDOUT.
 */
int bundle_send(const struct bundle *bundle, struct vm *vm, uint64_t deadline_ns,
		const struct bundle_listener *listener, struct ktstr_error *error) KTSTR_MUST_CHECK;
