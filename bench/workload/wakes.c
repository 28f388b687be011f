// SPDX-License-Identifier: GPL-2.0-only
/*
 * PipeIo and FutexPingPong against the same exchange without ktstr: how much of a worker's time
 * goes into measuring. See bench/README.md.
 */
#include <getopt.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

#define ROUNDS_MAX 1000
#define NS_PER_S 1000000000ull
#define WARM_UP_MS 20

/* Two processes of the raw way share this. */
struct raw {
	_Atomic uint32_t go, stop, turn;
	_Atomic uint64_t iterations[2];
	int pipes[2][2];
	struct {
		_Alignas(64) uint64_t done;
	} units[2];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void hold(unsigned ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* A worker counts its units where others could look: the loop has to be the same one. */
static void spin(struct raw *raw, unsigned self, unsigned units)
{
	while (units--) {
		raw->units[self].done++;
#if defined(__x86_64__)
		__asm__ volatile("pause" ::: "memory");
#else
		__asm__ volatile("yield" ::: "memory");
#endif
	}
}

static bool raw_pipe_pass(struct raw *raw, unsigned self)
{
	char byte = 0;

	return write(raw->pipes[self][1], &byte, 1) == 1 &&
	       read(raw->pipes[!self][0], &byte, 1) == 1;
}

static bool raw_futex_pass(struct raw *raw, unsigned self)
{
	atomic_store(&raw->turn, !self);
	syscall(SYS_futex, &raw->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (atomic_load(&raw->turn) != self && !atomic_load(&raw->stop))
		syscall(SYS_futex, &raw->turn, FUTEX_WAIT, !self, NULL, NULL, 0);
	return true;
}

struct way {
	const char *name;
	bool (*raw_pass)(struct raw *raw, unsigned self);
};

static void raw_process(struct raw *raw, const struct way *way, unsigned self, unsigned units)
{
	while (!atomic_load(&raw->go))
		sched_yield();
	while (!atomic_load_explicit(&raw->stop, memory_order_relaxed)) {
		spin(raw, self, units);
		if (!way->raw_pass(raw, self))
			break;
		atomic_fetch_add_explicit(&raw->iterations[self], 1, memory_order_relaxed);
	}
	_exit(0);
}

/* What a pair has done so far, as seen from outside and in the same way for both. */
struct reading {
	uint64_t at_ns, cpu_ns, iterations;
};

struct result {
	double rate;	/* iterations a second of the first of the two */
	double cost_ns; /* CPU time of both for each of them */
};

static uint64_t cpu_ns_of(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static struct reading read_pair(const pid_t *pids, uint64_t iterations)
{
	return (struct reading){ .at_ns = now_ns(),
				 .cpu_ns = cpu_ns_of(pids[0]) + cpu_ns_of(pids[1]),
				 .iterations = iterations };
}

static struct result result_of(struct reading start, struct reading end)
{
	double iterations = (double)(end.iterations - start.iterations);

	if (end.iterations <= start.iterations || end.cpu_ns <= start.cpu_ns)
		return (struct result){ 0 };
	return (struct result){
		.rate = iterations * (double)NS_PER_S / (double)(end.at_ns - start.at_ns),
		.cost_ns = (double)(end.cpu_ns - start.cpu_ns) / iterations,
	};
}

static struct result run_raw(const struct way *way, unsigned units, unsigned ms,
			     const cpu_set_t *cpus)
{
	struct raw *raw = mmap(NULL, sizeof(*raw), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct reading start, end;
	pid_t pids[2] = { 0 };

	if (raw == MAP_FAILED || pipe(raw->pipes[0]) || pipe(raw->pipes[1]))
		return (struct result){ 0 };
	for (unsigned i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			sched_setaffinity(0, sizeof(*cpus), cpus);
			raw_process(raw, way, i, units);
		}
	}
	atomic_store(&raw->go, 1);
	hold(WARM_UP_MS);
	start = read_pair(pids, atomic_load(&raw->iterations[0]));
	hold(ms);
	end = read_pair(pids, atomic_load(&raw->iterations[0]));
	for (unsigned i = 0; i < 2; i++)
		kill(pids[i], SIGKILL);
	for (unsigned i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	for (unsigned i = 0; i < 4; i++)
		close(raw->pipes[i / 2][i % 2]);
	munmap(raw, sizeof(*raw));
	return result_of(start, end);
}

static struct result run_ktstr(const struct way *way, unsigned units, unsigned ms,
			       const cpu_set_t *cpus)
{
	const struct ktstr_work_pipe_io_params pipe_io = { units ? units : KTSTR_ZERO };
	const struct ktstr_work_futex_ping_pong_params ping_pong = { pipe_io.burst_iters };
	struct ktstr_workload_config config = {
		.num_workers = 2,
		.affinity = KTSTR_AFFINITY_EXACT(cpus),
		.work = way->raw_pass == raw_pipe_pass
				? (struct ktstr_work){ &ktstr_work_pipe_io, &pipe_io }
				: (struct ktstr_work){ &ktstr_work_futex_ping_pong, &ping_pong },
	};
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	struct ktstr_error error;
	struct reading start, end;
	uint64_t iterations = 0;
	const pid_t *pids;
	size_t count;

	if (ktstr_workload_spawn(&config, &workload, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return (struct result){ 0 };
	}
	pids = ktstr_workload_pids(workload, &count);
	ktstr_workload_start(workload);
	hold(WARM_UP_MS);
	ktstr_workload_snapshot_iterations(workload, &iterations, 1);
	start = read_pair(pids, iterations);
	hold(ms);
	ktstr_workload_snapshot_iterations(workload, &iterations, 1);
	end = read_pair(pids, iterations);
	return result_of(start, end);
}

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), ascending);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Raw and ktstr take turns, each first in every other round: both see the same machine. */
static int compare(const struct way *way, unsigned units, const char *where, const cpu_set_t *cpus,
		   unsigned rounds, unsigned ms)
{
	double raw_rates[ROUNDS_MAX], rates[ROUNDS_MAX], rate_ratios[ROUNDS_MAX];
	double raw_costs[ROUNDS_MAX], costs[ROUNDS_MAX], cost_ratios[ROUNDS_MAX];
	unsigned lost = rounds;

	for (int i = 0; i < (int)rounds; i++) {
		struct result raw = { 0 }, ktstr;

		if (i % 2)
			raw = run_raw(way, units, ms, cpus);
		ktstr = run_ktstr(way, units, ms, cpus);
		if (i % 2 == 0)
			raw = run_raw(way, units, ms, cpus);
		/* On a busy machine a pair may not get to run at all: not a number to keep. */
		if (raw.rate <= 0 || ktstr.rate <= 0) {
			if (!lost--) {
				fprintf(stderr, "%s: pairs do nothing in %u ms, see -m\n",
					way->name, ms);
				return -1;
			}
			i--;
			continue;
		}
		raw_rates[i] = raw.rate;
		rates[i] = ktstr.rate;
		rate_ratios[i] = ktstr.rate / raw.rate;
		raw_costs[i] = raw.cost_ns;
		costs[i] = ktstr.cost_ns;
		cost_ratios[i] = ktstr.cost_ns / raw.cost_ns;
	}
	printf("| %s | %u | %s | %.0f | %.0f | %.3f |", way->name, units, where,
	       median(raw_rates, rounds), median(rates, rounds), median(rate_ratios, rounds));
	printf(" %.0f | %.0f | %.3f |\n", median(raw_costs, rounds), median(costs, rounds),
	       median(cost_ratios, rounds));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct way ways[] = {
		{ .name = "PipeIo", .raw_pass = raw_pipe_pass },
		{ .name = "FutexPingPong", .raw_pass = raw_futex_pass },
	};
	static const unsigned units[] = { 1024, 0 };
	unsigned rounds = 15, ms = 300;
	cpu_set_t all, one;
	int option, cpu = 0;

	while ((option = getopt(argc, argv, "r:m:")) != -1) {
		unsigned long value = strtoul(optarg ? optarg : "", NULL, 10);

		if (option == '?' || !value || value > ROUNDS_MAX) {
			fprintf(stderr, "usage: wakes [-r ROUNDS] [-m MS]\n");
			return 2;
		}
		*(option == 'r' ? &rounds : &ms) = (unsigned)value;
	}
	if (sched_getaffinity(0, sizeof(all), &all))
		return 1;
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	printf("| work | units | cpus | raw, iterations/s | ktstr | ratio "
	       "| raw, cpu ns/iteration | ktstr | ratio |\n"
	       "|---|---:|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++)
			if (compare(&ways[w], units[u], "one", &one, rounds, ms) ||
			    compare(&ways[w], units[u], "all", &all, rounds, ms))
				return 1;
	return 0;
}
