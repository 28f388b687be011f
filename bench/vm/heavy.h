/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* By how much the test binary heavy is larger than one with no data. */
#define HEAVY_MIB 16
