// SPDX-License-Identifier: GPL-2.0-only
/* Which QEMU is installed and what it brings along. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/program.h"
#include "vm/qemu.h"
#include "vm/qemu_cache.h"

/* Measured: 20 ms. Generous, for a machine busy with other VMs. */
#define PROBE_MS 10000
#define OUTPUT_MAX_BYTES 8192
#define QBOOT "qboot.rom"

/* A number of at most three digits at *at, and past it; -1 when there is none. */
static int take_number(const char **at)
{
	char *end;
	long value = isdigit((unsigned char)**at) ? strtol(*at, &end, 10) : -1;

	if (value < 0 || value > 999)
		return -1;
	*at = end;
	return (int)value;
}

int qemu_version_parse(const char *text, unsigned *ret_major, unsigned *ret_minor)
{
	static const char prefix[] = "QEMU emulator version ";
	const char *at = text + sizeof(prefix) - 1;
	int major, minor;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return -EINVAL;
	major = take_number(&at);
	if (major < 0 || *at++ != '.')
		return -EINVAL;
	minor = take_number(&at);
	if (minor < 0)
		return -EINVAL;
	*ret_major = (unsigned)major;
	*ret_minor = (unsigned)minor;
	return 0;
}

bool qemu_at_least(const struct qemu *qemu, unsigned major, unsigned minor)
{
	return qemu->major > major || (qemu->major == major && qemu->minor >= minor);
}

/* directories: one a line, as "-L help" prints the places that -bios searches. */
static bool find_qboot(char *directories, char ret_path[PATH_MAX])
{
	char *rest = directories, *line;

	while ((line = strsep(&rest, "\n"))) {
		int length = snprintf(ret_path, PATH_MAX, "%s/" QBOOT, line);

		if (*line && length < PATH_MAX && access(ret_path, R_OK) == 0)
			return true;
	}
	return false;
}

static int not_found(const char *path, struct ktstr_error *error)
{
	return ktstr_error_set(error, -ENOENT,
			       "'%s' not found: install qemu-system-x86, or run scripts/setup",
			       path);
}

int qemu_find(const char *path, char ret_path[PATH_MAX], struct ktstr_error *error)
{
	if (strchr(path, '/')) {
		size_t size = strlen(path) + 1;

		if (size > PATH_MAX || access(path, X_OK))
			return not_found(path, error);
		memcpy(ret_path, path, size);
		return 0;
	}
	/* As execvpe() of process_spawn(). */
	return path_find_program(path, ret_path) ? 0 : not_found(path, error);
}

static int ask(struct qemu *qemu, char ret_qboot[PATH_MAX], struct ktstr_error *error)
{
	const char *const version_argv[] = { qemu->path, "--version", NULL };
	const char *const firmware_argv[] = { qemu->path, "-L", "help", NULL };
	struct program program = {
		.argv = version_argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(PROBE_MS),
		.stop_fd = -1,
		.out_limit_bytes = OUTPUT_MAX_BYTES,
	};
	auto_free char *version = NULL;
	auto_free char *directories = NULL;
	int err = program_output(&program, &version, error);

	if (err)
		return ktstr_error_wrap(error, err, "'%s --version'", qemu->path);
	err = qemu_version_parse(version, &qemu->major, &qemu->minor);
	if (err)
		return ktstr_error_set(error, -EPROTO,
				       "'%s --version' says '%.80s', which is no QEMU", qemu->path,
				       version);
	/* Only a convenience: without an answer the VM starts with SeaBIOS. */
	program.argv = firmware_argv;
	if (program_output(&program, &directories, NULL) == 0)
		qemu->has_qboot = find_qboot(directories, ret_qboot);
	return 0;
}

int qemu_probe(const char *path, struct qemu *ret_qemu, struct ktstr_error *error)
{
	struct qemu qemu = { .path = path ? path : QEMU_DEFAULT };
	char file[PATH_MAX], qboot[PATH_MAX];
	int err = qemu_find(qemu.path, file, error);

	if (err)
		return err;
	if (!qemu_cache_read(file, &qemu)) {
		err = ask(&qemu, qboot, error);
		if (err)
			return err;
		qemu_cache_write(file, &qemu, qemu.has_qboot ? qboot : NULL);
	}
	*ret_qemu = qemu;
	return 0;
}
