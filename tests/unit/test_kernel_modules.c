// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel_fixture.h"
#include "unit.h"
#include "vm/kernel/modinfo.h"
#include "vm/kernel/modules.h"

/* A module file whose .modinfo has these dependencies; NULL: none said. */
static void write_module(const char *dir, const char *path, const char *depends)
{
	char fields[256] = "license=GPL";
	size_t used = strlen(fields) + 1, size;
	char *elf;

	if (depends)
		used += (size_t)snprintf(fields + used, sizeof(fields) - used, "depends=%s",
					 depends) +
			1;
	elf = fixture_elf(ET_REL, EM_X86_64,
			  (const struct fixture_section[]){
				  { ".text", SHT_PROGBITS, "x", 1 },
				  { ".modinfo", SHT_PROGBITS, fields, used },
				  { NULL },
			  },
			  &size);
	fixture_write(dir, path, elf, size);
	free(elf);
}

static void write_text(const char *dir, const char *name, const char *text)
{
	fixture_write(dir, name, text, strlen(text));
}

static int collect(const char *dir, struct module_set *set, struct ktstr_error *error)
{
	static const char *const boot[] = { "failover", NULL };
	static const char *const wanted[] = { "virtio_blk", "virtio_net", NULL };
	int tree = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int out, err;
	char path[512];

	snprintf(path, sizeof(path), "%s/out", dir);
	write_text(dir, "out/made", "");
	out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = modules_collect(tree, boot, wanted, out, set, error);
	close(out);
	close(tree);
	return err;
}

static void modules_collect_orders_dependencies_first(void **state)
{
	struct module_set set = { 0 };
	struct ktstr_error error = { 0 };
	char path[512], text[128] = "";
	FILE *load;
	size_t length;

	write_text(*state, "modules.order",
		   "kernel/drivers/net/virtio_net.ko\nkernel/drivers/net/net_failover.ko\n"
		   "kernel/net/core/failover.ko\nkernel/other.ko\n");
	write_text(*state, "modules.builtin",
		   "kernel/drivers/block/virtio-blk.ko\nkernel/lib/dim.ko\n");
	write_module(*state, "kernel/drivers/net/virtio_net.ko", "net_failover,dim,failover");
	write_module(*state, "kernel/drivers/net/net_failover.ko", "failover");
	write_module(*state, "kernel/net/core/failover.ko", "");
	if (collect(*state, &set, &error))
		fail_msg("%s", error.text);
	assert_int_equal(set.count, 3); /* virtio_blk and dim are built in */
	assert_int_equal(set.boot_count, 1);
	assert_string_equal(set.names[0], "failover");
	assert_string_equal(set.names[1], "net_failover");
	assert_string_equal(set.names[2], "virtio_net");
	snprintf(path, sizeof(path), "%s/out/modules.load", (char *)*state);
	load = fopen(path, "re");
	assert_non_null(load);
	length = fread(text, 1, sizeof(text) - 1, load);
	fclose(load);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, "failover.ko\nnet_failover.ko\nvirtio_net.ko\n");
	snprintf(path, sizeof(path), "%s/out/virtio_net.ko", (char *)*state);
	assert_int_equal(access(path, R_OK), 0);
	module_set_release(&set);
}

/* From 6.2 on, a build tree's modules.order names objects. */
static void modules_collect_reads_build_trees(void **state)
{
	struct module_set set = { 0 };

	write_text(*state, "modules.order", "drivers/block/virtio_blk.o\n");
	write_module(*state, "drivers/block/virtio_blk.ko", "");
	assert_int_equal(collect(*state, &set, NULL), 0);
	assert_int_equal(set.count, 1);
	module_set_release(&set);
}

static void modules_collect_takes_a_kernel_without_modules(void **state)
{
	struct module_set set = { 0 };

	assert_int_equal(collect(*state, &set, NULL), 0);
	assert_int_equal(set.count, 0);
	module_set_release(&set);
}

static const struct {
	const char *order, *depends; /* of virtio_net */
	bool file_is_there;
	int code;
	const char *says;
} broken[] = {
	{ "kernel/virtio_net.ko\n", "absent", true, -ENOENT, "'virtio_net' needs 'absent'" },
	{ "kernel/virtio_net.ko\n", "virtio_net", true, -ELOOP, "deeper than" },
	{ "kernel/virtio_net.ko\n", NULL, true, -EBADMSG, "'depends'" },
	{ "kernel/virtio_net.ko\n", "a b", true, -EBADMSG, "'a b'" },
	{ "kernel/virtio_net.ko\n", "", false, -ENOENT, "were the modules built?" },
	{ "../virtio_net.ko\n", "", false, -EBADMSG, "leaves the tree" },
	{ "/virtio_net.ko\n", "", false, -EBADMSG, "not a module's path" },
	{ "virtio_net\n", "", false, -EBADMSG, "not a module's path" },
};

static void modules_collect_names_what_is_broken(void **state)
{
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct module_set set = { 0 };
		struct ktstr_error error = { 0 };
		char dir[512];
		int err;

		snprintf(dir, sizeof(dir), "%s/%zu", (char *)*state, i);
		write_text(dir, "modules.order", broken[i].order);
		if (broken[i].file_is_there)
			write_module(dir, "kernel/virtio_net.ko", broken[i].depends);
		err = collect(dir, &set, &error);
		if (err != broken[i].code || !strstr(error.text, broken[i].says))
			fail_msg("row %zu: %d, \"%s\"", i, err, error.text);
		assert_int_equal(set.count, 0);
	}
}

static const struct {
	const char *path, *name; /* name NULL: refused */
} paths[] = {
	{ "kernel/drivers/net/virtio-net.ko.xz", "virtio_net" },
	{ "dm-mod.ko", "dm_mod" },
	{ "a/b/c.o", "c" },
	{ "plain", "plain" },
	{ "", NULL },
	{ "a/", NULL },
	{ "a b.ko", NULL },
	{ "a_name_that_is_longer_than_the_kernel_has_room_for_in_its_struct.ko", NULL },
};

static void module_name_from_path_names_modules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		char name[MODULE_NAME_MAX];

		if (!paths[i].name) {
			assert_int_equal(module_name_from_path(paths[i].path, name), -EINVAL);
			continue;
		}
		assert_int_equal(module_name_from_path(paths[i].path, name), 0);
		assert_string_equal(name, paths[i].name);
	}
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(modules_collect_orders_dependencies_first),
		IN_FOLDER(modules_collect_reads_build_trees),
		IN_FOLDER(modules_collect_takes_a_kernel_without_modules),
		IN_FOLDER(modules_collect_names_what_is_broken),
		cmocka_unit_test(module_name_from_path_names_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
