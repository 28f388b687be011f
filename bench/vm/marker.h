/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* What the trivial init prints first. */
#define BENCH_MARKER "bench-init-runs"
