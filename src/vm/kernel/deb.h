/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

/* Taking the kernel's files out of Debian packages, by whatever names the release gave them. */

/*
 * Where a member of a package belongs in an unpacked kernel: "vmlinuz", "config", or below
 * "modules/". false: the member is of no use.
 */
bool deb_member_target(const char *member, char *target, size_t size);

/* Unpack such members of the package file (a path) into the folder dir (a path). */
int deb_unpack(const char *file, const char *dir, struct ktstr_error *error) KTSTR_MUST_CHECK;
