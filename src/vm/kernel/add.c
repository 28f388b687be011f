// SPDX-License-Identifier: GPL-2.0-only
/* Making an entry of files on this machine: looking them up, judging, staging, publishing. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/stage.h"
#include "base/tree.h"
#include "vm/kernel/add.h"
#include "vm/kernel/image.h"

#define CONFIG_LIMIT_BYTES (4U << 20) /* an allyesconfig: 350 kB */
#define TREE_IMAGE "arch/x86/boot/bzImage"

/* What the VM's own devices need; the rest of the guest's hardware is built in everywhere. */
/* Modules in older kernels (6.1), and the agent's channels depend on them. */
static const char *const boot_modules[] = { "virtio_pci", "virtio_console", NULL };
static const char *const device_modules[] = { "virtio_blk", "virtio_net", NULL };

/* Paths that a look around an image yields; kernel_origin borrows from here. */
struct surroundings {
	char image[PATH_MAX], config[PATH_MAX], modules[PATH_MAX];
	struct kernel_origin origin;
};

static bool exists(const char *path)
{
	return access(path, R_OK) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Writes dir/name; true when that fits and the file exists. */
static bool find_file(char path[PATH_MAX], const char *dir, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX && exists(path);
}

static int look_up_tree(const char *tree, struct surroundings *around, struct ktstr_error *error)
{
	char order[PATH_MAX];

	if (!find_file(around->image, tree, TREE_IMAGE))
		return ktstr_error_set(error, -ENOENT,
				       "kernel '%s' is a folder without " TREE_IMAGE
				       ": build it there, or "
				       "name the bzImage",
				       tree);
	around->origin.image = around->image;
	if (find_file(around->config, tree, ".config"))
		around->origin.config = around->config;
	if (find_file(order, tree, "modules.order")) {
		snprintf(around->modules, sizeof(around->modules), "%s", tree);
		around->origin.modules = around->modules;
	}
	return 0;
}

/* Debian and others: /boot/config-RELEASE with /lib/modules/RELEASE, or all beside vmlinuz. */
static void look_up_beside(const char *image, const char *release, struct surroundings *around)
{
	char dir[PATH_MAX], name[KERNEL_RELEASE_MAX + sizeof("config-")], order[PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", image);
	slash = strrchr(dir, '/');
	if (!slash)
		return;
	*slash = '\0';
	snprintf(name, sizeof(name), "config-%s", release);
	if (find_file(around->config, dir, name) || find_file(around->config, dir, "config"))
		around->origin.config = around->config;
	if (find_file(order, dir, "modules.order"))
		snprintf(around->modules, sizeof(around->modules), "%s", dir);
	else
		snprintf(around->modules, sizeof(around->modules), "/lib/modules/%s", release);
	if (find_file(order, around->modules, "modules.order"))
		around->origin.modules = around->modules;
}

static int read_config(const char *path, char **ret_config, size_t *ret_size,
		       struct ktstr_error *error)
{
	if (!path)
		return 0;
	return file_read(AT_FDCWD, path, CONFIG_LIMIT_BYTES, ret_config, ret_size, error);
}

static int judge(const struct kernel_image *image, const char *config,
		 struct sched_ext_support *support, struct ktstr_error *error)
{
	int err = sched_ext_judge(config, image->facts.btf, image->facts.btf_size, support, error);

	return err ? ktstr_error_wrap(error, err, "kernel %s", image->release) : 0;
}

static int stage_modules(const char *tree_path, int stage, struct kernel_entry *entry,
			 struct ktstr_error *error)
{
	auto_close int tree = open(tree_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int out = -1;
	int err;

	if (tree < 0)
		return ktstr_error_set(error, -errno, "module tree '%s': %s", tree_path,
				       strerror(errno));
	err = tree_open(stage, "modules", &out, error);
	if (err)
		return err;
	err = modules_collect(tree, boot_modules, device_modules, out, &entry->modules, error);
	return err ? ktstr_error_wrap(error, err, "module tree '%s'", tree_path) : 0;
}

/* Writes one file of the entry and marks it present. */
static int stage_file(int stage, const char *name, const char *data, size_t size, char **ret_mark,
		      struct ktstr_error *error)
{
	int err = tree_write(stage, name, data, size, error);

	if (err)
		return err;
	*ret_mark = strdup(name);
	return *ret_mark ? 0 : ktstr_error_set(error, -ENOMEM, "%s: no memory", name);
}

static int copy_text(const char *text, char **ret_copy)
{
	if (!text)
		return 0;
	*ret_copy = strdup(text);
	return *ret_copy ? 0 : -ENOMEM;
}

static int describe(const struct kernel_origin *origin, const struct kernel_image *image,
		    struct kernel_entry *entry, struct ktstr_error *error)
{
	char created[sizeof("2026-11-21T09:30:00Z")];
	time_t now = time(NULL);
	struct tm utc;

	memcpy(entry->build_id, image->facts.build_id, sizeof(entry->build_id));
	gmtime_r(&now, &utc);
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (copy_text(image->release, &entry->ref) || copy_text(image->release, &entry->release) ||
	    copy_text(created, &entry->created) || copy_text(origin->suite, &entry->suite) ||
	    copy_text(origin->package, &entry->package) ||
	    copy_text(origin->package_version, &entry->package_version) ||
	    copy_text(origin->path, &entry->path))
		return ktstr_error_set(error, -ENOMEM, "kernel %s: no memory", image->release);
	return 0;
}

static int fill_stage(int stage, const struct kernel_origin *origin,
		      const struct kernel_image *image, struct kernel_entry *entry,
		      struct ktstr_error *error)
{
	auto_free char *config = NULL;
	size_t config_size;
	int err = describe(origin, image, entry, error);

	if (!err)
		err = read_config(origin->config, &config, &config_size, error);
	if (!err)
		err = judge(image, config, &entry->sched_ext, error);
	if (!err && image->bzimage)
		err = stage_file(stage, "vmlinuz", image->bzimage, image->bzimage_size,
				 &entry->vmlinuz, error);
	if (!err && image->facts.boots_by_pvh)
		err = stage_file(stage, "vmlinux", image->elf, image->elf_size, &entry->vmlinux,
				 error);
	if (!err && config)
		err = stage_file(stage, "config", config, config_size, &entry->config, error);
	if (!err && image->facts.btf)
		err = stage_file(stage, "btf", image->facts.btf, image->facts.btf_size, &entry->btf,
				 error);
	if (!err && origin->modules)
		err = stage_modules(origin->modules, stage, entry, error);
	if (!err)
		err = kernel_entry_write(stage, entry, error);
	return err;
}

static bool is_same_source(const struct kernel_origin *origin, const struct kernel_entry *entry)
{
	if (origin->suite || entry->suite)
		return origin->suite && entry->suite;
	return origin->path && entry->path && !strcmp(origin->path, entry->path);
}

/*
 * A rebuilt tree replaces its former self, and a suite's update the version before. But a release
 * from elsewhere may be another kernel, or the same one without its modules.
 */
static int check_replacing(int root, const struct kernel_origin *origin, const char *release,
			   struct ktstr_error *error)
{
	auto_kernel_entry struct kernel_entry *present = NULL;

	/* Nothing there, or nothing of use: either may be replaced. */
	if (kernel_entry_read(root, "", release, &present, NULL) || is_same_source(origin, present))
		return 0;
	return ktstr_error_set(error, -EEXIST,
			       "kernel '%s' is in the store already, from %s: 'ktstr kernel rm %s' makes "
			       "room for the one from %s",
			       release, present->suite ?: present->path ?: "elsewhere", release,
			       origin->suite ?: origin->path);
}

static int add_image(const struct kernel_origin *origin, const struct kernel_image *image,
		     struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	auto_free char *root_path = NULL;
	auto_close int root = -1;
	auto_stage struct stage *stage = NULL;
	int err = cache_dir_open(CACHE_DIR_KERNELS, &root, &root_path, error);

	if (!err)
		err = check_replacing(root, origin, image->release, error);
	if (!err)
		err = stage_open(root, &stage, error);
	if (err)
		return err;
	auto_kernel_entry struct kernel_entry *staged = calloc(1, sizeof(*staged));

	if (!staged)
		return ktstr_error_set(error, -ENOMEM, "kernel %s: no memory", image->release);
	err = fill_stage(stage_fd(stage), origin, image, staged, error);
	if (err)
		return err;
	err = stage_publish(&stage, image->release, error);
	if (err || !ret_entry)
		return err;
	return kernel_entry_read(root, root_path, image->release, ret_entry, error);
}

int kernel_add_origin(const struct kernel_origin *origin, struct kernel_entry **ret_entry,
		      struct ktstr_error *error)
{
	auto_kernel_image struct kernel_image image = { 0 };
	int err = kernel_image_read(origin->image, &image, error);

	return err ?: add_image(origin, &image, ret_entry, error);
}

/* Reads the image that path means and finds what belongs to it. */
static int look_up(const char *path, struct surroundings *around, struct kernel_image *image,
		   struct ktstr_error *error)
{
	int err;

	*around = (struct surroundings){ .origin = { .path = path, .image = path } };
	if (is_folder(path)) {
		err = look_up_tree(path, around, error);
		return err ?: kernel_image_read(around->image, image, error);
	}
	err = kernel_image_read(path, image, error);
	if (!err)
		look_up_beside(path, image->release, around);
	return err;
}

int kernel_add_path(const char *path, struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	auto_kernel_image struct kernel_image image = { 0 };
	auto_free char *absolute = realpath(path, NULL);
	struct surroundings around;
	int err;

	if (!absolute)
		return ktstr_error_set(error, -errno, "kernel '%s': %s", path, strerror(errno));
	err = look_up(absolute, &around, &image, error);
	return err ?: add_image(&around.origin, &image, ret_entry, error);
}

int kernel_add_inspect(const char *path, struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	auto_kernel_image struct kernel_image image = { 0 };
	auto_free char *absolute = realpath(path, NULL);
	auto_kernel_entry struct kernel_entry *entry = calloc(1, sizeof(*entry));
	auto_free char *config = NULL;
	struct surroundings around;
	size_t config_size;
	int err;

	if (!absolute)
		return ktstr_error_set(error, -errno, "kernel '%s': %s", path, strerror(errno));
	if (!entry)
		return ktstr_error_set(error, -ENOMEM, "kernel '%s': no memory", path);
	err = look_up(absolute, &around, &image, error);
	if (!err)
		err = describe(&around.origin, &image, entry, error);
	if (!err)
		err = read_config(around.origin.config, &config, &config_size, error);
	if (!err)
		err = judge(&image, config, &entry->sched_ext, error);
	if (err)
		return err;
	free(entry->ref);
	entry->ref = strdup(absolute);
	if (!entry->ref || copy_text(around.origin.image, &entry->boot) ||
	    copy_text(around.origin.image, image.bzimage ? &entry->vmlinuz : &entry->vmlinux) ||
	    copy_text(around.origin.config, &entry->config))
		return ktstr_error_set(error, -ENOMEM, "kernel '%s': no memory", path);
	*ret_entry = take_pointer(entry);
	return 0;
}
