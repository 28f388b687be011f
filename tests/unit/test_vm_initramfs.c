// SPDX-License-Identifier: GPL-2.0-only
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "unit.h"
#include "vm/initramfs.h"
#include "vm_elf.h"

/* As the kernel does: in one pass, a folder must come before what is in it. */
static void initramfs_build_makes_an_archive_the_kernel_can_unpack(void **state)
{
	struct initramfs_config config = { .agent = "/proc/self/exe" };
	struct initramfs *initramfs = NULL;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	char folders[4096] = " ", path[64];
	size_t files = 0;
	int fd;

	(void)state;
	assert_int_equal(initramfs_build(&config, &initramfs, NULL), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", initramfs_fd(initramfs));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_fd(archive, fd, 65536), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry), *slash = strrchr(name, '/');
		char parent[300], guest[300];

		snprintf(parent, sizeof(parent), " %.*s ", slash ? (int)(slash - name) : 0, name);
		if (slash)
			assert_contains(folders, parent);
		snprintf(guest, sizeof(guest), "/%s", name);
		if (S_ISDIR(archive_entry_mode(entry))) {
			snprintf(parent, sizeof(parent), " %s ", name);
			assert_null(strstr(folders, parent)); /* once */
			strncat(folders, parent, sizeof(folders) - strlen(folders) - 1);
		} else if (strcmp(name, "dev/console") == 0) {
			assert_true(S_ISCHR(archive_entry_mode(entry)));
			assert_int_equal(archive_entry_rdev(entry), makedev(5, 1));
		} else {
			const struct guest_file *file =
				guest_files_find(initramfs_files(initramfs), guest);

			assert_non_null(file);
			assert_int_equal(archive_entry_size(entry), file->size);
			assert_int_equal(archive_entry_perm(entry), file->mode);
			assert_true(file->hash != 0);
			files++;
		}
	}
	assert_int_equal(files, initramfs_files(initramfs)->count);
	assert_non_null(guest_files_find(initramfs_files(initramfs), "/init"));
	assert_contains(folders, " dev ");
	archive_read_free(archive);
	close(fd);
	initramfs_free(initramfs);
}

static void initramfs_build_takes_a_shell_and_extra_files(void **state)
{
	const struct initramfs_file extra = { "/proc/self/exe", "/ktstr/modules/x.ko" };
	struct initramfs_config config = { .agent = "/proc/self/exe", .busybox = "/proc/self/exe",
					   .extra = &extra, .extra_count = 1 };
	struct initramfs *initramfs = NULL;
	const struct guest_files *files;

	(void)state;
	assert_int_equal(initramfs_build(&config, &initramfs, NULL), 0);
	files = initramfs_files(initramfs);
	assert_non_null(guest_files_find(files, "/bin/busybox"));
	assert_int_equal(guest_files_find(files, "/bin/busybox")->hash,
			 guest_files_find(files, "/ktstr/modules/x.ko")->hash);
	initramfs_free(initramfs);
	initramfs_free(NULL);
}

static void initramfs_build_names_what_is_missing(void **state)
{
	struct initramfs_config config = { .agent = "/nowhere/ktstr-guest" };
	struct initramfs *initramfs = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(initramfs_build(&config, &initramfs, &error), -ENOENT);
	assert_contains(error.text, "guest agent");
	assert_contains(error.text, "/nowhere/ktstr-guest");
	config = (struct initramfs_config){ .agent = "/proc/self/exe", .busybox = "/dev/null" };
	assert_int_equal(initramfs_build(&config, &initramfs, &error), -ENOEXEC);
	assert_contains(error.text, "busybox-static");
	assert_null(initramfs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initramfs_build_makes_an_archive_the_kernel_can_unpack),
		cmocka_unit_test(initramfs_build_takes_a_shell_and_extra_files),
		cmocka_unit_test(initramfs_build_names_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
