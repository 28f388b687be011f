/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/cpulist.h"
#include "topology/machine.h"
#include "unit.h"

/* Machines for tests: of a topology, and of hwloc's descriptions of what is not at hand. */

/* "2n4l2c2t" */
static inline struct ktstr_machine *machine_of(const char *notation)
{
	struct ktstr_topology topology;
	struct ktstr_machine *machine;

	assert_int_equal(ktstr_topology_parse(notation, &topology, NULL), 0);
	assert_int_equal(ktstr_machine_from_topology(&topology, &machine, NULL), 0);
	return machine;
}

/* A loaded hwloc topology; description as of lstopo --input, NULL: what HWLOC_FSROOT shows. */
static inline int machine_of_hwloc(const char *description, const char *allowed,
				   struct ktstr_machine **ret_machine, struct ktstr_error *error)
{
	hwloc_bitmap_t bitmap = hwloc_bitmap_alloc();
	hwloc_topology_t topology;
	int err;

	assert_int_equal(hwloc_topology_init(&topology), 0);
	if (description)
		assert_int_equal(hwloc_topology_set_synthetic(topology, description), 0);
	assert_int_equal(machine_filter_hwloc(topology), 0);
	assert_int_equal(hwloc_topology_load(topology), 0);
	assert_true(!allowed || !hwloc_bitmap_list_sscanf(bitmap, allowed));
	err = machine_from_hwloc(topology, allowed ? bitmap : NULL, ret_machine, error);
	hwloc_topology_destroy(topology);
	hwloc_bitmap_free(bitmap);
	return err;
}

static inline cpu_set_t cpus_of(const char *list)
{
	cpu_set_t cpus;

	assert_int_equal(cpulist_parse(list, &cpus, NULL), 0);
	return cpus;
}

#define assert_cpus(cpus, expected)                                                                \
	do {                                                                                       \
		char text_[CPULIST_TEXT_MAX];                                                      \
		assert_string_equal(cpulist_format(cpus, text_), expected);                        \
	} while (0)
