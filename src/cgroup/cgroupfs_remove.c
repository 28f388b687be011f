// SPDX-License-Identifier: GPL-2.0-only
/* Taking cgroups away: thaw, move out what lives there, wait until the kernel says empty, rmdir. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/cgroupfs.h"

/* With more than this many stuck the machine is not in a state to make it better by trying. */
#define STUCK_MAX 10

/* A process that forks while it is moved leaves a child behind: look again this often. */
#define DRAIN_AGAIN_MS 100

static int poll_step_ms(uint64_t deadline_ns)
{
	int left_ms = clock_poll_timeout_ms(deadline_ns);

	return left_ms < DRAIN_AGAIN_MS ? left_ms : DRAIN_AGAIN_MS;
}

/* cgroup.events has one "key value" a line. */
static bool is_populated(int fd)
{
	char text[256];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return false;
	text[length] = '\0';
	return !strncmp(text, "populated 1", 11) || strstr(text, "\npopulated 1");
}

/* Move processes out until the cgroup is empty; the kernel wakes us through cgroup.events. */
static int make_empty(const struct cgroupfs *fs, int dirfd, struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	uint64_t deadline_ns = clock_deadline_ms(fs->empty_limit_ms);
	struct pollfd changed = { .fd = fd, .events = POLLPRI };

	for (;;) {
		struct ktstr_error why = { 0 };
		int err = cgroupfs_drain(fs, dirfd, &why);
		char procs[128];

		if (fd < 0 || !is_populated(fd))
			return 0;
		if (clock_now_ns() < deadline_ns) {
			/* Interrupted or not: the state is looked at again. */
			poll(&changed, 1, poll_step_ms(deadline_ns));
			continue;
		}
		if (err)
			return ktstr_error_set(error, err, "%s", why.text);
		if (cgroupfs_read(dirfd, "cgroup.procs", procs, sizeof(procs)))
			snprintf(procs, sizeof(procs), "(unreadable)");
		return ktstr_error_set(
			error, -EBUSY,
			"still populated after %u ms, cgroup.procs '%s' (children count)",
			fs->empty_limit_ms, procs);
	}
}

static int open_leaf(int parentfd, const char *leaf)
{
	return openat(parentfd, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static const char *removal_hint(int err)
{
	if (err == EBUSY || err == ENOTEMPTY)
		return "; it has child cgroups or processes";
	if (err == EACCES || err == EPERM)
		return "; run as root or in a delegated subtree";
	return "";
}

/* Remove the cgroup leaf in parentfd, which dirfd is. Somebody else may be faster. */
static int remove_leaf(const struct cgroupfs *fs, int parentfd, const char *leaf, int dirfd,
		       struct ktstr_error *error)
{
	int err;

	/* Frozen processes cannot leave. If this fails they stay, which make_empty() reports. */
	err = fs->write_text(dirfd, "cgroup.freeze", "0", fs->write_limit_ms);
	(void)err;
	err = make_empty(fs, dirfd, error);
	if (err)
		return err;
	if (unlinkat(parentfd, leaf, AT_REMOVEDIR) && errno != ENOENT)
		return ktstr_error_set(error, -errno, "rmdir (%s)%s", errno_name(-errno),
				       removal_hint(errno));
	return 0;
}

int cgroupfs_remove(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error)
{
	struct cgroupfs *fs = cgroupfs_of(cgroups);
	const char *slash = strrchr(name, '/');
	const char *leaf = slash ? slash + 1 : name;
	auto_free char *above = NULL;
	auto_close int parentfd = -1, dirfd = -1;
	struct ktstr_error why = { 0 };
	int err;

	if (fs->stuck > STUCK_MAX)
		return ktstr_error_set(error, -EBUSY,
				       "cgroup '%s': not removed, %u cgroups could not be removed "
				       "before, more than %d: something holds on to them",
				       name, fs->stuck, STUCK_MAX);
	above = strndup(name, slash ? (size_t)(slash - name) : 0);
	if (!above)
		return ktstr_error_set(error, -ENOMEM, "remove cgroup '%s': no memory", name);
	err = cgroupfs_open(fs, above, &parentfd, &why);
	if (!err) {
		dirfd = open_leaf(parentfd, leaf);
		if (dirfd < 0)
			err = ktstr_error_set(&why, -errno, "open (%s)", errno_name(-errno));
	}
	if (err == -ENOENT)
		return 0; /* there is no such cgroup */
	if (!err)
		err = remove_leaf(fs, parentfd, leaf, dirfd, &why);
	if (err) {
		fs->stuck++;
		return ktstr_error_set(error, err, "remove cgroup '%s' below '%s': %.800s", name,
				       fs->parent, why.text);
	}
	if (fs->stuck)
		fs->stuck--;
	return 0;
}

/* Everything below dirfd, deepest first. What resists stays: this is for ends and starts. */
static void remove_below(const struct cgroupfs *fs, int dirfd)
{
	int listed = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = listed < 0 ? NULL : fdopendir(listed);
	struct dirent *entry;

	if (!dir) {
		if (listed >= 0)
			close(listed);
		return;
	}
	while ((entry = readdir(dir))) {
		auto_close int child = -1;
		int ignored;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		child = open_leaf(dirfd, entry->d_name);
		if (child < 0)
			continue; /* a control file */
		remove_below(fs, child);
		ignored = remove_leaf(fs, dirfd, entry->d_name, child, NULL);
		(void)ignored;
	}
}

void cgroupfs_cleanup(struct ktstr_cgroups *cgroups)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int parentfd = -1;

	if (!cgroupfs_open(fs, "", &parentfd, NULL))
		remove_below(fs, parentfd);
}
