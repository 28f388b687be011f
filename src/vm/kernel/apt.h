/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "vm/kernel/progress.h"

/*
 * apt with a state of our own: one suite of the machine's Debian mirror, the lists in our cache
 * folder, no installed packages. The system's proxies, credentials and keys apply; its sources,
 * lists, pins and hooks neither act nor change. Signatures are checked as apt always does.
 */
struct apt;

/*
 * Takes the lock that all fetches share until apt_free(). deadline_ns (CLOCK_MONOTONIC) bounds this
 * and every later call. progress may be NULL; it is borrowed.
 */
int apt_open(const char *suite, uint64_t deadline_ns, const struct kernel_progress *progress,
	     struct apt **ret_apt, struct ktstr_error *error) KTSTR_MUST_CHECK;
void apt_free(struct apt *apt);
static inline void apt_free_fn(struct apt **apt)
{
	apt_free(*apt);
}
#define auto_apt __attribute__((cleanup(apt_free_fn)))

/* Bring the suite's package list up to date. */
int apt_update(struct apt *apt, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The control stanza of a package, "name" (its newest version) or "name=version". -ENOENT: the
 * suite has none. The caller frees.
 */
int apt_show(struct apt *apt, const char *package, char **ret_stanza,
	     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The names of all packages that begin with prefix, one a line. The caller frees. */
int apt_names(struct apt *apt, const char *prefix, char **ret_names,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Download packages ("name=version", NULL-ended) into the folder dir; total_bytes for progress. */
int apt_download(struct apt *apt, const char *const *packages, int dir, uint64_t total_bytes,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * What to tell a user about a failed run of apt: the lines of its standard error that say why, in
 * one, then what can be done about it.
 */
void apt_explain(const char *standard_error, char *text, size_t size);
