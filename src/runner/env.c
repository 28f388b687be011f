// SPDX-License-Identifier: GPL-2.0-only
/* The parts of a VM, found on this machine. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "runner/env.h"
#include "vm/elf_needs.h"
#include "vm/kernel/driver.h"
#include "vm/kernel/store.h"
#include "wire/message.h"

#define AGENT_NAME "ktstr-guest"

static int chosen_by_environment(const char *variable, const char *path, char **ret_path,
				 struct ktstr_error *error)
{
	if (access(path, X_OK) < 0)
		return ktstr_error_set(error, -errno, "%s '%s': %s; correct it or unset it",
				       variable, path, strerror(errno));
	*ret_path = strdup(path);
	return *ret_path ? 0 : ktstr_error_set(error, -ENOMEM, "no memory for '%s'", path);
}

/* directory/name when that can be executed; NULL when not. */
static char *try_file(const char *directory, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Folder of this program, without the slash at its end. */
static const char *own_folder(char buffer[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", buffer, PATH_MAX - 1);
	char *slash;

	buffer[length < 0 ? 0 : length] = '\0';
	slash = strrchr(buffer, '/');
	if (slash)
		*slash = '\0';
	return buffer;
}

int guest_agent_find(char **ret_path, struct ktstr_error *error)
{
	static const char *const beside[] = { AGENT_NAME,
					      "src/guest/" AGENT_NAME /* build tree */ };
	const char *chosen = getenv("KTSTR_GUEST");
	char folder[PATH_MAX];
	char *path = NULL;

	if (chosen && *chosen)
		return chosen_by_environment("KTSTR_GUEST", chosen, ret_path, error);
	own_folder(folder);
	for (size_t i = 0; !path && i < sizeof(beside) / sizeof(beside[0]); i++)
		path = try_file(folder, beside[i]);
	if (!path)
		path = try_file(KTSTR_LIBEXECDIR, AGENT_NAME);
	if (!path)
		return ktstr_error_set(error, -ENOENT,
				       "%s, the guest's init, is neither in '%s' nor in '%s'; "
				       "install ktstr or set KTSTR_GUEST",
				       AGENT_NAME, folder, KTSTR_LIBEXECDIR);
	*ret_path = path;
	return 0;
}

/* Most test binaries use the one beside this tool: a guest that has it need not be sent it. */
static char *libktstr_find(void)
{
	char folder[PATH_MAX];
	char *path = try_file(own_folder(folder), KTSTR_LIBRARY);

	return path ? path : try_file(KTSTR_LIBDIR, KTSTR_LIBRARY);
}

struct guest_modules {
	struct initramfs_file *files; /* both paths of each are ours */
	size_t count;
};

static void guest_modules_release(struct guest_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		free((char *)modules->files[i].host_path);
		free((char *)modules->files[i].guest_path);
	}
	free(modules->files);
}
#define auto_guest_modules __attribute__((cleanup(guest_modules_release)))

static bool is_static(const char *path)
{
	auto_elf_needs struct elf_needs needs = { 0 };

	return elf_needs_read(path, &needs, NULL) == 0 && !needs.interpreter &&
	       needs.needed_count == 0;
}

int busybox_find(char **ret_path, struct ktstr_error *error)
{
	static const char *const folders[] = { "/bin", "/usr/bin", "/sbin", "/usr/local/bin" };
	const char *chosen = getenv("KTSTR_BUSYBOX");

	if (chosen && *chosen)
		return chosen_by_environment("KTSTR_BUSYBOX", chosen, ret_path, error);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = try_file(folders[i], "busybox");

		if (path && is_static(path)) {
			*ret_path = path;
			return 0;
		}
		free(path);
	}
	return ktstr_error_set(error, -ENOENT,
			       "no static busybox found, which a shell in the guest needs; install "
			       "busybox-static or set KTSTR_BUSYBOX");
}

/*
 * What init has to load, in this order, which their numbers keep: the first always, the rest in
 * guests with devices. These are in every initramfs, so that one will do for all tests of a run and
 * for the next: unpacking their 0.4 MB costs less than a template of another key.
 */
static int list_modules(const struct kernel_entry *kernel, struct guest_modules *ret_modules,
			struct ktstr_error *error)
{
	size_t count = kernel->modules.count, boot_count = kernel->modules.boot_count;

	if (!count)
		return 0;
	ret_modules->files = calloc(count, sizeof(*ret_modules->files));
	if (!ret_modules->files)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu modules", count);
	for (; ret_modules->count < count; ret_modules->count++) {
		const char *name = kernel->modules.names[ret_modules->count];
		char *host, *guest;

		if (asprintf(&host, "%s/%s.ko", kernel->modules_dir, name) < 0)
			return ktstr_error_set(error, -ENOMEM, "no memory for module '%s'", name);
		if (asprintf(&guest, "%s/%02zu-%s.ko",
			     ret_modules->count < boot_count ? GUEST_MODULES_DIR
							     : GUEST_DEVICE_MODULES_DIR,
			     ret_modules->count, name) < 0) {
			free(host);
			return ktstr_error_set(error, -ENOMEM, "no memory for module '%s'", name);
		}
		ret_modules->files[ret_modules->count] = (struct initramfs_file){ host, guest };
	}
	return 0;
}

static int build_initramfs(const struct vm_env_config *config, const struct kernel_entry *kernel,
			   struct initramfs **ret_initramfs, struct ktstr_error *error)
{
	auto_free char *agent = NULL;
	auto_free char *busybox = NULL;
	auto_free char *library = libktstr_find();
	auto_guest_modules struct guest_modules modules = { 0 };
	struct initramfs_config parts = { 0 };
	int err = guest_agent_find(&agent, error);

	if (!err)
		err = list_modules(kernel, &modules, error);

	if (!err && config->busybox)
		err = busybox_find(&busybox, error);
	if (err)
		return err;
	parts.agent = agent;
	parts.library = library;
	parts.busybox = busybox;
	parts.extra = modules.files;
	parts.extra_count = modules.count;
	return initramfs_build(&parts, ret_initramfs, error);
}

/* A budget of 0 is the user's way to say that none are wanted. */
static int open_templates(struct template_store **ret_store, struct ktstr_error *error)
{
	struct template_store *store = calloc(1, sizeof(*store));
	int err = store ? template_store_open(store, error)
			: ktstr_error_set(error, -ENOMEM, "no memory for templates");

	if (!err && store->budget_bytes) {
		*ret_store = store;
		return 0;
	}
	if (!err)
		template_store_close(store);
	free(store);
	return err;
}

int vm_env_open(const struct vm_env_config *config, struct vm_env *ret_env,
		struct ktstr_error *error)
{
	struct vm_env env = { 0 };
	int err = kernel_store_find(config->kernel, &env.kernel, error);

	if (!err)
		err = qemu_probe(NULL, &env.qemu, error);
	if (!err)
		err = accel_choose(config->accel, &env.qemu, &env.accel, error);
	if (!err)
		err = build_initramfs(config, env.kernel, &env.initramfs, error);
	if (!err && config->templates)
		err = open_templates(&env.templates, error);
	if (err) {
		vm_env_close(&env);
		return err;
	}
	*ret_env = env;
	return 0;
}

int vm_env_check_devices(const struct vm_env *env, const struct vm_devices *devices,
			 struct ktstr_error *error)
{
	int err = devices->disk_mib ? kernel_driver_check(env->kernel, "virtio_blk", error) : 0;

	if (err)
		return ktstr_error_wrap(error, err, "disk");
	err = devices->network ? kernel_driver_check(env->kernel, "virtio_net", error) : 0;
	return err ? ktstr_error_wrap(error, err, "network") : 0;
}

void vm_env_close(struct vm_env *env)
{
	if (env->templates)
		template_store_close(env->templates);
	free(env->templates);
	initramfs_free(env->initramfs);
	kernel_entry_free(env->kernel);
	*env = (struct vm_env){ 0 };
}
