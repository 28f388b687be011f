// SPDX-License-Identifier: GPL-2.0-only
/* Which changes ask for another template, and which must not. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "vm/initramfs.h"
#include "vm/template_key.h"

struct guest {
	char dir[32], qemu_path[64], kernel[64], agent[64];
	struct qemu qemu;
	struct accel accel;
	struct initramfs *initramfs;
	const char *args[1];
	struct vm_config config;
};

/* The agent has to be a program, and for the others anything will do. */
static void copy_self(const char *to)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;

	assert_int_equal(fstat(from, &st), 0);
	/* Not copy_file_range(2): /tmp may be another file system. */
	assert_int_equal(sendfile(fd, from, NULL, (size_t)st.st_size), st.st_size);
	close(from);
	close(fd);
}

static void build_initramfs(struct guest *guest)
{
	const struct initramfs_config parts = { .agent = guest->agent };

	initramfs_free(guest->initramfs);
	guest->initramfs = NULL;
	assert_int_equal(initramfs_build(&parts, &guest->initramfs, NULL), 0);
	guest->config.initramfs = guest->initramfs;
}

static int setup(void **state)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	snprintf(guest->dir, sizeof(guest->dir), "/tmp/vm-key-XXXXXX");
	if (!mkdtemp(guest->dir))
		return -1;
	snprintf(guest->qemu_path, sizeof(guest->qemu_path), "%s/qemu", guest->dir);
	snprintf(guest->kernel, sizeof(guest->kernel), "%s/vmlinux", guest->dir);
	snprintf(guest->agent, sizeof(guest->agent), "%s/agent", guest->dir);
	copy_self(guest->qemu_path);
	copy_self(guest->kernel);
	copy_self(guest->agent);
	guest->qemu = (struct qemu){ .path = guest->qemu_path, .major = 10, .has_qboot = true };
	guest->accel = (struct accel){ .kind = ACCEL_TCG, .parallel = true };
	guest->config = (struct vm_config){ .topology = { 1, 1, 2, 1 }, .qemu = &guest->qemu,
					    .accel = &guest->accel, .kernel = guest->kernel };
	build_initramfs(guest);
	*state = guest;
	return 0;
}

static int teardown(void **state)
{
	struct guest *guest = *state;
	char command[64];
	int err;

	initramfs_free(guest->initramfs);
	snprintf(command, sizeof(command), "rm -r %s", guest->dir);
	err = system(command);
	free(guest);
	return err;
}

/* --- what another template is needed for --- */

static void change_topology(struct guest *guest)
{
	guest->config.topology.cores = 3;
}

static void change_memory(struct guest *guest)
{
	guest->config.memory_mib = 1025;
}

static void change_accel(struct guest *guest)
{
	guest->accel.kind = ACCEL_KVM;
}

static void change_threads(struct guest *guest)
{
	guest->accel.parallel = false;
}

static void change_version(struct guest *guest)
{
	guest->qemu.minor = 1;
}

static void change_firmware(struct guest *guest)
{
	guest->qemu.has_qboot = false;
}

static void change_arguments(struct guest *guest)
{
	guest->args[0] = "quiet";
	guest->config.kernel_args = guest->args;
	guest->config.kernel_args_count = 1;
}

static void change_verbosity(struct guest *guest)
{
	guest->config.verbose = true;
}

static void change_terminal(struct guest *guest)
{
	guest->config.tty = true;
}

static void add_disk(struct guest *guest)
{
	guest->config.devices.disk_mib = 64;
}

static void add_network(struct guest *guest)
{
	guest->config.devices.network = true;
}

static void touch(const char *path)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void change_kernel(struct guest *guest)
{
	touch(guest->kernel);
}

static void change_qemu(struct guest *guest)
{
	touch(guest->qemu_path);
}

static void replace_qemu(struct guest *guest)
{
	assert_int_equal(unlink(guest->qemu_path), 0);
	copy_self(guest->qemu_path);
}

static void change_agent(struct guest *guest)
{
	int fd = open(guest->agent, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	build_initramfs(guest);
}

/* --- what it is not needed for --- */

static void change_nothing(struct guest *guest)
{
	build_initramfs(guest);
}

/* The same bytes written again, as a build does. */
static void rebuild_agent(struct guest *guest)
{
	assert_int_equal(unlink(guest->agent), 0);
	copy_self(guest->agent);
	build_initramfs(guest);
}

static void change_start(struct guest *guest)
{
	guest->config.start = VM_START_RESTORE;
	guest->config.ram_fd = 77;
	guest->config.state_fd = 78;
}

static const struct {
	const char *name;
	void (*change)(struct guest *guest);
	bool is_other;
} changes[] = {
#define ROW(name, is_other) { #name, name, is_other }
	ROW(change_topology, true),  ROW(change_memory, true),	  ROW(change_accel, true),
	ROW(change_threads, true),   ROW(change_version, true),	  ROW(change_firmware, true),
	ROW(change_arguments, true), ROW(change_verbosity, true), ROW(change_terminal, true),
	ROW(change_kernel, true),    ROW(change_qemu, true),	  ROW(replace_qemu, true),
	ROW(change_agent, true),     ROW(change_nothing, false),  ROW(rebuild_agent, false),
	ROW(change_start, false),    ROW(add_disk, true),	  ROW(add_network, true),
#undef ROW
};

static void template_key_make_changes_with_the_guest_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		auto_template_key struct template_key before = { 0 };
		auto_template_key struct template_key after = { 0 };
		struct ktstr_error error = { 0 };
		void *guest;

		assert_int_equal(setup(&guest), 0);
		if (template_key_make(&((struct guest *)guest)->config, &before, &error))
			fail_msg("%s", error.text);
		assert_int_equal(strlen(before.name), TEMPLATE_NAME_DIGITS);
		changes[i].change(guest);
		assert_int_equal(template_key_make(&((struct guest *)guest)->config, &after, NULL), 0);
		if (!strcmp(before.text, after.text) == changes[i].is_other ||
		    !strcmp(before.name, after.name) == changes[i].is_other)
			fail_msg("%s: '%s' became '%s'", changes[i].name, before.text, after.text);
		assert_int_equal(teardown(&guest), 0);
	}
}

static void template_key_make_says_what_is_missing(void **state)
{
	struct guest *guest = *state;
	struct template_key key;
	struct ktstr_error error = { 0 };

	guest->qemu.major = 8;
	guest->qemu.minor = 1;
	assert_int_equal(template_key_make(&guest->config, &key, &error), -ENOTSUP);
	assert_contains(error.text, "QEMU 8.1 is too old, 8.2 is needed");
	guest->qemu.minor = 2;
	guest->config.kernel = "/nowhere/vmlinux";
	assert_int_equal(template_key_make(&guest->config, &key, &error), -ENOENT);
	assert_contains(error.text, "kernel '/nowhere/vmlinux'");
	guest->qemu.path = "no-such-qemu";
	assert_int_equal(template_key_make(&guest->config, &key, &error), -ENOENT);
	assert_contains(error.text, "'no-such-qemu' not found");
	guest->config.topology.llcs = 0;
	assert_int_equal(template_key_make(&guest->config, &key, &error), -EINVAL);
}

/* --- with a test binary in it --- */

struct hot {
	struct guest *guest;
	char binary[64], object[64];
};

static struct bundle *bundle_of(const struct hot *hot)
{
	struct bundle *bundle = NULL;

	assert_int_equal(bundle_new(hot->guest->initramfs, &bundle, NULL), 0);
	assert_int_equal(bundle_add_program(bundle, hot->binary, "/ktstr/bin/demo", NULL), 0);
	if (hot->object[0])
		assert_int_equal(bundle_add_file(bundle, hot->object, "/ktstr/sched/s.bpf.o", NULL), 0);
	return bundle;
}

static void derive_key(const struct hot *hot, struct template_key *ret_key)
{
	auto_template_key struct template_key base = { 0 };
	struct bundle *bundle = bundle_of(hot);
	struct ktstr_error error = { 0 };

	assert_int_equal(template_key_make(&hot->guest->config, &base, NULL), 0);
	assert_string_equal(base.slot, "");
	if (template_key_derive(&base, bundle, ret_key, &error))
		fail_msg("%s", error.text);
	assert_string_not_equal(base.name, ret_key->name);
	assert_string_not_equal(base.text, ret_key->text);
	assert_int_equal(strlen(ret_key->slot), TEMPLATE_NAME_DIGITS);
	bundle_free(bundle);
}

static void append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void keep_all(struct hot *hot)
{
	touch(hot->binary);
}

static void rebuild_binary(struct hot *hot)
{
	append(hot->binary);
}

static void rebuild_object(struct hot *hot)
{
	append(hot->object);
}

static void leave_object_out(struct hot *hot)
{
	hot->object[0] = '\0';
}

static void move_binary(struct hot *hot)
{
	snprintf(hot->binary, sizeof(hot->binary), "%s/moved", hot->guest->dir);
	copy_self(hot->binary);
}

static void change_guest(struct hot *hot)
{
	hot->guest->config.topology.cores = 4;
}

static const struct {
	const char *name;
	void (*change)(struct hot *hot);
	bool is_other, is_other_slot;
} hot_changes[] = {
	{ "keep_all", keep_all, false, false },
	{ "rebuild_binary", rebuild_binary, true, false },
	{ "rebuild_object", rebuild_object, true, false },
	{ "leave_object_out", leave_object_out, true, true },
	{ "move_binary", move_binary, false, true },
	{ "change_guest", change_guest, true, true },
};

static void template_key_derive_changes_with_every_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hot_changes); i++) {
		auto_template_key struct template_key before = { 0 };
		auto_template_key struct template_key after = { 0 };
		struct hot hot = { 0 };
		void *guest;

		assert_int_equal(setup(&guest), 0);
		hot.guest = guest;
		snprintf(hot.binary, sizeof(hot.binary), "%s/demo", hot.guest->dir);
		snprintf(hot.object, sizeof(hot.object), "%s/s.bpf.o", hot.guest->dir);
		copy_self(hot.binary);
		copy_self(hot.object);
		derive_key(&hot, &before);
		hot_changes[i].change(&hot);
		derive_key(&hot, &after);
		if (!strcmp(before.text, after.text) == hot_changes[i].is_other ||
		    !strcmp(before.name, after.name) == hot_changes[i].is_other ||
		    !strcmp(before.slot, after.slot) == hot_changes[i].is_other_slot)
			fail_msg("%s: '%s' of slot %s became '%s' of slot %s", hot_changes[i].name,
				 before.text, before.slot, after.text, after.slot);
		assert_int_equal(teardown(&guest), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_key_make_changes_with_the_guest_alone),
		cmocka_unit_test(template_key_derive_changes_with_every_file),
		cmocka_unit_test_setup_teardown(template_key_make_says_what_is_missing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
