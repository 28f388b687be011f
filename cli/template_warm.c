// SPDX-License-Identifier: GPL-2.0-only
/* ktstr template warm: templates before somebody waits for them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/stop.h"
#include "cli/template_warm.h"
#include "runner/env.h"
#include "runner/plan.h"
#include "runner/warm.h"

struct guests {
	struct warm_guest *items;
	size_t count;
};

static void guests_release(struct guests *guests)
{
	free(guests->items);
}
#define auto_guests __attribute__((cleanup(guests_release)))

static void binary_release(struct test_binary *binary)
{
	test_binary_release(binary);
}
#define auto_binary __attribute__((cleanup(binary_release)))

static bool is_same(const struct warm_guest *a, const struct warm_guest *b)
{
	return a->memory_mib == b->memory_mib && a->devices.disk_mib == b->devices.disk_mib &&
	       a->devices.network == b->devices.network &&
	       a->topology.numa_nodes == b->topology.numa_nodes &&
	       a->topology.llcs == b->topology.llcs && a->topology.cores == b->topology.cores &&
	       a->topology.threads == b->topology.threads;
}

static int add_guest(struct guests *guests, const struct warm_guest *guest,
		     struct ktstr_error *error)
{
	struct warm_guest *grown;

	for (size_t i = 0; i < guests->count; i++)
		if (is_same(&guests->items[i], guest))
			return 0;
	grown = reallocarray(guests->items, guests->count + 1, sizeof(*grown));
	if (!grown)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu guests", guests->count);
	guests->items = grown;
	grown[guests->count++] = *guest;
	return 0;
}

static int add_binary(const struct template_warm_config *config, const char *file, int stop_fd,
		      struct guests *guests, struct ktstr_error *error)
{
	const struct plan_overrides overrides = { .topology = config->topology };
	auto_binary struct test_binary binary = { 0 };
	int err = test_binary_open(file, stop_fd, &binary, error);

	for (size_t i = 0; !err && i < binary.tests_count; i++) {
		struct test_plan plan;

		err = test_plan_make(&binary, &binary.tests[i], &overrides, &plan, error);
		if (!err)
			err = add_guest(guests,
					&(struct warm_guest){ plan.topology, plan.test->memory_mib,
							      plan.test->devices },
					error);
	}
	return err;
}

static int add_only_guest(const struct template_warm_config *config, struct guests *guests,
			  struct ktstr_error *error)
{
	struct warm_guest guest = { .memory_mib = config->memory_mib };
	int err;

	ktstr_topology_resolve(&guest.topology, NULL);
	if (config->topology) {
		err = ktstr_topology_parse(config->topology, &guest.topology, error);
		if (err)
			return ktstr_error_wrap(error, err, "option --topology");
	}
	return add_guest(guests, &guest, error);
}

static int collect(const struct template_warm_config *config, int stop_fd, struct guests *guests,
		   struct ktstr_error *error)
{
	int err = 0;

	if (!config->files_count)
		return add_only_guest(config, guests, error);
	for (size_t i = 0; !err && i < config->files_count; i++)
		err = add_binary(config, config->files[i], stop_fd, guests, error);
	return err;
}

static void print_notice(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "ktstr template warm: %s\n", text);
}

static int warm(const struct vm_env *vm_env, const struct session_env *env,
		const struct warm_guest *guest, struct ktstr_error *error)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];
	struct warmed warmed;
	int err = vm_env_check_devices(vm_env, &guest->devices, error);

	if (!err)
		err = session_warm(env, guest, &warmed, error);
	ktstr_topology_format(&guest->topology, topology);
	if (err)
		return ktstr_error_wrap(error, err, "no template for %s", topology);
	printf("%s for %s %s\n", warmed.template, topology,
	       warmed.made ? "made" : "is there already");
	fflush(stdout);
	return 0;
}

static int warm_all(const struct vm_env *vm_env, int stop_fd, const struct guests *guests,
		    struct ktstr_error *error)
{
	const struct session_env env = {
		.qemu = &vm_env->qemu,
		.accel = &vm_env->accel,
		.kernel = vm_env->kernel->boot,
		.initramfs = vm_env->initramfs,
		.stop_fd = stop_fd,
		.templates = vm_env->templates,
		.notice = print_notice,
	};
	int err = 0;

	if (!env.templates)
		return ktstr_error_set(error, -EINVAL, TEMPLATE_BUDGET_ENV " is 0: none is kept");
	for (size_t i = 0; !err && i < guests->count; i++)
		err = warm(vm_env, &env, &guests->items[i], error);
	return err;
}

int template_warm(const struct template_warm_config *config, struct ktstr_error *error)
{
	const struct vm_env_config wanted = {
		.kernel = config->kernel,
		.accel = (enum accel_kind)config->accel,
		.templates = true,
	};
	auto_guests struct guests guests = { 0 };
	auto_close int stop_fd = -1;
	struct vm_env env = { 0 };
	int err = stop_open(&stop_fd, error);

	if (!err)
		err = collect(config, stop_fd, &guests, error);
	if (!err)
		err = vm_env_open(&wanted, &env, error);
	if (!err)
		err = warm_all(&env, stop_fd, &guests, error);
	vm_env_close(&env);
	return err;
}
