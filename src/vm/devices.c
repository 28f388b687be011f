// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's disk and NIC, as QEMU gets them. The disk is memory without a name. The NIC's other end
 * is a datagram socket that is connected to itself: the host's kernel hands every frame back, in
 * order, without a process beside QEMU, a privilege or a network. When the guest does not take its
 * frames the socket fills up, and QEMU waits to send more.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "vm/devices.h"

int vm_devices_check(const struct vm_devices *devices, struct ktstr_error *error)
{
	if (devices->disk_mib > VM_DISK_MAX_MIB)
		return ktstr_error_set(error, -ERANGE, "disk of %u MiB out of range 1..=%u MiB",
				       devices->disk_mib, VM_DISK_MAX_MIB);
	return 0;
}

int vm_disk_open(unsigned mib, int *ret_fd, struct ktstr_error *error)
{
	auto_close int fd = memfd_create("ktstr-disk", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)mib << 20) < 0)
		return ktstr_error_set(error, -errno, "disk of %u MiB: %s", mib, strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}

int vm_nic_open(int *ret_fd, struct ktstr_error *error)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path);

	/* Bound to no name, it is given one that nobody else has, outside the file system. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0)
		return ktstr_error_set(error, -errno, "network: socket: %s", strerror(errno));
	length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
	    connect(fd, (struct sockaddr *)&address, length) < 0)
		return ktstr_error_set(error, -errno, "network: connect a socket to itself: %s",
				       strerror(errno));
	*ret_fd = take_fd(&fd);
	return 0;
}
