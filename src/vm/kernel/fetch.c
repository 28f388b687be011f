// SPDX-License-Identifier: GPL-2.0-only
/* From a suite's name to an entry of the store: resolve, download, unpack, add. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cache_dir.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stage.h"
#include "vm/kernel/add.h"
#include "vm/kernel/apt.h"
#include "vm/kernel/deb.h"
#include "vm/kernel/fetch.h"
#include "vm/kernel/packages.h"
#include "vm/kernel/store.h"

/* What one fetch works on. */
struct work {
	const char *suite, *flavour;
	const struct kernel_progress *progress;
	struct kernel_packages packages;
	struct apt *apt;
};

static void work_release(struct work *work)
{
	kernel_packages_release(&work->packages);
	apt_free(work->apt);
}
#define auto_work __attribute__((cleanup(work_release)))

/* The entry made of the same version of the same package, whatever suite it came by. */
static int find_present(const struct kernel_packages *packages, struct kernel_entry **ret_entry,
			struct ktstr_error *error)
{
	auto_kernel_list struct kernel_list list = { 0 };
	int err = kernel_store_list(&list, error);

	for (size_t i = 0; !err && i < list.count; i++) {
		const struct kernel_entry *entry = list.items[i].entry;

		if (entry && entry->package && entry->package_version &&
		    !strcmp(entry->package, packages->name) &&
		    !strcmp(entry->package_version, packages->version)) {
			*ret_entry = take_pointer(list.items[i].entry);
			return 0;
		}
	}
	return err;
}

static int resolve(struct work *work, struct ktstr_error *error)
{
	char text[128];
	int err;

	snprintf(text, sizeof(text), "reading the package list of %s", work->suite);
	progress_stage(work->progress, text);
	err = apt_update(work->apt, error);
	if (err)
		return ktstr_error_wrap(error, err, "suite '%s'", work->suite);
	return kernel_packages_resolve(work->apt, work->suite, work->flavour, &work->packages,
				       error);
}

static int download(struct work *work, int dir, struct ktstr_error *error)
{
	char text[256];
	int err;

	snprintf(text, sizeof(text), "downloading %s %s (%zu package%s, %.1f MB)",
		 work->packages.name, work->packages.version, work->packages.count,
		 work->packages.count == 1 ? "" : "s", (double)work->packages.total_bytes / 1e6);
	progress_stage(work->progress, text);
	err = apt_download(work->apt, (const char *const *)work->packages.specs, dir,
			   work->packages.total_bytes, error);
	return err ? ktstr_error_wrap(error, err, "download %s %s", work->packages.name,
				      work->packages.version)
		   : 0;
}

static bool is_package(const char *name)
{
	const char *ending = strrchr(name, '.');

	return ending && !strcmp(ending, ".deb");
}

static int unpack(const struct work *work, const char *dir_path, int dir, struct ktstr_error *error)
{
	auto_close int list = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *stream = list < 0 ? NULL : fdopendir(list);
	struct dirent *member;

	progress_stage(work->progress, "unpacking");
	if (!stream)
		return ktstr_error_set(error, -errno, "list '%s': %s", dir_path, strerror(errno));
	take_fd(&list); /* the stream closes it */
	while ((member = readdir(stream))) {
		auto_free char *file = NULL;
		int err;

		if (!is_package(member->d_name))
			continue;
		if (asprintf(&file, "%s/%s", dir_path, member->d_name) < 0)
			return ktstr_error_set(error, -ENOMEM, "'%s': no memory", member->d_name);
		err = deb_unpack(file, dir_path, error);
		if (err)
			return err;
	}
	return 0;
}

static int add(const struct work *work, const char *dir, struct kernel_entry **ret_entry,
	       struct ktstr_error *error)
{
	char image[PATH_MAX], config[PATH_MAX], modules[PATH_MAX];
	struct kernel_origin origin = {
		.image = image,
		.suite = work->suite,
		.package = work->packages.name,
		.package_version = work->packages.version,
	};

	progress_stage(work->progress, "adding it to the store");
	if (snprintf(image, sizeof(image), "%s/vmlinuz", dir) >= PATH_MAX ||
	    snprintf(config, sizeof(config), "%s/config", dir) >= PATH_MAX ||
	    snprintf(modules, sizeof(modules), "%s/modules", dir) >= PATH_MAX)
		return ktstr_error_set(error, -ENAMETOOLONG, "'%s' is too long a path", dir);
	if (access(image, R_OK))
		return ktstr_error_set(error, -ENOENT,
				       "%s %s has no vmlinuz in any of its %zu packages",
				       work->packages.name, work->packages.version,
				       work->packages.count);
	origin.config = access(config, R_OK) ? NULL : config;
	origin.modules = access(modules, R_OK) ? NULL : modules;
	return kernel_add_origin(&origin, ret_entry, error);
}

/* Packages are downloaded into a stage: whatever ends us, the next one clears it away. */
static int get(struct work *work, struct kernel_entry **ret_entry, struct ktstr_error *error)
{
	auto_free char *root_path = NULL;
	auto_free char *dir_path = NULL;
	auto_close int root = -1;
	auto_stage struct stage *stage = NULL;
	int err = cache_dir_open(CACHE_DIR_KERNELS, &root, &root_path, error);

	if (!err)
		err = stage_open(root, &stage, error);
	if (err)
		return err;
	if (asprintf(&dir_path, "%s/%s", root_path, stage_name(stage)) < 0)
		return ktstr_error_set(error, -ENOMEM, "suite '%s': no memory", work->suite);
	err = download(work, stage_fd(stage), error);
	if (!err)
		err = unpack(work, dir_path, stage_fd(stage), error);
	if (!err)
		err = add(work, dir_path, ret_entry, error);
	return err;
}

static int do_fetch(struct work *work, uint64_t deadline_ns, struct kernel_entry **ret_entry,
		    bool *ret_new, struct ktstr_error *error)
{
	struct kernel_entry *present = NULL;
	int err = apt_open(work->suite, deadline_ns, work->progress, &work->apt, error);

	if (!err)
		err = resolve(work, error);
	if (!err)
		err = find_present(&work->packages, &present, error);
	if (err)
		return err;
	*ret_new = !present;
	if (!present)
		return get(work, ret_entry, error);
	*ret_entry = present;
	return 0;
}

int kernel_fetch(const struct kernel_fetch *fetch, struct kernel_entry **ret_entry, bool *ret_new,
		 struct ktstr_error *error)
{
	auto_work struct work work = {
		.suite = fetch->suite ?: KERNEL_FETCH_SUITE,
		.flavour = fetch->flavour ?: KERNEL_FETCH_FLAVOUR,
		.progress = fetch->progress,
	};
	uint64_t timeout_ms = fetch->timeout_ms ?: KERNEL_FETCH_TIMEOUT_MS;
	int err = do_fetch(&work, clock_deadline_ms(timeout_ms), ret_entry, ret_new, error);

	if (err == -ETIMEDOUT)
		return ktstr_error_wrap(
			error, err,
			"suite '%s' not fetched within %.1f s; a longer timeout may help",
			work.suite, (double)timeout_ms / 1e3);
	return err;
}
