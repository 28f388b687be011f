// SPDX-License-Identifier: GPL-2.0-only
/* The names of the messages. */
#include "wire/message.h"

const char *message_type_str(unsigned type)
{
	static const struct {
		unsigned type;
		const char *name;
	} names[] = {
#define X(ident, value) { value, #ident },
		MESSAGE_TYPES(X)
#undef X
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown";
}
