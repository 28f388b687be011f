// SPDX-License-Identifier: GPL-2.0-only
/* What a test may ask of its context and add to its verdict. */
#include <errno.h>
#include <stdarg.h>

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
