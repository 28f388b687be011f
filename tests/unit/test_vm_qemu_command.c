// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "vm/qemu_command.h"

static const struct qemu qemu10 = { .path = "/opt/qemu", .major = 10, .has_qboot = true };
static const struct accel tcg = { .kind = ACCEL_TCG, .parallel = true };
static const struct accel kvm = { .kind = ACCEL_KVM, .parallel = true };
static const struct qemu_fds some_fds = {
	.kernel = 10, .initrd = 11, .console = 12, .ctl = 13, .log = 14, .tty = -1, .qmp = 16,
	.ram = 17,    .state = 18,  .disk = 19,   .nic = 20,
};

static struct vm_config config_of(unsigned nodes, unsigned llcs, unsigned cores, unsigned threads)
{
	return (struct vm_config){ .topology = { nodes, llcs, cores, threads }, .qemu = &qemu10,
				   .accel = &tcg };
}

/* The command as one text, " -" between its options; the caller frees. */
static char *command_text(const struct vm_config *config, const struct qemu_fds *fds)
{
	struct argv argv = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	qemu_command_build(config, fds, "console=ttyS0 a=b,c", &argv);
	assert_false(argv.failed);
	assert_null(argv.items[argv.count]);
	for (size_t i = 0; i < argv.count; i++)
		fprintf(out, "%s%s", i ? " " : "", argv.items[i]);
	fputc(' ', out);
	fclose(out);
	argv_release(&argv);
	return text;
}

static const struct {
	unsigned topology[4];
	const char *parts[12];
} machines[] = {
	{ { 1, 1, 2, 1 },
	  { " -smp 2,sockets=1,cores=2,threads=1 ", " -m 1024M ",
	    " -object memory-backend-ram,id=mem0,size=1024M ", " -numa node,nodeid=0,memdev=mem0 ",
	    " -numa cpu,node-id=0,socket-id=0 " } },
	{ { 1, 2, 4, 2 },
	  { " -smp 16,sockets=2,cores=4,threads=2 ", " -numa cpu,node-id=0,socket-id=1 " } },
	{ { 2, 4, 2, 1 },
	  { " -smp 8,sockets=4,cores=2,threads=1 ", "id=mem0,size=512M ", "id=mem1,size=512M ",
	    " -numa node,nodeid=1,memdev=mem1 ", " -numa cpu,node-id=0,socket-id=0 ",
	    " -numa cpu,node-id=0,socket-id=1 ", " -numa cpu,node-id=1,socket-id=2 ",
	    " -numa cpu,node-id=1,socket-id=3 ", " -numa dist,src=0,dst=0,val=10 ",
	    " -numa dist,src=0,dst=1,val=20 ", " -numa dist,src=1,dst=0,val=20 " } },
	{ { 3, 3, 1, 1 }, { " -m 1026M ", "id=mem2,size=342M " } }, /* divisible by the nodes */
	{ { 1, 1, 32, 1 }, { " -m 2048M " } },                      /* 64 MiB a CPU */
};

static void qemu_command_build_maps_the_topology(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		const unsigned *t = machines[i].topology;
		struct vm_config config = config_of(t[0], t[1], t[2], t[3]);
		char *text = command_text(&config, &some_fds);

		for (size_t k = 0; k < COUNT(machines[i].parts) && machines[i].parts[k]; k++)
			assert_contains(text, machines[i].parts[k]);
		if (t[0] == 1)
			assert_null(strstr(text, "dist,"));
		free(text);
	}
}

static void qemu_command_build_locks_qemu_in(void **state)
{
	struct vm_config config = config_of(1, 1, 2, 1);
	char *text = command_text(&config, &some_fds);

	(void)state;
	assert_int_equal(strncmp(text, "/opt/qemu -name ktstr ", 22), 0);
	assert_contains(text, " -nodefaults -no-user-config -display none -no-reboot -nic none ");
	assert_contains(text, " -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
			      "resourcecontrol=deny ");
	assert_contains(text, " -kernel /proc/self/fd/10 -initrd /proc/self/fd/11 "
			      "-append console=ttyS0 a=b,c ");
	free(text);
}

static void qemu_command_build_adds_the_terminal_for_shells_only(void **state)
{
	struct vm_config config = config_of(1, 1, 2, 1);
	struct qemu_fds fds = some_fds;
	char *text = command_text(&config, &fds);

	(void)state;
	assert_contains(text, " -chardev socket,id=ctl,fd=13 -device "
			      "virtserialport,id=port-ctl,chardev=ctl,name=ktstr.ctl ");
	assert_contains(text, " -chardev socket,id=log,fd=14 -device "
			      "virtserialport,id=port-log,chardev=log,name=ktstr.log ");
	assert_contains(text, " -chardev socket,id=qmp,fd=16 -mon chardev=qmp,mode=control ");
	assert_contains(text, " -chardev socket,id=console,fd=12 -serial chardev:console ");
	assert_null(strstr(text, "ktstr.tty"));
	free(text);
	fds.tty = 15;
	text = command_text(&config, &fds);
	assert_contains(text, " -chardev socket,id=tty,fd=15 -device "
			      "virtserialport,id=port-tty,chardev=tty,name=ktstr.tty ");
	free(text);
}

static void qemu_command_build_suits_the_accelerator(void **state)
{
	const struct qemu qemu7 = { .path = "q", .major = 7, .minor = 2 };
	const struct accel one_thread = { .kind = ACCEL_TCG };
	struct vm_config config = config_of(1, 1, 2, 1);
	char *text = command_text(&config, &some_fds);

	(void)state;
	assert_contains(text, " -accel tcg,thread=multi ");
	assert_contains(text, " -cpu max,vendor=GenuineIntel,l3-cache=on,-erms,-fsrm,-fzrm,-fsrs ");
	assert_contains(text, " -bios qboot.rom ");
	free(text);

	config.accel = &kvm;
	text = command_text(&config, &some_fds);
	assert_contains(text, " -accel kvm ");
	assert_contains(text, " -cpu host,l3-cache=on ");
	free(text);

	config.accel = &one_thread;
	config.qemu = &qemu7; /* does not know fzrm and fsrs, and would not start */
	text = command_text(&config, &some_fds);
	assert_contains(text, " -accel tcg,thread=single ");
	assert_contains(text, " -cpu max,vendor=GenuineIntel,l3-cache=on,-erms,-fsrm ");
	assert_null(strstr(text, "-bios"));
	free(text);
}

/* One file for all nodes, written by the guest that is saved and only read by its copies. */
static void qemu_command_build_puts_memory_where_it_is_started_from(void **state)
{
	struct vm_config config = config_of(2, 2, 1, 1);
	char *text;

	(void)state;
	config.start = VM_START_DRAFT;
	text = command_text(&config, &some_fds);
	assert_contains(text, " -object memory-backend-file,id=mem0,size=512M,mem-path=/proc/self/fd/17,"
			      "offset=0M,share=on ");
	assert_contains(text, " -object memory-backend-file,id=mem1,size=512M,mem-path=/proc/self/fd/17,"
			      "offset=512M,share=on ");
	assert_contains(text, " -kernel /proc/self/fd/10 ");
	assert_null(strstr(text, "-incoming"));
	free(text);
	config.start = VM_START_RESTORE;
	text = command_text(&config, &some_fds);
	assert_contains(text, "id=mem1,size=512M,mem-path=/proc/self/fd/17,offset=512M,share=off,"
			      "readonly=on,rom=off ");
	assert_contains(text, " -S -incoming defer ");
	assert_null(strstr(text, "-kernel"));
	assert_null(strstr(text, "-initrd"));
	assert_null(strstr(text, "share=on"));
	free(text);
	/* A copy that is saved anew: what it writes is in the file. */
	config.start = VM_START_DERIVE;
	text = command_text(&config, &some_fds);
	assert_contains(text, "id=mem1,size=512M,mem-path=/proc/self/fd/17,offset=512M,share=on ");
	assert_contains(text, " -S -incoming defer ");
	assert_null(strstr(text, "-kernel"));
	free(text);
}

static void qemu_command_build_adds_the_devices_asked_for(void **state)
{
	struct vm_config config = config_of(1, 1, 2, 1);
	char *text = command_text(&config, &some_fds);

	(void)state;
	assert_null(strstr(text, "-blockdev"));
	assert_null(strstr(text, "-netdev"));
	free(text);
	config.devices.disk_mib = 5000; /* more bytes than 32 bits count */
	text = command_text(&config, &some_fds);
	assert_contains(text, " -blockdev driver=raw,node-name=disk,size=5242880000,file.driver=file,"
			      "file.filename=/proc/self/fd/19,file.locking=off "
			      "-device virtio-blk-pci,drive=disk ");
	assert_null(strstr(text, "-netdev"));
	free(text);
	config.devices = (struct vm_devices){ .network = true };
	text = command_text(&config, &some_fds);
	assert_contains(text, " -netdev dgram,id=net,local.type=fd,local.str=20 -device "
			      "virtio-net-pci,netdev=net,mac=02:00:00:00:00:01,romfile= "
			      "-global migration.announce-rounds=0 ");
	assert_null(strstr(text, "-blockdev"));
	/* Nothing that reaches the host's network. */
	assert_contains(text, " -nic none ");
	free(text);
}

static const struct {
	unsigned topology[4], memory_mib;
	int code;
	const char *names;
} refused[] = {
	{ { 2, 3, 1, 1 }, 0, -EINVAL, "2n3l1c1t" },
	{ { 1, 1, 0, 1 }, 0, -EINVAL, "cores" },
	{ { 1, 256, 1, 1 }, 0, -ERANGE, "255" },
	/* 9 of 16 and 2 of 2 in an id: the last socket of 9 starts at 256. */
	{ { 1, 9, 9, 2 }, 0, -ERANGE, "APIC id 273" },
	{ { 1, 1, 1, 1 }, 2u << 20, -ERANGE, "1048576" },
};

static void qemu_command_check_names_the_limit(void **state)
{
	struct vm_config fits = config_of(1, 8, 16, 1);

	(void)state;
	assert_int_equal(qemu_command_check(&fits, NULL), 0);
	for (size_t i = 0; i < COUNT(refused); i++) {
		const unsigned *t = refused[i].topology;
		struct vm_config config = config_of(t[0], t[1], t[2], t[3]);
		struct ktstr_error error = { 0 };

		config.memory_mib = refused[i].memory_mib;
		assert_int_equal(qemu_command_check(&config, &error), refused[i].code);
		assert_contains(error.text, refused[i].names);
	}
	fits.devices.disk_mib = 65537;
	assert_int_equal(qemu_command_check(&fits, NULL), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qemu_command_build_maps_the_topology),
		cmocka_unit_test(qemu_command_build_locks_qemu_in),
		cmocka_unit_test(qemu_command_build_adds_the_terminal_for_shells_only),
		cmocka_unit_test(qemu_command_build_suits_the_accelerator),
		cmocka_unit_test(qemu_command_build_puts_memory_where_it_is_started_from),
		cmocka_unit_test(qemu_command_build_adds_the_devices_asked_for),
		cmocka_unit_test(qemu_command_check_names_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
