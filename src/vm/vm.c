// SPDX-License-Identifier: GPL-2.0-only
/* The life of a VM: its channels, the start of QEMU, its end. What arrives is vm_pump.c's. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "vm/initramfs.h"
#include "vm/kernel_cmdline.h"
#include "vm/qemu_command.h"
#include "vm/vm_private.h"
#include "wire/message_json.h"

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	process_kill(&vm->qemu);
	for (int i = 0; i < CHANNELS; i++)
		if (vm->fds[i] >= 0)
			close(vm->fds[i]);
	frame_reader_free(vm->readers[CTL]);
	frame_reader_free(vm->readers[LOG]);
	qmp_free(vm->qmp);
	console_free(vm->console);
	json_decref(vm->event);
	free(vm);
}

static void auto_vm_fn(struct vm **vm)
{
	vm_free(*vm);
}
#define auto_vm __attribute__((cleanup(auto_vm_fn)))

static struct vm *vm_new(struct ktstr_error *error)
{
	auto_vm struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm || !(vm->console = console_new())) {
		ktstr_error_set(error, -ENOMEM, "VM: no memory");
		free(take_pointer(vm)); /* its descriptors are not set yet */
		return NULL;
	}
	vm->qemu = PROCESS_NONE;
	for (int i = 0; i < CHANNELS; i++)
		vm->fds[i] = -1;
	for (int i = CTL; i <= LOG; i++)
		if (frame_reader_new(&vm->readers[i], error))
			return NULL;
	return take_pointer(vm);
}

/* Ours does not block: the pump reads until nothing is there. */
static int channel_pair(int *ret_ours, int *ret_qemus, struct ktstr_error *error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return ktstr_error_set(error, -errno, "VM: socketpair: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ret_ours = ends[0];
	*ret_qemus = ends[1];
	return 0;
}

/* QEMU's ends; those made for it are closed again once it has them, the files are others'. */
struct qemu_ends {
	struct qemu_fds fds;
	int error_output;
};

static void qemu_ends_close(struct qemu_ends *ends)
{
	const int all[] = { ends->fds.kernel, ends->fds.console, ends->fds.ctl,
			    ends->fds.log,    ends->fds.tty,	 ends->fds.qmp,
			    ends->fds.disk,   ends->fds.nic,	 ends->error_output };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
}
#define auto_qemu_ends __attribute__((cleanup(qemu_ends_close)))

/* Opened here, so that a kernel removed from the store meanwhile still boots. */
static int open_kernel(const struct vm_config *config, int *ret_fd, struct ktstr_error *error)
{
	int fd = open(config->kernel, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ktstr_error_set(error, -errno, "kernel '%s': %s", config->kernel,
				       strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int open_channels(const struct vm_config *config, struct vm *vm, struct qemu_ends *ends,
			 struct ktstr_error *error)
{
	auto_close int qmp = -1;
	int err = channel_pair(&vm->fds[CTL], &ends->fds.ctl, error);

	if (!err)
		err = channel_pair(&vm->fds[LOG], &ends->fds.log, error);
	if (!err)
		err = channel_pair(&vm->fds[CONSOLE], &ends->fds.console, error);
	if (!err && config->tty)
		err = channel_pair(&vm->fds[TTY], &ends->fds.tty, error);
	if (!err)
		err = channel_pair(&vm->fds[QEMU_STDERR], &ends->error_output, error);
	if (!err)
		err = channel_pair(&qmp, &ends->fds.qmp, error);
	if (!err)
		err = qmp_new(&qmp, &vm->qmp, error);
	return err;
}

/* The other ends of the devices are the host's kernel. */
static int open_devices(const struct vm_devices *devices, struct qemu_fds *fds,
			struct ktstr_error *error)
{
	int err = devices->disk_mib ? vm_disk_open(devices->disk_mib, &fds->disk, error) : 0;

	if (!err && devices->network)
		err = vm_nic_open(&fds->nic, error);
	return err;
}

#define INHERITED_MAX 11

/* The descriptors that QEMU gets, into inherited; returns how many. */
static size_t list_inherited(const struct qemu_fds *fds, int inherited[INHERITED_MAX])
{
	const int all[INHERITED_MAX] = { fds->kernel, fds->initrd, fds->console, fds->ctl,
					 fds->log,    fds->qmp,	   fds->tty,	 fds->ram,
					 fds->state,  fds->disk,   fds->nic };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			inherited[count++] = all[i];
	return count;
}

static int start_qemu(const struct vm_config *config, struct vm *vm, const struct qemu_ends *ends,
		      struct ktstr_error *error)
{
	int inherited[INHERITED_MAX];
	struct process_spec spec = { .inherited = inherited,
				     .inherited_count = list_inherited(&ends->fds, inherited),
				     .stdout_fd = ends->error_output,
				     .stderr_fd = ends->error_output };
	auto_argv struct argv argv = { 0 };
	auto_free char *cmdline = NULL;
	int err = 0;

	if (vm_start_boots(config->start))
		err = kernel_cmdline_build(config, &cmdline, error);
	if (err)
		return err;
	qemu_command_build(config, &ends->fds, cmdline, &argv);
	if (argv.failed)
		return ktstr_error_set(error, -ENOMEM, "VM: no memory");
	spec.argv = (const char *const *)argv.items;
	err = process_spawn(&spec, &vm->qemu, error);
	if (err == -ENOENT)
		return ktstr_error_set(error, err,
				       "'%s' not found: install qemu-system-x86, or run "
				       "scripts/setup",
				       config->qemu->path);
	return err;
}

int vm_boot(const struct vm_config *config, struct vm **ret_vm, struct ktstr_error *error)
{
	auto_qemu_ends struct qemu_ends ends = { .fds = QEMU_FDS_NONE, .error_output = -1 };
	uint64_t begin_ns = clock_now_ns();
	int err = qemu_command_check(config, error);

	if (err)
		return err;
	auto_vm struct vm *vm = vm_new(error);
	if (!vm)
		return -ENOMEM;
	if (config->start != VM_START_BOOT) {
		ends.fds.ram = config->ram_fd;
		ends.fds.state = config->state_fd;
	}
	if (vm_start_boots(config->start)) {
		ends.fds.initrd = initramfs_fd(config->initramfs);
		err = open_kernel(config, &ends.fds.kernel, error);
	}
	if (!err)
		err = open_channels(config, vm, &ends, error);
	if (!err)
		err = open_devices(&config->devices, &ends.fds, error);
	if (!err)
		err = start_qemu(config, vm, &ends, error);
	if (err)
		return err;
	vm->state_fd = ends.fds.state;
	vm->times = (struct vm_times){ .begin_ns = begin_ns, .started_ns = clock_now_ns() };
	*ret_vm = take_pointer(vm);
	return 0;
}

int vm_watch(struct vm *vm, int fd)
{
	if (vm->watched_count == VM_WATCHED_MAX)
		return -ENOSPC;
	vm->watched[vm->watched_count++] = fd;
	return 0;
}

int vm_send(struct vm *vm, enum message_type type, const void *payload, size_t length,
	    uint64_t deadline_ns, struct ktstr_error *error)
{
	int err;

	if (vm->fds[CTL] < 0)
		return ktstr_error_set(error, -EPIPE, "send %s: %s", message_type_str(type),
				       vm_end_text(vm));
	err = frame_write(vm->fds[CTL], type, payload, length, deadline_ns, error);
	return err ? ktstr_error_wrap(error, err, "send %s", message_type_str(type)) : 0;
}

int vm_send_json(struct vm *vm, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		 struct ktstr_error *error)
{
	int err;

	if (vm->fds[CTL] < 0)
		return ktstr_error_set(error, -EPIPE, "send %s: %s", message_type_str(type),
				       vm_end_text(vm));
	err = message_write(vm->fds[CTL], type, payload, deadline_ns, error);
	return err ? ktstr_error_wrap(error, err, "send %s", message_type_str(type)) : 0;
}

long vm_tty_write(struct vm *vm, const void *data, size_t size)
{
	ssize_t taken = vm->fds[TTY] < 0 ? -1 : send(vm->fds[TTY], data, size, MSG_NOSIGNAL);

	return taken >= 0 ? taken : vm->fds[TTY] < 0 ? -EPIPE : -errno;
}

json_int_t vm_next_id(struct vm *vm)
{
	return ++vm->last_id;
}

struct qmp *vm_qmp(struct vm *vm)
{
	return vm->qmp;
}

struct console *vm_console(struct vm *vm)
{
	return vm->console;
}

pid_t vm_qemu_pid(const struct vm *vm)
{
	return vm->qemu.pid;
}

bool vm_powered_off(const struct vm *vm)
{
	return vm->ended && strcmp(vm->shutdown_reason, "guest-shutdown") == 0;
}

bool vm_killed(const struct vm *vm)
{
	return vm->ended && vm->end.signaled;
}

/* QEMU's reasons for a SHUTDOWN in our words; NULL: it fell over without announcing it. */
static const char *shutdown_text(const char *reason)
{
	static const struct {
		const char *reason, *text;
	} texts[] = {
		{ "guest-shutdown", "the guest powered off" },
		{ "guest-reset", "the guest reset itself" },
		{ "guest-panic", "the guest panicked" },
		{ "host-signal", "QEMU was asked to stop by a signal" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(reason, texts[i].reason) == 0)
			return texts[i].text;
	return NULL;
}

const char *vm_end_text(struct vm *vm)
{
	const char *known = shutdown_text(vm->shutdown_reason), *last = vm->complaint;
	size_t length = vm->complaint_length;

	if (!vm->ended) {
		/* A closed channel is seen before the end of the process. */
		return "QEMU is running";
	}
	if (known)
		return known;
	while (length && vm->complaint[length - 1] == '\n')
		vm->complaint[--length] = '\0';
	if (strrchr(last, '\n'))
		last = strrchr(last, '\n') + 1;
	snprintf(vm->end_text, sizeof(vm->end_text), "QEMU %s %d%s%s",
		 vm->end.signaled ? "was killed by signal" : "ended with exit code", vm->end.value,
		 *last ? ": " : "", last);
	return vm->end_text;
}

const struct vm_times *vm_times(const struct vm *vm)
{
	return &vm->times;
}
