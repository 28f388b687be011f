// SPDX-License-Identifier: GPL-2.0-only
/* What a test's payloads need in the guest, found on this machine. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "runner/payload_files.h"

/* Programs that tests of schedulers run, and the packages of Debian that have them. */
static const struct {
	const char *program, *package;
} packages[] = {
	{ "cyclictest", "rt-tests" },
	{ "cyclicdeadline", "rt-tests" },
	{ "fio", "fio" },
	{ "hackbench", "rt-tests" },
	{ "iperf3", "iperf3" },
	{ "perf", "linux-perf" },
	{ "pi_stress", "rt-tests" },
	{ "ptsematest", "rt-tests" },
	{ "rt-migrate-test", "rt-tests" },
	{ "schbench", "schbench" },
	{ "signaltest", "rt-tests" },
	{ "stress-ng", "stress-ng" },
	{ "sysbench", "sysbench" },
};

/* A file under its two names. */
struct found {
	char host[PATH_MAX], guest[PATH_MAX];
};

static const char *package_of(const char *program)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (!strcmp(packages[i].program, program))
			return packages[i].package;
	return NULL;
}

static int not_in_path(const char *program, struct ktstr_error *error)
{
	const char *package = package_of(program);

	if (package)
		return ktstr_error_set(error, -ENOENT,
				       "program '%s' is not in PATH; it is in the package %s",
				       program, package);
	return ktstr_error_set(error, -ENOENT,
			       "program '%s' is not in PATH; install it, or give its absolute "
			       "path as .exe",
			       program);
}

/* name in the folder of the test binary. */
static bool beside_binary(const struct test_binary *binary, const char *name,
			  char ret_path[PATH_MAX])
{
	return path_join(binary->path, (size_t)(strrchr(binary->path, '/') - binary->path), name,
			 ret_path);
}

static int too_long(const char *name, struct ktstr_error *error)
{
	return ktstr_error_set(error, -ENAMETOOLONG, "file '%.64s...': the path is too long", name);
}

/* What lies below the folder of the test binary does so in the guest. */
static int name_in_guest(const char *name, struct found *found, struct ktstr_error *error)
{
	if (!path_join(GUEST_BINARY_DIR, strlen(GUEST_BINARY_DIR) - 1, name, found->guest))
		return too_long(name, error);
	path_normalize(found->guest);
	return 0;
}

static int find_program(const struct test_binary *binary, const char *exe, struct found *found,
			struct ktstr_error *error)
{
	if (!strchr(exe, '/')) {
		if (!path_find_program(exe, found->host))
			return not_in_path(exe, error);
		if (!path_join(GUEST_PROGRAM_DIR, strlen(GUEST_PROGRAM_DIR) - 1, exe, found->guest))
			return too_long(exe, error);
		return 0;
	}
	if (exe[0] == '/') {
		snprintf(found->host, sizeof(found->host), "%s", exe);
		snprintf(found->guest, sizeof(found->guest), "%s", exe);
		path_normalize(found->guest);
	} else {
		int err = name_in_guest(exe, found, error);

		if (err)
			return err;
		if (!beside_binary(binary, exe, found->host))
			return too_long(exe, error);
	}
	if (access(found->host, X_OK))
		return ktstr_error_set(error, -errno, "program '%s': %s", found->host,
				       strerror(errno));
	return 0;
}

/* The interpreter in a script's first line. False: it is no script. */
static bool read_interpreter(const char *path, char ret_interpreter[PATH_MAX])
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char line[256], *begin;
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (got < 2 || memcmp(line, "#!", 2) != 0)
		return false;
	line[got] = '\0';
	begin = line + 2 + strspn(line + 2, " \t");
	begin[strcspn(begin, " \t\n")] = '\0';
	snprintf(ret_interpreter, PATH_MAX, "%s", begin);
	return true;
}

static int add_program(struct guest_files *files, const struct found *found,
		       struct ktstr_error *error)
{
	char interpreter[PATH_MAX];
	int err;

	if (!read_interpreter(found->host, interpreter))
		return guest_files_add_program(files, found->host, found->guest, error);
	err = guest_files_add_program(files, interpreter, interpreter, error);
	if (err)
		return ktstr_error_wrap(error, err, "interpreter of script '%s'", found->host);
	return guest_files_add(files, found->host, found->guest, error);
}

/* Beside the test binary first, then in the current folder, as .bpf.o files are. */
static int find_include(const struct test_binary *binary, const char *name, struct found *found,
			struct ktstr_error *error)
{
	int err;

	if (name[0] == '/') {
		snprintf(found->host, sizeof(found->host), "%s", name);
		snprintf(found->guest, sizeof(found->guest), "%s", name);
		path_normalize(found->guest);
		return 0;
	}
	err = name_in_guest(name, found, error);
	if (err)
		return err;
	if (!beside_binary(binary, name, found->host))
		return too_long(name, error);
	if (!access(found->host, R_OK))
		return 0;
	snprintf(found->host, sizeof(found->host), "%s", name);
	if (!access(found->host, R_OK))
		return 0;
	return ktstr_error_set(error, -errno,
			       "file '%s' is neither beside the test binary '%s' nor in the "
			       "current folder",
			       name, binary->path);
}

static int add_payload(const struct test_binary *binary, const struct binary_payload *payload,
		       struct guest_files *files, struct ktstr_error *error)
{
	struct found found;
	int err = find_program(binary, payload->exe, &found, error);

	if (!err)
		err = add_program(files, &found, error);
	for (size_t i = 0; !err && i < payload->include_files_count; i++) {
		err = find_include(binary, payload->include_files[i], &found, error);
		if (!err)
			err = guest_files_add(files, found.host, found.guest, error);
	}
	return err ? ktstr_error_wrap(error, err, "payload '%s'", payload->name) : 0;
}

int payload_files_add(const struct test_binary *binary, const struct binary_test *test,
		      struct guest_files *files, struct ktstr_error *error)
{
	for (size_t i = 0; i < test->payloads_count; i++) {
		int err = add_payload(binary, &test->payloads[i], files, error);

		if (err)
			return err;
	}
	return 0;
}
