// SPDX-License-Identifier: GPL-2.0-only
/* ktstr shell: look around in a guest. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/shell_vm.h"
#include "cli/stop.h"
#include "harness/arguments.h"

#define EXEC_TIMEOUT_MS 120000
#define MEMORY_MIN_MIB 128

struct arguments {
	const char *topology, *kernel, *command;
	unsigned accel;
	uint64_t memory_mib, disk_mib, exec_timeout_ns;
	bool network;
};

static const struct option_row rows[] = {
	OPTION_STRING("topology", 't', struct arguments, topology, "NnNlNcNt",
		      "of the guest (default 1n1l1c1t)"),
	OPTION_STRING("kernel", 'k', struct arguments, kernel, "REF",
		      "kernel to boot: an entry of 'ktstr kernel list' or a path"),
	OPTION_STRING("exec", 'e', struct arguments, command, "CMD",
		      "run this instead of a shell, and power off"),
	OPTION_DURATION("exec-timeout", 0, struct arguments, exec_timeout_ns, "TIME",
			"limit for --exec (default 120s)"),
	OPTION_U64("memory-mib", 'm', struct arguments, memory_mib, "N",
		   "memory of the guest, at least 128"),
	OPTION_U64("disk-mib", 0, struct arguments, disk_mib, "N",
		   "give it an empty disk of this size, /dev/vda"),
	OPTION_FLAG("network", 0, struct arguments, network,
		    "give it a network interface that receives what it sends"),
	OPTION_ENUM("accel", 0, struct arguments, accel, test_accel_words, "WORD", "accelerator"),
	OPTION_END,
};

static const struct option_set shell_options = {
	.command = "ktstr shell",
	.synopsis = "[OPTION...]",
	.summary = "Boots a guest and gives a shell in it. Ctrl-A X ends it.",
	.details = "Exit status: that of the shell, or of CMD (128 and the signal when it was "
		   "killed);\n"
		   "2 when the guest could not be booted or was ended before its time.",
	.rows = rows,
};

const struct option_set *const cli_shell_options[] = { &shell_options, NULL };

static int check_arguments(const struct arguments *arguments, struct shell_config *config,
			   struct ktstr_error *error)
{
	int err = ktstr_topology_parse(arguments->topology ? arguments->topology : "1n1l1c1t",
				       &config->topology, error);

	if (err)
		return ktstr_error_wrap(error, err, "option --topology");
	if (arguments->memory_mib &&
	    (arguments->memory_mib < MEMORY_MIN_MIB || arguments->memory_mib > UINT32_MAX))
		return ktstr_error_set(error, -ERANGE,
				       "option --memory-mib: %llu is out of range %d..=%u",
				       (unsigned long long)arguments->memory_mib, MEMORY_MIN_MIB,
				       UINT32_MAX);
	if (arguments->command && !*arguments->command)
		return ktstr_error_set(error, -EINVAL,
				       "option --exec: '' is no command; leave it out for a shell");
	if (!arguments->command && !isatty(STDIN_FILENO))
		return ktstr_error_set(
			error, -ENOTTY,
			"standard input is no terminal; use --exec CMD to run a command");
	config->memory_mib = (unsigned)arguments->memory_mib;
	/* Cut off rather than wrapped: the check of devices knows the limit. */
	config->devices.disk_mib = arguments->disk_mib < UINT_MAX ? (unsigned)arguments->disk_mib
								  : UINT_MAX;
	config->devices.network = arguments->network;
	err = vm_devices_check(&config->devices, error);
	if (err)
		return ktstr_error_wrap(error, err, "option --disk-mib");
	config->command = arguments->command;
	config->exec_timeout_ms = arguments->exec_timeout_ns
					  ? arguments->exec_timeout_ns / NS_PER_MS
					  : EXEC_TIMEOUT_MS;
	return 0;
}

static void greet(const struct shell_config *config)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	if (config->command)
		return;
	fprintf(stderr, "ktstr shell: kernel %s, topology %s, %s; Ctrl-A X ends it\n",
		config->env->kernel->release, ktstr_topology_format(&config->topology, topology),
		accel_kind_str(config->env->accel.kind));
}

static int run(const struct arguments *arguments, int *ret_status, struct ktstr_error *error)
{
	const struct vm_env_config env_config = {
		.kernel = arguments->kernel,
		.accel = (enum accel_kind)arguments->accel,
		.busybox = true,
	};
	struct shell_config config = { 0 };
	struct vm_env env = { 0 };
	auto_close int stop_fd = -1;
	int err = check_arguments(arguments, &config, error);

	if (!err)
		err = stop_open(&stop_fd, error);
	if (!err)
		err = vm_env_open(&env_config, &env, error);
	if (err)
		return err;
	config.env = &env;
	config.stop_fd = stop_fd;
	err = vm_env_check_devices(&env, &config.devices, error);
	if (!err) {
		greet(&config);
		err = shell_run(&config, ret_status, error);
	}
	vm_env_close(&env);
	return err;
}

int cli_shell(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&shell_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	if (run(&arguments, &status, &error))
		return cli_error(shell_options.command, "%s", error.text);
	return status;
}
