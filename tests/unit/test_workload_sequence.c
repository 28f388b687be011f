// SPDX-License-Identifier: GPL-2.0-only
/* Sequence and its phases, and the temporary file below IO. */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "workload/work/scratch_file.h"

#include "test_work.h"

/* Not shorter: the first look at the clock may come after a preemption. */
#define PHASE_MS 20

static void sequence_refuses_phases_that_are_none(void **state)
{
	(void)state;
	assert_work_refused((struct ktstr_work){ &ktstr_work_sequence },
			    "Sequence (group 0): phases is empty");
	assert_work_refused(KTSTR_WORK(sequence,
				       .phases = KTSTR_PHASES(KTSTR_PHASE_SPIN(1), { .kind = 5 })),
			    "phases[1].kind is 5, and there are 0..=4");
}

static struct solo *pass_over(struct ktstr_phase phase)
{
	struct solo *solo = solo_new(KTSTR_WORK(sequence, .phases = { &phase, 1 }));

	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_string_equal(solo->worker.work_error, "");
	return solo;
}

static void spin_phase_is_bursts(void **state)
{
	struct solo *solo = pass_over((struct ktstr_phase)KTSTR_PHASE_SPIN(PHASE_MS));

	(void)state;
	assert_true(solo->worker.work_units > 0 && solo->worker.work_units % 1024 == 0);
	assert_int_equal(solo->worker.wake_latencies.total, 0);
	assert_int_equal(solo->worker.checkpoint.last_ns, 0); /* all of it may be a gap */
	solo_free(solo);
}

static void sleep_phase_is_one_sample_and_no_gap(void **state)
{
	struct solo *solo = pass_over((struct ktstr_phase)KTSTR_PHASE_SLEEP(PHASE_MS));

	(void)state;
	assert_int_equal(solo->worker.work_units, 0);
	assert_int_equal(solo->worker.wake_latencies.total, 1);
	assert_true(solo->worker.wake_latencies.values[0] >= PHASE_MS * NS_PER_MS);
	assert_true(solo->worker.checkpoint.last_ns > 0);
	solo_free(solo);
}

static void yield_phase_samples_each_yield(void **state)
{
	struct solo *solo = pass_over((struct ktstr_phase)KTSTR_PHASE_YIELD(PHASE_MS));

	(void)state;
	assert_true(solo->worker.work_units > 0 && solo->worker.work_units % 64 == 0);
	assert_int_equal(solo->worker.wake_latencies.total, solo->worker.work_units);
	assert_true(solo->worker.checkpoint.last_ns > 0);
	solo_free(solo);
}

static void io_phase_writes_16_blocks_a_round(void **state)
{
	int slack = prctl(PR_GET_TIMERSLACK);
	struct solo *solo;

	(void)state;
	/* Else a pause of 50 us looks like one of 100. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	solo = pass_over((struct ktstr_phase)KTSTR_PHASE_IO(PHASE_MS));
	prctl(PR_SET_TIMERSLACK, (unsigned long)slack);
	assert_true(solo->worker.work_units > 0);
	assert_int_equal(solo->worker.work_units, 16 * solo->worker.wake_latencies.total);
	for (size_t i = 0; i < solo->worker.wake_latencies.count; i++)
		assert_true(solo->worker.wake_latencies.values[i] >= 100 * NS_PER_US);
	assert_true(solo->worker.checkpoint.last_ns > 0);
	solo_free(solo);
}

static void alu_hot_phase_samples_costs(void **state)
{
	struct solo *solo = pass_over(
		(struct ktstr_phase)KTSTR_PHASE_ALU_HOT(KTSTR_ALU_SCALAR, PHASE_MS));

	(void)state;
	assert_true(solo->worker.work_units > 0);
	assert_int_equal(solo->worker.work_units, 1024 * solo->worker.iteration_costs.total);
	assert_int_equal(solo->worker.wake_latencies.total, 0);
	assert_int_equal(solo->worker.checkpoint.last_ns, 0);
	solo_free(solo);
}

/* One iteration is all phases; the last one is cut short and counts. */
static void sequence_counts_passes_over_all_phases(void **state)
{
	struct ktstr_reports *reports = run_work(
		KTSTR_WORK(sequence,
			   .phases = KTSTR_PHASES(KTSTR_PHASE_SLEEP(1), KTSTR_PHASE_SPIN(1),
						  KTSTR_PHASE_SLEEP(1),
						  KTSTR_PHASE_ALU_HOT(KTSTR_ALU_WIDEST, 1))),
		2, 5);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_int_equal(filled_vectors(report), WAKE | COST);
		assert_in_range(report->wake_latencies.total, 2 * (report->iterations - 1),
				2 * report->iterations);
		assert_int_equal(report->work_units % 1024, 0);
	}
	ktstr_reports_free(reports);
}

static unsigned count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* Claim 65, its share of Sequence: nothing there to leave behind, killed or not. */
static void io_phase_leaves_no_file(void **state)
{
	char folder[] = "/tmp/ktstr-unit-XXXXXX";
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2,
		.work = KTSTR_WORK(sequence, .phases = KTSTR_PHASES(KTSTR_PHASE_IO(1))) });
	ktstr_workload_start(workload);
	await_iterations(workload, 3);
	assert_int_equal(count_entries(folder), 0);
	kill(ktstr_workload_pids(workload, &(size_t){ 0 })[0], SIGKILL);
	reports = collect(&workload);
	assert_false(reports->reports[0].completed);
	assert_true(reports->reports[1].completed);
	assert_true(reports->reports[1].work_units > 0);
	assert_int_equal(count_entries(folder), 0);
	ktstr_reports_free(reports);
	unsetenv("TMPDIR");
	rmdir(folder);
}

static void io_phase_without_a_file_says_so(void **state)
{
	struct ktstr_phase phase = KTSTR_PHASE_IO(PHASE_MS);
	struct solo *solo;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	solo = solo_new(KTSTR_WORK(sequence, .phases = { &phase, 1 }));
	unsetenv("TMPDIR");
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_contains(solo->worker.work_error, "temporary file in '/nonexistent'");
	assert_int_equal(solo->worker.work_units, 0);
	assert_true(solo->worker.wake_latencies.total > 0);
	solo_free(solo);
}

static void scratch_file_open_gives_a_nameless_file(void **state)
{
	int fd = scratch_file_open(O_SYNC, NULL);
	struct stat status;
	char byte = 'k';

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_nlink, 0);
	assert_int_equal(status.st_size, 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_SYNC);
	assert_int_equal(write(fd, &byte, 1), 1);
	assert_int_equal(pread(fd, &byte, 1, 0), 1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_refuses_phases_that_are_none),
		cmocka_unit_test(spin_phase_is_bursts),
		cmocka_unit_test(sleep_phase_is_one_sample_and_no_gap),
		cmocka_unit_test(yield_phase_samples_each_yield),
		cmocka_unit_test(io_phase_writes_16_blocks_a_round),
		cmocka_unit_test(alu_hot_phase_samples_costs),
		cmocka_unit_test(sequence_counts_passes_over_all_phases),
		cmocka_unit_test(io_phase_leaves_no_file),
		cmocka_unit_test(io_phase_without_a_file_says_so),
		cmocka_unit_test(scratch_file_open_gives_a_nameless_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
