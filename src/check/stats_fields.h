/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* The fields of struct cgroup_stats that JSON carries as they are, for writer and reader alike. */
enum stats_field_type {
	STATS_FIELD_BOOL,
	STATS_FIELD_U64,
	STATS_FIELD_DOUBLE, /* finite, at least 0 */
	STATS_FIELD_OFF_CPU /* likewise, null where off_cpu_measured is false */
};

struct stats_field {
	const char *key;
	enum stats_field_type type;
	size_t offset;
};

extern const struct stats_field stats_fields[];
extern const size_t stats_fields_count;
