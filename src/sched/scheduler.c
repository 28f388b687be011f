// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a scheduler: load, attach, verify, detach. Finding it in its object is object.c's
 * part, what sysfs and the kernel log say is state.c's and exit_info.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sched/kmsg.h"
#include "sched/object.h"
#include "sched/scheduler.h"

#define ATTACH_TIMEOUT_MS 10000
#define DETACH_TIMEOUT_MS 10000

struct scheduler {
	const char *sysfs;
	struct libbpf_log log;
	struct scx_object object;
	struct bpf_link **links; /* the scheduler's first */
	size_t links_count;
	int kmsg_fd;
	struct scx_exit_info exit_info;
};

static int check_none_enabled(const char *sysfs, struct ktstr_error *error)
{
	char name[SCX_OPS_NAME_MAX];
	enum scx_state state;
	int err = scx_state_read(sysfs, &state, error);

	if (err || state == SCX_STATE_DISABLED)
		return err;
	err = scx_ops_read(sysfs, name, error);
	if (err)
		return err;
	return ktstr_error_set(error, -EBUSY,
			       "another scheduler '%s' is %s: one at a time, stop it first", name,
			       scx_state_str(state));
}

static int keep_link(struct scheduler *scheduler, struct bpf_link *link)
{
	struct bpf_link **grown = reallocarray(scheduler->links, scheduler->links_count + 1,
					       sizeof(struct bpf_link *));

	if (!grown) {
		bpf_link__destroy(link);
		return -ENOMEM;
	}
	scheduler->links = grown;
	scheduler->links[scheduler->links_count++] = link;
	return 0;
}

/* Probes and such that come with the scheduler; what libbpf cannot attach by itself is left. */
static int attach_programs(struct scheduler *scheduler, struct ktstr_error *error)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, scheduler->object.object)
	{
		struct bpf_link *link;

		if (bpf_program__type(program) == BPF_PROG_TYPE_STRUCT_OPS ||
		    !bpf_program__autoload(program) || !bpf_program__autoattach(program))
			continue;
		link = bpf_program__attach(program);
		if (!link && errno == EOPNOTSUPP)
			continue;
		if (!link || keep_link(scheduler, link))
			return ktstr_error_set(error, link ? -ENOMEM : -errno,
					       "attach program '%s': %s",
					       bpf_program__name(program),
					       strerror(link ? ENOMEM : errno));
	}
	return 0;
}

static int load_and_attach(struct scheduler *scheduler, const char *path, struct ktstr_error *error)
{
	struct bpf_link *link;
	int err = bpf_object__load(scheduler->object.object);

	if (err)
		return ktstr_error_set(
			error, err,
			"load '%s' into the kernel: %s (the scheduler log has the reason)", path,
			strerror(-err));
	err = kmsg_open(&scheduler->kmsg_fd, error);
	if (err)
		return err;
	link = bpf_map__attach_struct_ops(scheduler->object.map);
	if (!link)
		return ktstr_error_set(error, -errno, "attach struct_ops map '%s' of '%s': %s",
				       bpf_map__name(scheduler->object.map), path, strerror(errno));
	err = keep_link(scheduler, link);
	if (err)
		return ktstr_error_set(error, err, "attach '%s': no memory", path);
	return attach_programs(scheduler, error);
}

static void destroy_links(struct scheduler *scheduler)
{
	for (size_t i = scheduler->links_count; i > 0; i--)
		bpf_link__destroy(scheduler->links[i - 1]);
	free(scheduler->links);
	scheduler->links = NULL;
	scheduler->links_count = 0;
}

/* The kernel's lines since the attach: all to the scheduler log, the last words to exit_info. */
static void read_kernel_log(struct scheduler *scheduler)
{
	char text[KMSG_RECORD_MAX];

	if (scheduler->kmsg_fd < 0)
		return;
	while (kmsg_next(scheduler->kmsg_fd, text) == 1) {
		scx_exit_info_feed(&scheduler->exit_info, scheduler->object.ops_name, text);
		if (!scheduler->log.log || strncmp(text, "sched_ext: ", strlen("sched_ext: ")))
			continue;
		scheduler->log.log(scheduler->log.data, text, strlen(text));
		scheduler->log.log(scheduler->log.data, "\n", 1);
	}
}

/*
 * Attaching succeeds even when ops.init fails: the kernel reports that through ops.exit and its
 * log (comment in scx_root_enable, 7.2), so the log is what the user gets.
 */
static int verify_enabled(struct scheduler *scheduler, struct ktstr_error *error)
{
	const struct scx_exit_info *info;
	int err = scx_state_wait(scheduler->sysfs, SCX_STATE_ENABLED, scheduler->object.ops_name,
				 clock_deadline_ms(ATTACH_TIMEOUT_MS), error);

	if (err != -ECONNABORTED)
		return err;
	info = scheduler_exit_info(scheduler);
	if (!info->complete)
		return err;
	return ktstr_error_set(error, err, "scheduler '%s' did not stay enabled: %s%s%s",
			       scheduler->object.ops_name, info->reason,
			       info->message[0] ? ": " : "", info->message);
}

int scheduler_attach(const struct scheduler_config *config, struct scheduler **ret_scheduler,
		     struct ktstr_error *error)
{
	struct scheduler *scheduler = calloc(1, sizeof(*scheduler));
	int err;

	if (!scheduler)
		return ktstr_error_set(error, -ENOMEM, "scheduler '%s': no memory", config->object);
	scheduler->sysfs = config->sysfs ? config->sysfs : SCX_SYSFS;
	scheduler->log = config->log;
	scheduler->kmsg_fd = -1;
	scx_exit_info_init(&scheduler->exit_info);
	err = check_none_enabled(scheduler->sysfs, error);
	if (!err) {
		libbpf_log_begin(&scheduler->log);
		err = scx_object_open(config->object, config->struct_ops, &scheduler->object,
				      error);
		if (!err)
			err = load_and_attach(scheduler, config->object, error);
		libbpf_log_end();
	}
	if (!err)
		err = verify_enabled(scheduler, error);
	if (err) {
		read_kernel_log(scheduler);
		scheduler_free(scheduler);
		return err;
	}
	*ret_scheduler = scheduler;
	return 0;
}

bool scheduler_down(const struct scheduler *scheduler)
{
	enum scx_state state;

	/* Unreadable is not down: it would have been unreadable before. */
	return !scx_state_read(scheduler->sysfs, &state, NULL) && scx_state_is_down(state);
}

const struct scx_exit_info *scheduler_exit_info(struct scheduler *scheduler)
{
	if (scheduler_down(scheduler)) {
		int late = scx_state_wait(scheduler->sysfs, SCX_STATE_DISABLED,
					  scheduler->object.ops_name,
					  clock_deadline_ms(DETACH_TIMEOUT_MS), NULL);
		/* Late or not, what the log has by now is what there is to tell. */
		(void)late;
	}
	read_kernel_log(scheduler);
	return &scheduler->exit_info;
}

int scheduler_detach(struct scheduler *scheduler, struct ktstr_error *error)
{
	int err;

	libbpf_log_begin(&scheduler->log);
	destroy_links(scheduler);
	libbpf_log_end();
	err = scx_state_wait(scheduler->sysfs, SCX_STATE_DISABLED, scheduler->object.ops_name,
			     clock_deadline_ms(DETACH_TIMEOUT_MS), error);
	if (err)
		return ktstr_error_wrap(error, err, "detach");
	read_kernel_log(scheduler);
	return 0;
}

void scheduler_free(struct scheduler *scheduler)
{
	if (!scheduler)
		return;
	destroy_links(scheduler);
	scx_object_release(&scheduler->object);
	if (scheduler->kmsg_fd >= 0)
		close(scheduler->kmsg_fd);
	free(scheduler);
}
