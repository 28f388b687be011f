// SPDX-License-Identifier: GPL-2.0-only
/*
 * Framing: bytes to frames and back. Knows lengths and checksums, nothing of what the messages
 * mean. The reader trusts nothing it is given: the header is judged before memory is taken for
 * the payload, and one bad frame ends the stream, since nothing says where the next one begins.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zlib.h>

#include "base/clock.h"
#include "wire/frame.h"

#define HEADER_SIZE sizeof(struct frame_header)
/*
 * A message up to this size leaves in one write(2): one exit from the VM, and on a virtio port,
 * which takes at most 32 KiB at a time (port_fops_write in virtio_console.c), all of it or nothing.
 */
#define FIRST_WRITE 32768
/* Room in a fresh reader; grows up to the largest frame when one comes. */
#define READER_CAPACITY 65536

struct frame_reader {
	uint8_t *data;
	size_t capacity;
	size_t start, end; /* unread bytes */
	bool broken;
	struct ktstr_error reason;
};

/* Over the wire form of type and length, so both ends agree whatever their byte order. */
static uint32_t frame_crc(uint32_t type, uint32_t length, const void *payload)
{
	const uint32_t head[2] = { htole32(type), htole32(length) };
	uLong crc = crc32_z(0, (const Bytef *)head, sizeof(head));

	/* zlib takes a NULL buffer for a request to start over. */
	return (uint32_t)(length ? crc32_z(crc, payload, length) : crc);
}

/* send(2) where it applies, for a reader that is gone must give EPIPE and not a signal. */
static ssize_t write_once(int fd, const void *data, size_t size)
{
	ssize_t written = send(fd, data, size, MSG_NOSIGNAL);

	if (written < 0 && errno == ENOTSOCK)
		written = write(fd, data, size);
	return written;
}

static int wait_for_room(int fd, uint64_t deadline_ns)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int count = poll(&ready, 1, clock_poll_timeout_ms(deadline_ns));

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	if (count == 0)
		return -ETIMEDOUT;
	/* A virtio port whose host end is closed reports POLLHUP and never takes a byte. */
	return ready.revents & POLLOUT ? 0 : -EPIPE;
}

static int write_by(int fd, const uint8_t *data, size_t size, uint64_t deadline_ns)
{
	int flags = fcntl(fd, F_GETFL);
	/*
	 * On a blocking pipe POLLOUT promises PIPE_BUF bytes of room: taking no more keeps write(2)
	 * from sleeping past the deadline.
	 */
	size_t step = flags >= 0 && flags & O_NONBLOCK ? SIZE_MAX : PIPE_BUF;
	bool must_wait = step == PIPE_BUF;

	while (size) {
		ssize_t written;
		int err = must_wait ? wait_for_room(fd, deadline_ns) : 0;

		if (err)
			return err;
		written = write_once(fd, data, size < step ? size : step);
		if (written < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		must_wait = step == PIPE_BUF || written < 0;
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

int frame_write(int fd, enum message_type type, const void *payload, size_t length,
		uint64_t deadline_ns, struct ktstr_error *error)
{
	uint8_t first[FIRST_WRITE];
	size_t in_first = length < sizeof(first) - HEADER_SIZE ? length
							       : sizeof(first) - HEADER_SIZE;
	struct frame_header header;
	int err;

	if (length > FRAME_PAYLOAD_MAX)
		return ktstr_error_set(error, -EMSGSIZE, "frame %s: %zu bytes, at most %u fit",
				       message_type_str(type), length, FRAME_PAYLOAD_MAX);
	header = (struct frame_header){
		.magic = htole32(FRAME_MAGIC),
		.type = htole32(type),
		.length = htole32((uint32_t)length),
		.crc = htole32(frame_crc(type, (uint32_t)length, payload)),
	};
	memcpy(first, &header, HEADER_SIZE);
	if (in_first)
		memcpy(first + HEADER_SIZE, payload, in_first);
	err = write_by(fd, first, HEADER_SIZE + in_first, deadline_ns);
	if (!err && length > in_first)
		err = write_by(fd, (const uint8_t *)payload + in_first, length - in_first,
			       deadline_ns);
	if (err)
		return ktstr_error_set(error, err, "write frame %s of %zu bytes: %s",
				       message_type_str(type), length, strerror(-err));
	return 0;
}

int frame_reader_new(struct frame_reader **ret_reader, struct ktstr_error *error)
{
	struct frame_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->data = malloc(READER_CAPACITY);
	if (!reader || !reader->data) {
		free(reader);
		return ktstr_error_set(error, -ENOMEM, "frame reader: no memory for %d bytes",
				       READER_CAPACITY);
	}
	reader->capacity = READER_CAPACITY;
	*ret_reader = reader;
	return 0;
}

void frame_reader_free(struct frame_reader *reader)
{
	if (!reader)
		return;
	free(reader->data);
	free(reader);
}

size_t frame_reader_pending(const struct frame_reader *reader)
{
	return reader->end - reader->start;
}

/* Only meaningful when pending bytes hold a header. */
static struct frame_header header_at_start(const struct frame_reader *reader)
{
	struct frame_header header;

	memcpy(&header, reader->data + reader->start, HEADER_SIZE);
	return (struct frame_header){
		.magic = le32toh(header.magic),
		.type = le32toh(header.type),
		.length = le32toh(header.length),
		.crc = le32toh(header.crc),
	};
}

static int header_check(const struct frame_header *header, struct ktstr_error *error)
{
	if (header->magic != FRAME_MAGIC)
		return ktstr_error_set(error, -EBADMSG,
				       "broken frame: begins with 0x%08x where 0x%08x is due",
				       header->magic, FRAME_MAGIC);
	if (header->length > FRAME_PAYLOAD_MAX)
		return ktstr_error_set(
			error, -EBADMSG,
			"broken frame: %s (type %u) of %u bytes, at most %u are allowed",
			message_type_str(header->type), header->type, header->length,
			FRAME_PAYLOAD_MAX);
	return 0;
}

/* Put the unread bytes in front and, once the header says so, make room for the whole frame. */
static int make_room(struct frame_reader *reader)
{
	size_t pending = frame_reader_pending(reader);
	size_t wanted = HEADER_SIZE;

	if (reader->start) {
		memmove(reader->data, reader->data + reader->start, pending);
		reader->start = 0;
		reader->end = pending;
	}
	if (pending >= HEADER_SIZE) {
		struct frame_header header = header_at_start(reader);

		if (!header_check(&header, NULL))
			wanted += header.length;
	}
	if (wanted > reader->capacity) {
		uint8_t *grown = realloc(reader->data, wanted);

		if (!grown)
			return -ENOMEM;
		reader->data = grown;
		reader->capacity = wanted;
	}
	return reader->end < reader->capacity ? 0 : -ENOBUFS;
}

long frame_reader_fill(struct frame_reader *reader, int fd)
{
	int err = make_room(reader);
	ssize_t got;

	if (err)
		return err;
	do
		got = read(fd, reader->data + reader->end, reader->capacity - reader->end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	reader->end += (size_t)got;
	return got;
}

size_t frame_reader_feed(struct frame_reader *reader, const void *data, size_t size)
{
	size_t room;

	if (!size || make_room(reader))
		return 0;
	room = reader->capacity - reader->end;
	if (size > room)
		size = room;
	memcpy(reader->data + reader->end, data, size);
	reader->end += size;
	return size;
}

static int cut_frame(struct frame_reader *reader, struct frame *ret_frame,
		     struct ktstr_error *error)
{
	struct frame_header header;
	const uint8_t *payload;
	uint32_t crc;
	int err;

	if (frame_reader_pending(reader) < HEADER_SIZE)
		return 0;
	header = header_at_start(reader);
	err = header_check(&header, error);
	if (err)
		return err;
	if (frame_reader_pending(reader) - HEADER_SIZE < header.length)
		return 0;
	payload = reader->data + reader->start + HEADER_SIZE;
	crc = frame_crc(header.type, header.length, payload);
	if (crc != header.crc)
		return ktstr_error_set(error, -EBADMSG,
				       "broken frame: %s (type %u) of %u bytes has CRC 0x%08x, its "
				       "header says 0x%08x",
				       message_type_str(header.type), header.type, header.length,
				       crc, header.crc);
	reader->start += HEADER_SIZE + header.length;
	*ret_frame = (struct frame){
		.type = (enum message_type)header.type,
		.payload = payload,
		.length = header.length,
	};
	return 1;
}

int frame_reader_next(struct frame_reader *reader, struct frame *ret_frame,
		      struct ktstr_error *error)
{
	int result;

	if (reader->broken)
		return ktstr_error_set(error, -EBADMSG, "%s", reader->reason.text);
	result = cut_frame(reader, ret_frame, &reader->reason);
	if (result < 0) {
		reader->broken = true;
		return ktstr_error_set(error, result, "%s", reader->reason.text);
	}
	return result;
}

int frame_reader_end(const struct frame_reader *reader, struct ktstr_error *error)
{
	size_t pending = frame_reader_pending(reader);

	if (reader->broken)
		return ktstr_error_set(error, -EBADMSG, "%s", reader->reason.text);
	if (!pending)
		return 0;
	if (pending < HEADER_SIZE)
		return ktstr_error_set(error, -EBADMSG,
				       "broken frame: cut short after %zu of %zu bytes of header",
				       pending, HEADER_SIZE);
	return ktstr_error_set(error, -EBADMSG, "broken frame: %s cut short after %zu of %zu bytes",
			       message_type_str(header_at_start(reader).type), pending,
			       HEADER_SIZE + header_at_start(reader).length);
}
