// SPDX-License-Identifier: GPL-2.0-only
/* The public calls about settings: check what the caller gave, write it as the kernel reads it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/cpulist.h"
#include "cgroup/cgroup_name.h"
#include "cgroup/cgroup_ops.h"

#define NUMBER_MAX 24 /* of 64 bits in decimal digits */

static int write_text(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
		      const char *text, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	return err ? err : cgroups->ops->write_knob(cgroups, name, knob, text, error);
}

static const char *format_number(uint64_t value, char text[NUMBER_MAX])
{
	if (value == KTSTR_UNLIMITED)
		return "max";
	snprintf(text, NUMBER_MAX, "%" PRIu64, value);
	return text;
}

static int write_number(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			uint64_t value, struct ktstr_error *error)
{
	char text[NUMBER_MAX];

	return write_text(cgroups, name, knob, format_number(value, text), error);
}

/* A number with a range that is known before the kernel is asked. */
static int write_limited(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			 enum cgroup_limit limit, uint64_t value, struct ktstr_error *error)
{
	int err = cgroup_name_check(name, error);

	if (!err)
		err = cgroup_limit_check(name, limit, value, error);
	return err ? err : write_number(cgroups, name, knob, value, error);
}

/* An empty list would be taken for "no list of my own". */
static int write_list(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
		      const cpu_set_t *set, const char *instead, struct ktstr_error *error)
{
	char list[CPULIST_TEXT_MAX];
	int err = cgroup_name_check(name, error);

	if (!err && !CPU_COUNT(set))
		err = ktstr_error_set(error, -EINVAL,
				      "cgroup '%s': an empty %s; to use the "
				      "parent's again %s",
				      name, cgroup_knob_info(knob)->file, instead);
	return err ? err : write_text(cgroups, name, knob, cpulist_format(set, list), error);
}

int ktstr_cgroup_set_cpuset(struct ktstr_cgroups *cgroups, const char *name, const cpu_set_t *cpus,
			    struct ktstr_error *error)
{
	return write_list(cgroups, name, CGROUP_KNOB_CPUSET_CPUS, cpus,
			  "call ktstr_cgroup_clear_cpuset()", error);
}

int ktstr_cgroup_clear_cpuset(struct ktstr_cgroups *cgroups, const char *name,
			      struct ktstr_error *error)
{
	return write_text(cgroups, name, CGROUP_KNOB_CPUSET_CPUS, "", error);
}

int ktstr_cgroup_read_cpuset(struct ktstr_cgroups *cgroups, const char *name, cpu_set_t *ret_cpus,
			     struct ktstr_error *error)
{
	char list[CPULIST_TEXT_MAX];
	int err = cgroup_name_check(name, error);

	if (err)
		return err;
	err = cgroups->ops->read_knob(cgroups, name, CGROUP_KNOB_CPUSET_CPUS, list, sizeof(list),
				      error);
	if (err && err != -ENOENT)
		return err;
	cpulist_parse_lenient(err ? "" : list, ret_cpus);
	return 0;
}

int ktstr_cgroup_set_cpuset_mems(struct ktstr_cgroups *cgroups, const char *name,
				 const cpu_set_t *nodes, struct ktstr_error *error)
{
	return write_list(cgroups, name, CGROUP_KNOB_CPUSET_MEMS, nodes,
			  "leave it unset in a new cgroup", error);
}

int ktstr_cgroup_set_cpu_weight(struct ktstr_cgroups *cgroups, const char *name, unsigned weight,
				struct ktstr_error *error)
{
	return write_limited(cgroups, name, CGROUP_KNOB_CPU_WEIGHT, CGROUP_LIMIT_CPU_WEIGHT, weight,
			     error);
}

int ktstr_cgroup_set_cpu_max(struct ktstr_cgroups *cgroups, const char *name, uint64_t quota_us,
			     uint64_t period_us, struct ktstr_error *error)
{
	char quota[NUMBER_MAX], text[2 * NUMBER_MAX];
	int err = cgroup_name_check(name, error);

	if (!err)
		err = cgroup_limit_check(name, CGROUP_LIMIT_CPU_PERIOD_US, period_us, error);
	if (!err)
		err = cgroup_limit_check(name, CGROUP_LIMIT_CPU_QUOTA_US, quota_us, error);
	if (err)
		return err;
	snprintf(text, sizeof(text), "%s %" PRIu64, format_number(quota_us, quota), period_us);
	return write_text(cgroups, name, CGROUP_KNOB_CPU_MAX, text, error);
}

int ktstr_cgroup_set_memory_max(struct ktstr_cgroups *cgroups, const char *name, uint64_t bytes,
				struct ktstr_error *error)
{
	return write_number(cgroups, name, CGROUP_KNOB_MEMORY_MAX, bytes, error);
}

int ktstr_cgroup_set_memory_high(struct ktstr_cgroups *cgroups, const char *name, uint64_t bytes,
				 struct ktstr_error *error)
{
	return write_number(cgroups, name, CGROUP_KNOB_MEMORY_HIGH, bytes, error);
}

int ktstr_cgroup_set_memory_low(struct ktstr_cgroups *cgroups, const char *name, uint64_t bytes,
				struct ktstr_error *error)
{
	return write_number(cgroups, name, CGROUP_KNOB_MEMORY_LOW, bytes, error);
}

int ktstr_cgroup_set_memory_swap_max(struct ktstr_cgroups *cgroups, const char *name,
				     uint64_t bytes, struct ktstr_error *error)
{
	return write_number(cgroups, name, CGROUP_KNOB_MEMORY_SWAP_MAX, bytes, error);
}

int ktstr_cgroup_set_io_weight(struct ktstr_cgroups *cgroups, const char *name, unsigned weight,
			       struct ktstr_error *error)
{
	return write_limited(cgroups, name, CGROUP_KNOB_IO_WEIGHT, CGROUP_LIMIT_IO_WEIGHT, weight,
			     error);
}

int ktstr_cgroup_set_pids_max(struct ktstr_cgroups *cgroups, const char *name, uint64_t max,
			      struct ktstr_error *error)
{
	return write_limited(cgroups, name, CGROUP_KNOB_PIDS_MAX, CGROUP_LIMIT_PIDS_MAX, max,
			     error);
}

int ktstr_cgroup_freeze(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	return write_text(cgroups, name, CGROUP_KNOB_FREEZE, "1", error);
}

int ktstr_cgroup_unfreeze(struct ktstr_cgroups *cgroups, const char *name,
			  struct ktstr_error *error)
{
	return write_text(cgroups, name, CGROUP_KNOB_FREEZE, "0", error);
}
