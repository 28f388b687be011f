// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does KVM run a guest? A child creates a VM with one page of real-mode code that writes a byte to
 * a port and halts; we wait for it with a deadline, because a broken nested KVM_RUN may not return.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/accel.h"
#include "vm/process.h"

#define PROBE_MS 3000
#define GUEST_PAGE 0x1000u
#define PROBE_PORT 0x10
#define PROBE_VALUE 0x2a

struct probe_result {
	int err;
	char step[32];
};

static const uint8_t guest_code[] = {
	0xb0, PROBE_VALUE, /* mov $42, %al */
	0xe6, PROBE_PORT,  /* out %al, $16 */
	0xf4,		   /* hlt */
};

static struct probe_result failed_at(const char *step)
{
	struct probe_result result = { .err = errno ? -errno : -EIO };

	snprintf(result.step, sizeof(result.step), "%s", step);
	return result;
}

static struct probe_result failed_with_exit(unsigned reason)
{
	struct probe_result result = { .err = -EIO };

	snprintf(result.step, sizeof(result.step), "unexpected exit %u", reason);
	return result;
}

/* What is opened or mapped here goes away with the probe's process. */
static struct probe_result run_guest(void)
{
	struct kvm_userspace_memory_region region = { .guest_phys_addr = GUEST_PAGE,
						      .memory_size = GUEST_PAGE };
	struct kvm_regs regs = { .rip = GUEST_PAGE, .rflags = 2 };
	struct kvm_sregs sregs;
	struct kvm_run *run;
	int kvm, vm, vcpu, size;
	void *page;

	errno = 0;
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		return failed_at("open /dev/kvm");
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return failed_at("KVM_GET_API_VERSION");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return failed_at("KVM_CREATE_VM");
	page = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return failed_at("mmap");
	memcpy(page, guest_code, sizeof(guest_code));
	region.userspace_addr = (uintptr_t)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return failed_at("KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		return failed_at("KVM_CREATE_VCPU");
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(*run))
		return failed_at("KVM_GET_VCPU_MMAP_SIZE");
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		return failed_at("mmap of kvm_run");
	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return failed_at("KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0)
		return failed_at("KVM_SET_SREGS");
	if (ioctl(vcpu, KVM_SET_REGS, &regs) < 0)
		return failed_at("KVM_SET_REGS");
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return failed_at("KVM_RUN");
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PROBE_PORT ||
	    ((uint8_t *)run)[run->io.data_offset] != PROBE_VALUE)
		return failed_with_exit(run->exit_reason);
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return failed_at("KVM_RUN");
	if (run->exit_reason != KVM_EXIT_HLT)
		return failed_with_exit(run->exit_reason);
	return (struct probe_result){ 0 };
}

static _Noreturn void probe_main(int report_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct probe_result result = run_guest();

	_exit(write(report_fd, &result, sizeof(result)) == (ssize_t)sizeof(result) ? 0 : 1);
}

int kvm_probe(struct ktstr_error *error)
{
	struct process child = PROCESS_NONE;
	struct probe_result result;
	struct pollfd readable;
	int ends[2], ready;
	ssize_t got = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "KVM probe: pipe: %s", strerror(errno));
	auto_close int read_end = ends[0];
	auto_close int write_end = ends[1];
	child.pid = fork();
	if (child.pid < 0)
		return ktstr_error_set(error, -errno, "KVM probe: fork: %s", strerror(errno));
	if (child.pid == 0)
		probe_main(write_end);
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	close(take_fd(&write_end));
	readable = (struct pollfd){ .fd = read_end, .events = POLLIN };
	uint64_t deadline_ns = clock_deadline_ms(PROBE_MS);
	do
		ready = poll(&readable, 1, clock_poll_timeout_ms(deadline_ns));
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		got = read(read_end, &result, sizeof(result));
	process_kill(&child);
	if (ready == 0)
		return ktstr_error_set(error, -ETIMEDOUT,
				       "KVM probe guest did not halt within %d ms", PROBE_MS);
	if (got != (ssize_t)sizeof(result))
		return ktstr_error_set(error, -EIO, "KVM probe ended without an answer");
	if (result.err)
		return ktstr_error_set(error, result.err, "KVM probe guest: %s: %s", result.step,
				       strerror(-result.err));
	return 0;
}
