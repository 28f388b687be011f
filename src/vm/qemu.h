/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include <ktstr/error.h>

#define QEMU_DEFAULT "qemu-system-x86_64"

/* The QEMU on this machine. It is asked once; qemu_cache.h keeps its answer. */
struct qemu {
	const char *path; /* borrowed from the caller of qemu_probe() */
	unsigned major, minor;
	bool has_qboot; /* qboot.rom is among its firmware: starts a kernel faster than SeaBIOS */
};

/* path NULL: QEMU_DEFAULT from PATH. -ENOENT with what to install, -EPROTO when it is no QEMU. */
int qemu_probe(const char *path, struct qemu *ret_qemu, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The file that executing path runs: a path with a slash as it is, another from PATH. -ENOENT with
 * what to install.
 */
int qemu_find(const char *path, char ret_path[PATH_MAX],
	      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* "QEMU emulator version 10.0.2 (Debian ...)". -EINVAL for anything else. */
int qemu_version_parse(const char *text, unsigned *ret_major, unsigned *ret_minor) KTSTR_MUST_CHECK;

bool qemu_at_least(const struct qemu *qemu, unsigned major, unsigned minor);
