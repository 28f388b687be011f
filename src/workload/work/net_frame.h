/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "base/nic.h"

#define NET_ETHERTYPE 0x88b5 /* IEEE 802: for local experiments */
#define NET_FRAME_MIN_BYTES 60
#define NET_FRAME_MAX_BYTES 1514

/* -EINVAL outside of the two. */
int net_frame_check(unsigned frame_bytes, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* A frame of so many bytes to mac from mac: header, "KTST", zeroes. */
void net_frame_build(uint8_t *frame, size_t bytes, const uint8_t mac[NIC_MAC_BYTES]);
