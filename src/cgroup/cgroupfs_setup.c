// SPDX-License-Identifier: GPL-2.0-only
/* Making cgroups, and enabling controllers on the way down to them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/cgroupfs.h"

/* In the order in which they are written. */
static const struct controller {
	enum ktstr_controllers bit;
	const char *name, *config;
} controllers_known[] = {
	{ KTSTR_CONTROLLER_CPUSET, "cpuset", "CONFIG_CPUSETS" },
	{ KTSTR_CONTROLLER_CPU, "cpu", "CONFIG_CGROUP_SCHED" },
	{ KTSTR_CONTROLLER_MEMORY, "memory", "CONFIG_MEMCG" },
	{ KTSTR_CONTROLLER_PIDS, "pids", "CONFIG_CGROUP_PIDS" },
	{ KTSTR_CONTROLLER_IO, "io", "CONFIG_BLK_CGROUP" },
};
#define CONTROLLERS (sizeof(controllers_known) / sizeof(controllers_known[0]))
#define CONTROLLERS_TEXT_MAX 64
#define CONTROL_TEXT_MAX 256 /* of a list of controllers, as the kernel has it */

static int check_privilege(const struct cgroupfs *fs, struct ktstr_error *error)
{
	/* Another walk root is a delegated subtree, where the kernel itself decides. */
	if (strcmp(fs->root, KTSTR_CGROUP_ROOT) != 0 || geteuid() == 0)
		return 0;
	return ktstr_error_set(
		error, -EACCES,
		"cgroups below '%s' need root, the effective uid is %u; run as root or "
		"give a delegated subtree as walk root",
		fs->root, (unsigned)geteuid());
}

static int check_offered(const struct cgroupfs *fs, int rootfd, unsigned controllers,
			 struct ktstr_error *error)
{
	char offered[CONTROL_TEXT_MAX];

	if (cgroupfs_read(rootfd, "cgroup.controllers", offered, sizeof(offered)))
		return 0;
	for (size_t i = 0; i < CONTROLLERS; i++) {
		const struct controller *controller = &controllers_known[i];

		if (controllers & controller->bit && !text_has_word(offered, controller->name))
			return ktstr_error_set(
				error, -ENOTSUP,
				"controller '%s' is not in '%s/cgroup.controllers', "
				"which offers '%s'; the kernel needs %s, and no cgroup "
				"v1 hierarchy may use the controller",
				controller->name, fs->root, offered, controller->config);
	}
	return 0;
}

static void format_request(unsigned controllers, char text[CONTROLLERS_TEXT_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < CONTROLLERS; i++)
		if (controllers & controllers_known[i].bit)
			used += (size_t)snprintf(text + used, CONTROLLERS_TEXT_MAX - used, "%s+%s",
						 used ? " " : "", controllers_known[i].name);
}

/* Replace *dirfd by its subdirectory component, made if need be. path is for the message. */
static int descend(int *dirfd, const char *component, const char *path, bool *ret_created,
		   struct ktstr_error *error)
{
	bool created = !mkdirat(*dirfd, component, 0755);
	int fd;

	if (!created && errno != EEXIST)
		return ktstr_error_set(error, -errno, "mkdir '%s' (%s)%s", path, errno_name(-errno),
				       errno == EACCES || errno == EPERM || errno == EROFS
					       ? "; run as root or in a delegated subtree"
					       : "");
	fd = openat(*dirfd, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return ktstr_error_set(error, -errno, "open '%s' (%s)", path, errno_name(-errno));
	close(*dirfd);
	*dirfd = fd;
	*ret_created = created;
	return 0;
}

/* Called for each directory on the way, path being where it is. */
typedef int (*visit_fn)(const struct cgroupfs *fs, int dirfd, const char *path, const char *text,
			struct ktstr_error *error);

/*
 * Go from *dirfd, which is at base, down to the last component of path, making what is missing;
 * visit every directory on the way but the last. *ret_created is about the last one.
 */
static int walk(const struct cgroupfs *fs, int *dirfd, const char *base, const char *path,
		visit_fn visit, const char *text, bool *ret_created, struct ktstr_error *error)
{
	auto_free char *at_path = NULL;
	size_t used = strlen(base);
	int err;

	at_path = malloc(used + strlen(path) + 2);
	if (!at_path)
		return ktstr_error_set(error, -ENOMEM, "no memory for path '%s'", path);
	memcpy(at_path, base, used + 1);
	for (const char *at = path; *at; at += strspn(at, "/")) {
		size_t length = strcspn(at, "/");
		char *component = at_path + used + 1;

		err = visit ? visit(fs, *dirfd, at_path, text, error) : 0;
		if (err)
			return err;
		at_path[used] = '/';
		memcpy(component, at, length);
		component[length] = '\0';
		used += 1 + length;
		err = descend(dirfd, component, at_path, ret_created, error);
		if (err)
			return err;
		at += length;
	}
	return 0;
}

/* Enable the controllers in text for the children of dirfd; no such file, nothing to enable. */
static int enable(const struct cgroupfs *fs, int dirfd, const char *path, const char *text,
		  struct ktstr_error *error)
{
	int err = fs->write_text(dirfd, "cgroup.subtree_control", text, fs->write_limit_ms);

	if (!err || err == -ENOENT)
		return 0;
	return ktstr_error_set(error, err, "write '%s' to '%s/cgroup.subtree_control' (%s)", text,
			       path, errno_name(err));
}

int cgroupfs_setup(struct ktstr_cgroups *cgroups, unsigned controllers, struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	char text[CONTROLLERS_TEXT_MAX];
	auto_close int dirfd = -1;
	bool created;
	int err = check_privilege(fs, error);

	if (err || !controllers)
		return err;
	err = cgroupfs_open_root(fs, &dirfd, error);
	if (!err)
		err = check_offered(fs, dirfd, controllers, error);
	if (err)
		return err;
	format_request(controllers, text);
	err = walk(fs, &dirfd, fs->root, fs->below, enable, text, &created, error);
	return err ? err : enable(fs, dirfd, fs->parent, text, error);
}

/*
 * Cgroups inside cgroups may want cpusets. Where that cannot be had (the kernel refuses it to a
 * cgroup with processes in it), setting the cpuset fails and shows the controllers in its error.
 */
static int offer_cpuset(const struct cgroupfs *fs, int dirfd, const char *path, const char *text,
			struct ktstr_error *error)
{
	int ignored = fs->write_text(dirfd, "cgroup.subtree_control", text, fs->write_limit_ms);

	(void)path, (void)error, (void)ignored;
	return 0;
}

int cgroupfs_create(struct ktstr_cgroups *cgroups, const char *name, bool *ret_created,
		    struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	auto_close int dirfd = -1;
	bool created = false;
	int err = cgroupfs_open_root(fs, &dirfd, error);

	if (!err)
		err = walk(fs, &dirfd, fs->root, fs->below, NULL, NULL, &created, error);
	if (!err)
		err = walk(fs, &dirfd, fs->parent, name, strchr(name, '/') ? offer_cpuset : NULL,
			   "+cpuset", &created, error);
	if (err)
		return ktstr_error_wrap(error, err, "create cgroup '%s'", name);
	*ret_created = created;
	return 0;
}

int cgroupfs_clear_subtree_control(struct ktstr_cgroups *cgroups, const char *name,
				   struct ktstr_error *error)
{
	const struct cgroupfs *fs = cgroupfs_of(cgroups);
	char enabled[CONTROL_TEXT_MAX], text[2 * CONTROL_TEXT_MAX];
	auto_close int dirfd = -1;
	size_t used = 0;
	int err = cgroupfs_open(fs, name, &dirfd, error);

	/* What is not there passes nothing on. */
	if (err)
		return err == -ENOENT ? 0 : err;
	if (cgroupfs_read(dirfd, "cgroup.subtree_control", enabled, sizeof(enabled)))
		return 0;
	for (char *rest, *word = strtok_r(enabled, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s-%s", used ? " " : "",
					 word);
	if (!used)
		return 0;
	err = cgroupfs_write(fs, name, dirfd, "cgroup.subtree_control", text, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s': pass no controllers on, '%s'",
					name, text);
	return 0;
}
