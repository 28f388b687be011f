// SPDX-License-Identifier: GPL-2.0-only
/* Which bytes of a foreign text are UTF-8 (Unicode 15, table 3-7). */
#include <string.h>

#include "base/utf8.h"

size_t utf8_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (length == 1)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

void utf8_repair(char *text)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (!length)
			*text = '?';
		text += length ? length : 1;
	}
}
