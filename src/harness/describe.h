/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include <ktstr/test.h>

/*
 * What a test binary says about itself when the tool runs it with HARNESS_DESCRIBE_ARGUMENT:
 *
 * {"ktstr": {"protocol": 3, "version": "0.1.0"},
 *  "tests": [{"name", "file", "line", "topology": {"numa_nodes", "llcs", "cores", "threads"},
 *             "check": {...}, "scheduler": null | {"name", "bpf_object", "struct_ops": s | null,
 *             "topology", "check"}, "duration_ms", "timeout_ms", "workers_per_cgroup",
 *             "memory_mib", "disk_mib", "network", "payloads": [{"name", "exe",
 *             "include_files": [s, ...]}, ...], "expect_err"}, ...],
 *  "works": [s, ...]}                kinds of work that --work takes
 *
 * Numbers of 0 mean "not set", as in struct ktstr_test.
 */
#define HARNESS_DESCRIBE_ARGUMENT "--ktstr-describe"
#define HARNESS_PROTOCOL 3

/* A new reference; NULL when memory ran out. */
json_t *tests_to_json(struct ktstr_test *const *tests, size_t count);
