// SPDX-License-Identifier: GPL-2.0-only
/* IoSyncWrite, IoRandRead, IoConvoy, on files; on a disk they run in tests/vm/device_work.c. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "workload/work/io_target.h"

#include "test_work.h"

#define MIB (UINT64_C(1) << 20)

/* --- what the system does, as far as a test decides --- */

static bool no_tmpfile, no_direct;
static unsigned syncs;
static off_t written[64];
static unsigned written_count;

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
ssize_t __real_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset);

int __wrap_open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & (O_CREAT | __O_TMPFILE)) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	if ((no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) || (no_direct && flags & O_DIRECT)) {
		errno = flags & O_DIRECT && no_direct ? EINVAL : EOPNOTSUPP;
		return -1;
	}
	return __real_open64(path, flags, mode);
}

int __wrap_fdatasync(int fd)
{
	syncs++;
	return __real_fdatasync(fd);
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset)
{
	if (written_count < COUNT(written))
		written[written_count++] = offset;
	return __real_pwrite64(fd, data, size, offset);
}

/* --- a folder for the files, which nobody may see in it --- */

static char folder[] = "/tmp/ktstr-unit-io-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && !setenv("TMPDIR", folder, 1) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

static unsigned count_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* --- arithmetic --- */

static const uint64_t capacities[] = {
	IO_BLOCK_BYTES, MIB, 2 * MIB, 5 * MIB, IO_FILE_BYTES, 300 * MIB + IO_SECTOR_BYTES,
	UINT64_C(1) << 40,
};

/* Claim 66, the stripes. */
static void io_target_divide_gives_each_tid_its_part(void **state)
{
	struct io_target target = { .capacity = IO_FILE_BYTES };

	(void)state;
	io_target_divide(&target, 64 * 100 + 3);
	assert_int_equal(target.base, 3 * 256 * 1024);
	assert_int_equal(target.extent, 256 * 1024);
	for (size_t i = 0; i < COUNT(capacities); i++) {
		uint64_t stripe = capacities[i] / 64 / 512 * 512;

		for (pid_t tid = 1; tid <= 130; tid++) {
			target.capacity = capacities[i];
			io_target_divide(&target, tid);
			assert_int_equal(target.base, (uint64_t)tid % 64 * stripe);
			assert_int_equal(target.base % IO_SECTOR_BYTES, 0);
			assert_int_equal(target.extent, stripe > 65536 ? stripe : 65536);
		}
	}
}

static void io_place_stays_on_the_disk(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(capacities); i++) {
		for (pid_t tid = 1; tid <= 64; tid++) {
			struct io_target target = { .capacity = capacities[i] };

			io_target_divide(&target, tid);
			for (uint64_t at = 0; at < 4 * MIB; at += IO_BLOCK_BYTES) {
				uint64_t place = io_place(&target, at);

				assert_true(place + IO_BLOCK_BYTES <= target.capacity);
				assert_int_equal(place % IO_SECTOR_BYTES, 0);
				if (capacities[i] == IO_FILE_BYTES)
					assert_int_equal(place, target.base + at % target.extent);
			}
		}
	}
}

/* Claim 66, random places. */
static void io_random_place_is_a_sector_with_room_behind_it(void **state)
{
	struct prng prng = prng_seeded(4711);

	(void)state;
	for (size_t i = 0; i < COUNT(capacities); i++) {
		struct io_target target = { .capacity = capacities[i] };
		uint64_t least = UINT64_MAX, most = 0;

		for (unsigned k = 0; k < 10000; k++) {
			uint64_t place = io_random_place(&target, &prng);

			assert_int_equal(place % IO_SECTOR_BYTES, 0);
			if (capacities[i] > IO_BLOCK_BYTES)
				assert_true(place < capacities[i] - IO_BLOCK_BYTES);
			else
				assert_int_equal(place, 0);
			least = place < least ? place : least;
			most = place > most ? place : most;
		}
		/* Of 10000 the outermost lie within a hundredth of the ends. */
		if (capacities[i] > IO_BLOCK_BYTES) {
			assert_true(least < capacities[i] / 100);
			assert_true(most > capacities[i] - capacities[i] / 100 - IO_BLOCK_BYTES);
		}
	}
}

/* --- the file --- */

static void assert_opens_a_file(int flags, const char *says)
{
	struct ktstr_error notice = { 0 }, error = { 0 };
	struct io_target target;
	struct stat st;

	if (io_target_open(NULL, flags, 4711, &target, &notice, &error))
		fail_msg("%s", error.text);
	assert_int_equal(fstat(target.fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_size, IO_FILE_BYTES);
	assert_int_equal(target.capacity, IO_FILE_BYTES);
	assert_int_equal(target.base, 4711 % 64 * 256 * 1024);
	assert_int_equal(count_files(), 0);
	assert_contains(notice.text, says);
	assert_contains(notice.text, ".disk_mib");
	io_target_close(&target);
	assert_int_equal(target.fd, -1);
	io_target_close(&target);
}

/* Claim 65: there never is a file to be left behind, whatever the file system knows. */
static void io_target_open_makes_a_file_without_a_name(void **state)
{
	(void)state;
	assert_opens_a_file(O_SYNC, "IO goes to a temporary file; ");
	no_tmpfile = true;
	assert_opens_a_file(O_SYNC, "IO goes to a temporary file; ");
	no_tmpfile = false;
	no_direct = true;
	assert_opens_a_file(O_DIRECT, "file and its page cache; ");
	no_direct = false;
}

static void io_target_open_says_what_is_wrong(void **state)
{
	static const struct {
		const char *disk;
		int code;
		const char *says;
	} cases[] = {
		{ NULL, -ENOENT, "temporary file in '/nonexistent'" },
		{ "/nonexistent/vda", -ENOENT, "'/nonexistent/vda'" },
		{ "/dev/null", -ENOTBLK, "'/dev/null' is no disk" },
	};

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error notice = { 0 }, error = { 0 };
		struct io_target target = { .fd = 42 };

		assert_int_equal(io_target_open(cases[i].disk, O_SYNC, 1, &target, &notice, &error),
				 cases[i].code);
		assert_contains(error.text, cases[i].says);
		assert_int_equal(target.fd, 42);
	}
	setenv("TMPDIR", folder, 1);
}

/* --- the work --- */

static const struct {
	struct ktstr_work work;
	uint64_t units;
} kinds[] = {
	{ { .ops = &ktstr_work_io_sync_write }, 16 },
	{ { .ops = &ktstr_work_io_rand_read }, 1 },
	{ { .ops = &ktstr_work_io_convoy }, 2 },
};

/* Claims 5 and 65. */
static void io_counts_units_and_samples_and_leaves_no_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct ktstr_reports *reports = run_work(kinds[i].work, 2, 20);

		print_message("row: %s\n", ktstr_work_name(&kinds[i].work));
		for (size_t k = 0; k < reports->count; k++) {
			const struct ktstr_worker_report *report = &reports->reports[k];

			assert_true(report->completed);
			assert_contains(report->work_error, "IO goes to a temporary file");
			assert_true(report->iterations >= 20);
			assert_int_equal(report->work_units, kinds[i].units * report->iterations);
			assert_int_equal(filled_vectors(report), WAKE);
			assert_int_equal(report->wake_latencies.total, report->iterations);
		}
		assert_int_equal(count_files(), 0);
		ktstr_reports_free(reports);
	}
}

/* Claim 65, for workers that do not live to their end. */
static void io_leaves_no_file_when_killed_or_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .num_workers = 2, .work = kinds[i].work });
		struct leftovers before = leftovers_count();
		pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];

		ktstr_workload_start(workload);
		await_iterations(workload, 1);
		assert_int_equal(count_files(), 0);
		kill(pid, SIGKILL);
		ktstr_workload_free(workload);
		assert_int_equal(count_files(), 0);
		assert_int_equal(count_fds(), before.fds);
	}
}

static void io_without_a_file_yields(void **state)
{
	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .work = kinds[i].work });
		const struct ktstr_worker_report *report;
		struct ktstr_reports *reports;

		ktstr_workload_start(workload);
		hold(20);
		reports = collect(&workload);
		report = reports->reports;
		assert_true(report->completed);
		assert_true(report->iterations > 0);
		assert_int_equal(report->work_units, 0);
		assert_int_equal(filled_vectors(report), NO_SAMPLES);
		assert_contains(report->work_error, "temporary file in '/nonexistent'");
		ktstr_reports_free(reports);
	}
	setenv("TMPDIR", folder, 1);
}

/* A disk that has gone away: what did not happen does not count. */
static void io_that_fails_counts_nothing(void **state)
{
	static const char *const calls[] = { "pwrite: Bad file", "pread: Bad file",
					     "pwrite: Bad file" };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct solo *solo = solo_new(kinds[i].work);
		int *fd = &((struct io_target *)solo->worker.state)->fd;

		close(*fd);
		*fd = 1 << 20; /* no descriptor has that number */
		solo->worker.work_error[0] = '\0';
		for (unsigned pass = 0; pass < 3; pass++)
			assert_int_equal(solo_pass(solo), WORK_SKIP);
		assert_int_equal(solo->worker.work_units, 0);
		assert_int_equal(solo->worker.wake_latencies.total, 0);
		assert_contains(solo->worker.work_error, calls[i]);
		solo_stop(solo);
		assert_int_equal(solo_pass(solo), WORK_END);
		solo_free(solo);
	}
}

static void io_sync_write_walks_through_its_part(void **state)
{
	struct solo *solo = solo_new(kinds[0].work);
	const struct io_target *target = (const struct io_target *)solo->worker.state;
	unsigned rounds = 3;

	(void)state;
	written_count = syncs = 0;
	/* The last of these is the first again: 4 rounds of 64 KiB fill 256 KiB. */
	for (unsigned i = 0; i < rounds; i++) {
		solo->worker.iterations = i < 2 ? i : 4;
		assert_int_equal(solo_pass(solo), WORK_NEXT);
	}
	assert_int_equal(written_count, rounds * 16);
	assert_int_equal(syncs, rounds);
	for (unsigned i = 0; i < written_count; i++)
		assert_int_equal(written[i], target->base + (i < 32 ? i : i - 32) * 4096);
	solo_free(solo);
}

static void io_convoy_syncs_first_and_every_16th(void **state)
{
	struct solo *solo = solo_new(kinds[2].work);
	const struct io_target *target = (const struct io_target *)solo->worker.state;

	(void)state;
	written_count = syncs = 0;
	for (unsigned i = 0; i < 33; i++) {
		assert_int_equal(solo_pass(solo), WORK_NEXT);
		assert_int_equal(syncs, i / 16 + 1);
	}
	for (unsigned i = 0; i < written_count; i++)
		assert_int_equal(written[i], target->base + i * 4096);
	solo_free(solo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(io_target_divide_gives_each_tid_its_part),
		cmocka_unit_test(io_place_stays_on_the_disk),
		cmocka_unit_test(io_random_place_is_a_sector_with_room_behind_it),
		cmocka_unit_test(io_target_open_makes_a_file_without_a_name),
		cmocka_unit_test(io_target_open_says_what_is_wrong),
		cmocka_unit_test(io_counts_units_and_samples_and_leaves_no_file),
		cmocka_unit_test(io_leaves_no_file_when_killed_or_dropped),
		cmocka_unit_test(io_without_a_file_yields),
		cmocka_unit_test(io_that_fails_counts_nothing),
		cmocka_unit_test(io_sync_write_walks_through_its_part),
		cmocka_unit_test(io_convoy_syncs_first_and_every_16th),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
