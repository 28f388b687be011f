/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_EXPORT_H
#define KTSTR_EXPORT_H

/* Marks what libktstr.so exports; everything else is hidden (-fvisibility=hidden). */
#define KTSTR_API __attribute__((visibility("default")))

/* For calls whose failure must not be overlooked. */
#define KTSTR_MUST_CHECK __attribute__((warn_unused_result))

#endif
