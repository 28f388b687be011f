/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "vm/kernel/apt.h"

/* The packages that make up one kernel of a suite. */
struct kernel_packages {
	char *name, *version; /* of the package asked for */
	char **specs;	      /* "name=version" of those that carry files; NULL-ended */
	size_t count;
	uint64_t total_bytes; /* to download */
};

void kernel_packages_release(struct kernel_packages *packages);
#define auto_kernel_packages __attribute__((cleanup(kernel_packages_release)))

/*
 * Follow linux-image-FLAVOUR. Up to 6.18 it leads to a single linux-image-VERSION, from 6.19 on to
 * linux-binary, -modules and -base packages. What belongs to the kernel's own build is pinned to
 * one exact version, "(= 7.2.13-1)", and nothing else is: the pins are followed, not the names.
 */
int kernel_packages_resolve(struct apt *apt, const char *suite, const char *flavour,
			    struct kernel_packages *ret_packages,
			    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The next dependency of a Depends field at *cursor that is pinned to an exact version, as
 * "name=version" in spec. false: none left.
 */
bool kernel_packages_next_pin(const char **cursor, char *spec, size_t size);
