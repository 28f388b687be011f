/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/topology.h>

#include "vm/devices.h"

/*
 * A test binary, as it describes itself when it is run with --ktstr-describe. It is a program of
 * the user's own, so nothing here guards against malice; but it may be any program at all, which
 * must end in an error and not in a hang or a full memory.
 */

struct binary_scheduler {
	char *name, *bpf_object;
	char *struct_ops; /* NULL: the object's only one */
	struct ktstr_topology topology;
	struct ktstr_check check;
};

/* A program that a test runs. */
struct binary_payload {
	char *name, *exe;
	char **include_files;
	size_t include_files_count;
};

/* One test; numbers of 0 are not set. */
struct binary_test {
	char *name, *file;
	int line;
	struct ktstr_topology topology;
	struct ktstr_check check;
	struct binary_scheduler *scheduler; /* NULL: EEVDF */
	uint64_t duration_ms, timeout_ms;
	unsigned workers_per_cgroup, memory_mib;
	struct vm_devices devices;
	struct binary_payload *payloads;
	size_t payloads_count;
	bool expect_err;
};

struct test_binary {
	char *path; /* absolute */
	struct binary_test *tests;
	size_t tests_count;
	char **works; /* kinds of work that its library knows by name */
	size_t works_count;
};

/*
 * Run path with --ktstr-describe and read what it prints. -ENOENT, -EACCES, -ENOEXEC, -ETIMEDOUT,
 * -EPROTO: the text names the file and says in which way it is no test binary. -EINTR: stop_fd (-1:
 * none) became readable meanwhile.
 */
int test_binary_open(const char *path, int stop_fd, struct test_binary *ret_binary,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The same from text, for tests: -EPROTO. */
int test_binary_parse(const char *path, const char *text, struct test_binary *ret_binary,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* -EINVAL when it knows no kind of work of this name; the text names the nearest. */
int test_binary_check_work(const struct test_binary *binary, const char *name,
			   struct ktstr_error *error) KTSTR_MUST_CHECK;

void test_binary_release(struct test_binary *binary);
