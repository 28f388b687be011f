/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/snapshot.h"
#include "vm/template_store.h"

/*
 * A template in the making. Whoever gets a draft starts a VM with the two files, VM_START_DRAFT or,
 * with a base, VM_START_DERIVE, waits until it is as it is to be saved, and hands it to
 * template_draft_finish(); nobody else makes the same one meanwhile. A draft whose process dies is
 * swept away by the next.
 */
struct template_draft;

struct template_request {
	const struct template_store *store;
	const struct template_key *key;
	const struct template *base; /* the files begin as its copies; NULL: empty */
	unsigned memory_mib;
	uint64_t wait_ms; /* for another process that makes the same template */
	int stop_fd;	  /* readable: stop waiting; -1: none */
	/* One line for the user about what is unusual; may be NULL. */
	void (*notice)(void *data, const char *text);
	void *notice_data;
};

/*
 * The template to restore, or, when there is none that fits, the right to make it: 0 sets one of
 * the two. A damaged one is noticed and made anew. -ENOSPC: no room for the memory; -EBUSY: the
 * other process takes too long; -EINTR.
 */
int template_obtain(const struct template_request *request, struct template **ret_template,
		    struct template_draft **ret_draft, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What the VM needs. Borrowed. */
int template_draft_ram_fd(const struct template_draft *draft);
int template_draft_state_fd(const struct template_draft *draft);

/*
 * Save the guest, whose QEMU ends by that, publish the template and open it. The draft is used up
 * in any case: *draft becomes NULL. about->name, ->slot and ->created are filled in here.
 * Afterwards the store is pruned; that this fails is no failure.
 */
int template_draft_finish(struct template_draft **draft, struct vm *vm,
			  const struct template_about *about, uint64_t limit_ms,
			  const struct vm_listener *listener, struct template **ret_template,
			  struct ktstr_error *error) KTSTR_MUST_CHECK;

void template_draft_free(struct template_draft *draft); /* NULL-safe */
static inline void template_draft_free_fn(struct template_draft **draft)
{
	template_draft_free(*draft);
}
#define auto_template_draft __attribute__((cleanup(template_draft_free_fn)))
