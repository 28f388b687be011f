// SPDX-License-Identifier: GPL-2.0-only
/* Finding virtio-serial ports. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "guest/ports.h"

#define PORTS_SYSFS "/sys/class/virtio-ports"
#define NAME_MAX_BYTES 256
/* The kernel announces ports, but not that the host has opened its end of one. */
#define LOOK_FOR_PORT_MS 20
#define LOOK_FOR_HOST_MS 2
#define UEVENT_GROUP_KERNEL 1

/* Tells when something new is there to look at. Without it (no CONFIG_NET) we look periodically. */
static int uevents_open(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = UEVENT_GROUP_KERNEL,
	};
	auto_close int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -1;
	return take_fd(&fd);
}

static void uevents_wait(int fd, int timeout_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char event[4096];

	poll(&ready, 1, timeout_ms);
	/* What has changed we see ourselves. */
	while (fd >= 0 && recv(fd, event, sizeof(event), 0) > 0)
		;
}

static int open_device(const char *device)
{
	char path[64 + NAME_MAX_BYTES];

	snprintf(path, sizeof(path), "/dev/%s", device);
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* Open those of the ports that are there and not open yet. */
static void open_present(struct port *ports, size_t count)
{
	auto_closedir DIR *folder = opendir(PORTS_SYSFS);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		auto_free char *name = NULL;
		char path[NAME_MAX_BYTES + 8];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/name", entry->d_name);
		/* The name arrives some time after the port. */
		if (file_read(dirfd(folder), path, NAME_MAX_BYTES, &name, NULL, NULL))
			continue;
		name[strcspn(name, "\n")] = '\0';
		for (size_t i = 0; i < count; i++)
			if (ports[i].fd < 0 && !strcmp(ports[i].name, name))
				ports[i].fd = open_device(entry->d_name);
	}
}

/* A port reports POLLHUP, and drops what is written, until the host's end is open. */
static bool is_connected(int fd)
{
	struct pollfd state = { .fd = fd, .events = POLLOUT };

	return poll(&state, 1, 0) == 1 && !(state.revents & POLLHUP);
}

static const struct port *first_missing(const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i].fd < 0)
			return &ports[i];
	return NULL;
}

static const struct port *first_unconnected(const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_connected(ports[i].fd))
			return &ports[i];
	return NULL;
}

static int give_up(struct port *ports, size_t count, const struct port *culprit, const char *what,
		   struct ktstr_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i].fd >= 0)
			close(ports[i].fd);
	return ktstr_error_set(error, -ETIMEDOUT, "virtio-serial port '%s': %s", culprit->name,
			       what);
}

int ports_open(struct port *ports, size_t count, uint64_t deadline_ns, struct ktstr_error *error)
{
	auto_close int uevents = uevents_open();

	for (size_t i = 0; i < count; i++)
		ports[i].fd = -1;
	for (;;) {
		int left_ms = clock_poll_timeout_ms(deadline_ns), look_again_ms;
		const struct port *missing, *unconnected;

		open_present(ports, count);
		missing = first_missing(ports, count);
		unconnected = missing ? NULL : first_unconnected(ports, count);
		if (!missing && !unconnected)
			return 0;
		if (!left_ms && missing)
			return give_up(ports, count, missing, "did not appear in " PORTS_SYSFS,
				       error);
		if (!left_ms)
			return give_up(ports, count, unconnected, "the host did not open its end",
				       error);
		look_again_ms = missing ? LOOK_FOR_PORT_MS : LOOK_FOR_HOST_MS;
		uevents_wait(uevents, left_ms < look_again_ms ? left_ms : look_again_ms);
	}
}
