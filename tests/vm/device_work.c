// SPDX-License-Identifier: GPL-2.0-only
/* Work on a disk and on a network interface, and what becomes of it where there is none. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "nic.h"

#define RUN_US (300 * 1000)

static int run(struct ktstr_work work, unsigned workers, struct ktstr_reports **ret_reports,
	       struct ktstr_error *error)
{
	struct ktstr_workload_config config = { .num_workers = workers, .work = work };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int err = ktstr_workload_spawn(&config, &workload, error);

	if (err)
		return err;
	ktstr_workload_start(workload);
	usleep(RUN_US);
	return ktstr_workload_stop_and_collect(&workload, ret_reports, error);
}

/* --- disk --- */

static const struct {
	struct ktstr_work work;
	unsigned units, writes, reads; /* an iteration */
	bool syncs;
} kinds[] = {
	{ { .ops = &ktstr_work_io_sync_write }, 16, 16, 0, true },
	{ { .ops = &ktstr_work_io_rand_read }, 1, 0, 1, false },
	{ { .ops = &ktstr_work_io_convoy }, 2, 1, 1, true },
};

/* Of /sys/block/vda/stat, see the kernel's Documentation/block/stat.rst. */
enum { READ_SECTORS = 2, WRITE_SECTORS = 6, FLUSHES = 15, DISK_COUNTERS = 17 };
#define SECTORS_PER_BLOCK 8u

static void read_disk_counters(unsigned long counters[DISK_COUNTERS])
{
	FILE *stream = fopen("/sys/block/vda/stat", "re");

	for (unsigned i = 0; i < DISK_COUNTERS; i++)
		if (!stream || fscanf(stream, "%lu", &counters[i]) != 1)
			counters[i] = 0;
	if (stream)
		fclose(stream);
}

static void check_io(struct ktstr_ctx *ctx, const struct ktstr_reports *reports, unsigned units,
		     const char *says)
{
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		EXPECT(ctx, report->completed && report->iterations > 0, "worker %zu", i);
		EXPECT(ctx, report->work_units == units * report->iterations, "%llu units in %llu iterations",
		       (unsigned long long)report->work_units, (unsigned long long)report->iterations);
		EXPECT(ctx, report->wake_latencies.total == report->iterations, "%llu samples",
		       (unsigned long long)report->wake_latencies.total);
		EXPECT(ctx, says ? strstr(report->work_error, says) != NULL : !report->work_error[0], "'%s'",
		       report->work_error);
	}
}

static unsigned long sum_iterations(const struct ktstr_reports *reports)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < reports->count; i++)
		sum += reports->reports[i].iterations;
	return sum;
}

KTSTR_TEST(device_work_io_reaches_the_disk, .topology = { .cores = 2 }, .disk_mib = 64, .network = true)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		unsigned long before[DISK_COUNTERS], after[DISK_COUNTERS], iterations;
		struct ktstr_error error = { 0 };

		read_disk_counters(before);
		TRY(ctx, run(kinds[i].work, 2, &reports, &error));
		read_disk_counters(after);
		check_io(ctx, reports, kinds[i].units, NULL);
		iterations = sum_iterations(reports);
		ktstr_note(ctx, "%s: %lu iterations, %lu sectors written, %lu read, %lu flushes",
			   ktstr_work_name(&kinds[i].work), iterations,
			   after[WRITE_SECTORS] - before[WRITE_SECTORS], after[READ_SECTORS] - before[READ_SECTORS],
			   after[FLUSHES] - before[FLUSHES]);
		/* What counts has been on the disk, and not only in the page cache. */
		EXPECT(ctx, after[WRITE_SECTORS] - before[WRITE_SECTORS] >=
				    iterations * kinds[i].writes * SECTORS_PER_BLOCK,
		       "%lu sectors", after[WRITE_SECTORS] - before[WRITE_SECTORS]);
		EXPECT(ctx, after[READ_SECTORS] - before[READ_SECTORS] >=
				    iterations * kinds[i].reads * SECTORS_PER_BLOCK,
		       "%lu sectors", after[READ_SECTORS] - before[READ_SECTORS]);
		EXPECT(ctx, (after[FLUSHES] > before[FLUSHES]) == kinds[i].syncs, "%lu flushes",
		       after[FLUSHES] - before[FLUSHES]);
	}
	return 0;
}

static unsigned count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	while (dir && (entry = readdir(dir)))
		count += strstr(entry->d_name, "ktstr_") != NULL;
	if (dir)
		closedir(dir);
	return count;
}

KTSTR_TEST(device_work_io_does_without_a_disk, .topology = { .cores = 2 })
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		struct ktstr_error error = { 0 };

		TRY(ctx, run(kinds[i].work, 2, &reports, &error));
		check_io(ctx, reports, kinds[i].units, "IO goes to a temporary file; ");
		EXPECT(ctx, count_files("/tmp") == 0, "%u", count_files("/tmp"));
	}
	return 0;
}

/* --- network --- */

#define UNCOUNTED_MAX 16

KTSTR_TEST(device_work_net_traffic_interrupts, .topology = { .cores = 2 }, .disk_mib = 64, .network = true)
{
	const unsigned sizes[] = { 60, 1514 };
	char name[NIC_TEXT_MAX], device[NIC_TEXT_MAX];

	if (!nic_find(name, device))
		return -ENODEV;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned long out = nic_interrupts(device, "output.0"), in = nic_interrupts(device, "input.0");
		unsigned long packets = nic_counter(name, "tx_packets"), bytes = nic_counter(name, "tx_bytes");
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		const struct ktstr_worker_report *report;
		struct ktstr_error error = { 0 };

		TRY(ctx, run(KTSTR_WORK(net_traffic, .frame_bytes = sizes[i]), 1, &reports, &error));
		report = reports->reports;
		out = nic_interrupts(device, "output.0") - out;
		in = nic_interrupts(device, "input.0") - in;
		packets = nic_counter(name, "tx_packets") - packets;
		bytes = nic_counter(name, "tx_bytes") - bytes;
		ktstr_note(ctx, "%lu frames of %u bytes, %lu interrupts for what was sent, %lu for what came back",
			   packets, sizes[i], out, in);
		EXPECT(ctx, report->completed && !report->work_error[0], "'%s'", report->work_error);
		/* The driver counts a frame when it next looks at the queue, so the last may be missing. */
		EXPECT(ctx, report->work_units > 0 && packets <= report->work_units + UNCOUNTED_MAX &&
				    report->work_units <= packets + UNCOUNTED_MAX,
		       "%llu units, %lu packets", (unsigned long long)report->work_units, packets);
		EXPECT(ctx, bytes / sizes[i] <= packets && bytes / sizes[i] + UNCOUNTED_MAX >= packets,
		       "%lu bytes in %lu packets", bytes, packets);
		EXPECT(ctx, report->wake_latencies.total == 0, "%llu samples",
		       (unsigned long long)report->wake_latencies.total);
		EXPECT(ctx, out > 0 && in > 0, "%lu and %lu interrupts", out, in);
	}
	return 0;
}

KTSTR_TEST(device_work_irq_wakes_the_receiver, .topology = { .cores = 2 }, .disk_mib = 64, .network = true)
{
	char name[NIC_TEXT_MAX], device[NIC_TEXT_MAX];
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const struct ktstr_worker_report *sender, *receiver;
	struct ktstr_error error = { 0 };
	unsigned long in;

	if (!nic_find(name, device))
		return -ENODEV;
	in = nic_interrupts(device, "input.0");
	TRY(ctx, run(KTSTR_WORK(irq_wake, .interval_us = 2000), 2, &reports, &error));
	in = nic_interrupts(device, "input.0") - in;
	sender = &reports->reports[0];
	receiver = &reports->reports[1];
	ktstr_note(ctx, "%llu sent, %llu received, %lu interrupts", (unsigned long long)sender->work_units,
		   (unsigned long long)receiver->work_units, in);
	EXPECT(ctx, !sender->work_error[0] && !receiver->work_error[0], "'%s', '%s'", sender->work_error,
	       receiver->work_error);
	EXPECT(ctx, sender->wake_latencies.total == 0 && sender->work_units > 0, "%llu samples",
	       (unsigned long long)sender->wake_latencies.total);
	EXPECT(ctx, receiver->work_units > 0 && receiver->work_units <= sender->work_units, "%llu received",
	       (unsigned long long)receiver->work_units);
	EXPECT(ctx, receiver->wake_latencies.total == receiver->work_units, "%llu samples",
	       (unsigned long long)receiver->wake_latencies.total);
	EXPECT(ctx, in > 0, "%lu interrupts", in);
	return 0;
}

KTSTR_TEST(device_work_net_without_an_interface_idles, .topology = { .cores = 2 })
{
	const struct ktstr_work works[] = { KTSTR_WORK(net_traffic), KTSTR_WORK(irq_wake) };

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		struct ktstr_error error = { 0 };

		TRY(ctx, run(works[i], 2, &reports, &error));
		for (size_t k = 0; k < reports->count; k++) {
			const struct ktstr_worker_report *report = &reports->reports[k];

			EXPECT(ctx, report->completed && report->iterations > 0, "worker %zu", k);
			EXPECT(ctx, report->work_units == 0, "%llu", (unsigned long long)report->work_units);
			EXPECT(ctx, strstr(report->work_error, ".network = true"), "'%s'", report->work_error);
		}
	}
	return 0;
}
