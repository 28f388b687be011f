// SPDX-License-Identifier: GPL-2.0-only
/* Ordering kernel releases by age. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "vm/kernel/release.h"

/* A candidate sorts before the end of the text, letters before other signs, as dpkg has it. */
static int weight(const char *at)
{
	unsigned char sign = (unsigned char)*at;

	if (sign == '~' || !strncmp(at, "-rc", 3))
		return -1;
	if (!sign || isdigit(sign))
		return 0;
	return isalpha(sign) ? sign : sign + 256;
}

int release_compare(const char *a, const char *b)
{
	while (*a || *b) {
		size_t digits_a, digits_b;
		int difference;

		while ((*a && !isdigit((unsigned char)*a)) || (*b && !isdigit((unsigned char)*b))) {
			difference = weight(a) - weight(b);
			if (difference)
				return difference;
			a++;
			b++;
		}
		a += strspn(a, "0");
		b += strspn(b, "0");
		digits_a = strspn(a, "0123456789");
		digits_b = strspn(b, "0123456789");
		if (digits_a != digits_b)
			return digits_a < digits_b ? -1 : 1;
		difference = memcmp(a, b, digits_a);
		if (difference)
			return difference;
		a += digits_a;
		b += digits_b;
	}
	return 0;
}
