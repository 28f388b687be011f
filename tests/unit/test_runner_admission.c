// SPDX-License-Identifier: GPL-2.0-only
/* Who may start: limits from the machine, answers, and what the user is told. */
#include "runner/admission.h"
#include "runner/host.h"

#include "unit.h"

static const struct limits_case {
	const char *name;
	unsigned jobs;
	struct admission_host host;
	struct admission_limits limits;
} limits_cases[] = {
	{ "a CPU for each vCPU", 0, { 8, 8000 }, { 8, 8, 7000 } },
	{ "one CPU", 0, { 1, 800 }, { 1, 1, 700 } },
	{ "--jobs lifts the limit of CPUs, not that of memory", 5, { 2, 8000 }, { 5, 0, 7000 } },
	{ "memory is not known", 3, { 2, 0 }, { 3, 0, 0 } },
	{ "a big machine", 0, { 512, 0 }, { ADMISSION_SLOTS_MAX, 512, 0 } },
};

static void admission_limits_come_from_jobs_and_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limits_cases); i++) {
		const struct limits_case *row = &limits_cases[i];
		struct admission_limits limits = admission_limits_make(row->jobs, &row->host);

		if (limits.slots != row->limits.slots || limits.vcpus != row->limits.vcpus ||
		    limits.memory_mib != row->limits.memory_mib)
			fail_msg("%s: %u slots, %u vCPUs, %u MiB", row->name, limits.slots, limits.vcpus,
				 (unsigned)limits.memory_mib);
	}
}

static const struct ask_case {
	const char *name;
	struct admission admission; /* limits, then what runs */
	struct admission_need need;
	enum admission_answer answer;
} ask_cases[] = {
	{ "first of all", { { 2, 4, 4000 }, 0, 0, 0 }, { 2, 1000 }, ADMISSION_GRANTED },
	{ "larger than everything, alone", { { 2, 4, 4000 }, 0, 0, 0 }, { 64, 99000 }, ADMISSION_GRANTED },
	{ "larger than everything, beside one", { { 2, 4, 4000 }, 1, 1, 1 }, { 64, 99000 }, ADMISSION_NO_CPU },
	{ "beside one that is larger than everything", { { 2, 4, 4000 }, 1, 64, 99000 }, { 1, 1 },
	  ADMISSION_NO_CPU },
	{ "fits to the last CPU and MiB", { { 2, 4, 4000 }, 1, 2, 3000 }, { 2, 1000 }, ADMISSION_GRANTED },
	{ "no slot", { { 2, 4, 4000 }, 2, 2, 2000 }, { 1, 1 }, ADMISSION_NO_SLOT },
	{ "a CPU too many", { { 3, 4, 4000 }, 1, 2, 1000 }, { 3, 1000 }, ADMISSION_NO_CPU },
	{ "a MiB too many", { { 3, 4, 4000 }, 1, 2, 3000 }, { 2, 1001 }, ADMISSION_NO_MEMORY },
	{ "any number of CPUs", { { 3, 0, 4000 }, 1, 200, 1000 }, { 300, 1000 }, ADMISSION_GRANTED },
	{ "memory not known", { { 3, 0, 0 }, 1, 200, 1000 }, { 2, 100000 }, ADMISSION_GRANTED },
};

static void admission_ask_weighs_slots_cpus_and_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ask_cases); i++) {
		enum admission_answer answer = admission_ask(&ask_cases[i].admission, &ask_cases[i].need);

		if (answer != ask_cases[i].answer)
			fail_msg("%s: answer %d, not %d", ask_cases[i].name, answer, ask_cases[i].answer);
	}
}

static void admission_leave_gives_back_what_was_taken(void **state)
{
	struct admission admission = { .limits = { 2, 4, 4000 } };
	const struct admission_need large = { 4, 4000 };

	(void)state;
	admission_enter(&admission, &large);
	assert_int_equal(admission_ask(&admission, &large), ADMISSION_NO_CPU);
	admission_leave(&admission, &large);
	assert_int_equal(admission.running + admission.vcpus + admission.memory_mib, 0);
}

static const struct explain_case {
	struct admission_limits limits;
	struct admission_need needs[4];
	size_t count;
	const char *text;
} explain_cases[] = {
	{ { 8, 0, 0 }, { { 2, 1 }, { 2, 1 } }, 2, "2 VMs at once: there are no more tests" },
	{ { 2, 0, 0 }, { { 2, 1 }, { 2, 1 }, { 2, 1 } }, 3, "2 VMs at once: as many as --jobs says" },
	{ { 2, 2, 0 }, { { 1, 1 }, { 1, 1 }, { 1, 1 } }, 3,
	  "2 VMs at once: as many as this machine has CPUs; --jobs overrides it" },
	{ { 2, 2, 0 }, { { 2, 1 }, { 2, 1 } }, 2,
	  "1 VM at once: 2 vCPUs for this machine's 2 CPUs; --jobs overrides it" },
	{ { 1, 1, 0 }, { { 1, 1 }, { 1, 1 } }, 2,
	  "1 VM at once: as many as this machine has CPUs; --jobs overrides it" },
	{ { 4, 0, 2500 }, { { 2, 1000 }, { 2, 1000 }, { 2, 1000 } }, 3,
	  "2 VMs at once: 2000 MiB for them, of 2500 MiB that are free for VMs" },
	/* The second waits, the third fits beside the first: what stopped the second is the reason. */
	{ { 4, 4, 0 }, { { 2, 1 }, { 4, 1 }, { 2, 1 } }, 3,
	  "2 VMs at once: 4 vCPUs for this machine's 4 CPUs; --jobs overrides it" },
};

static void admission_explain_says_what_limits(void **state)
{
	char text[ADMISSION_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(explain_cases); i++)
		assert_string_equal(admission_explain(&explain_cases[i].limits, explain_cases[i].needs,
						      explain_cases[i].count, text),
				    explain_cases[i].text);
}

static void host_parse_meminfo_finds_what_is_available(void **state)
{
	(void)state;
	assert_int_equal(host_parse_meminfo("MemTotal:       24000000 kB\nMemFree:  7 kB\n"
					    "MemAvailable:   2048999 kB\nBuffers: 1 kB\n"), 2000);
	assert_int_equal(host_parse_meminfo("MemTotal: 24 kB\nNoMemAvailable: 4096 kB"), 0);
	assert_int_equal(host_parse_meminfo("MemAvailable:"), 0);
	assert_int_equal(host_parse_meminfo(""), 0);
}

static void host_look_sees_this_machine(void **state)
{
	struct admission_host host;

	(void)state;
	host_look(&host);
	assert_true(host.cpus > 0);
	assert_true(host.memory_mib > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admission_limits_come_from_jobs_and_host),
		cmocka_unit_test(admission_ask_weighs_slots_cpus_and_memory),
		cmocka_unit_test(admission_leave_gives_back_what_was_taken),
		cmocka_unit_test(admission_explain_says_what_limits),
		cmocka_unit_test(host_parse_meminfo_finds_what_is_available),
		cmocka_unit_test(host_look_sees_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
