/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <ktstr/error.h>

/*
 * Numbers into bytes and back, for the parts of a report: little-endian, without padding. Neither
 * side ever leaves its buffer; the end tells whether that was tried.
 */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ktstr supports little-endian only");

struct writer {
	uint8_t *at;
	size_t left;
	bool full;
};

static inline void put(struct writer *writer, const void *data, size_t size)
{
	if (writer->left < size)
		writer->full = true;
	if (writer->full || !size)
		return;
	memcpy(writer->at, data, size);
	writer->at += size;
	writer->left -= size;
}

static inline void put_u8(struct writer *writer, uint8_t value)
{
	put(writer, &value, sizeof(value));
}

static inline void put_u16(struct writer *writer, uint16_t value)
{
	put(writer, &value, sizeof(value));
}

static inline void put_u32(struct writer *writer, uint32_t value)
{
	put(writer, &value, sizeof(value));
}

static inline void put_u64(struct writer *writer, uint64_t value)
{
	put(writer, &value, sizeof(value));
}

struct reader {
	const uint8_t *at;
	size_t left;
	bool cut; /* something was wanted behind the end; what was read since is zero */
};

static inline void get(struct reader *reader, void *data, size_t size)
{
	if (reader->left < size)
		reader->cut = true;
	if (reader->cut) {
		memset(data, 0, size);
		return;
	}
	memcpy(data, reader->at, size);
	reader->at += size;
	reader->left -= size;
}

static inline uint8_t get_u8(struct reader *reader)
{
	uint8_t value;

	get(reader, &value, sizeof(value));
	return value;
}

static inline uint16_t get_u16(struct reader *reader)
{
	uint16_t value;

	get(reader, &value, sizeof(value));
	return value;
}

static inline uint32_t get_u32(struct reader *reader)
{
	uint32_t value;

	get(reader, &value, sizeof(value));
	return value;
}

static inline uint64_t get_u64(struct reader *reader)
{
	uint64_t value;

	get(reader, &value, sizeof(value));
	return value;
}

static inline int bad(struct ktstr_error *error, const char *what, uint64_t value)
{
	return ktstr_error_set(error, -EBADMSG, "report: %s %llu cannot be", what,
			       (unsigned long long)value);
}

/* A count of elements that the API allows and that the rest of the frame can hold. */
static inline int get_count(struct reader *reader, const char *what, size_t limit,
			    size_t element_bytes, size_t *ret_count, struct ktstr_error *error)
{
	size_t count = get_u32(reader);

	if (count > limit || count * element_bytes > reader->left)
		return bad(error, what, count);
	*ret_count = count;
	return 0;
}
