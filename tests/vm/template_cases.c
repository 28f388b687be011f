// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a test finds in its guest, which template.c compares between guests that were booted and
 * copies of one, and between two copies.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define CPUS 2
/* Small, so that it is made quickly; one template for them all. */
#define SMALL .topology = { .llcs = 1, .cores = CPUS }, .memory_mib = 256
#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL

static const struct ktstr_scheduler fixture = { .name = "fixture", .bpf_object = "ktstr_fixture.bpf.o" };

static long long now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS }, NULL);
}

/* The first line of a file; "" when there is none. */
static const char *read_line(const char *path, char text[256])
{
	FILE *stream = fopen(path, "re");

	text[0] = '\0';
	if (!stream)
		return text;
	if (fgets(text, 256, stream))
		text[strcspn(text, "\n")] = '\0';
	fclose(stream);
	return text;
}

static bool write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return written == (ssize_t)strlen(text);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The names in a folder, in order. */
static void note_folder(struct ktstr_ctx *ctx, const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, by_name);
	char text[2048] = "";
	size_t used = 0;

	EXPECT(ctx, count >= 2, "%d entries in '%s'", count, path);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s", names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	ktstr_note(ctx, "folder %s:%s", path, text);
}

static void note_bytes(struct ktstr_ctx *ctx, const char *what, const unsigned char *bytes)
{
	char text[33];

	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	ktstr_note(ctx, "%s: %s", what, text);
}

KTSTR_TEST(copy_tells_of_itself, SMALL)
{
	static const char *const folders[] = { "/sys/bus/pci/devices", "/sys/bus/virtio/devices",
					       "/sys/class/virtio-ports", "/sys/class/tty", "/sys/class/block",
					       "/sys/class/net", "/sys/bus/cpu/devices" };
	unsigned char random[16] = { 0 };
	char text[256];

	ktstr_note(ctx, "realtime_ns: %lld", now_ns(CLOCK_REALTIME));
	EXPECT(ctx, getrandom(random, sizeof(random), GRND_NONBLOCK) == sizeof(random), "no randomness");
	note_bytes(ctx, "getrandom", random);
	note_bytes(ctx, "at_random", (const unsigned char *)getauxval(AT_RANDOM));
	ktstr_note(ctx, "uuid: %s", read_line("/proc/sys/kernel/random/uuid", text));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		note_folder(ctx, folders[i]);
	ktstr_note(ctx, "clocksource: %s",
		   read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", text));
	return 0;
}

/* What the process has from its start, which in a hot template was some time ago. */
KTSTR_TEST(copy_has_the_usual_process, SMALL)
{
	static const char *const none[] = { "LD_BIND_NOW", "LD_PRELOAD", "KTSTR_RUN" };
	static const struct { const char *name, *value; } some[] = { { "HOME", "/" }, { "LC_ALL", "C.UTF-8" } };
	char text[256], path[256];

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		EXPECT(ctx, !getenv(none[i]), "%s is '%s'", none[i], getenv(none[i]));
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		EXPECT(ctx, getenv(some[i].name) && !strcmp(getenv(some[i].name), some[i].value), "%s is '%s'",
		       some[i].name, getenv(some[i].name));
	EXPECT(ctx, getcwd(path, sizeof(path)) && !strcmp(path, "/ktstr/bin"), "in '%s'", path);
	EXPECT(ctx, !strcmp(read_line("/proc/self/comm", text), "template_cases") || strstr(text, "cases"), "'%s'",
	       text);
	EXPECT(ctx, getpgid(0) == getpid() && getsid(0) == getpid() && getppid() == 1, "group %d, session %d",
	       getpgid(0), getsid(0));
	return 0;
}

/* The time in the last line that the kernel wrote, for a guest at rest that of its boot. */
static long long last_kernel_message_ns(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	long long last_us = 0;
	char record[8192];
	ssize_t got;

	while ((got = read(fd, record, sizeof(record) - 1)) > 0) {
		record[got] = '\0';
		sscanf(record, "%*d,%*d,%lld,", &last_us);
	}
	close(fd);
	return last_us * 1000;
}

/* Neither back behind what the guest has seen, nor on by the time that the template lay on disk. */
KTSTR_TEST(copy_keeps_its_time, SMALL)
{
	long long boot_ns = last_kernel_message_ns(), start_ns = now_ns(CLOCK_MONOTONIC);
	long long real_ns = now_ns(CLOCK_REALTIME), before_ns = start_ns;

	EXPECT(ctx, boot_ns > 0 && start_ns >= boot_ns, "now %lld ns, at boot %lld", start_ns, boot_ns);
	EXPECT(ctx, start_ns - boot_ns < 30 * NS_PER_S, "now %lld ns, at boot %lld", start_ns, boot_ns);
	EXPECT(ctx, llabs(now_ns(CLOCK_BOOTTIME) - now_ns(CLOCK_MONOTONIC)) < NS_PER_S, "it has slept");
	/* One time on all CPUs. */
	for (int i = 0; i < 200; i++) {
		cpu_set_t cpu;
		long long ns;

		CPU_ZERO(&cpu);
		CPU_SET(i % CPUS, &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu);
		ns = now_ns(CLOCK_MONOTONIC);
		EXPECT(ctx, ns >= before_ns, "CPU %d: %lld ns after %lld", i % CPUS, ns, before_ns);
		before_ns = ns;
	}
	/* And one speed: realtime was set once, and not again behind the test's back. */
	sleep_ms(100);
	before_ns = now_ns(CLOCK_MONOTONIC) - start_ns;
	real_ns = now_ns(CLOCK_REALTIME) - real_ns;
	EXPECT(ctx, llabs(real_ns - before_ns) < 20 * NS_PER_MS, "%lld ns realtime, %lld monotonic", real_ns,
	       before_ns);
	return 0;
}

/* Turns of a loop on one CPU, and the most time that a short sleep on it took. */
struct spin {
	int cpu;
	unsigned long turns;
	long long sleep_ns;
};

static void *spin(void *data)
{
	struct spin *spin = data;
	long long until_ns;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(spin->cpu, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		return NULL;
	until_ns = now_ns(CLOCK_MONOTONIC) + 50 * NS_PER_MS;
	while (now_ns(CLOCK_MONOTONIC) < until_ns)
		spin->turns += sched_getcpu() == spin->cpu;
	spin->sleep_ns = now_ns(CLOCK_MONOTONIC);
	sleep_ms(10);
	spin->sleep_ns = now_ns(CLOCK_MONOTONIC) - spin->sleep_ns;
	return NULL;
}

KTSTR_TEST(copy_has_all_its_cpus, SMALL)
{
	struct spin spins[CPUS] = { 0 };
	pthread_t threads[CPUS];
	char text[256];

	EXPECT(ctx, !strcmp(read_line("/sys/devices/system/cpu/online", text), "0-1"), "online: '%s'", text);
	EXPECT(ctx, ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)) == CPUS, "another machine");
	for (int i = 0; i < CPUS; i++) {
		spins[i].cpu = i;
		EXPECT(ctx, !pthread_create(&threads[i], NULL, spin, &spins[i]), "no thread");
	}
	for (int i = 0; i < CPUS; i++) {
		pthread_join(threads[i], NULL);
		EXPECT(ctx, spins[i].turns > 0, "CPU %d does not run", i);
		/* The upper limit is for a busy host: a timer that is lost takes for ever. */
		EXPECT(ctx, spins[i].sleep_ns >= 10 * NS_PER_MS && spins[i].sleep_ns < 5 * NS_PER_S,
		       "CPU %d slept %lld ns", i, spins[i].sleep_ns);
	}
	return 0;
}

/* Long enough for the soft lockup detector to have looked: every 4 s, and at RCU's stalls earlier. */
KTSTR_TEST(copy_alarms_no_watchdog, SMALL)
{
	static const char *const alarms[] = { "lockup", "stall", "hung", "blocked for more", "skew",
					      "unstable", "time jumped", "WARNING", "BUG:" };
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192], text[256];
	ssize_t got;

	EXPECT(ctx, !strcmp(read_line("/proc/sys/kernel/soft_watchdog", text), "1"), "the watchdog is off: '%s'",
	       text);
	sleep_ms(4500);
	while ((got = read(fd, record, sizeof(record) - 1)) > 0) {
		record[got] = '\0';
		for (size_t i = 0; i < sizeof(alarms) / sizeof(alarms[0]); i++)
			EXPECT(ctx, !strstr(record, alarms[i]), "'%s'", record);
	}
	close(fd);
	return 0;
}

/* Whatever a test can leave behind in a guest. */
static const char soil_file[] = "/tmp/soil", soil_cgroup[] = "/sys/fs/cgroup/soil";
static const char soil_sysctl[] = "/proc/sys/kernel/sched_rt_runtime_us", soil_host[] = "/proc/sys/kernel/hostname";

static bool process_named(const char *name)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && (entry = readdir(proc))) {
		char path[300], text[256];

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		found = found || !strcmp(read_line(path, text), name);
	}
	if (proc)
		closedir(proc);
	return found;
}

/* Until it is killed. */
static void leave_process(void)
{
	if (fork() != 0)
		return;
	setsid();
	write_line("/proc/self/comm", "soil");
	for (;;)
		pause();
}

static int find_clean_and_soil(struct ktstr_ctx *ctx)
{
	long long until_ns = now_ns(CLOCK_MONOTONIC) + 5 * NS_PER_S;
	char text[256];

	EXPECT(ctx, access(soil_file, F_OK), "the file of another test");
	EXPECT(ctx, access(soil_cgroup, F_OK), "the cgroup of another test");
	EXPECT(ctx, strcmp(read_line(soil_sysctl, text), "940000"), "the sysctl of another test");
	EXPECT(ctx, strcmp(read_line(soil_host, text), "soil"), "the hostname of another test");
	EXPECT(ctx, !process_named("soil"), "a process of another test");

	mkdir("/tmp", 0755);
	EXPECT(ctx, write_line(soil_file, "soil"), "no file");
	EXPECT(ctx, !mkdir(soil_cgroup, 0755), "no cgroup");
	EXPECT(ctx, write_line(soil_sysctl, "940000"), "no sysctl");
	EXPECT(ctx, write_line(soil_host, "soil"), "no hostname");
	leave_process();
	while (!process_named("soil") && now_ns(CLOCK_MONOTONIC) < until_ns)
		sleep_ms(10);
	/* So that the next test would find them if they were the same guest. */
	EXPECT(ctx, !access(soil_file, F_OK) && !access(soil_cgroup, F_OK) && process_named("soil"), "no soil");
	EXPECT(ctx, !strcmp(read_line(soil_sysctl, text), "940000"), "'%s'", text);
	return 0;
}

KTSTR_TEST(copy_soiled_1, SMALL, .scheduler = &fixture)
{
	char text[256];

	EXPECT(ctx, !strcmp(read_line("/sys/kernel/sched_ext/state", text), "enabled"), "'%s'", text);
	/* The first one since the guest was booted. */
	EXPECT(ctx, !strcmp(read_line("/sys/kernel/sched_ext/enable_seq", text), "1"), "enabled %s times", text);
	return find_clean_and_soil(ctx);
}

KTSTR_TEST(copy_soiled_2, SMALL)
{
	char text[256];

	EXPECT(ctx, !strcmp(read_line("/sys/kernel/sched_ext/state", text), "disabled"), "'%s'", text);
	EXPECT(ctx, !strcmp(read_line("/sys/kernel/sched_ext/enable_seq", text), "0"), "enabled %s times", text);
	return find_clean_and_soil(ctx);
}

KTSTR_TEST(copy_soiled_3, SMALL, .scheduler = &fixture, .duration_ms = 300)
{
	char text[256];

	EXPECT(ctx, !strcmp(read_line("/sys/kernel/sched_ext/enable_seq", text), "1"), "enabled %s times", text);
	find_clean_and_soil(ctx);
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2), KTSTR_CGROUP("cg_1", .workers = 2));
}
