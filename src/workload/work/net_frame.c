// SPDX-License-Identifier: GPL-2.0-only
/* The Ethernet frame that network work sends. */
#include "workload/work/net_frame.h"

#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

_Static_assert(ETH_ALEN == NIC_MAC_BYTES, "an address of Ethernet");

int net_frame_check(unsigned frame_bytes, struct ktstr_error *error)
{
	if (frame_bytes >= NET_FRAME_MIN_BYTES && frame_bytes <= NET_FRAME_MAX_BYTES)
		return 0;
	return ktstr_error_set(error, -EINVAL, "frame_bytes %u out of range %d..=%d", frame_bytes,
			       NET_FRAME_MIN_BYTES, NET_FRAME_MAX_BYTES);
}

void net_frame_build(uint8_t *frame, size_t bytes, const uint8_t mac[NIC_MAC_BYTES])
{
	static const uint8_t rest[] = {
		NET_ETHERTYPE >> 8, NET_ETHERTYPE & 0xff, 'K', 'T', 'S', 'T'
	};

	memset(frame, 0, bytes);
	memcpy(frame, mac, NIC_MAC_BYTES);
	memcpy(frame + NIC_MAC_BYTES, mac, NIC_MAC_BYTES);
	memcpy(frame + 2 * NIC_MAC_BYTES, rest, sizeof(rest));
}
