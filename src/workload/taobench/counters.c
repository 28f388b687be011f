// SPDX-License-Identifier: GPL-2.0-only
/* Sums of counters, and the rates they come to. */
#include <ktstr/taobench.h>

static void add(uint64_t *to, uint64_t value)
{
	if (__builtin_add_overflow(*to, value, to))
		*to = UINT64_MAX;
}

void ktstr_taobench_merge(struct ktstr_taobench_counters *counters,
			  const struct ktstr_taobench_counters *other)
{
	add(&counters->get_cmds, other->get_cmds);
	add(&counters->get_misses, other->get_misses);
	add(&counters->fast_ops, other->fast_ops);
	add(&counters->slow_ops, other->slow_ops);
	if (other->elapsed_ns > counters->elapsed_ns)
		counters->elapsed_ns = other->elapsed_ns;
}

static double quotient(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

void ktstr_taobench_rates(const struct ktstr_taobench_counters *counters,
			  struct ktstr_taobench_rates *ret_rates)
{
	double seconds = (double)counters->elapsed_ns / 1e9;
	double fast = (double)counters->fast_ops, slow = (double)counters->slow_ops;
	double hits = (double)counters->get_cmds - (double)counters->get_misses;

	*ret_rates = (struct ktstr_taobench_rates){
		.total_qps = quotient(fast + slow, seconds),
		.fast_qps = quotient(fast, seconds),
		.slow_qps = quotient(slow, seconds),
		.hit_ratio = quotient(fast, fast + slow),
		.hit_rate = quotient(hits, (double)counters->get_cmds),
	};
}
