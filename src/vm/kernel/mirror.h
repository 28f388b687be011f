/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/*
 * Which Debian mirror this machine's administrator has chosen: apt's own source files are read,
 * never written. Parsing is apart from asking apt, so that tests need no apt.
 */

/* One address with one suite of it, as a source file names them. */
struct apt_source {
	char *uri; /* without slashes at its end */
	char *suite;
	char *signed_by; /* paths, fingerprints or a key block, as it stands there; NULL: none */
};

struct apt_sources {
	struct apt_source *items;
	size_t count;
};

void apt_sources_release(struct apt_sources *sources);
#define auto_apt_sources __attribute__((cleanup(apt_sources_release)))

/* Append what a file offers of binary packages: *.sources (deb822) and *.list (one line each). */
int apt_sources_add_deb822(struct apt_sources *sources, const char *text) KTSTR_MUST_CHECK;
int apt_sources_add_lines(struct apt_sources *sources, const char *text) KTSTR_MUST_CHECK;

/* How apt_sources_choose wants the output of 'apt-get indextargets'. */
#define APT_TARGETS_FORMAT "$(ORIGIN)|$(REPO_URI)"

/*
 * The source to take suite from: that suite itself when it is configured, else the mirror that
 * the others come from (for *-security: the one for security). A mirror is Debian's when
 * targets, in APT_TARGETS_FORMAT, say so; where apt has no lists yet, and so says nothing, when
 * it carries codename, the system's own release. Borrowed from sources. -ENOENT: there is none.
 */
int apt_sources_choose(const struct apt_sources *sources, const char *targets, const char *codename,
		       const char *suite, const struct apt_source **ret_source,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
