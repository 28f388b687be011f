// SPDX-License-Identifier: GPL-2.0-only
/* Sequence: phases of different work, one after the other. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "workload/work.h"
#include "workload/work/alu.h"
#include "workload/work/scratch_file.h"
#include "workload/worker.h"

#define PHASE_NAMES "spin, sleep, yield, io, alu_hot"
#define SPIN_UNITS 1024
#define YIELDS 64 /* between two looks at the clock */
#define IO_WRITES 16
#define IO_BLOCK_BYTES 4096
#define IO_PAUSE_NS (100 * NS_PER_US)

struct sequence_state {
	struct alu alu;
	int fd; /* of the IO phases; -1: none */
};

static bool goes_on(const struct ktstr_worker *worker, uint64_t end_ns)
{
	return !worker_stopping(worker) && clock_now_ns() < end_ns;
}

static void spin(struct ktstr_worker *worker, const struct ktstr_phase *phase, uint64_t end_ns)
{
	(void)phase;
	while (goes_on(worker, end_ns))
		worker_spin(worker, SPIN_UNITS);
}

static void sample_sleep(struct ktstr_worker *worker, uint64_t duration_ns)
{
	uint64_t asleep_ns;

	if (worker_sleep(worker, duration_ns, &asleep_ns))
		worker_sample_wake(worker, asleep_ns);
}

static void sleep_once(struct ktstr_worker *worker, const struct ktstr_phase *phase,
		       uint64_t end_ns)
{
	(void)end_ns;
	sample_sleep(worker, phase->duration_ns);
	worker_excuse_gap(worker, clock_now_ns());
}

static void yield(struct ktstr_worker *worker, const struct ktstr_phase *phase, uint64_t end_ns)
{
	(void)phase;
	while (goes_on(worker, end_ns))
		for (unsigned i = 0; i < YIELDS; i++) {
			uint64_t start_ns = clock_now_ns();

			sched_yield();
			worker_sample_wake(worker, clock_now_ns() - start_ns);
			worker->work_units++;
		}
	worker_excuse_gap(worker, clock_now_ns());
}

static void write_blocks(struct ktstr_worker *worker, int fd)
{
	static const char block[IO_BLOCK_BYTES];

	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0)
		worker_complain(worker, "IO phase: empty the temporary file: %m");
	for (unsigned i = 0; i < IO_WRITES; i++)
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			worker_complain(
				worker,
				"IO phase: a write to the temporary file failed or fell short: %m");
	worker->work_units += IO_WRITES;
}

static void io(struct ktstr_worker *worker, const struct ktstr_phase *phase, uint64_t end_ns)
{
	const struct sequence_state *state = (const struct sequence_state *)worker->state;

	(void)phase;
	while (goes_on(worker, end_ns)) {
		if (state->fd >= 0)
			write_blocks(worker, state->fd);
		sample_sleep(worker, IO_PAUSE_NS);
	}
	worker_excuse_gap(worker, clock_now_ns());
}

static void alu_hot(struct ktstr_worker *worker, const struct ktstr_phase *phase, uint64_t end_ns)
{
	struct sequence_state *state = (struct sequence_state *)worker->state;

	alu_init(&state->alu, phase->width);
	while (goes_on(worker, end_ns)) {
		uint64_t start_ns = clock_now_ns();

		alu_chain(worker, &state->alu, ALU_BATCH_STEPS);
		worker_sample_cost(worker, clock_now_ns() - start_ns);
	}
}

static const struct {
	const char *name; /* on the command line */
	void (*run)(struct ktstr_worker *worker, const struct ktstr_phase *phase, uint64_t end_ns);
} phases[] = {
	[KTSTR_PHASE_SPIN] = { "spin", spin },
	[KTSTR_PHASE_SLEEP] = { "sleep", sleep_once },
	[KTSTR_PHASE_YIELD] = { "yield", yield },
	[KTSTR_PHASE_IO] = { "io", io },
	[KTSTR_PHASE_ALU_HOT] = { "alu_hot", alu_hot },
};
#define NUM_PHASES (sizeof(phases) / sizeof(phases[0]))

/* "spin:10ms". */
static int read_phase(const char *text, void *ret_item, struct ktstr_error *error)
{
	struct ktstr_phase phase = { 0 };
	size_t length = strcspn(text, ":");
	int err;

	if (!text[length])
		return ktstr_error_set(error, -EINVAL, "'%s' has no time, as in 'spin:10ms'", text);
	for (size_t i = 0; i < NUM_PHASES; i++) {
		if (strlen(phases[i].name) != length || strncmp(text, phases[i].name, length) != 0)
			continue;
		phase.kind = (enum ktstr_phase_kind)i;
		err = duration_parse(text + length + 1, &phase.duration_ns, error);
		if (!err)
			*(struct ktstr_phase *)ret_item = phase;
		return err;
	}
	return ktstr_error_set(error, -EINVAL, "'%.*s' is none of %s", (int)length, text,
			       PHASE_NAMES);
}

static int sequence_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_sequence_params *sequence = params;

	if (!sequence->phases.count)
		return ktstr_error_set(error, -EINVAL,
				       "phases is empty: name at least one, as in "
				       "KTSTR_PHASES(KTSTR_PHASE_SPIN(10))");
	for (size_t i = 0; i < sequence->phases.count; i++)
		if ((size_t)sequence->phases.items[i].kind >= NUM_PHASES)
			return ktstr_error_set(error, -EINVAL,
					       "phases[%zu].kind is %d, and there are 0..=%zu", i,
					       sequence->phases.items[i].kind, NUM_PHASES - 1);
	return 0;
}

static void open_scratch_file(struct ktstr_worker *worker, struct sequence_state *state)
{
	struct ktstr_error error;

	state->fd = scratch_file_open(0, &error);
	if (state->fd < 0)
		worker_complain(worker, "IO phase: %s", error.text);
}

static void sequence_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_sequence_params *sequence = worker->params;
	struct sequence_state *state = (struct sequence_state *)worker->state;

	state->fd = -1;
	for (size_t i = 0; i < sequence->phases.count; i++) {
		const struct ktstr_phase *phase = &sequence->phases.items[i];

		if (phase->kind == KTSTR_PHASE_IO && state->fd < 0)
			open_scratch_file(worker, state);
		if (phase->kind == KTSTR_PHASE_ALU_HOT)
			alu_complain(worker, phase->width);
	}
}

static enum work_next sequence_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_sequence_params *sequence = worker->params;

	for (size_t i = 0; i < sequence->phases.count && !worker_stopping(worker); i++) {
		const struct ktstr_phase *phase = &sequence->phases.items[i];

		phases[phase->kind].run(worker, phase, clock_now_ns() + phase->duration_ns);
	}
	return WORK_NEXT;
}

static void sequence_end(struct ktstr_worker *worker)
{
	const struct sequence_state *state = (const struct sequence_state *)worker->state;

	if (state->fd >= 0)
		close(state->fd);
}

const struct ktstr_work_ops ktstr_work_sequence = {
	.name = "Sequence",
	.summary = "does one kind of work after the other, each for a while",
	.params_size = sizeof(struct ktstr_work_sequence_params),
	.params =
		(const struct work_param[]){
			WORK_LIST(struct ktstr_work_sequence_params, phases, read_phase,
				  "KIND:TIME", "what to do and for how long: " PHASE_NAMES),
			{ 0 },
		},
	.needs_params = true,
	.check = sequence_check,
	.state_size = sizeof(struct sequence_state),
	.prepare = sequence_prepare,
	.iterate = sequence_iterate,
	.end = sequence_end,
};
