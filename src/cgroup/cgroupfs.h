/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "cgroup/cgroup_ops.h"

/*
 * The real cgroups, spread over cgroupfs_*.c by what is done to them. Files are reached through
 * the descriptor of their cgroup's directory.
 */
struct cgroupfs {
	struct ktstr_cgroups base;
	char *root;	   /* the walk root, without a trailing slash: "" for "/" */
	char *parent;	   /* root or a directory below it */
	const char *below; /* parent relative to root, in parent; "" when they are the same */
	/* Cgroups that could not be removed; each may hold a cgroup id and memory for long. */
	unsigned stuck;

	/* Tests replace the write, for errors that plain files do not give, and shorten waits. */
	int (*write_text)(int dirfd, const char *file, const char *text, unsigned limit_ms);
	unsigned write_limit_ms;
	unsigned empty_limit_ms; /* for a cgroup to become empty before it is removed */
	unsigned busy_pause_ms;	 /* between attempts to move a task into a busy cgroup */
};

static inline struct cgroupfs *cgroupfs_of(struct ktstr_cgroups *cgroups)
{
	return (struct cgroupfs *)cgroups;
}

/* Open the directory of cgroup name ("" for the parent). -ENOENT when it does not exist. */
int cgroupfs_open(const struct cgroupfs *fs, const char *name, int *ret_dirfd,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Open the walk root. */
int cgroupfs_open_root(const struct cgroupfs *fs, int *ret_fd,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Write to file of cgroup name, whose directory dirfd is: "write '<path>' (EINVAL)". */
int cgroupfs_write(const struct cgroupfs *fs, const char *name, int dirfd, const char *file,
		   const char *text, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* file's content without line breaks and blanks at its end, cut to size. 0 or -errno. */
int cgroupfs_read(int dirfd, const char *file, char *buffer, size_t size) KTSTR_MUST_CHECK;

/* "EINVAL" for -EINVAL. Never NULL. */
const char *errno_name(int err);

int cgroupfs_setup(struct ktstr_cgroups *cgroups, unsigned controllers, struct ktstr_error *error);
int cgroupfs_create(struct ktstr_cgroups *cgroups, const char *name, bool *ret_created,
		    struct ktstr_error *error);
int cgroupfs_write_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			const char *text, struct ktstr_error *error);
int cgroupfs_read_knob(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
		       char *buffer, size_t size, struct ktstr_error *error);
int cgroupfs_move_tasks(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			size_t count, struct ktstr_error *error);
int cgroupfs_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
			struct ktstr_error *error);
int cgroupfs_read_procs(struct ktstr_cgroups *cgroups, const char *name, pid_t **ret_pids,
			size_t *ret_count, struct ktstr_error *error);
int cgroupfs_drain_tasks(struct ktstr_cgroups *cgroups, const char *name,
			 struct ktstr_error *error);
int cgroupfs_clear_subtree_control(struct ktstr_cgroups *cgroups, const char *name,
				   struct ktstr_error *error);
int cgroupfs_remove(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error);
void cgroupfs_cleanup(struct ktstr_cgroups *cgroups);

/*
 * Move every process of the cgroup whose directory dirfd is to the walk root. Those that are gone
 * do not count; the first other failure is returned after all have been tried.
 */
int cgroupfs_drain(const struct cgroupfs *fs, int dirfd,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
