/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/* A named virtio-serial port; fd is opened non-blocking. */
struct port {
	const char *name;
	int fd;
};

/*
 * Open ports by name (/sys/class/virtio-ports/vportNpM/name gives the name of /dev/vportNpM; there
 * is no udev here to make links). The driver still looks for them when init starts, so wait until
 * they are there and the host has its end open, until deadline_ns. On failure none is open.
 */
int ports_open(struct port *ports, size_t count, uint64_t deadline_ns,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;
