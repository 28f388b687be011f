// SPDX-License-Identifier: GPL-2.0-only
/* The things a machine needs for ktstr, one function each. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/program.h"
#include "cli/doctor_probes.h"
#include "runner/env.h"
#include "vm/kernel/store.h"

#define MEMORY_WANTED_MIB 1536 /* a VM of the default size and QEMU beside it */
#define SHM_WANTED_MIB 64
#define PROBE_TIMEOUT_MS 10000

static void say(char text[DOCTOR_TEXT_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(char text[DOCTOR_TEXT_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, DOCTOR_TEXT_MAX, format, args);
	va_end(args);
}

/* A failed call: its text already says what to do. */
static enum health bad(char text[DOCTOR_TEXT_MAX], const struct ktstr_error *error)
{
	say(text, "%.500s", error->text);
	return HEALTH_BAD;
}

static enum health look_at_qemu(char text[DOCTOR_TEXT_MAX])
{
	struct ktstr_error error = { 0 };
	struct qemu qemu;

	if (qemu_probe(NULL, &qemu, &error))
		return bad(text, &error);
	if (!qemu_at_least(&qemu, 8, 1)) {
		say(text,
		    "%s %u.%u: below 8.1 its translator has to run on one thread; install 10.0, on "
		    "Debian 12 from bookworm-backports",
		    qemu.path, qemu.major, qemu.minor);
		return HEALTH_WARN;
	}
	say(text, "%s %u.%u", qemu.path, qemu.major, qemu.minor);
	return HEALTH_OK;
}

static enum health look_at_accel(char text[DOCTOR_TEXT_MAX])
{
	struct ktstr_error error = { 0 };
	struct accel accel;
	struct qemu qemu;

	if (qemu_probe(NULL, &qemu, &error) || accel_choose(ACCEL_AUTO, &qemu, &accel, &error))
		return bad(text, &error);
	say(text, "%s%s%.400s", accel_kind_str(accel.kind), accel.reason[0] ? ": " : "",
	    accel.reason);
	return accel.kind == ACCEL_KVM ? HEALTH_OK : HEALTH_WARN;
}

static enum health look_at_agent(char text[DOCTOR_TEXT_MAX])
{
	struct ktstr_error error = { 0 };
	auto_free char *path = NULL;

	if (guest_agent_find(&path, &error))
		return bad(text, &error);
	say(text, "%.500s", path);
	return HEALTH_OK;
}

static enum health look_at_kernel(char text[DOCTOR_TEXT_MAX])
{
	struct ktstr_error error = { 0 };
	auto_kernel_entry struct kernel_entry *kernel = NULL;

	if (kernel_store_find(NULL, &kernel, &error))
		return bad(text, &error);
	say(text, "%.400s%s", kernel->ref, getenv("KTSTR_KERNEL") ? " (by KTSTR_KERNEL)" : "");
	return HEALTH_OK;
}

static enum health look_at_sched_ext(char text[DOCTOR_TEXT_MAX])
{
	auto_kernel_entry struct kernel_entry *kernel = NULL;

	if (kernel_store_find(NULL, &kernel, NULL)) {
		say(text, "not known without a kernel");
		return HEALTH_WARN;
	}
	if (!kernel->sched_ext.usable) {
		say(text,
		    "not usable in kernel '%.100s': %s; 'ktstr kernel fetch' gets one where it is",
		    kernel->ref, kernel->sched_ext.reason);
		return HEALTH_WARN;
	}
	say(text, "usable in kernel '%.400s'", kernel->ref);
	return HEALTH_OK;
}

/* Only those who compile schedulers need it: ktstr takes ready .bpf.o files. */
static enum health look_at_clang(char text[DOCTOR_TEXT_MAX])
{
	static const char *const names[] = { "clang",	 "clang-19", "clang-18", "clang-17",
					     "clang-16", "clang-15", "clang-14" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *const argv[] = { names[i], "--print-targets", NULL };
		auto_free char *output = NULL;

		const struct program clang = {
			.argv = argv,
			.dir = AT_FDCWD,
			.deadline_ns = clock_deadline_ms(PROBE_TIMEOUT_MS),
			.stop_fd = -1,
		};

		if (program_output(&clang, &output, NULL) || !strstr(output, " bpf "))
			continue;
		say(text, "%s compiles for bpf", names[i]);
		return HEALTH_OK;
	}
	say(text, "no clang that compiles for bpf; install clang to build sched_ext schedulers");
	return HEALTH_WARN;
}

static enum health look_at_libbpf(char text[DOCTOR_TEXT_MAX])
{
	if (libbpf_major_version() < 1 ||
	    (libbpf_major_version() == 1 && libbpf_minor_version() < 4)) {
		say(text, "%s: sched_ext needs 1.4; on Debian 12 it is in bookworm-backports",
		    libbpf_version_string());
		return HEALTH_BAD;
	}
	say(text, "%s", libbpf_version_string());
	return HEALTH_OK;
}

static enum health look_at_busybox(char text[DOCTOR_TEXT_MAX])
{
	struct ktstr_error error = { 0 };
	auto_free char *path = NULL;

	if (busybox_find(&path, &error)) {
		bad(text, &error);
		return HEALTH_WARN; /* only `ktstr shell` wants it */
	}
	say(text, "%.500s", path);
	return HEALTH_OK;
}

static enum health look_at_memory(char text[DOCTOR_TEXT_MAX])
{
	auto_free char *meminfo = NULL;
	struct ktstr_error error = { 0 };
	unsigned long long available_kib;
	const char *line;

	if (file_read(AT_FDCWD, "/proc/meminfo", 65536, &meminfo, NULL, &error))
		return bad(text, &error);
	line = strstr(meminfo, "\nMemAvailable:");
	available_kib = line ? strtoull(strchr(line, ':') + 1, NULL, 10) : 0;
	if (!available_kib) {
		say(text, "/proc/meminfo does not say how much is available");
		return HEALTH_WARN;
	}
	if (available_kib / 1024 < MEMORY_WANTED_MIB) {
		say(text,
		    "%llu MiB available; a VM of the default size wants %d MiB: end other programs "
		    "or set memory_mib in tests",
		    available_kib / 1024, MEMORY_WANTED_MIB);
		return HEALTH_WARN;
	}
	say(text, "%llu MiB available", available_kib / 1024);
	return HEALTH_OK;
}

static enum health look_at_shm(char text[DOCTOR_TEXT_MAX])
{
	unsigned long long free_mib;
	struct statvfs status;

	if (statvfs("/dev/shm", &status) < 0) {
		say(text, "/dev/shm: %s; mount a tmpfs there", strerror(errno));
		return HEALTH_WARN;
	}
	free_mib = (unsigned long long)status.f_bavail * status.f_frsize >> 20;
	say(text, "%llu MiB free in /dev/shm%s", free_mib,
	    free_mib < SHM_WANTED_MIB ? "; remount it with a larger size=" : "");
	return free_mib < SHM_WANTED_MIB ? HEALTH_WARN : HEALTH_OK;
}

/* Guests have their own: this is for workloads that a program runs on the host. */
static enum health look_at_cgroups(char text[DOCTOR_TEXT_MAX])
{
	struct statfs status;

	if (statfs("/sys/fs/cgroup", &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC) {
		say(text, "cgroup v2 at /sys/fs/cgroup");
		return HEALTH_OK;
	}
	say(text, "no cgroup v2 at /sys/fs/cgroup: tests in VMs do not care, cgroups of the host "
		  "cannot be used; boot with systemd.unified_cgroup_hierarchy=1");
	return HEALTH_WARN;
}

/* clang-format off: a row each */
const struct doctor_probe doctor_probes[] = {
	{ "qemu", look_at_qemu },	    { "accelerator", look_at_accel },
	{ "guest agent", look_at_agent },   { "kernel", look_at_kernel },
	{ "sched_ext", look_at_sched_ext }, { "libbpf", look_at_libbpf },
	{ "clang", look_at_clang },	    { "busybox", look_at_busybox },
	{ "memory", look_at_memory },	    { "shared memory", look_at_shm },
	{ "cgroups", look_at_cgroups },	    { NULL, NULL },
};
/* clang-format on */
