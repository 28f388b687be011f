/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/bundle.h"
#include "vm/vm_config.h"

/*
 * What a template depends on, as text: the QEMU program and its whole command line (so machine,
 * topology, memory, accelerator and the kernel's parameters), the kernel's file, what the guest
 * has from the start, this machine's processor. Anything else there than when the template was made
 * makes another text. Test binaries are no part of it.
 */
#define TEMPLATE_NAME_DIGITS 16

struct template_key {
	char name[TEMPLATE_NAME_DIGITS + 1]; /* a hash of text, in hex */
	char *text;			     /* compared whole: the name only finds it */
	/* Of a derived one: the same as long as only contents change; "" for others. */
	char slot[TEMPLATE_NAME_DIGITS + 1];
};

/*
 * The key of the guest that config describes; config->start and its files do not count. -ENOTSUP:
 * this QEMU is too old for templates.
 */
int template_key_make(const struct vm_config *config, struct template_key *ret_key,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
/*
 * The key of the guest of base in which the files of bundle are and its first one, a test binary,
 * waits for a test to run.
 */
int template_key_derive(const struct template_key *base, const struct bundle *bundle,
			struct template_key *ret_key, struct ktstr_error *error) KTSTR_MUST_CHECK;
void template_key_release(struct template_key *key);
#define auto_template_key __attribute__((cleanup(template_key_release)))
