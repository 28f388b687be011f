// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktstr-guest: init of ktstr's VMs. Sets the guest up, says hello and serves the host. Made to
 * start quickly on a slow CPU (TCG): no shell, no helper programs, hwloc once.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <ktstr/cgroup.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "guest/agent.h"
#include "guest/cgroup_root.h"
#include "guest/crash.h"
#include "guest/devices.h"
#include "guest/hello.h"
#include "guest/modules.h"
#include "guest/mounts.h"
#include "guest/phases.h"
#include "guest/ports.h"
#include "guest/sysctls.h"
#include "wire/message.h"

#define PORTS_TIMEOUT_MS 10000
#define CMDLINE_MAX_BYTES 4096

/*
 * Above the scheduler under test: it may starve everything else, and then somebody has to be left
 * to tell. The agent's children are ordinary tasks again. A kernel that refuses leaves the agent
 * as it is.
 */
static void rise_above_schedulers(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
}

static int set_up(struct boot_phases *phases, struct port ports[2], json_t **ret_hello,
		  struct ktstr_error *error)
{
	auto_free char *cmdline = NULL;
	int err;

	err = cgroup_root_setup(KTSTR_CGROUP_ROOT, KTSTR_CGROUP_PARENT, error);
	if (err)
		return err;
	boot_phase_mark(phases, "cgroups");
	sysctls_setup();
	rise_above_schedulers();
	err = file_read(AT_FDCWD, "/proc/cmdline", CMDLINE_MAX_BYTES, &cmdline, NULL, error);
	if (err)
		return err;
	err = devices_setup(cmdline, error);
	if (err)
		return err;
	boot_phase_mark(phases, "devices");
	*ret_hello = NULL;
	err = ports_open(ports, 2, clock_deadline_ms(PORTS_TIMEOUT_MS), error);
	if (err)
		return err;
	boot_phase_mark(phases, "ports");
	*ret_hello = hello_new(cmdline, phases);
	return 0;
}

int main(void)
{
	struct port ports[2] = { { .name = WIRE_PORT_CTL }, { .name = WIRE_PORT_LOG } };
	struct agent_config config = { .cgroup_parent = KTSTR_CGROUP_PARENT };
	struct boot_phases phases = { 0 };
	struct ktstr_error error = { 0 };
	int err;

	if (getpid() != 1) {
		fputs("ktstr-guest: the init of ktstr's virtual machines, for nothing else\n",
		      stderr);
		return 2;
	}
	boot_phase_mark(&phases, "init");
	err = mounts_setup(&error);
	crash_setup();
	boot_phase_mark(&phases, "mounts");
	if (!err)
		err = modules_load(GUEST_MODULES_DIR, &error);
	if (!err)
		err = set_up(&phases, ports, &config.hello, &error);
	if (!err) {
		config.ctl_fd = ports[0].fd;
		config.log_fd = ports[1].fd;
		err = agent_serve(&config, &error);
	}
	if (err)
		crash(&error);
	/* Nothing in this VM is worth a sync. */
	reboot(RB_POWER_OFF);
	return 1;
}
