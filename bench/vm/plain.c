// SPDX-License-Identifier: GPL-2.0-only
/* QEMU by hand: its defaults for everything that a user need not say. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "marker.h"
#include "vm/argv.h"
#include "vm/initramfs.h"
#include "vm/process.h"
#include "ways.h"

/* The end of what was read so far, so that a marker across two reads is found. */
struct listener {
	char text[8192];
	size_t size;
};

static bool hears_marker(struct listener *listener, const char *data, size_t size)
{
	size_t keep = sizeof(BENCH_MARKER) - 1;

	if (listener->size > keep) {
		memmove(listener->text, listener->text + listener->size - keep, keep);
		listener->size = keep;
	}
	memcpy(listener->text + listener->size, data, size);
	listener->size += size;
	return memmem(listener->text, listener->size, BENCH_MARKER, keep);
}

/* Read the console to its end; *ret_up_ns is when the marker came, 0 if it did not. */
static int listen_to(int fd, uint64_t deadline_ns, uint64_t *ret_up_ns, struct ktstr_error *error)
{
	struct listener listener = { .size = 0 };
	char data[4096];

	*ret_up_ns = 0;
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (poll(&ready, 1, clock_poll_timeout_ms(deadline_ns)) == 0)
			return ktstr_error_set(error, -ETIMEDOUT,
					       "plain QEMU did not end within %d ms", BENCH_LIMIT_MS);
		got = read(fd, data, sizeof(data));
		if (got < 0 && errno != EINTR)
			return ktstr_error_set(error, -errno, "console: %s", strerror(errno));
		if (got == 0)
			return 0;
		if (got > 0 && !*ret_up_ns && hears_marker(&listener, data, (size_t)got))
			*ret_up_ns = clock_now_ns();
	}
}

static void plain_argv(const struct bench *bench, int initrd, struct argv *argv)
{
	const struct kernel_entry *kernel = bench->env.kernel;

	argv_add(argv, "%s", bench->env.qemu.path);
	argv_add(argv, "-kernel");
	argv_add(argv, "%s", kernel->vmlinuz ? kernel->vmlinuz : kernel->boot);
	argv_add(argv, "-initrd");
	argv_add(argv, "/proc/self/fd/%d", initrd);
	argv_add(argv, "-append");
	argv_add(argv, "console=ttyS0 rdinit=/init panic=-1");
	argv_add(argv, "-m");
	argv_add(argv, "%u", bench->memory_mib);
	argv_add(argv, "-smp");
	argv_add(argv, "%u", ktstr_topology_num_cpus(&bench->topology));
	argv_add(argv, "-nographic");
	argv_add(argv, "-no-reboot");
	if (bench->env.accel.kind == ACCEL_KVM) {
		argv_add(argv, "-accel");
		argv_add(argv, "kvm");
	}
}

static int run(const struct argv *argv, int initrd, struct boot_times *ret_times,
	       struct ktstr_error *error)
{
	uint64_t begin_ns = clock_now_ns(), deadline_ns = clock_deadline_ms(BENCH_LIMIT_MS), up_ns;
	struct process process = PROCESS_NONE;
	auto_close int console = -1, theirs = -1;
	struct process_end end;
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC))
		return ktstr_error_set(error, -errno, "pipe: %s", strerror(errno));
	console = ends[0];
	theirs = ends[1];
	err = process_spawn(&(struct process_spec){ .argv = (const char *const *)argv->items,
						    .inherited = &initrd,
						    .inherited_count = 1,
						    .stdout_fd = theirs },
			    &process, error);
	if (err)
		return err;
	close(take_fd(&theirs));
	err = listen_to(console, deadline_ns, &up_ns, error);
	if (!err && process_wait(&process, deadline_ns, &end))
		err = ktstr_error_set(error, -ETIMEDOUT, "plain QEMU did not end within %d ms",
				      BENCH_LIMIT_MS);
	process_kill(&process);
	if (!err && !up_ns)
		err = ktstr_error_set(error, -EPROTO, "plain QEMU ended before its init ran");
	if (err)
		return err;
	ret_times->up_ms = (double)(up_ns - begin_ns) / NS_PER_MS;
	ret_times->end_ms = (double)(clock_now_ns() - begin_ns) / NS_PER_MS;
	return 0;
}

int boot_plain(const struct bench *bench, struct boot_times *ret_times, struct ktstr_error *error)
{
	int initrd = initramfs_fd(bench->trivial);
	auto_argv struct argv argv = { 0 };

	plain_argv(bench, initrd, &argv);
	if (argv.failed)
		return ktstr_error_set(error, -ENOMEM, "no memory for QEMU's arguments");
	return run(&argv, initrd, ret_times, error);
}
