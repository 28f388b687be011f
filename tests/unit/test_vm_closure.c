// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "vm/guest_files.h"
#include "vm_elf.h"

struct place {
	char dir[32];
	struct guest_files files;
};

static const char *const folders[] = { "bin", "lib", "lib/deep", "other" };

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char path[PATH_MAX];

	snprintf(place->dir, sizeof(place->dir), "/tmp/vm-closure-XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", place->dir, folders[i]);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[64];
	int err;

	guest_files_release(&place->files);
	snprintf(command, sizeof(command), "rm -r %s", place->dir);
	err = system(command);
	free(place);
	return err;
}

static const char *at(const struct place *place, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned next;
	char *result = path[next++ % COUNT(path)];

	snprintf(result, PATH_MAX, "%s/%s", place->dir, name);
	return result;
}

static void make(const struct place *place, const char *name, struct vm_elf elf)
{
	vm_elf_write(at(place, name), &elf);
}

static void assert_file(const struct place *place, const char *guest_path, const char *host_path)
{
	const struct guest_file *file = guest_files_find(&place->files, guest_path);

	if (!file)
		fail_msg("no '%s' among the guest's %zu files", guest_path, place->files.count);
	assert_string_equal(file->host_path, host_path);
}

static int add(struct place *place, const char *name, struct ktstr_error *error)
{
	return guest_files_add_program(&place->files, at(place, name), "/ktstr/bin/prog", error);
}

static void guest_files_add_program_takes_static_programs_alone(void **state)
{
	struct place *place = *state;

	make(place, "bin/prog", (struct vm_elf){ .type = ET_EXEC });
	assert_int_equal(add(place, "bin/prog", NULL), 0);
	assert_int_equal(place->files.count, 1);
	assert_file(place, "/ktstr/bin/prog", at(place, "bin/prog"));
}

/* $ORIGIN moves along with the program; the library's own needs start from where that is. */
static void guest_files_add_program_follows_runpath_and_origin(void **state)
{
	struct place *place = *state;

	make(place, "bin/prog", (struct vm_elf){ .needed = { "liba.so.1" }, .type = ET_EXEC,
						 .runpath = "/nowhere:$ORIGIN/../lib" });
	make(place, "lib/liba.so.1",
	     (struct vm_elf){
		     .soname = "liba.so.1", .needed = { "libb.so" }, .runpath = "${ORIGIN}/deep" });
	/* Needs the program's first library again: it is loaded already. */
	make(place, "lib/deep/libb.so", (struct vm_elf){ .needed = { "liba.so.1" } });
	assert_int_equal(add(place, "bin/prog", NULL), 0);
	assert_int_equal(place->files.count, 3);
	assert_file(place, "/ktstr/lib/liba.so.1", at(place, "lib/liba.so.1"));
	assert_file(place, "/ktstr/lib/deep/libb.so", at(place, "lib/deep/libb.so"));
}

static void guest_files_add_program_keeps_absolute_paths(void **state)
{
	struct place *place = *state;

	make(place, "bin/prog", (struct vm_elf){ .needed = { "liba.so" },
						 .runpath = at(place, "lib"),
						 .interpreter = at(place, "other/ld.so") });
	make(place, "other/ld.so", (struct vm_elf){ .soname = "ld.so" });
	make(place, "lib/liba.so", (struct vm_elf){ .needed = { "ld.so" } });
	assert_int_equal(add(place, "bin/prog", NULL), 0);
	assert_int_equal(place->files.count, 3);
	assert_file(place, at(place, "lib/liba.so"), at(place, "lib/liba.so"));
	assert_file(place, at(place, "other/ld.so"), at(place, "other/ld.so"));
}

/* RPATH is inherited by what the library needs, RUNPATH is not and switches RPATH off. */
static void guest_files_add_program_tells_rpath_from_runpath(void **state)
{
	struct place *place = *state;
	struct ktstr_error error = { 0 };

	make(place, "lib/liba.so", (struct vm_elf){ .needed = { "libb.so" } });
	make(place, "lib/libb.so", (struct vm_elf){ .type = 0 });
	make(place, "bin/prog",
	     (struct vm_elf){ .needed = { "liba.so" }, .rpath = "$ORIGIN/../lib" });
	assert_int_equal(add(place, "bin/prog", NULL), 0);
	assert_int_equal(place->files.count, 3);

	guest_files_release(&place->files);
	make(place, "bin/prog",
	     (struct vm_elf){ .needed = { "liba.so" }, .runpath = "$ORIGIN/../lib" });
	assert_int_equal(add(place, "bin/prog", &error), -ENOENT);
	assert_contains(error.text, "lib/liba.so' needs the shared library 'libb.so'");
}

static void guest_files_add_program_passes_over_other_machines(void **state)
{
	struct place *place = *state;

	make(place, "other/liba.so", (struct vm_elf){ .machine = EM_AARCH64 });
	make(place, "lib/liba.so", (struct vm_elf){ .type = 0 });
	make(place, "bin/prog", (struct vm_elf){ .needed = { "liba.so" },
						 .runpath = "$ORIGIN/../other:$ORIGIN/../lib" });
	assert_int_equal(add(place, "bin/prog", NULL), 0);
	assert_file(place, "/ktstr/lib/liba.so", at(place, "lib/liba.so"));
}

static const struct {
	struct vm_elf elf;
	const char *text; /* a file of just this, when not NULL */
	int code;
	const char *names;
} refused[] = {
	{ { .soname = NULL }, "#!/bin/sh\n", -ENOEXEC, "is not an ELF file" },
	{ { .soname = NULL }, "", -ENOEXEC, "is not an ELF file" },
	{ { .soname = NULL }, "\177ELF\2\1\1", -ENOEXEC, "is not an ELF file" },
	{ { .machine = EM_AARCH64 }, NULL, -ENOEXEC, "machine 183" },
	{ { .type = ET_REL }, NULL, -ENOEXEC, "neither a program nor a shared library" },
	{ { .needed = { "libnope.so.7" } }, NULL, -ENOENT, "'libnope.so.7'" },
	{ { .interpreter = "/nowhere/ld.so" }, NULL, -ENOENT, "'/nowhere/ld.so'" },
	{ { .needed = { "liba.so" }, .strings_address = 0xfffffff0 }, NULL, -ENOEXEC, "damaged" },
};

static void guest_files_add_program_names_what_is_wrong(void **state)
{
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_error error = { 0 };

		if (refused[i].text) {
			FILE *out = fopen(at(place, "bin/prog"), "we");

			assert_non_null(out);
			fputs(refused[i].text, out);
			fclose(out);
		} else {
			make(place, "bin/prog", refused[i].elf);
		}
		assert_int_equal(add(place, "bin/prog", &error), refused[i].code);
		assert_contains(error.text, refused[i].names);
		assert_contains(error.text, "bin/prog");
		assert_int_equal(place->files.count, 0);
	}
}

/* No prefix of a good file, and no single damaged byte, may do more than fail. */
static void guest_files_add_program_survives_damage(void **state)
{
	struct place *place = *state;
	char bytes[sizeof(struct vm_elf_file)];
	FILE *file;

	make(place, "bin/prog", (struct vm_elf){ .runpath = "/nowhere", .soname = "x" });
	file = fopen(at(place, "bin/prog"), "re");
	assert_int_equal(fread(bytes, sizeof(bytes), 1, file), 1);
	fclose(file);
	for (size_t i = 0; i < offsetof(struct vm_elf_file, strings); i += 3) {
		char saved = bytes[i];

		bytes[i] = (char)0xff;
		file = fopen(at(place, "bin/prog"), "we");
		fwrite(bytes, i % 2 ? sizeof(bytes) : i, 1, file);
		fclose(file);
		bytes[i] = saved;
		if (add(place, "bin/prog", NULL) == 0)
			guest_files_release(&place->files);
		assert_int_equal(place->files.count, 0);
	}
}

/* Against the real loader: this program runs, so all of it must have been found. */
static void guest_files_add_program_finds_what_this_program_runs_with(void **state)
{
	struct place *place = *state;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128];

	assert_int_equal(guest_files_add_program(&place->files, "/proc/self/exe", "/prog", NULL),
			 0);
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		char *path = strchr(line, '/');
		struct stat mapped, listed;
		bool found = false;

		if (!path || !strstr(path, ".so"))
			continue;
		path[strcspn(path, "\n")] = '\0';
		assert_int_equal(stat(path, &mapped), 0);
		for (size_t i = 0; i < place->files.count && !found; i++)
			found = stat(place->files.items[i].host_path, &listed) == 0 &&
				listed.st_ino == mapped.st_ino && listed.st_dev == mapped.st_dev;
		if (!found)
			fail_msg("'%s' is loaded but not in the closure", path);
	}
	fclose(maps);
}

static void guest_files_add_refuses_two_files_for_one_path(void **state)
{
	struct place *place = *state;
	struct ktstr_error error = { 0 };
	const char *const bad[] = { "relative", "/a/../b", "/a//b", "/a/./b", "/", "" };

	make(place, "bin/a", (struct vm_elf){ .type = 0 });
	make(place, "bin/b", (struct vm_elf){ .type = 0 });
	assert_int_equal(guest_files_add(&place->files, at(place, "bin/a"), "/x", NULL), 0);
	assert_int_equal(guest_files_add(&place->files, at(place, "bin/a"), "/x", NULL), 0);
	assert_int_equal(place->files.count, 1);
	assert_int_equal(guest_files_add(&place->files, at(place, "bin/b"), "/x", &error), -EEXIST);
	assert_contains(error.text, "bin/a");
	assert_contains(error.text, "bin/b");
	assert_int_equal(guest_files_add(&place->files, place->dir, "/y", &error), -EINVAL);
	assert_contains(error.text, "regular");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(guest_files_add(&place->files, at(place, "bin/b"), bad[i], NULL),
				 -EINVAL);
}

int main(void)
{
#define with_place(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		with_place(guest_files_add_program_takes_static_programs_alone),
		with_place(guest_files_add_program_follows_runpath_and_origin),
		with_place(guest_files_add_program_keeps_absolute_paths),
		with_place(guest_files_add_program_tells_rpath_from_runpath),
		with_place(guest_files_add_program_passes_over_other_machines),
		with_place(guest_files_add_program_names_what_is_wrong),
		with_place(guest_files_add_program_survives_damage),
		with_place(guest_files_add_program_finds_what_this_program_runs_with),
		with_place(guest_files_add_refuses_two_files_for_one_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
