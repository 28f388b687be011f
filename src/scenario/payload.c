// SPDX-License-Identifier: GPL-2.0-only
/* Payloads in a test: its cgroups, its verdict. */
#include "check/payload_record.h"
#include "payload/payload.h"
#include "scenario/ctx.h"

static void note(void *data, const char *text)
{
	const struct ktstr_ctx *ctx = data;

	verdict_note(ctx->verdict, "%s", text);
}

static void record(void *data, const struct ktstr_payload_result *result)
{
	const struct ktstr_ctx *ctx = data;

	verdict_take_payload(ctx->verdict, payload_record_new(result));
}

static struct payload_env payload_env(struct ktstr_ctx *ctx)
{
	return (struct payload_env){
		.cgroups = ctx->cgroups,
		.next_index = &ctx->payloads_started,
		.record = record,
		.note = note,
		.data = ctx,
	};
}

int ktstr_payload_spawn(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
			const struct ktstr_payload_options *options,
			struct ktstr_payload_run **ret_run, struct ktstr_error *error)
{
	const struct payload_env env = payload_env(ctx);

	return payload_spawn(&env, payload, options, ret_run, error);
}

int ktstr_payload_run(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
		      const struct ktstr_payload_options *options,
		      struct ktstr_payload_result **ret_result, struct ktstr_error *error)
{
	const struct payload_env env = payload_env(ctx);

	return payload_run(&env, payload, options, ret_result, error);
}

void ktstr_payload_judge(struct ktstr_ctx *ctx, const struct ktstr_payload_result *result)
{
	for (size_t i = 0; i < result->num_failures; i++)
		ktstr_fail(ctx, "payload '%s': %s", result->name, result->failures[i]);
}
