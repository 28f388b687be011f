// SPDX-License-Identifier: GPL-2.0-only
/* Where the programs and files of payloads are on the host, and where they go in the guest. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runner/payload_files.h"
#include "unit.h"

static char folder[] = "/tmp/ktstr-unit-payloads-XXXXXX";
static char binary_path[128];
static const struct test_binary binary = { .path = binary_path };

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(binary_path, sizeof(binary_path), "%s/tests", folder);
	assert_int_equal(mkdir(path_of("data"), 0700), 0);
	write_file("script", "#! /bin/sh -e\necho\n", 0700);
	write_file("orphan", "#!/no/such/interpreter\n", 0700);
	write_file("text", "hello\n", 0600);
	write_file("data/job.fio", "[job]\n", 0600);
	assert_int_equal(symlink("/bin/true", path_of("linked")), 0);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "script", "orphan", "text", "data/job.fio", "linked" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path_of(names[i]));
	rmdir(path_of("data"));
	return rmdir(folder);
}

/* A test with one payload p. */
static int collect(const char *exe, const char *include, struct guest_files *files,
		   struct ktstr_error *error)
{
	char *includes[] = { (char *)(uintptr_t)include };
	struct binary_payload payload = {
		.name = (char *)(uintptr_t) "p",
		.exe = (char *)(uintptr_t)exe,
		.include_files = includes,
		.include_files_count = include ? 1 : 0,
	};
	const struct binary_test test = { .payloads = &payload, .payloads_count = 1 };

	return payload_files_add(&binary, &test, files, error);
}

/* With this exe and include file, the guest's file is the host's. */
static void expect(const char *exe, const char *include, const char *guest, const char *host)
{
	auto_guest_files struct guest_files files = { 0 };
	struct ktstr_error error = { 0 };
	const struct guest_file *file;
	char *real = realpath(host, NULL), *seen;

	if (collect(exe, include, &files, &error))
		fail_msg("%s", error.text);
	file = guest_files_find(&files, guest);
	if (!file)
		fail_msg("%s: nothing is at %s", exe, guest);
	seen = realpath(file->host_path, NULL);
	assert_string_equal(seen, real);
	free(seen);
	free(real);
}

static void add_puts_programs_where_they_are_found(void **state)
{
	(void)state;
	expect("true", NULL, "/usr/local/bin/true", "/bin/true");
	expect("/bin/true", NULL, "/bin/true", "/bin/true");
	expect("/bin/../bin/true", NULL, "/bin/true", "/bin/true");
	expect("./linked", NULL, "/ktstr/bin/linked", "/bin/true");
	expect("data/../linked", NULL, "/ktstr/bin/linked", "/bin/true");
}

static void add_brings_libraries(void **state)
{
	auto_guest_files struct guest_files files = { 0 };

	(void)state;
	assert_int_equal(collect("true", NULL, &files, NULL), 0);
	/* The program, its loader and the C library at least. */
	assert_true(files.count >= 3);
	assert_non_null(guest_files_find(&files, "/lib64/ld-linux-x86-64.so.2"));
}

static void add_brings_the_interpreter_of_a_script(void **state)
{
	(void)state;
	expect("./script", NULL, "/ktstr/bin/script", path_of("script"));
	expect("./script", NULL, "/bin/sh", "/bin/sh");
}

static void add_brings_include_files(void **state)
{
	(void)state;
	expect("true", "data/job.fio", "/ktstr/bin/data/job.fio", path_of("data/job.fio"));
	expect("true", "/etc/passwd", "/etc/passwd", "/etc/passwd");
}

static void add_looks_for_include_files_in_the_current_folder_too(void **state)
{
	char before[PATH_MAX];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(path_of("data")), 0);
	expect("true", "job.fio", "/ktstr/bin/job.fio", "job.fio");
	assert_int_equal(chdir(before), 0);
}

static void add_refuses_naming_the_way_out(void **state)
{
	static const struct {
		const char *exe, *include;
		int code;
		const char *part;
	} rows[] = {
		{ "no-such-program", NULL, -ENOENT,
		  "payload 'p': program 'no-such-program' is not in PATH; install it" },
		{ "./no-such", NULL, -ENOENT, "no-such': No such file" },
		{ "/no/such", NULL, -ENOENT, "program '/no/such': No such file" },
		{ "./text", NULL, -EACCES, "text': Permission denied" },
		{ "./orphan", NULL, -ENOENT, "interpreter of script '" },
		{ "true", "no-such", -ENOENT, "file 'no-such' is neither beside the test binary" },
		{ "true", "/no/such", -ENOENT, "file '/no/such': No such file" },
		{ "true", "data", -EINVAL, "not a regular file" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_guest_files struct guest_files files = { 0 };
		struct ktstr_error error = { 0 };
		int err = collect(rows[i].exe, rows[i].include, &files, &error);

		if (err != rows[i].code)
			fail_msg("%s %s: %d (%s)", rows[i].exe, rows[i].include, err, error.text);
		assert_contains(error.text, rows[i].part);
		assert_null(strchr(error.text, '\n'));
	}
}

static void add_names_the_package_of_known_programs(void **state)
{
	auto_guest_files struct guest_files files = { 0 };
	struct ktstr_error error = { 0 };
	char before[4096];

	(void)state;
	snprintf(before, sizeof(before), "%s", getenv("PATH"));
	setenv("PATH", "/no/such", 1);
	assert_int_equal(collect("hackbench", NULL, &files, &error), -ENOENT);
	setenv("PATH", before, 1);
	assert_string_equal(error.text, "payload 'p': program 'hackbench' is not in PATH; it is in "
					"the package rt-tests");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_puts_programs_where_they_are_found),
		cmocka_unit_test(add_brings_libraries),
		cmocka_unit_test(add_brings_the_interpreter_of_a_script),
		cmocka_unit_test(add_brings_include_files),
		cmocka_unit_test(add_looks_for_include_files_in_the_current_folder_too),
		cmocka_unit_test(add_refuses_naming_the_way_out),
		cmocka_unit_test(add_names_the_package_of_known_programs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
