/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "runner/binary.h"
#include "vm/guest_files.h"

/* Where files beside the test binary are in the guest, and the test binary itself. */
#define GUEST_BINARY_DIR "/ktstr/bin/"
/* Where programs that were found in PATH are: in the PATH of a test (guest/run.c). */
#define GUEST_PROGRAM_DIR "/usr/local/bin/"

/*
 * Add the programs of test's payloads, with the libraries they need and the interpreter of a
 * script, and their include files. -ENOENT and others name payload and file, where it was looked
 * for, and the package that has it when that is known.
 */
int payload_files_add(const struct test_binary *binary, const struct binary_test *test,
		      struct guest_files *files, struct ktstr_error *error) KTSTR_MUST_CHECK;
