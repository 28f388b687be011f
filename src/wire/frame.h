/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "wire/message.h"

/*
 * Framed messages over a byte stream (a virtio-serial port, a pipe): 16 bytes of header, then
 * the payload, all little-endian. A frame that is cut short, too large, of a wrong magic or whose
 * CRC-32 (type, length and payload) does not match is an error that names both values; the stream
 * is not trusted after it.
 */
struct frame_header {
	uint32_t magic; /* FRAME_MAGIC */
	uint32_t type;	/* enum message_type */
	uint32_t length;
	uint32_t crc;
};
_Static_assert(sizeof(struct frame_header) == 16, "pinned: guest and host share it");

#define FRAME_MAGIC 0x5254534bu /* "KSTR" in memory */
#define FRAME_PAYLOAD_MAX (1u << 20)

struct frame {
	enum message_type type;
	const uint8_t *payload; /* borrowed from the reader until the next call on it */
	size_t length;
};

/*
 * Write one frame; waits for room until deadline_ns (CLOCK_MONOTONIC), on a blocking and on a
 * non-blocking fd alike. -ETIMEDOUT, -EMSGSIZE, -EPIPE when nobody reads: a writer to a pipe has
 * to ignore SIGPIPE, on a socket it is never raised. After a failure the stream is not usable.
 */
int frame_write(int fd, enum message_type type, const void *payload, size_t length,
		uint64_t deadline_ns, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Collects bytes and cuts them into frames. Memory is bounded by one frame of the largest size. */
struct frame_reader;

int frame_reader_new(struct frame_reader **ret_reader, struct ktstr_error *error) KTSTR_MUST_CHECK;
void frame_reader_free(struct frame_reader *reader);

/*
 * Read once from fd (which poll said is readable) into the reader. Returns the number of bytes, 0
 * at the end of the stream, -EAGAIN, -ENOBUFS while a whole frame waits to be taken by
 * frame_reader_next(), or another negative errno.
 */
long frame_reader_fill(struct frame_reader *reader, int fd);

/* The same from memory, for tests and fuzzing: takes as much as fits, returns how much. */
size_t frame_reader_feed(struct frame_reader *reader, const void *data, size_t size);

/*
 * The next complete frame: 1 and *ret_frame, 0 when more bytes are needed, -EBADMSG when the
 * stream is broken (and from then on).
 */
int frame_reader_next(struct frame_reader *reader, struct frame *ret_frame,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Bytes of an unfinished frame: more than 0 at the end of a stream means it was cut short. */
size_t frame_reader_pending(const struct frame_reader *reader);

/* Judge the end of a stream: -EBADMSG when it broke or stopped within a frame, with both numbers.
 */
int frame_reader_end(const struct frame_reader *reader, struct ktstr_error *error) KTSTR_MUST_CHECK;
