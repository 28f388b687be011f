/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

/* A network interface with a device behind it, as sysfs shows it. */
#define NIC_NAME_MAX 16 /* IFNAMSIZ, with the end */
#define NIC_MAC_BYTES 6

struct nic {
	char name[NIC_NAME_MAX];
	int index;
	uint8_t mac[NIC_MAC_BYTES];
};

#define NIC_FOLDER "/sys/class/net"

/*
 * The first interface of folder, in the order of names, that has a device: lo, bridges and tunnels
 * have none. -ENODEV: there is no such one.
 */
int nic_find(const char *folder, struct nic *ret_nic, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* "02:00:00:00:00:01": exactly six octets of one or two hex digits each, else -EINVAL. */
int nic_parse_mac(const char *text, uint8_t ret_mac[NIC_MAC_BYTES],
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
