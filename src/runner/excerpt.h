/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* The part of a guest's kernel log worth showing: 20 lines, and all around an Oops or panic. */
const char *console_excerpt(const char *log);
