/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_EXPORT_H
#define KTSTR_EXPORT_H

/* cpu_set_t and its macros are GNU extensions (CPU_SET(3)). */
#ifndef _GNU_SOURCE
#error "compile with -D_GNU_SOURCE; pkg-config --cflags libktstr says so too"
#endif

/* Marks what libktstr.so exports; everything else is hidden (-fvisibility=hidden). */
#define KTSTR_API __attribute__((visibility("default")))

/* For calls whose failure must not be overlooked. */
#define KTSTR_MUST_CHECK __attribute__((warn_unused_result))

#endif
