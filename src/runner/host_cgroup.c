// SPDX-License-Identifier: GPL-2.0-only
/* The cgroup of one test on this machine: made, locked, emptied, removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "runner/host_cgroup.h"
#include "runner/host_cgroup_root.h"

#define PREFIX "run-"
#define RUNNER "runner"
#define SCENARIO "scenario"
#define LOCK_LIMIT_MS 10000 /* another run may be removing what was left */
#define LOCK_PAUSE_MS 10
#define EMPTY_LIMIT_MS 2000
#define EVENTS_MAX 4096

/* flock(2) itself cannot be told to give up. */
static int take_lock(int fd, const char *path, struct ktstr_error *error)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * (long)NS_PER_MS };
	uint64_t deadline_ns = clock_deadline_ms(LOCK_LIMIT_MS);

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return ktstr_error_set(error, -errno, "lock '%s': %s", path,
					       strerror(errno));
		if (clock_now_ns() >= deadline_ns)
			return ktstr_error_set(error, -EBUSY,
					       "lock '%s': held by another run of ktstr for %d ms",
					       path, LOCK_LIMIT_MS);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Since Linux 5.14; frozen ones die, too. Plain folders, in tests, have no such file. */
static void kill_all(int fd)
{
	(void)!file_write_text(fd, "cgroup.kill", "1", NULL);
}

static bool is_populated(int fd)
{
	auto_free char *text = NULL;

	return file_read(fd, "cgroup.events", EVENTS_MAX, &text, NULL, NULL) == 0 &&
	       strstr(text, "populated 1") != NULL;
}

/* The kernel wakes pollers of cgroup.events when the last process is gone. */
static void wait_until_empty(int fd)
{
	auto_close int events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	uint64_t deadline_ns = clock_deadline_ms(EMPTY_LIMIT_MS);

	while (is_populated(fd) && clock_now_ns() < deadline_ns) {
		struct pollfd changed = { .fd = events, .events = POLLPRI };

		poll(&changed, 1, LOCK_PAUSE_MS);
		kill_all(fd); /* a process that was just forked may have been missed */
	}
}

/* 0, or the errno of the last try. */
static int empty_and_remove(int parent, const char *name, int fd)
{
	kill_all(fd);
	wait_until_empty(fd);
	cgroup_tree_clear(fd, ".");
	return unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : 0;
}

/* What a runner left that was killed: nobody holds its lock. */
static void sweep(int parent)
{
	/* fdopendir() takes the descriptor over. */
	auto_closedir DIR *folder = fdopendir(
		openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		auto_close int fd = -1;

		if (!text_behind(entry->d_name, PREFIX))
			continue;
		fd = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			(void)!empty_and_remove(parent, entry->d_name, fd);
	}
}

int host_cgroups_prepare(const char *walk_root, struct host_cgroups *ret_cgroups,
			 struct ktstr_error *error)
{
	auto_close int fd = -1;
	int err = host_cgroup_root_prepare(walk_root, ret_cgroups->parent, &fd, error);

	if (!err)
		err = take_lock(fd, ret_cgroups->parent, error);
	if (err)
		return err;
	sweep(fd);
	flock(fd, LOCK_UN);
	snprintf(ret_cgroups->walk_root, PATH_MAX, "%s", walk_root);
	ret_cgroups->fd = take_fd(&fd);
	return 0;
}

void host_cgroups_close(struct host_cgroups *cgroups)
{
	if (cgroups->fd < 0)
		return;
	/* Refused while another run has cgroups in it. */
	(void)rmdir(cgroups->parent);
	close(cgroups->fd);
	cgroups->fd = -1;
}

static int make_folder(int fd, const char *name, const char *path, struct ktstr_error *error)
{
	if (mkdirat(fd, name, 0755))
		return ktstr_error_set(error, -errno, "create cgroup '%s/%s': %s", path, name,
				       strerror(errno));
	return 0;
}

static int furnish(struct host_cgroup *cgroup, const char *path, struct ktstr_error *error)
{
	auto_close int runner = -1;
	int err = make_folder(cgroup->fd, RUNNER, path, error);

	if (!err)
		err = make_folder(cgroup->fd, SCENARIO, path, error);
	if (err)
		return err;
	runner = openat(cgroup->fd, RUNNER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cgroup->procs_fd = openat(runner, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (cgroup->procs_fd < 0)
		return ktstr_error_set(error, -errno, "open '%s/" RUNNER "/cgroup.procs': %s", path,
				       strerror(errno));
	return 0;
}

/* In the way of sweep() until it is locked, which the lock on the parent sees to. */
static int make_locked(char path[PATH_MAX], struct host_cgroup *cgroup, struct ktstr_error *error)
{
	if (!mkdtemp(path) || chmod(path, 0755))
		return ktstr_error_set(error, -errno, "create cgroup '%s': %s", path,
				       strerror(errno));
	cgroup->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->fd < 0 || flock(cgroup->fd, LOCK_EX | LOCK_NB))
		return ktstr_error_set(error, -errno, "lock cgroup '%s': %s", path,
				       strerror(errno));
	return 0;
}

int host_cgroup_make(const struct host_cgroups *cgroups, struct host_cgroup *ret_cgroup,
		     struct ktstr_error *error)
{
	/* A descriptor of its own: the lock is this call's. */
	auto_close int fd = openat(cgroups->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct host_cgroup cgroup = { .fd = -1, .procs_fd = -1 };
	char path[PATH_MAX];
	int err;

	if (fd < 0 || snprintf(path, sizeof(path), "%s/" PREFIX "XXXXXX", cgroups->parent) >=
			      (int)sizeof(path) - 16)
		return ktstr_error_set(error, fd < 0 ? -errno : -ENAMETOOLONG,
				       "cgroup '%.64s': no more can be made in it",
				       cgroups->parent);
	err = take_lock(fd, cgroups->parent, error);
	if (!err)
		err = make_locked(path, &cgroup, error);
	if (!err)
		err = furnish(&cgroup, path, error);
	snprintf(cgroup.name, sizeof(cgroup.name), "%.15s", strrchr(path, '/') + 1);
	if (err) {
		if (cgroup.fd >= 0)
			(void)!host_cgroup_remove(cgroups, &cgroup, NULL);
		return err;
	}
	snprintf(cgroup.scenario, sizeof(cgroup.scenario), "%.*s/" SCENARIO, PATH_MAX - 16, path);
	*ret_cgroup = cgroup;
	return 0;
}

void host_cgroup_kill(const struct host_cgroup *cgroup)
{
	kill_all(cgroup->fd);
}

int host_cgroup_remove(const struct host_cgroups *cgroups, struct host_cgroup *cgroup,
		       struct ktstr_error *error)
{
	int err = empty_and_remove(cgroups->fd, cgroup->name, cgroup->fd);

	if (cgroup->procs_fd >= 0)
		close(cgroup->procs_fd);
	close(cgroup->fd);
	cgroup->fd = cgroup->procs_fd = -1;
	if (err)
		return ktstr_error_set(error, err,
				       "remove cgroup '%s/%s': %s; the next run with --host tries "
				       "again",
				       cgroups->parent, cgroup->name, strerror(-err));
	return 0;
}
