// SPDX-License-Identifier: GPL-2.0-only
/* The devices that a test has asked for. Their drivers are loaded in guests that have them alone.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/kernel_parameter.h"
#include "base/nic.h"
#include "guest/devices.h"
#include "guest/modules.h"
#include "wire/message.h"

#define DISK "/dev/vda"

/* A driver probes, and devtmpfs makes the node, before loading the module has returned. */
static int check_disk(struct ktstr_error *error)
{
	if (access(DISK, F_OK) == 0)
		return 0;
	return ktstr_error_set(error, -errno,
			       "the disk does not appear as " DISK
			       " (%s): the kernel is without virtio_blk",
			       strerror(errno));
}

static int check_nic(struct ktstr_error *error)
{
	struct nic nic;
	int err = nic_find(NIC_FOLDER, &nic, error);

	return err ? ktstr_error_wrap(error, err, "the kernel is without virtio_net") : 0;
}

int devices_setup(const char *cmdline, struct ktstr_error *error)
{
	char value[32];
	bool disk = kernel_parameter(cmdline, PARAMETER_DISK_MIB, value, sizeof(value));
	bool network = kernel_parameter(cmdline, PARAMETER_NETWORK, value, sizeof(value));
	int err = disk || network ? modules_load(GUEST_DEVICE_MODULES_DIR, error) : 0;

	if (!err && disk)
		err = check_disk(error);
	if (!err && network)
		err = check_nic(error);
	return err;
}
