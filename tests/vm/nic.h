/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

/* The guest's network interface, for tests to look at. */
#define NIC_TEXT_MAX 32

/* The interface that has a device, and the virtio name ("virtio2") that its interrupts bear. */
bool nic_find(char name[NIC_TEXT_MAX], char device[NIC_TEXT_MAX]);

/* How often a queue of the device, "input.0" or "output.0", has interrupted, on all CPUs. */
unsigned long nic_interrupts(const char *device, const char *queue);

/* What the kernel has counted on the interface since it exists: "rx_packets" and its like. */
unsigned long nic_counter(const char *name, const char *counter);
