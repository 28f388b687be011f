// SPDX-License-Identifier: GPL-2.0-only
/* What a test may ask of its context and add to its verdict. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "scenario/captures.h"
#include "scenario/ctx.h"

const struct ktstr_machine *ktstr_ctx_machine(const struct ktstr_ctx *ctx)
{
	return ctx->machine;
}

struct ktstr_cgroups *ktstr_ctx_cgroups(const struct ktstr_ctx *ctx)
{
	return ctx->cgroups;
}

uint64_t ktstr_ctx_duration_ms(const struct ktstr_ctx *ctx)
{
	return ctx->duration_ms;
}

unsigned ktstr_ctx_workers_per_cgroup(const struct ktstr_ctx *ctx)
{
	return ctx->workers_per_cgroup;
}

uint64_t ktstr_ctx_settle_ms(const struct ktstr_ctx *ctx)
{
	return ctx->settle_ms;
}

unsigned ktstr_ctx_current_step(const struct ktstr_ctx *ctx)
{
	return ctx->current_step;
}

bool ktstr_ctx_captured_procs(const struct ktstr_ctx *ctx, const char *tag, const pid_t **ret_pids,
			      size_t *ret_count)
{
	const struct capture *capture = ctx->captures ? captures_find(ctx->captures, tag) : NULL;

	if (!capture)
		return false;
	*ret_pids = capture->pids;
	*ret_count = capture->count;
	return true;
}

/* A chain of what was given out; the payload lies behind the link. */
struct ctx_memory {
	struct ctx_memory *next;
	_Alignas(max_align_t) char bytes[];
};

void *ktstr_ctx_alloc(struct ktstr_ctx *ctx, size_t size)
{
	struct ctx_memory *memory;

	if (size > SIZE_MAX - sizeof(*memory))
		return NULL;
	memory = calloc(1, sizeof(*memory) + size);
	if (!memory)
		return NULL;
	memory->next = ctx->memory;
	ctx->memory = memory;
	return memory->bytes;
}

void ctx_release_memory(struct ktstr_ctx *ctx)
{
	while (ctx->memory) {
		struct ctx_memory *next = ctx->memory->next;

		free(ctx->memory);
		ctx->memory = next;
	}
}

void ktstr_fail(struct ktstr_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vadd(ctx->verdict, VERDICT_FAIL, DETAIL_OTHER, format, args);
	va_end(args);
}

void ktstr_skip(struct ktstr_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vadd(ctx->verdict, VERDICT_SKIP, DETAIL_SKIP, format, args);
	va_end(args);
}

void ktstr_note(struct ktstr_ctx *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	verdict_vnote(ctx->verdict, format, args);
	va_end(args);
}

void ktstr_judge(struct ktstr_ctx *ctx, const char *name, const struct ktstr_reports *reports,
		 const cpu_set_t *cpus)
{
	verdict_judge_cgroup(ctx->verdict, name, &ctx->check, reports, cpus);
}

int ktstr_could_not_run(struct ktstr_ctx *ctx, const struct ktstr_error *error)
{
	verdict_add(ctx->verdict, VERDICT_FAIL, DETAIL_OTHER, "%s", error->text);
	/* An error nobody set is still no success. */
	return error->code < 0 ? error->code : -EINVAL;
}
