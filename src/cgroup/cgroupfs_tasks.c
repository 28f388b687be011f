// SPDX-License-Identifier: GPL-2.0-only
/* Moving processes in and out of cgroups, and freezing them there. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "cgroup/cgroupfs.h"

#define BUSY_ATTEMPTS 3
/* A hundred thousand processes of eight digits. */
#define PROCS_FILE_MAX (1u << 20)
#define PID_TEXT_MAX 16
#define PIDS_SHOWN_MAX 128

static void pause_ms(unsigned ms)
{
	struct timespec until = clock_timespec(clock_deadline_ms(ms));

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* The kernel says when a cgroup's processes have left, not when it is free to take new ones. */
static int move_task(const struct cgroupfs *fs, const char *name, int dirfd, pid_t pid,
		     struct ktstr_error *error)
{
	char text[PID_TEXT_MAX];
	int err;

	snprintf(text, sizeof(text), "%d", (int)pid);
	for (int attempt = 1;; attempt++) {
		err = cgroupfs_write(fs, name, dirfd, "cgroup.procs", text, error);
		if (err != -EBUSY || attempt == BUSY_ATTEMPTS)
			break;
		pause_ms(fs->busy_pause_ms);
	}
	if (err == -EBUSY)
		return ktstr_error_wrap(
			error, err,
			"cgroup '%s': pid %d not let in after %d attempts (a cgroup "
			"that passes controllers on to children takes no processes)",
			name, (int)pid, BUSY_ATTEMPTS);
	if (err == -EOPNOTSUPP)
		return ktstr_error_wrap(
			error, err,
			"cgroup '%s': pid %d not let in (its cgroup.type is 'domain "
			"invalid' while a cgroup above it has processes)",
			name, (int)pid);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s': move pid %d", name, (int)pid);
	return 0;
}

/*
 * A cpuset with CPUs but no memory nodes takes no task; the kernel's ENOSPC would not say so.
 * Where the files cannot be read there is nothing to object to.
 */
static int check_memory_nodes(const char *name, int dirfd, struct ktstr_error *error)
{
	char cpus[128], nodes[128];

	if (!cgroupfs_read(dirfd, "cpuset.cpus", cpus, sizeof(cpus)) || !*cpus ||
	    !cgroupfs_read(dirfd, "cpuset.mems.effective", nodes, sizeof(nodes)) || *nodes)
		return 0;
	return ktstr_error_set(error, -ENOSPC,
			       "cgroup '%s': its cpuset has cpus '%s' but no memory nodes "
			       "(cpuset.mems.effective is empty); give it nodes in cpuset.mems",
			       name, cpus);
}

static int all_gone(const char *name, const pid_t *pids, size_t count, struct ktstr_error *error)
{
	char list[PIDS_SHOWN_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i ? " " : "",
					 (int)pids[i]);
	return ktstr_error_set(
		error, -ESRCH,
		"cgroup '%s': none of the %zu processes to move exists any more (%s%s); "
		"they crashed at their start, were killed for lack of memory, or were "
		"reaped too early",
		name, count, list, used < sizeof(list) ? "" : "...");
}

int cgroupfs_move_tasks(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			size_t count, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	size_t gone = 0;
	int err;

	if (!count)
		return 0;
	err = cgroupfs_open(fs, name, &dirfd, error);
	if (!err)
		err = check_memory_nodes(name, dirfd, error);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		struct ktstr_error why = { 0 };

		err = move_task(fs, name, dirfd, pids[i], &why);
		if (err == -ESRCH)
			gone++;
		else if (err)
			return ktstr_error_set(error, err, "%s", why.text);
	}
	return gone == count ? all_gone(name, pids, count, error) : 0;
}

int cgroupfs_set_frozen(struct ktstr_cgroups *cgroups, const char *name, bool frozen,
			struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	err = cgroupfs_write(fs, name, dirfd, "cgroup.freeze", frozen ? "1" : "0", error);
	if (err)
		return ktstr_error_wrap(error, err, "%s cgroup '%s'", frozen ? "freeze" : "thaw",
					name);
	return 0;
}

int cgroupfs_drain(const struct cgroupfs *fs, int dirfd, struct ktstr_error *error)
{
	auto_close int rootfd = -1;
	auto_free char *procs = NULL;
	char *line, *rest;
	int result = 0;
	int err = file_read(dirfd, "cgroup.procs", PROCS_FILE_MAX, &procs, NULL, error);

	if (err == -ENOENT || (!err && !*procs))
		return 0;
	if (err)
		return err;
	err = cgroupfs_open_root(fs, &rootfd, error);
	if (err)
		return err;
	for (line = strtok_r(procs, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		/* "0" is a process outside our pid namespace: not ours to move. */
		if (!isdigit((unsigned char)*line) || !strcmp(line, "0"))
			continue;
		err = fs->write_text(rootfd, "cgroup.procs", line, fs->write_limit_ms);
		if (err && err != -ESRCH && !result)
			result = ktstr_error_set(error, err,
						 "move pid %s to '%s/cgroup.procs' (%s)", line,
						 fs->root, errno_name(err));
	}
	return result;
}
