/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "runner/admission.h"

/* What this machine has for VMs: the CPUs this process may use, and the memory that is available.
 */
void host_look(struct admission_host *ret_host);

/* MemAvailable of a /proc/meminfo text in MiB; 0 when it is not there. */
uint64_t host_parse_meminfo(const char *meminfo);
