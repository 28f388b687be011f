// SPDX-License-Identifier: GPL-2.0-only
/* Where on this machine cgroups may be made, and whether they are of use to tests. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "runner/host_cgroup.h"
#include "runner/host_cgroup_root.h"

#define MOUNT "/sys/fs/cgroup"
#define TEXT_MAX 65536

/* What a test may count on. io is passed on where there is any: many delegations leave it out. */
static const struct {
	const char *name;
	bool optional;
} controllers[] = { { "cpuset", false },
		    { "cpu", false },
		    { "memory", false },
		    { "pids", false },
		    { "io", true } };

#define CONTROLLERS (sizeof(controllers) / sizeof(controllers[0]))

static int refuse_missing(const char *walk_root, const char *offered, const char *missing,
			  struct ktstr_error *error)
{
	bool whole = !strcmp(walk_root, MOUNT);

	return ktstr_error_set(
		error, -ENOTSUP,
		"cgroup v2 at '%s' lacks the controllers%s (it has '%.*s'); %s, or "
		"leave out --host",
		walk_root, missing, (int)strcspn(offered, "\n"), offered,
		whole ? "take them from the cgroup v1 hierarchies, as with the kernel "
			"parameter systemd.unified_cgroup_hierarchy=1"
		      : "have them delegated, as with systemd's Delegate=");
}

/* "+cpuset +cpu ...", of those that are offered. */
static int list_controllers(int fd, const char *walk_root, char enable[64],
			    struct ktstr_error *error)
{
	auto_free char *offered = NULL;
	char missing[64] = "";
	int err = file_read(fd, "cgroup.controllers", TEXT_MAX, &offered, NULL, error);

	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", walk_root);
	enable[0] = '\0';
	for (size_t i = 0; i < CONTROLLERS; i++) {
		bool offers = text_has_word(offered, controllers[i].name);
		char *text = offers ? enable : missing;
		size_t used = strlen(text);

		if (offers || !controllers[i].optional)
			snprintf(text + used, 64 - used, offers ? "%s+%s" : "%s%s",
				 offers ? (used ? " " : "") : " ", controllers[i].name);
	}
	return missing[0] ? refuse_missing(walk_root, offered, missing, error) : 0;
}

static int pass_on(int fd, const char *path, const char *enable, struct ktstr_error *error)
{
	int err = file_write_text(fd, "cgroup.subtree_control", enable, NULL);

	if (err == -EBUSY)
		return ktstr_error_set(error, err,
				       "cgroup '%s' has processes of its own, so it cannot pass "
				       "controllers on; set " HOST_WALK_ROOT_ENV
				       " to one without, that is delegated to you",
				       path);
	if (err)
		return ktstr_error_set(error, err,
				       "write '%s' to '%s/cgroup.subtree_control': %s; run as root "
				       "or set " HOST_WALK_ROOT_ENV
				       " to a cgroup that is delegated to you",
				       enable, path, strerror(-err));
	return 0;
}

int host_cgroup_root_prepare(const char *walk_root, char ret_parent[PATH_MAX], int *ret_fd,
			     struct ktstr_error *error)
{
	auto_close int root = open(walk_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd = -1;
	char enable[64];
	int err;

	if (root < 0)
		return ktstr_error_set(error, -errno, "cgroup '%s': %s", walk_root,
				       strerror(errno));
	if (snprintf(ret_parent, PATH_MAX, "%s/ktstr", walk_root) >= PATH_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG, "cgroup '%.64s...': too long",
				       walk_root);
	err = list_controllers(root, walk_root, enable, error);
	if (!err)
		err = pass_on(root, walk_root, enable, error);
	if (err)
		return err;
	if (mkdirat(root, "ktstr", 0755) && errno != EEXIST)
		return ktstr_error_set(error, -errno, "create cgroup '%s': %s", ret_parent,
				       strerror(errno));
	fd = openat(root, "ktstr", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "open cgroup '%s': %s", ret_parent,
				       strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}

static int check_v2(const char *path, struct ktstr_error *error)
{
	struct statfs status;

	if (statfs(path, &status))
		return ktstr_error_set(error, -errno, "cgroup '%s': %s", path, strerror(errno));
	if (status.f_type == CGROUP2_SUPER_MAGIC)
		return 0;
	return ktstr_error_set(error, -ENOTSUP,
			       "no cgroup v2 file system at '%s'; boot with the kernel parameter "
			       "systemd.unified_cgroup_hierarchy=1, or leave out --host to run the "
			       "tests in VMs",
			       path);
}

const char *host_cgroup_own(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!text_behind(line, "0::/"))
			continue;
		line[strcspn(line, "\n")] = '\0';
		return line + strlen("0::");
	}
	return NULL;
}

static bool may_use(const char *path)
{
	char file[PATH_MAX];

	return snprintf(file, sizeof(file), "%s/cgroup.subtree_control", path) < PATH_MAX &&
	       !access(file, W_OK) &&
	       snprintf(file, sizeof(file), "%s/cgroup.procs", path) < PATH_MAX &&
	       !access(file, W_OK) && !access(path, W_OK);
}

/* The highest cgroup above our own that we may write to: tasks cannot be moved across its edge. */
static int find_delegated(char ret_root[PATH_MAX], struct ktstr_error *error)
{
	auto_free char *text = NULL;
	char path[PATH_MAX], *slash;
	const char *own;
	int err = file_read(AT_FDCWD, "/proc/self/cgroup", TEXT_MAX, &text, NULL, error);

	if (err)
		return err;
	own = host_cgroup_own(text);
	ret_root[0] = '\0';
	if (own && snprintf(path, sizeof(path), MOUNT "%s", own) < PATH_MAX)
		for (; strlen(path) > strlen(MOUNT); *slash = '\0') {
			if (!may_use(path) && ret_root[0])
				break;
			if (may_use(path))
				memcpy(ret_root, path, sizeof(path));
			slash = strrchr(path, '/');
		}
	if (ret_root[0])
		return 0;
	return ktstr_error_set(error, -EACCES,
			       "no cgroup is delegated to the user %u; run as root, or set "
			       "" HOST_WALK_ROOT_ENV " to one that is",
			       (unsigned)geteuid());
}

int host_cgroups_open(struct host_cgroups *ret_cgroups, struct ktstr_error *error)
{
	const char *chosen = getenv(HOST_WALK_ROOT_ENV);
	char root[PATH_MAX] = MOUNT;
	int err;

	if (chosen && *chosen && (*chosen != '/' || strstr(chosen, "..")))
		return ktstr_error_set(error, -EINVAL,
				       "option --host: " HOST_WALK_ROOT_ENV
				       " '%s' is no absolute path without '..'",
				       chosen);
	if (chosen && *chosen)
		snprintf(root, sizeof(root), "%s", chosen);
	path_normalize(root);
	err = check_v2(root, error);
	if (!err && !(chosen && *chosen) && geteuid() != 0)
		err = find_delegated(root, error);
	if (!err)
		err = host_cgroups_prepare(root, ret_cgroups, error);
	return err ? ktstr_error_wrap(error, err, "option --host") : 0;
}
