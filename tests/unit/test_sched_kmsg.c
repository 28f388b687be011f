// SPDX-License-Identifier: GPL-2.0-only
#include "sched/kmsg.h"
#include "unit.h"

static const struct {
	const char *record, *text;
} records[] = {
	{ "6,339,5140900,-;NET: Registered\n", "NET: Registered" },
	{ "3,1,2,c,caller=T1;sched_ext: x: y\n SUBSYSTEM=cpu\n DEVICE=+cpu:1\n", "sched_ext: x: y" },
	{ "6,1,2,-;a;b\n", "a;b" },
	{ "6,1,2,-;   f+0x1/0x2\n", "   f+0x1/0x2" },
	{ "6,1,2,-;two\\x0alines \\x5cx41 \\x\n", "two\nlines \\x41 \\x" },
	{ "6,1,2,-;gr\\xc3\\xbcn \\x7f\n", "gr\\xc3\\xbcn \x7f" },
	{ "6,1,2,-;cut \\x0", "cut \\x0" },
	{ "6,1,2,-;no \\x00 end\n", "no \\x00 end" },
	{ "6,1,2,-;\n", "" },
	{ "not a record", NULL },
	{ "", NULL },
};

static void kmsg_decode_undoes_what_the_kernel_did(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		char record[256];
		const char *text;

		snprintf(record, sizeof(record), "%s", records[i].record);
		text = kmsg_decode(record);
		if (records[i].text)
			assert_string_equal(text, records[i].text);
		else
			assert_null(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kmsg_decode_undoes_what_the_kernel_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
