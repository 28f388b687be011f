// SPDX-License-Identifier: GPL-2.0-only
/* SignalStorm: SIGUSR2 between the workers, and SIGUSR1 from the parent, which still stops them. */
#include "test_workload.h"

/* Of the masks in /proc/PID/status. */
static bool has_signal(pid_t pid, const char *field, int number)
{
	unsigned long long mask = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, strlen(field)))
			mask = strtoull(line + strlen(field), NULL, 16);
	fclose(file);
	return mask >> (number - 1) & 1;
}

/* It has a handler for SIGUSR2 and does not block it, but while it is in the handler. */
static bool comes_to_listen(pid_t pid)
{
	for (int i = 0; has_signal(pid, "SigBlk:", SIGUSR2); i++) {
		if (i == 10000)
			return false;
		usleep(1000);
	}
	return has_signal(pid, "SigCgt:", SIGUSR2);
}

/* Claim 63 and Q-16, whatever the parent made of SIGUSR2. */
static void storm_sends_signals_and_stops(void **state)
{
	static const struct {
		void (*handler)(int);
		bool blocked;
	} rows[] = { { SIG_DFL, false }, { SIG_IGN, false }, { SIG_DFL, true } };
	sigset_t storm, mask_before;

	(void)state;
	sigemptyset(&storm);
	sigaddset(&storm, SIGUSR2);
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct sigaction action = { .sa_handler = rows[row].handler }, action_before;
		struct ktstr_workload *workload;
		struct ktstr_reports *reports;
		uint64_t seen[4], most = 0;

		sigaction(SIGUSR2, &action, &action_before);
		sigprocmask(rows[row].blocked ? SIG_BLOCK : SIG_UNBLOCK, &storm, &mask_before);
		workload = spawn(&(struct ktstr_workload_config){
			.num_workers = 4, .work = KTSTR_WORK(signal_storm, 0) });
		ktstr_workload_start(workload);
		/* Whoever has done an iteration listens: from then on each has somebody to send to.
		 */
		await_iterations(workload, 1);
		ktstr_workload_snapshot_iterations(workload, seen, 4);
		for (size_t i = 0; i < 4; i++)
			most = seen[i] > most ? seen[i] : most;
		await_iterations(workload, most + 2);
		/* They arrive: the partner is interrupted. */
		assert_true(comes_to_listen(ktstr_workload_pids(workload, &(size_t){ 0 })[0]));
		reports = collect(&workload);
		sigprocmask(SIG_SETMASK, &mask_before, NULL);
		sigaction(SIGUSR2, &action_before, NULL);
		for (size_t i = 0; i < reports->count; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];
			uint64_t computed = 1024 * report->iterations;

			assert_true(report->completed);
			assert_true(report->work_units > computed);
			assert_true(report->work_units <= computed + 16 * report->iterations);
			assert_int_equal(report->wake_latencies.total, 0);
		}
		ktstr_reports_free(reports);
	}
}

/* Nobody to send to: computing goes on. The partner stays stopped before it could listen. */
static void storm_without_a_partner_computes(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = KTSTR_WORK(signal_storm, 0) });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	uint64_t seen[2] = { 0 };

	(void)state;
	await_state(pids[1], 'S');
	kill(pids[1], SIGSTOP);
	await_state(pids[1], 'T');
	ktstr_workload_start(workload);
	while (seen[0] < 10) {
		ktstr_workload_snapshot_iterations(workload, seen, 2);
		hold(1);
	}
	kill(pids[1], SIGKILL);
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].work_units, 1024 * reports->reports[0].iterations);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storm_sends_signals_and_stops),
		cmocka_unit_test(storm_without_a_partner_computes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
