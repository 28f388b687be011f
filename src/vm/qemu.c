// SPDX-License-Identifier: GPL-2.0-only
/* Which QEMU is installed and what it brings along. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/program.h"
#include "vm/qemu.h"

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
static bool any_has_qboot(char *directories)
{
	char *rest = directories, *line;

	while ((line = strsep(&rest, "\n"))) {
		auto_free char *file = NULL;

		if (*line && asprintf(&file, "%s/" QBOOT, line) >= 0 && access(file, R_OK) == 0)
			return true;
	}
	return false;
}

int qemu_probe(const char *path, struct qemu *ret_qemu, struct ktstr_error *error)
{
	struct qemu qemu = { .path = path ? path : QEMU_DEFAULT };
	const char *const version_argv[] = { qemu.path, "--version", NULL };
	const char *const firmware_argv[] = { qemu.path, "-L", "help", NULL };
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

	if (err == -ENOENT)
		return ktstr_error_set(error, err,
				       "'%s' not found: install qemu-system-x86, or run "
				       "scripts/setup",
				       qemu.path);
	if (err)
		return ktstr_error_wrap(error, err, "'%s --version'", qemu.path);
	err = qemu_version_parse(version, &qemu.major, &qemu.minor);
	if (err)
		return ktstr_error_set(error, -EPROTO,
				       "'%s --version' says '%.80s', which is no QEMU", qemu.path,
				       version);
	/* Only a convenience: without an answer the VM starts with SeaBIOS. */
	program.argv = firmware_argv;
	if (program_output(&program, &directories, NULL) == 0)
		qemu.has_qboot = any_has_qboot(directories);
	*ret_qemu = qemu;
	return 0;
}
