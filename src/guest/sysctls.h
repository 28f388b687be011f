/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* Set what the tests' measurements need. A sysctl that the kernel lacks is left. */
void sysctls_setup(void);
