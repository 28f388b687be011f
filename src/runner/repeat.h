/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runner/facts.h"
#include "vm/accel.h"

/*
 * Whether a run died of a known race of QEMU's rather than of its own doing, and is worth one more
 * try where the race cannot strike: with one thread for all vCPUs. Under TCG with a thread for each
 *
 *  - the first sign of trouble in the kernel's log is an Oops over an int3. The kernel patches its
 *    text by writing an int3 first; a vCPU thread that meets it between two translations finds no
 *    patch site for it. Seen about once in 200 attaches and detaches of a scheduler, QEMU 10.0.2.
 *  - the kernel did not come up in time and said nothing of a crash. A timer interrupt gets lost
 *    and a vCPU sleeps on ("Possible timer handling issue" of RCU). Seen once in 160 boots on a
 *    loaded machine, before anything of ours ran in the guest.
 */
bool repeat_is_due(const struct run_facts *facts, const struct accel *accel);

/* What the report says about it; facts are those of the run that is repeated. */
#define REPEAT_TEXT_MAX 512
const char *repeat_explain(const struct run_facts *facts, char text[REPEAT_TEXT_MAX]);
