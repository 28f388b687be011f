/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/error.h>

#include "vm/qemu.h"

/* What runs the guest's instructions: hardware (KVM) or QEMU's translator (TCG). */
enum accel_kind {
	ACCEL_AUTO, /* KVM where it works, else TCG */
	ACCEL_KVM,
	ACCEL_TCG,
};

struct accel {
	enum accel_kind kind; /* never ACCEL_AUTO */
	bool parallel;	      /* vCPUs run at the same time */
	char reason[1088];    /* why not KVM, why one thread; "" when there is nothing to explain */
};

/* "auto", "kvm", "tcg". */
int accel_parse(const char *text, enum accel_kind *ret_kind,
		struct ktstr_error *error) KTSTR_MUST_CHECK;
const char *accel_kind_str(enum accel_kind kind);

/*
 * Decide once for all VMs of a run. KVM needs a CPU with vmx or svm, a /dev/kvm that opens and a
 * probe guest that runs: nested machines exist where only the last one fails. Asking for ACCEL_KVM
 * where it does not work is -ENODEV with the reason.
 */
int accel_choose(enum accel_kind wish, const struct qemu *qemu, struct accel *ret_accel,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Do the flags lines of a /proc/cpuinfo text name vmx or svm? */
bool accel_cpuinfo_has_virtualization(const char *cpuinfo);

/* Run two instructions of a one-page guest under KVM. 0, or -errno and the step that failed. */
int kvm_probe(struct ktstr_error *error) KTSTR_MUST_CHECK;
