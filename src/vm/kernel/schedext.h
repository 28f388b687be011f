/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

/* Whether a kernel takes sched_ext schedulers. */
struct sched_ext_support {
	bool compiled_in;
	bool usable;
	char reason[256]; /* why it is not usable; "" when it is */
};

/*
 * Judge by the build's configuration (NULL: not known, the BTF decides) and its BTF (NULL: none).
 *
 * Usable means compiled in, and a scheduler built against the documented kfuncs will load. The
 * verifier matches a scheduler's declarations with the BTF. From 7.0 on kfuncs marked
 * KF_IMPLICIT_ARGS end in a struct bpf_prog_aux pointer that the verifier passes itself:
 * resolve_btfids must hide it by moving the real prototype to NAME_impl. Where that did not
 * happen (seen in 7.2.12 of trixie-backports, for 21 kfuncs), every scheduler fails to load with
 * "func_proto incompatible with vmlinux".
 */
int sched_ext_judge(const char *config, const void *btf, size_t btf_size,
		    struct sched_ext_support *ret_support,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
