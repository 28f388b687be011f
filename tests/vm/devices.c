// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk and the NIC that a test can ask for. Run twice, from templates and with --no-template:
 * what a test finds must be the same.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "expect.h"
#include "nic.h"

#define MIB (1u << 20)
#define SECTOR 4096u
#define PROTOCOL 0x88b5 /* IEEE 802's for local experiments */

static const struct ktstr_topology two_cpus = { .llcs = 1, .cores = 2 };

/* --- disk --- */

static bool is_zero(const unsigned char *bytes, size_t size)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

/* What stands in the sector at offset once written there. */
static void fill(unsigned char *sector, off_t offset)
{
	for (size_t i = 0; i < SECTOR; i++)
		sector[i] = (unsigned char)(i * 31 + (size_t)(offset / SECTOR) + 1);
}

static void check_empty(struct ktstr_ctx *ctx, int disk, off_t size)
{
	static unsigned char chunk[MIB];

	for (off_t at = 0; at < size; at += MIB) {
		ssize_t got = pread(disk, chunk, MIB, at);

		EXPECT(ctx, got == MIB, "%zd at %lld: %s", got, (long long)at, strerror(errno));
		if (got != MIB || !is_zero(chunk, MIB)) {
			ktstr_fail(ctx, "the disk holds what this test has not written, at MiB %lld",
				   (long long)(at / MIB));
			return;
		}
	}
}

/* Around the page cache, so that it is the disk that is asked. */
static void check_keeps(struct ktstr_ctx *ctx, const off_t *offsets, size_t count)
{
	static unsigned char wrote[SECTOR] __attribute__((aligned(SECTOR)));
	static unsigned char read_back[SECTOR] __attribute__((aligned(SECTOR)));
	int disk = open("/dev/vda", O_RDWR | O_DIRECT | O_CLOEXEC);

	EXPECT(ctx, disk >= 0, "%s", strerror(errno));
	for (size_t i = 0; disk >= 0 && i < count; i++) {
		fill(wrote, offsets[i]);
		EXPECT(ctx, pwrite(disk, wrote, SECTOR, offsets[i]) == SECTOR, "%s", strerror(errno));
	}
	EXPECT(ctx, disk >= 0 && fdatasync(disk) == 0, "%s", strerror(errno));
	for (size_t i = 0; disk >= 0 && i < count; i++) {
		fill(wrote, offsets[i]);
		EXPECT(ctx, pread(disk, read_back, SECTOR, offsets[i]) == SECTOR, "%s", strerror(errno));
		EXPECT(ctx, !memcmp(wrote, read_back, SECTOR), "other bytes at %lld", (long long)offsets[i]);
	}
	if (disk >= 0)
		close(disk);
}

static int disk_is_fresh_and_works(struct ktstr_ctx *ctx, unsigned mib)
{
	const off_t size = (off_t)mib * MIB, offsets[] = { 0, size / 2, size - SECTOR };
	int disk = open("/dev/vda", O_RDONLY | O_CLOEXEC);
	uint64_t bytes = 0;

	if (disk < 0) {
		ktstr_fail(ctx, "/dev/vda: %s", strerror(errno));
		return 0;
	}
	EXPECT(ctx, ioctl(disk, BLKGETSIZE64, &bytes) == 0 && bytes == (uint64_t)size, "%llu bytes",
	       (unsigned long long)bytes);
	check_empty(ctx, disk, size);
	close(disk);
	check_keeps(ctx, offsets, sizeof(offsets) / sizeof(offsets[0]));
	return 0;
}

/* Twice the same: what the first one leaves behind the second would find. */
KTSTR_TEST(device_disk_is_fresh, .topology = two_cpus, .disk_mib = 16)
{
	return disk_is_fresh_and_works(ctx, 16);
}

KTSTR_TEST(device_disk_is_fresh_again, .topology = two_cpus, .disk_mib = 16)
{
	return disk_is_fresh_and_works(ctx, 16);
}

KTSTR_TEST(device_disk_has_the_size_asked_for, .topology = two_cpus, .disk_mib = 300, .network = true)
{
	return disk_is_fresh_and_works(ctx, 300);
}

/* --- network --- */

static bool bring_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.15s", name);
	up = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	up = up && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	if (fd >= 0)
		close(fd);
	return up;
}

static int open_packet_socket(const char *name)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
					     .sll_ifindex = (int)if_nametoindex(name) };
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	/* What goes out is no news: only what the NIC receives counts. */
	if (fd >= 0 && setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	return -1;
}

static void build_frame(unsigned char frame[ETH_ZLEN], unsigned number)
{
	static const unsigned char mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

	memset(frame, 0, ETH_ZLEN);
	memcpy(frame, mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, mac, ETH_ALEN);
	frame[12] = PROTOCOL >> 8;
	frame[13] = PROTOCOL & 0xff;
	memcpy(frame + 14, &number, sizeof(number));
}

/* One at a time, so that each arrival is an interrupt of its own; 2 s are for a busy machine. */
static unsigned exchange(struct ktstr_ctx *ctx, int sender, int receiver, unsigned count)
{
	unsigned char frame[ETH_ZLEN], received[2048];
	unsigned arrived = 0;

	for (unsigned i = 0; i < count; i++) {
		struct pollfd ready = { .fd = receiver, .events = POLLIN };
		ssize_t got;

		build_frame(frame, i);
		EXPECT(ctx, send(sender, frame, sizeof(frame), 0) == sizeof(frame), "%s", strerror(errno));
		if (poll(&ready, 1, 2000) != 1)
			break;
		got = recv(receiver, received, sizeof(received), 0);
		EXPECT(ctx, got == sizeof(frame) && !memcmp(received, frame, sizeof(frame)),
		       "frame %u: %zd bytes, or other ones", i, got);
		arrived++;
	}
	return arrived;
}

static bool has_no_route(void)
{
	FILE *stream = fopen("/proc/net/route", "re");
	char line[512];
	unsigned lines = 0;

	if (!stream)
		return false;
	while (fgets(line, sizeof(line), stream))
		lines++;
	fclose(stream);
	return lines <= 1; /* a heading, once there is a table */
}

static bool can_reach(const char *address)
{
	const struct timeval limit = { .tv_sec = 1 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool reached;

	inet_pton(AF_INET, address, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	reached = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
	close(fd);
	return reached;
}

#define FRAMES 50u

KTSTR_TEST(device_nic_receives_what_it_sends, .topology = two_cpus, .network = true)
{
	char name[NIC_TEXT_MAX], device[NIC_TEXT_MAX];
	unsigned long sent, received;
	int sender, receiver;
	unsigned arrived;

	if (!nic_find(name, device)) {
		ktstr_fail(ctx, "no interface in /sys/class/net has a device");
		return 0;
	}
	EXPECT(ctx, bring_up(name), "%s: %s", name, strerror(errno));
	sender = open_packet_socket(name);
	receiver = open_packet_socket(name);
	EXPECT(ctx, sender >= 0 && receiver >= 0, "%s", strerror(errno));
	sent = nic_interrupts(device, "output.0");
	received = nic_interrupts(device, "input.0");
	arrived = exchange(ctx, sender, receiver, FRAMES);
	sent = nic_interrupts(device, "output.0") - sent;
	received = nic_interrupts(device, "input.0") - received;
	ktstr_note(ctx, "%u frames, %lu interrupts for what was sent, %lu for what was received", arrived,
		   sent, received);
	EXPECT(ctx, arrived == FRAMES, "%u arrived", arrived);
	/* The driver may find the next frame before it asks for interrupts again. */
	EXPECT(ctx, received >= FRAMES / 2 && received <= FRAMES + 5, "%lu", received);
	EXPECT(ctx, sent > 0, "%lu", sent);
	/* Neither discovery of neighbours nor a restored guest's announcement of itself. */
	EXPECT(ctx, nic_counter(name, "rx_packets") == FRAMES, "%lu", nic_counter(name, "rx_packets"));
	EXPECT(ctx, nic_counter(name, "tx_packets") <= FRAMES, "%lu", nic_counter(name, "tx_packets"));
	EXPECT(ctx, has_no_route(), "/proc/net/route has entries");
	EXPECT(ctx, !can_reach("10.0.2.2"), "there is a host"); /* where QEMU's user network has it */
	close(sender);
	close(receiver);
	return 0;
}

KTSTR_TEST(device_none_unless_asked_for, .topology = two_cpus)
{
	char name[NIC_TEXT_MAX], device[NIC_TEXT_MAX];

	EXPECT(ctx, access("/dev/vda", F_OK) != 0, "a disk");
	EXPECT(ctx, !nic_find(name, device), "interface %s", name);
	return 0;
}
