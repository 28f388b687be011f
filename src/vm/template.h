/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "vm/template_key.h"

/*
 * A template: a guest that was booted once and saved as its agent was ready, or a hot one, saved as
 * a test binary waited in it for a test to run; in a folder with
 *
 *	ram        its memory, sparse; QEMU maps it privately, so copies share what they only read
 *	state      its devices, some 150 KiB
 *	meta.json  what it is, and what the other two are to be like
 *
 * An open one is in use, which keeps it from being evicted: the lock is on ram and belongs to QEMU
 * as well, so it lasts as long as anybody maps the file.
 */
#define TEMPLATE_RAM "ram"
#define TEMPLATE_STATE "state"
#define TEMPLATE_META "meta.json"

/* For people. */
struct template_about {
	char name[TEMPLATE_NAME_DIGITS + 1];
	char kernel[64]; /* release, as the guest says */
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];
	char qemu[16]; /* "10.0" */
	char accel[8];
	char created[24];		     /* UTC, "2026-11-21T09:30:00Z" */
	char binary[64];		     /* that waits, by its last name; "": none does */
	char slot[TEMPLATE_NAME_DIGITS + 1]; /* of its key */
	unsigned memory_mib;
};

struct template {
	int ram_fd, state_fd;
	struct template_about about;
};

/*
 * Open the template called key->name in the folder root, for use: that counts as its latest use.
 * -ENOENT: there is none; -ESTALE: it is of an earlier boot of this machine, and what of its memory
 * reached the disk is not known; -EBADMSG: it is damaged, in which way says the text.
 *
 * The state is checked whole. The memory is checked by size, inode and time of its last change: to
 * read a GiB would take longer than to boot.
 */
int template_open(int root, const struct template_key *key, struct template **ret_template,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
void template_free(struct template *template); /* NULL-safe */
static inline void template_free_fn(struct template **template)
{
	template_free(*template);
}
#define auto_template __attribute__((cleanup(template_free_fn)))

/*
 * The same checks without using it and without a key, for listings. ret_about is filled in as far
 * as it can be, whatever the result.
 */
int template_inspect(int root, const char *name, struct template_about *ret_about,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Write meta.json beside the other two files, which are complete: last change of a new template.
 */
int template_write_meta(int folder, const struct template_key *key,
			const struct template_about *about,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
