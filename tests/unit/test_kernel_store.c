// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_fixture.h"
#include "unit.h"
#include "vm/kernel/add.h"
#include "vm/kernel/store.h"

/* A build tree at dir: bzImage, .config, no modules. */
static void write_tree(const char *dir, const char *release, bool sched_ext)
{
	size_t btf_size, size;
	char *btf = fixture_btf(false, &btf_size);
	struct fixture_kernel kernel = { .release = release, .btf = btf, .btf_size = btf_size };
	char *image = fixture_bzimage(&kernel, "zstd", &size);
	const char *config = sched_ext ? "CONFIG_SCHED_CLASS_EXT=y\n" : "CONFIG_SMP=y\n";

	fixture_write(dir, "arch/x86/boot/bzImage", image, size);
	fixture_write(dir, ".config", config, strlen(config));
	free(image);
	free(btf);
}

/* A tree below *state, added; its path stays in tree. */
static void add_tree(void **state, const char *name, const char *release, bool sched_ext,
		     char tree[512])
{
	struct ktstr_error error = { 0 };

	snprintf(tree, 512, "%s/%s", (char *)*state, name);
	write_tree(tree, release, sched_ext);
	if (kernel_add_path(tree, NULL, &error))
		fail_msg("%s", error.text);
}

static void kernel_add_path_keeps_all_parts_of_a_tree(void **state)
{
	struct kernel_entry *entry = NULL;
	struct ktstr_error error = { 0 };
	char tree[512];
	struct stat st;

	add_tree(state, "tree", "6.12.1-test", true, tree);
	if (kernel_store_find("6.12.1-test", &entry, &error))
		fail_msg("%s", error.text);
	assert_string_equal(entry->ref, "6.12.1-test");
	assert_string_equal(entry->release, "6.12.1-test");
	assert_string_equal(entry->path, tree);
	assert_string_equal(entry->boot, entry->vmlinux);
	assert_string_equal(entry->build_id, "abcdef0000000000000000000000000000000000");
	assert_true(entry->sched_ext.usable);
	assert_null(entry->suite);
	assert_null(entry->modules_dir);
	assert_int_equal(stat(entry->vmlinuz, &st), 0);
	assert_int_equal(stat(entry->vmlinux, &st), 0);
	assert_int_equal(stat(entry->config, &st), 0);
	assert_int_equal(st.st_size, strlen("CONFIG_SCHED_CLASS_EXT=y\n"));
	assert_int_equal(stat(entry->btf, &st), 0);
	kernel_entry_free(entry);
}

static void kernel_add_path_replaces_only_what_came_from_there(void **state)
{
	struct kernel_entry *entry = NULL;
	struct ktstr_error error = { 0 };
	char first[512], second[512];

	add_tree(state, "first", "6.12.1", false, first);
	add_tree(state, "first", "6.12.1", true, first); /* built again, with another setting */
	assert_int_equal(kernel_store_find("6.12.1", &entry, &error), 0);
	assert_true(entry->sched_ext.usable);
	kernel_entry_free(entry);
	snprintf(second, sizeof(second), "%s/second", (char *)*state);
	write_tree(second, "6.12.1", true);
	assert_int_equal(kernel_add_path(second, NULL, &error), -EEXIST);
	assert_contains(error.text, first);
	assert_contains(error.text, "ktstr kernel rm 6.12.1");
}

static const struct {
	const char *ref;
	const char *found; /* NULL: refused */
	const char *says;
} lookups[] = {
	{ "6.12.0-rc1", "6.12.0-rc1", "" },
	{ "6.12.0-", "6.12.0-rc1", "" },
	{ "6.12.0", "6.12.0", "" }, /* itself before what it begins */
	{ "7", "7.2.1", "" },
	{ "6.12", NULL, "may be any of 6.12.0, 6.12.0-rc1: write more" },
	{ "6.1", NULL, "'6.1' is not in the store" }, /* a number is not cut in two */
	{ "6.13.5", NULL, "'6.13.5' is not in the store, near it are 6.12.0, 6.12.0-rc1;" },
	{ "sid", NULL, "ktstr kernel fetch" },
	{ "/nonexistent/bzImage", NULL, "'/nonexistent/bzImage': No such file" },
};

static void kernel_store_find_takes_names_and_beginnings(void **state)
{
	char tree[512];

	add_tree(state, "a", "6.12.0-rc1", true, tree);
	add_tree(state, "b", "6.12.0", true, tree);
	add_tree(state, "c", "7.2.1", true, tree);
	for (size_t i = 0; i < COUNT(lookups); i++) {
		struct kernel_entry *entry = NULL;
		struct ktstr_error error = { 0 };
		int err = kernel_store_find(lookups[i].ref, &entry, &error);

		if (!lookups[i].found) {
			assert_true(err < 0);
			assert_null(entry);
			assert_contains(error.text, lookups[i].says);
			continue;
		}
		if (err || strcmp(entry->ref, lookups[i].found))
			fail_msg("%s: %s", lookups[i].ref, err ? error.text : entry->ref);
		kernel_entry_free(entry);
	}
}

static void kernel_store_find_prefers_usable_then_newest(void **state)
{
	static const struct {
		const char *release;
		bool sched_ext;
		const char *default_now;
	} steps[] = {
		{ "6.1.0", false, "6.1.0" },
		{ "6.12.0", false, "6.12.0" }, /* 12 is newer than 1, not older than 2 */
		{ "6.9.0", true, "6.9.0" },
		{ "6.10.0-rc1", true, "6.10.0-rc1" },
		{ "6.11.0", true, "6.11.0" },
		{ "7.0.0", false, "6.11.0" },
	};
	struct ktstr_error error = { 0 };
	struct kernel_entry *entry = NULL;
	char tree[512];

	assert_int_equal(kernel_store_find(NULL, &entry, &error), -ENOENT);
	assert_string_equal(error.text, "no kernel in the store: run 'ktstr kernel fetch'");
	for (size_t i = 0; i < COUNT(steps); i++) {
		add_tree(state, steps[i].release, steps[i].release, steps[i].sched_ext, tree);
		assert_int_equal(kernel_store_find(NULL, &entry, &error), 0);
		assert_string_equal(entry->ref, steps[i].default_now);
		kernel_entry_free(entry);
	}
	setenv("KTSTR_KERNEL", "7.0", 1);
	assert_int_equal(kernel_store_find(NULL, &entry, &error), 0);
	assert_string_equal(entry->ref, "7.0.0");
	kernel_entry_free(entry);
	setenv("KTSTR_KERNEL", "9.9", 1);
	assert_int_equal(kernel_store_find(NULL, &entry, &error), -ENOENT);
	assert_contains(error.text, "KTSTR_KERNEL: kernel '9.9' is not in the store");
	setenv("KTSTR_KERNEL", "", 1);
	assert_int_equal(kernel_store_find(NULL, &entry, &error), 0);
	assert_string_equal(entry->ref, "6.11.0");
	kernel_entry_free(entry);
}

static void kernel_store_find_uses_paths_where_they_stand(void **state)
{
	struct kernel_entry *entry = NULL;
	struct kernel_list list;
	struct ktstr_error error = { 0 };
	char tree[512], image[600];

	snprintf(tree, sizeof(tree), "%s/tree", (char *)*state);
	snprintf(image, sizeof(image), "%s/arch/x86/boot/bzImage", tree);
	write_tree(tree, "6.13.0", true);
	for (int i = 0; i < 2; i++) {
		if (kernel_store_find(i ? tree : image, &entry, &error))
			fail_msg("%s", error.text);
		assert_string_equal(entry->ref, i ? tree : image);
		assert_string_equal(entry->boot, image);
		assert_string_equal(entry->release, "6.13.0");
		assert_true(entry->sched_ext.usable);
		assert_null(entry->dir);
		kernel_entry_free(entry);
	}
	assert_int_equal(kernel_store_list(&list, NULL), 0);
	assert_int_equal(list.count, 0);
	kernel_list_release(&list);
}

static const struct {
	const char *file, *contents; /* contents NULL: removed */
	const char *says;
} damages[] = {
	{ "meta.json", "{", "meta.json, line 1" },
	{ "meta.json", "{\"format\": 99}", "format 99, this ktstr reads 1" },
	{ "meta.json", "[]", "format 0" },
	{ "meta.json", "{\"format\": 1}", "a field is missing" },
	{ "meta.json", NULL, "meta.json" },
	{ "vmlinux", "short", "'vmlinux' has 5 bytes" },
	{ "btf", NULL, "'btf': No such file" },
};

static void kernel_store_list_tells_damaged_entries(void **state)
{
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct kernel_entry *entry = NULL;
		struct ktstr_error error = { 0 };
		struct kernel_list list;
		char tree[512], dir[512], *ref;

		add_tree(state, "tree", "6.12.1", true, tree);
		snprintf(dir, sizeof(dir), "%s/ktstr/kernels/6.12.1", (char *)*state);
		if (damages[i].contents) {
			fixture_write(dir, damages[i].file, damages[i].contents,
				      strlen(damages[i].contents));
		} else {
			strncat(dir, "/", sizeof(dir) - strlen(dir) - 1);
			strncat(dir, damages[i].file, sizeof(dir) - strlen(dir) - 1);
			assert_int_equal(unlink(dir), 0);
		}
		assert_int_equal(kernel_store_list(&list, NULL), 0);
		assert_int_equal(list.count, 1);
		assert_null(list.items[0].entry);
		assert_contains(list.items[0].damage.text, damages[i].says);
		assert_int_equal(list.default_index, list.count);
		kernel_list_release(&list);
		assert_true(kernel_store_find("6.12", &entry, &error) < 0);
		assert_contains(error.text, "'6.12.1' is damaged");
		assert_int_equal(kernel_store_remove("6.12", &ref, &error), 0);
		assert_string_equal(ref, "6.12.1");
		free(ref);
	}
}

static void kernel_add_path_says_what_it_found_instead(void **state)
{
	static const struct {
		const char *name, *contents, *says;
	} files[] = {
		{ "text", "hello\n", "text': not a bzImage but a text file of 6 bytes" },
		{ "empty", "", "an empty file" },
		{ "elf", "\177ELF rubbish", "elf': " },
		{ "folder/x", "", "folder' is a folder without arch/x86/boot/bzImage" },
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		struct ktstr_error error = { 0 };
		char path[512];

		fixture_write(*state, files[i].name, files[i].contents, strlen(files[i].contents));
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, files[i].name);
		if (strchr(files[i].name, '/'))
			*strrchr(path, '/') = '\0';
		assert_true(kernel_add_path(path, NULL, &error) < 0);
		assert_contains(error.text, files[i].says);
	}
}

static void kernel_store_remove_wants_a_known_name(void **state)
{
	struct ktstr_error error = { 0 };
	char tree[512], *ref = NULL;

	assert_int_equal(kernel_store_remove("6", &ref, &error), -ENOENT);
	assert_contains(error.text, "no kernel in the store");
	add_tree(state, "tree", "6.12.1", true, tree);
	assert_int_equal(kernel_store_remove("../6.12.1", &ref, &error), -ENOENT);
	assert_int_equal(kernel_store_remove("", &ref, &error), -ENOENT);
	assert_null(ref);
	assert_int_equal(kernel_store_remove("6.12.1", &ref, &error), 0);
	free(ref);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(kernel_add_path_keeps_all_parts_of_a_tree),
		IN_FOLDER(kernel_add_path_replaces_only_what_came_from_there),
		IN_FOLDER(kernel_add_path_says_what_it_found_instead),
		IN_FOLDER(kernel_store_find_takes_names_and_beginnings),
		IN_FOLDER(kernel_store_find_prefers_usable_then_newest),
		IN_FOLDER(kernel_store_find_uses_paths_where_they_stand),
		IN_FOLDER(kernel_store_list_tells_damaged_entries),
		IN_FOLDER(kernel_store_remove_wants_a_known_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
