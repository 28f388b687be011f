/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/*
 * The kernel log from a point in time on, through /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg).
 */

/* The longest record the kernel hands out (PRINTK_MESSAGE_MAX, printk/internal.h). */
#define KMSG_RECORD_MAX 8192

/* A descriptor that will give what is logged from now on; the caller closes it. */
int kmsg_open(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The next record's text, without prefix and with the kernel's escapes undone: 1, 0 when there is
 * none for now, or a negative errno. Records that were overwritten unread are passed over.
 */
int kmsg_next(int fd, char text[KMSG_RECORD_MAX]) KTSTR_MUST_CHECK;

/*
 * Decode one record, "6,339,5140900,-;text\n KEY=value\n", in place: cuts the rest off, undoes
 * \xNN where it stands for ASCII and returns the text. NULL when it is not a record.
 */
char *kmsg_decode(char *record);
