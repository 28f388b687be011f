// SPDX-License-Identifier: GPL-2.0-only
/* Boots as ktstr does them, with its agent and with the trivial init. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "marker.h"
#include "vm/vm.h"
#include "ways.h"

#define CONSOLE_LINES 8 /* of a guest that hangs */

struct boot {
	struct vm *vm;
	uint64_t up_ns; /* 0: not yet */
	bool ended;
};

static int ask_to_power_off(struct boot *boot, uint64_t deadline_ns, struct ktstr_error *error)
{
	json_t *message = json_pack("{s:I}", "id", vm_next_id(boot->vm));
	int err;

	if (!message)
		return ktstr_error_set(error, -ENOMEM, "no memory for a request");
	err = vm_send_json(boot->vm, MESSAGE_POWER_OFF, message, deadline_ns, error);
	json_decref(message);
	return err;
}

static int handle(struct boot *boot, const struct vm_event *event, uint64_t deadline_ns,
		  struct ktstr_error *error)
{
	if (event->kind == VM_EVENT_TIMEOUT)
		return ktstr_error_set(error, -ETIMEDOUT,
				       "the guest %s within %d ms, last on its console: %.600s",
				       boot->up_ns ? "came, but did not go" : "did not come",
				       BENCH_LIMIT_MS,
				       console_tail(vm_console(boot->vm), CONSOLE_LINES));
	if (event->kind == VM_EVENT_EXIT)
		boot->ended = true;
	if (boot->up_ns)
		return 0;
	if (event->kind == VM_EVENT_CONSOLE && strstr(event->line, BENCH_MARKER))
		boot->up_ns = clock_now_ns();
	if (event->kind == VM_EVENT_CTL && event->frame.type == MESSAGE_HELLO) {
		boot->up_ns = clock_now_ns();
		return ask_to_power_off(boot, deadline_ns, error);
	}
	return 0;
}

static int boot_with(const struct bench *bench, const struct initramfs *initramfs,
		     struct boot_times *ret_times, struct ktstr_error *error)
{
	const struct vm_config config = {
		.topology = bench->topology,
		.memory_mib = bench->memory_mib,
		.qemu = &bench->env.qemu,
		.accel = &bench->env.accel,
		.kernel = bench->env.kernel->boot,
		.initramfs = initramfs,
	};
	uint64_t begin_ns = clock_now_ns(), deadline_ns = clock_deadline_ms(BENCH_LIMIT_MS);
	struct boot boot = { 0 };
	int err = vm_boot(&config, &boot.vm, error);

	while (!err && !boot.ended) {
		struct vm_event event;

		vm_poll(boot.vm, deadline_ns, &event);
		err = handle(&boot, &event, deadline_ns, error);
	}
	if (!err && !boot.up_ns)
		err = ktstr_error_set(error, -EPROTO, "no life from user space: %s",
				      vm_end_text(boot.vm));
	vm_free(boot.vm);
	if (err)
		return err;
	ret_times->up_ms = (double)(boot.up_ns - begin_ns) / NS_PER_MS;
	ret_times->end_ms = (double)(clock_now_ns() - begin_ns) / NS_PER_MS;
	return 0;
}

int boot_own_trivial(const struct bench *bench, struct boot_times *ret_times,
		     struct ktstr_error *error)
{
	return boot_with(bench, bench->trivial, ret_times, error);
}

int boot_own_agent(const struct bench *bench, struct boot_times *ret_times,
		   struct ktstr_error *error)
{
	return boot_with(bench, bench->env.initramfs, ret_times, error);
}
