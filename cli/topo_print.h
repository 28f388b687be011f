/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include <ktstr/machine.h>

/*
 * A machine for people: totals, then a line for each NUMA node and each of its LLCs, with the CPUs
 * in them and which of those share a core. Distances follow where there are several nodes.
 */
void topo_print(const struct ktstr_machine *machine, FILE *out);
