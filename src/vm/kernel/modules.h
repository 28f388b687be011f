/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/*
 * The few modules a VM needs, out of a module tree: /lib/modules/RELEASE of a package, or a
 * kernel build tree. Found through modules.order, modules.builtin and each file's .modinfo,
 * since modules.dep exists only after installation.
 */

struct module_set {
	char **names; /* in the order to load them: dependencies first */
	size_t count;
	size_t boot_count; /* so many of the first are what init loads before anything else */
};

void module_set_release(struct module_set *set);
#define auto_module_set __attribute__((cleanup(module_set_release)))

/*
 * Put each wanted module (NULL-ended names, those for booting first) and what it depends on,
 * unpacked, as NAME.ko into the folder out, with their order in modules.load there. A module that
 * is built into the kernel, or that this kernel does not have at all, is passed over; a dependency
 * that is missing is an error.
 */
int modules_collect(int tree, const char *const *boot, const char *const *wanted, int out,
		    struct module_set *ret_set, struct ktstr_error *error) KTSTR_MUST_CHECK;
