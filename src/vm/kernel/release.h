/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Order of kernel releases: <0, 0, >0 as a is older than, the same as, or newer than b. Numbers
 * compare as numbers, a release candidate (-rc, ~rc) comes before its release:
 * 6.9.1 < 6.12.0-rc3 < 6.12.0 < 6.12.0+deb13.
 */
int release_compare(const char *a, const char *b);
