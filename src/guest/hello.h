/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "guest/phases.h"

/*
 * The HELLO message: who we are, whether the machine is the one that was asked for, and when the
 * stages were reached. Discovers the topology, which takes a while; phases gets that as well. A
 * machine that differs is reported, not refused: what to make of it is the host's part. NULL when
 * memory ran out.
 */
json_t *hello_new(const char *cmdline, struct boot_phases *phases);
