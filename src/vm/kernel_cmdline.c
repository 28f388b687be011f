// SPDX-License-Identifier: GPL-2.0-only
/* What the guest kernel is told. One row per parameter and the reason for it. */
#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/kernel_parameter.h"
#include "vm/kernel_cmdline.h"

#define CMDLINE_MAX 2047 /* COMMAND_LINE_SIZE of x86, less the end */

enum when { ALWAYS, TCG_ONLY, QUIET, VERBOSE, NETWORK };

static const struct {
	const char *text;
	enum when when;
} parameters[] = {
	{ "console=ttyS0", ALWAYS },
	{ "rdinit=/init", ALWAYS },
	{ "panic=-1", ALWAYS }, /* QEMU exits on reboot: a panic ends the VM at once */
	{ "reboot=t", ALWAYS }, /* there is no keyboard controller to ask */
	/*
	 * Warnings and worse: a handful of lines in a healthy boot. At 0 the kernel does not raise
	 * the level for an Oops or a panic (console_verbose()), and dies without a word.
	 */
	{ "loglevel=5", QUIET },
	{ "loglevel=7", VERBOSE },
	{ "earlyprintk=serial", VERBOSE },

	/* Symbols are where the file says, runs are alike. */
	{ "nokaslr", ALWAYS },
	/* The guest is no security boundary, and page table isolation flushes TCG's TLB. */
	{ "mitigations=off", ALWAYS },
	{ "random.trust_cpu=on", ALWAYS },
	{ "swiotlb=noforce", ALWAYS },
	{ "numa_balancing=disable", ALWAYS },

	/* What workers and schedulers under test read and do. */
	{ "delayacct", ALWAYS },
	{ "sysctl.kernel.sched_schedstats=1", ALWAYS },
	{ "sysctl.kernel.task_delayacct=1", ALWAYS },
	{ "sysctl.kernel.unprivileged_bpf_disabled=0", ALWAYS },
	{ "sysctl.vm.overcommit_memory=1", ALWAYS },
	{ "initramfs_options=size=90%", ALWAYS },

	/* Boot time, measured on 7.2 under TCG: 0.4 s of 2.4 s together. */
	{ "cryptomgr.notests", ALWAYS },
	{ "audit=0", ALWAYS },
	{ "apparmor=0", ALWAYS },
	{ "lsm=bpf", ALWAYS }, /* of the others nobody has a policy here */
	/* Wake up by themselves several times a second, for nothing that a test would miss. */
	{ "damon_stat.enabled=0", ALWAYS },
	{ "kfence.sample_interval=0", ALWAYS },
	{ "no_timer_check", ALWAYS }, /* the check needs a timely host */
	/* TCG's counter is one clock for all vCPUs; its loops are no measure of anything. */
	{ "tsc=reliable", TCG_ONLY },
	{ "lpj=4000000", TCG_ONLY },
	/* On the NIC are the frames of the test, and no neighbour discovery between them. */
	{ "sysctl.net.ipv6.conf.default.disable_ipv6=1", NETWORK },
	{ PARAMETER_NETWORK "=1", NETWORK },
};

/* Names that the console, the verbosity and the agent hang on. */
static const char *const reserved[] = { "console",	    "loglevel",		"rdinit",
					PARAMETER_TOPOLOGY, PARAMETER_DISK_MIB, PARAMETER_NETWORK };

static int user_arg_check(const char *text, struct ktstr_error *error)
{
	size_t name = strcspn(text, "=");

	if (!*text)
		return ktstr_error_set(error, -EINVAL, "kernel parameter '' is empty");
	for (const char *at = text; *at; at++)
		if (isspace((unsigned char)*at) || !isprint((unsigned char)*at))
			return ktstr_error_set(
				error, -EINVAL,
				"kernel parameter '%.100s' holds white space "
				"or control characters: give each parameter by itself",
				text);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strlen(reserved[i]) == name && strncmp(text, reserved[i], name) == 0)
			return ktstr_error_set(error, -EINVAL,
					       "kernel parameter '%.100s': '%s' is set by "
					       "ktstr, which depends on it",
					       text, reserved[i]);
	return 0;
}

static bool applies(const struct vm_config *config, enum when when)
{
	switch (when) {
	case TCG_ONLY:
		return config->accel->kind == ACCEL_TCG;
	case QUIET:
		return !config->verbose;
	case VERBOSE:
		return config->verbose;
	case NETWORK:
		return config->devices.network;
	case ALWAYS:
		break;
	}
	return true;
}

int kernel_cmdline_build(const struct vm_config *config, char **ret_cmdline,
			 struct ktstr_error *error)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];
	auto_free char *text = NULL;
	size_t size = 0;
	FILE *out;

	for (size_t i = 0; i < config->kernel_args_count; i++) {
		int err = user_arg_check(config->kernel_args[i], error);

		if (err)
			return err;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return ktstr_error_set(error, -errno, "kernel command line: %s", strerror(errno));
	fprintf(out, PARAMETER_TOPOLOGY "=%s", ktstr_topology_format(&config->topology, topology));
	if (config->devices.disk_mib)
		fprintf(out, " " PARAMETER_DISK_MIB "=%u", config->devices.disk_mib);
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (applies(config, parameters[i].when))
			fprintf(out, " %s", parameters[i].text);
	/* Last, for the kernel takes the last of two: users may override what is not reserved. */
	for (size_t i = 0; i < config->kernel_args_count; i++)
		fprintf(out, " %s", config->kernel_args[i]);
	if (fclose(out) != 0)
		return ktstr_error_set(error, -ENOMEM, "kernel command line: no memory");
	if (size > CMDLINE_MAX)
		return ktstr_error_set(error, -E2BIG,
				       "kernel command line of %zu bytes; x86 takes %d: give "
				       "fewer parameters",
				       size, CMDLINE_MAX);
	*ret_cmdline = take_pointer(text);
	return 0;
}
