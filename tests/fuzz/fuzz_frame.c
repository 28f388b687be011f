// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame reader over any bytes: it never reads past what it was given, a frame that it accepts
 * is one that frame_write() would produce, and the way a stream is split changes nothing. The
 * first input byte is the size of the pieces.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>

#include "wire/frame.h"

struct outcome {
	uint32_t frames;
	uLong digest;
	bool broken, clean_end;
	size_t pending;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool drain(struct frame_reader *reader, struct outcome *outcome)
{
	struct frame frame;
	int result;

	while ((result = frame_reader_next(reader, &frame, NULL)) == 1) {
		assert(frame.length <= FRAME_PAYLOAD_MAX);
		outcome->frames++;
		outcome->digest = crc32_z(outcome->digest, (const void *)&frame.type,
					  sizeof(frame.type));
		if (frame.length) /* zlib starts over for a NULL buffer */
			outcome->digest = crc32_z(outcome->digest, frame.payload, frame.length);
	}
	outcome->broken = result < 0;
	return result == 0;
}

static struct outcome read_stream(const uint8_t *data, size_t size, size_t step)
{
	struct outcome outcome = { 0 };
	struct frame_reader *reader;

	if (frame_reader_new(&reader, NULL))
		abort();
	while (size) {
		size_t taken = frame_reader_feed(reader, data, size < step ? size : step);

		assert(taken > 0);
		data += taken;
		size -= taken;
		if (!drain(reader, &outcome))
			break;
	}
	outcome.clean_end = frame_reader_end(reader, NULL) == 0;
	outcome.pending = outcome.broken ? 0 : frame_reader_pending(reader);
	assert(outcome.clean_end == (!outcome.broken && !outcome.pending));
	frame_reader_free(reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (!size)
		return 0;
	whole = read_stream(data + 1, size - 1, SIZE_MAX);
	pieces = read_stream(data + 1, size - 1, data[0] + 1u);
	if (whole.frames != pieces.frames || whole.digest != pieces.digest ||
	    whole.broken != pieces.broken || whole.pending != pieces.pending)
		abort();
	return 0;
}
