/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include <ktstr/error.h>

/*
 * A file on its way into the guest. It is written under another name beside its place and renamed
 * when complete, so that no half file can be run. When it cannot be stored, the bytes that follow
 * are still taken, and dropped, for the stream to stay in step.
 */
struct file_receiver {
	json_int_t id;
	uint64_t left_bytes; /* still to come */
	int fd;		     /* -1: being dropped */
	mode_t mode;
	char *path, *temporary;
};

enum file_progress {
	FILE_INCOMPLETE,
	FILE_STORED,
	FILE_DROPPED, /* the last byte of a file whose failure has been reported */
};

void file_receiver_init(struct file_receiver *receiver);

/*
 * Begin with the FILE message: create the folders above the path and the temporary file. On
 * failure the receiver drops size bytes, if the message had a size. A file of 0 bytes is complete
 * at once.
 */
int file_receiver_begin(struct file_receiver *receiver, const json_t *message,
			enum file_progress *ret_progress,
			struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Take the bytes of one FILE_DATA message. -EMSGSIZE when they are more than were announced. */
int file_receiver_data(struct file_receiver *receiver, const void *data, size_t size,
		       enum file_progress *ret_progress,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Forget a file that is not complete. */
void file_receiver_release(struct file_receiver *receiver);

/*
 * Act on a LINK message: give a file another name, with the folders above it. *ret_id is set as
 * soon as the message has one. -EEXIST: that name is taken.
 */
int file_link(const json_t *message, json_int_t *ret_id,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
