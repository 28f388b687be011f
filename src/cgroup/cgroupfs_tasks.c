// SPDX-License-Identifier: GPL-2.0-only
/* Moving processes in and out of cgroups, and telling which are there. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cgroup/cgroupfs.h"

#define BUSY_ATTEMPTS 3
/* A hundred thousand processes of eight digits. */
#define PROCS_FILE_MAX (1u << 20)
#define PID_TEXT_MAX 16
#define PIDS_SHOWN_MAX 128
/* The kernel's highest, include/linux/threads.h. */
#define PID_MAX_LIMIT (4u << 20)

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

	if (cgroupfs_read(dirfd, "cpuset.cpus", cpus, sizeof(cpus)) || !*cpus ||
	    cgroupfs_read(dirfd, "cpuset.mems.effective", nodes, sizeof(nodes)) || *nodes)
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

int cgroupfs_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
			struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	char text[PID_TEXT_MAX];
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err)
		return err;
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	err = cgroupfs_write(fs, name, dirfd, "cgroup.procs", text, error);
	return err ? ktstr_error_wrap(error, err, "cgroup '%s': place pid %d", name, (int)pid) : 0;
}

/*
 * The next pid in text, which moves on; 0 at the end. What is no pid is passed over, and so is
 * "0": a process outside our pid namespace, which nobody here could name.
 */
static pid_t next_pid(char **text)
{
	char *line;

	while ((line = strsep(text, "\n"))) {
		const char *at = line;
		unsigned pid;

		if (text_take_number(&at, PID_MAX_LIMIT, &pid) && !*at && pid &&
		    pid <= PID_MAX_LIMIT)
			return (pid_t)pid;
	}
	return 0;
}

int cgroupfs_read_procs(struct ktstr_cgroups *cgroups, const char *name, pid_t **ret_pids,
			size_t *ret_count, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_free char *procs = NULL;
	auto_close int dirfd = -1;
	size_t count = 0, length;
	pid_t *pids, pid;
	char *at;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (!err)
		err = file_read(dirfd, "cgroup.procs", PROCS_FILE_MAX, &procs, &length, error);
	if (err)
		return ktstr_error_wrap(error, err,
					"read '%s/%s/cgroup.procs' (a step's cgroups exist from "
					"its setup to its end)",
					fs->parent, name);
	/* The shortest line is a digit and its line break. */
	pids = calloc(length / 2 + 1, sizeof(*pids));
	if (!pids)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory for its pids", name);
	for (at = procs; (pid = next_pid(&at));)
		pids[count++] = pid;
	*ret_pids = pids;
	*ret_count = count;
	return 0;
}

int cgroupfs_drain_tasks(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	if (err == -ENOENT)
		return 0;
	if (!err)
		err = cgroupfs_drain(fs, dirfd, error);
	return err ? ktstr_error_wrap(error, err, "drain cgroup '%s'", name) : 0;
}

int cgroupfs_drain(const struct cgroupfs *fs, int dirfd, struct ktstr_error *error)
{
	auto_close int rootfd = -1;
	auto_free char *procs = NULL;
	char *at;
	pid_t pid;
	int result = 0;
	int err = file_read(dirfd, "cgroup.procs", PROCS_FILE_MAX, &procs, NULL, error);

	if (err == -ENOENT || (!err && !*procs))
		return 0;
	if (err)
		return err;
	err = cgroupfs_open_root(fs, &rootfd, error);
	if (err)
		return err;
	for (at = procs; (pid = next_pid(&at));) {
		char text[PID_TEXT_MAX];

		snprintf(text, sizeof(text), "%d", (int)pid);
		err = fs->write_text(rootfd, "cgroup.procs", text, fs->write_limit_ms);
		if (err && err != -ESRCH && !result)
			result = ktstr_error_set(error, err,
						 "move pid %s to '%s/cgroup.procs' (%s)", text,
						 fs->root, errno_name(err));
	}
	return result;
}
