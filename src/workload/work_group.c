// SPDX-License-Identifier: GPL-2.0-only
/* A group of workers before any of them exists: admission, parameters, memory. */
#include "workload/work_group.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define CACHE_LINE_BYTES 64

static int admit(const struct work_group *group, struct ktstr_error *error)
{
	const struct ktstr_work_ops *ops = group->ops;
	int err;

	if (ops->group_size &&
	    (!group->group_size || !group->count || group->count % group->group_size))
		return ktstr_error_set(error, -EINVAL,
				       "%s (group %u) requires num_workers divisible by %u, got %u",
				       ops->name, group->index, group->group_size, group->count);
	if (!ops->check)
		return 0;
	err = ops->check(group->params, error);
	if (err)
		return ktstr_error_wrap(error, err, "%s (group %u)", ops->name, group->index);
	return 0;
}

static const char *mapping_hint(int err)
{
	switch (err) {
	case -ENOMEM:
		return "too little memory, or vm.max_map_count reached";
	case -EPERM:
		return "refused by the memory controller or a seccomp filter";
	default:
		return "the length is zero or overflows";
	}
}

static int map(size_t bytes, int flags, const char *purpose, char **ret_memory,
	       struct ktstr_error *error)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	int err;

	if (memory != MAP_FAILED) {
		*ret_memory = memory;
		return 0;
	}
	err = -errno;
	return ktstr_error_set(error, err, "map %zu bytes for %s: %s (%s)", bytes, purpose,
			       strerror(-err), mapping_hint(err));
}

static int map_memory(struct work_group *group, struct ktstr_error *error)
{
	size_t bytes = group->plumbing.shared_bytes;
	int err = 0;

	if (bytes) {
		if (bytes > SIZE_MAX / 2)
			return ktstr_error_set(error, -EINVAL,
					       "%s: a cohort cannot share %zu bytes",
					       group->ops->name, bytes);
		group->cohort_bytes = (bytes + CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES *
				      CACHE_LINE_BYTES;
		if (__builtin_mul_overflow(group->cohort_bytes, group->count / group->group_size,
					   &bytes))
			return ktstr_error_set(error, -ENOMEM, "%s: %u workers share too much",
					       group->ops->name, group->count);
		err = map(bytes, MAP_SHARED, "what the workers of a cohort share", &group->shared,
			  error);
	}
	if (!err && group->plumbing.buffer_bytes)
		err = map(group->plumbing.buffer_bytes, MAP_PRIVATE | MAP_NORESERVE,
			  "a worker's buffer", &group->buffer, error);
	return err;
}

int work_group_admit(struct work_group *group, struct ktstr_error *error)
{
	const struct ktstr_work_ops *ops = group->ops;

	if (ops->group_size)
		group->group_size = ops->group_size(group->params);
	return admit(group, error);
}

static int init(struct work_group *group, const struct ktstr_work *work, struct ktstr_error *error)
{
	const struct ktstr_work_ops *ops = group->ops;
	int err;

	group->params = work_params_resolve(ops->params, ops->params_size, work->params);
	if (!group->params)
		return ktstr_error_set(error, -ENOMEM, "no memory for the parameters of %s",
				       ops->name);
	err = work_group_admit(group, error);
	if (err || !group->count)
		return err;
	if (ops->plumbing)
		ops->plumbing(group->params, &group->plumbing);
	return map_memory(group, error);
}

int work_group_init(struct work_group *group, unsigned index, const struct ktstr_work *work,
		    unsigned count, struct ktstr_error *error)
{
	int err;

	*group = (struct work_group){ .index = index, .ops = work_ops(work), .count = count };
	err = init(group, work, error);
	if (err)
		work_group_release(group);
	return err;
}

void work_group_release(struct work_group *group)
{
	if (group->shared)
		munmap(group->shared, group->cohort_bytes * (group->count / group->group_size));
	if (group->buffer)
		munmap(group->buffer, group->plumbing.buffer_bytes);
	if (group->ops)
		work_params_free(group->ops->params, group->params);
	*group = (struct work_group){ 0 };
}

void *work_group_shared(const struct work_group *group, unsigned worker)
{
	if (!group->shared)
		return NULL;
	return group->shared + worker / group->group_size * group->cohort_bytes;
}
