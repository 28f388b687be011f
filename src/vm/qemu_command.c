// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as arguments of QEMU. Pure: what comes out depends on what goes in.
 *
 * One socket per LLC makes QEMU describe one L3 per socket; nodes take whole sockets. Measured on
 * QEMU 10.0.2: guest sysfs shows exactly the nodes, L3 ids, cores and siblings asked for.
 */
#include <errno.h>

#include "vm/qemu_command.h"
#include "wire/message.h"

#define MEMORY_MAX_MIB (1u << 20)

static unsigned max_unsigned(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

unsigned vm_memory_mib(const struct vm_config *config)
{
	unsigned nodes = config->topology.numa_nodes;
	unsigned mib = config->memory_mib ? config->memory_mib : VM_MEMORY_DEFAULT_MIB;

	mib = max_unsigned(mib, VM_MEMORY_MIN_MIB);
	mib = max_unsigned(mib, ktstr_topology_num_cpus(&config->topology) * VM_MEMORY_PER_CPU_MIB);
	return (mib + nodes - 1) / nodes * nodes;
}

int qemu_command_check(const struct vm_config *config, struct ktstr_error *error)
{
	int err = ktstr_topology_check(&config->topology, error);

	if (err)
		return err;
	if (config->memory_mib > MEMORY_MAX_MIB)
		return ktstr_error_set(error, -ERANGE, "memory of %u MiB out of range 1..=%u MiB",
				       config->memory_mib, MEMORY_MAX_MIB);
	return vm_devices_check(&config->devices, error);
}

static void add_cpus(const struct vm_config *config, struct argv *argv)
{
	const struct ktstr_topology *topology = &config->topology;
	unsigned llcs_per_node = topology->llcs / topology->numa_nodes;

	argv_add(argv, "-smp");
	argv_add(argv, "%u,sockets=%u,cores=%u,threads=%u", ktstr_topology_num_cpus(topology),
		 topology->llcs, topology->cores, topology->threads);
	for (unsigned llc = 0; llc < topology->llcs; llc++) {
		argv_add(argv, "-numa");
		argv_add(argv, "cpu,node-id=%u,socket-id=%u", llc / llcs_per_node, llc);
	}
}

/*
 * Nodes lie one behind the other in the file. For a copy it is opened for reading, and mapped so
 * that the first write to a page makes the page the copy's own.
 */
static void add_memory(const struct vm_config *config, const struct qemu_fds *fds, unsigned node,
		       unsigned mib, struct argv *argv)
{
	argv_add(argv, "-object");
	if (config->start == VM_START_BOOT)
		argv_add(argv, "memory-backend-ram,id=mem%u,size=%uM", node, mib);
	else
		argv_add(argv,
			 "memory-backend-file,id=mem%u,size=%uM,mem-path=/proc/self/fd/%d,"
			 "offset=%uM,%s",
			 node, mib, fds->ram, node * mib,
			 config->start == VM_START_RESTORE ? "share=off,readonly=on,rom=off"
							   : "share=on");
}

static void add_nodes(const struct vm_config *config, const struct qemu_fds *fds, struct argv *argv)
{
	unsigned nodes = config->topology.numa_nodes, mib = vm_memory_mib(config);

	argv_add(argv, "-m");
	argv_add(argv, "%uM", mib);
	for (unsigned node = 0; node < nodes; node++) {
		add_memory(config, fds, node, mib / nodes, argv);
		argv_add(argv, "-numa");
		argv_add(argv, "node,nodeid=%u,memdev=mem%u", node, node);
	}
}

/* After every node is known. */
static void add_distances(const struct vm_config *config, struct argv *argv)
{
	unsigned nodes = config->topology.numa_nodes;

	for (unsigned from = 0; from < nodes; from++) {
		for (unsigned to = 0; nodes > 1 && to < nodes; to++) {
			argv_add(argv, "-numa");
			argv_add(argv, "dist,src=%u,dst=%u,val=%u", from, to, from == to ? 10 : 20);
		}
	}
}

static void add_socket(struct argv *argv, const char *id, int fd)
{
	argv_add(argv, "-chardev");
	argv_add(argv, "socket,id=%s,fd=%d", id, fd);
}

static void add_port(struct argv *argv, const char *id, const char *name, int fd)
{
	if (fd < 0)
		return;
	add_socket(argv, id, fd);
	argv_add(argv, "-device");
	argv_add(argv, "virtserialport,id=" VM_PORT_PREFIX "%s,chardev=%s,name=%s", id, id, name);
}

static void add_channels(const struct qemu_fds *fds, struct argv *argv)
{
	add_socket(argv, "console", fds->console);
	argv_add(argv, "-serial");
	argv_add(argv, "chardev:console");
	add_socket(argv, "qmp", fds->qmp);
	argv_add(argv, "-mon");
	argv_add(argv, "chardev=qmp,mode=control");
	argv_add(argv, "-device");
	argv_add(argv, "virtio-serial-pci,max_ports=4");
	add_port(argv, "ctl", WIRE_PORT_CTL, fds->ctl);
	add_port(argv, "log", WIRE_PORT_LOG, fds->log);
	add_port(argv, "tty", WIRE_PORT_TTY, fds->tty);
}

/* The disk is as large as its file; that its size stands here makes it part of a template's key. */
static void add_disk(const struct vm_config *config, const struct qemu_fds *fds, struct argv *argv)
{
	argv_add(argv, "-blockdev");
	argv_add(argv,
		 "driver=raw,node-name=disk,size=%llu,file.driver=file,"
		 "file.filename=/proc/self/fd/%d,file.locking=off",
		 (unsigned long long)config->devices.disk_mib << 20, fds->disk);
	argv_add(argv, "-device");
	argv_add(argv, "virtio-blk-pci,drive=disk");
}

/*
 * Without romfile it would look for a boot ROM, which is a package of its own. A restored guest
 * would be made to announce itself to a network that is not there, by five interrupts and frames.
 */
static void add_nic(const struct qemu_fds *fds, struct argv *argv)
{
	argv_add(argv, "-netdev");
	argv_add(argv, "dgram,id=net,local.type=fd,local.str=%d", fds->nic);
	argv_add(argv, "-device");
	argv_add(argv, "virtio-net-pci,netdev=net,mac=02:00:00:00:00:01,romfile=");
	argv_add(argv, "-global");
	argv_add(argv, "migration.announce-rounds=0");
}

/* After the channels, which so have the same addresses in all guests. */
static void add_devices(const struct vm_config *config, const struct qemu_fds *fds,
			struct argv *argv)
{
	if (config->devices.disk_mib)
		add_disk(config, fds, argv);
	if (config->devices.network)
		add_nic(fds, argv);
}

static void add_machine(const struct vm_config *config, struct argv *argv)
{
	bool kvm = config->accel->kind == ACCEL_KVM;

	argv_add(argv, "-accel");
	if (kvm)
		argv_add(argv, "kvm");
	else
		argv_add(argv, "tcg,thread=%s", config->accel->parallel ? "multi" : "single");
	/* Devices that nothing uses cost the guest's ACPI and PCI code time. */
	argv_add(argv, "-machine");
	argv_add(argv, "q35,hpet=off,smbus=off,vmport=off,sata=off,usb=off,i8042=off");
	argv_add(argv, "-cpu");
	if (kvm)
		argv_add(argv, "host,l3-cache=on");
	else
		/*
		 * AMD models give every CPU its own L3 id. Without the fast-string flags the kernel
		 * copies by words: TCG runs "rep movsb" byte by byte, which makes a boot 0.3 s
		 * longer (of 2 s).
		 */
		argv_add(argv, "max,vendor=GenuineIntel,l3-cache=on%s",
			 qemu_at_least(config->qemu, 8, 1) ? ",-erms,-fsrm,-fzrm,-fsrs"
							   : ",-erms,-fsrm");
	if (config->qemu->has_qboot) {
		argv_add(argv, "-bios");
		argv_add(argv, "qboot.rom");
	}
}

/* A copy has its kernel in its memory: reading the image again would only take time. */
static void add_start(const struct vm_config *config, const struct qemu_fds *fds,
		      const char *cmdline, struct argv *argv)
{
	if (!vm_start_boots(config->start)) {
		argv_add(argv, "-S");
		argv_add(argv, "-incoming");
		argv_add(argv, "defer");
		return;
	}
	argv_add(argv, "-kernel");
	argv_add(argv, "/proc/self/fd/%d", fds->kernel);
	argv_add(argv, "-initrd");
	argv_add(argv, "/proc/self/fd/%d", fds->initrd);
	argv_add(argv, "-append");
	argv_add(argv, "%s", cmdline);
}

void qemu_command_build(const struct vm_config *config, const struct qemu_fds *fds,
			const char *cmdline, struct argv *argv)
{
	static const char *const fixed[] = {
		"-name",
		"ktstr",
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-nic",
		"none",
		"-sandbox",
		"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
	};

	argv_add(argv, "%s", config->qemu->path);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		argv_add(argv, "%s", fixed[i]);
	add_machine(config, argv);
	add_nodes(config, fds, argv);
	add_cpus(config, argv);
	add_distances(config, argv);
	add_channels(fds, argv);
	add_devices(config, fds, argv);
	add_start(config, fds, cmdline, argv);
}
