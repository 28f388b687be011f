// SPDX-License-Identifier: GPL-2.0-only
/* The last bytes of a stream. */
#include <stdlib.h>
#include <string.h>

#include "base/tail.h"

#define FIRST_CAPACITY 4096

static size_t limit_of(const struct tail *tail)
{
	return tail->limit ? tail->limit : TAIL_DEFAULT_BYTES;
}

static void drop_oldest(struct tail *tail, size_t count)
{
	memmove(tail->data, tail->data + count, tail->size - count);
	tail->size -= count;
	tail->dropped += count;
}

/* Make room for size more bytes, size being at most the limit. */
static int reserve(struct tail *tail, size_t size)
{
	size_t wanted = tail->capacity ? tail->capacity : FIRST_CAPACITY;
	char *grown;

	if (tail->size + size > limit_of(tail)) {
		size_t half = limit_of(tail) / 2, excess = tail->size + size - limit_of(tail);

		/* By halves, so that a stream of small pieces is not moved at every piece. */
		drop_oldest(tail, excess < half && half < tail->size ? half : excess);
	}
	if (tail->size + size + 1 <= tail->capacity)
		return 0;
	while (wanted < tail->size + size + 1)
		wanted *= 2;
	grown = realloc(tail->data, wanted);
	if (!grown)
		return -1;
	tail->data = grown;
	tail->capacity = wanted;
	return 0;
}

void tail_append(struct tail *tail, const void *data, size_t size)
{
	const char *from = data;

	if (size > limit_of(tail)) {
		tail->dropped += size - limit_of(tail);
		from += size - limit_of(tail);
		size = limit_of(tail);
	}
	if (!size)
		return;
	if (reserve(tail, size) < 0) {
		tail->dropped += size;
		return;
	}
	for (size_t i = 0; i < size; i++) {
		char *to = &tail->data[tail->size++];

		*to = from[i];
		if (!*to)
			*to = ' ';
	}
	tail->data[tail->size] = '\0';
}

const char *tail_text(const struct tail *tail)
{
	return tail->data ? tail->data : "";
}

void tail_release(struct tail *tail)
{
	free(tail->data);
	tail->data = NULL;
	tail->size = tail->capacity = 0;
}

const char *text_last_lines(const char *text, unsigned count)
{
	const char *at = text + strlen(text);

	if (at > text && at[-1] == '\n')
		at--;
	for (; at > text; at--)
		if (at[-1] == '\n' && --count == 0)
			return at;
	return text;
}
