// SPDX-License-Identifier: GPL-2.0-only
/* Choose between KVM and TCG, and say why. */
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "vm/accel.h"

#define CPUINFO_MAX (16u << 20) /* 1.5 KiB a CPU */

static const char *const kind_names[] = {
	[ACCEL_AUTO] = "auto",
	[ACCEL_KVM] = "kvm",
	[ACCEL_TCG] = "tcg",
};

const char *accel_kind_str(enum accel_kind kind)
{
	return kind_names[kind];
}

int accel_parse(const char *text, enum accel_kind *ret_kind, struct ktstr_error *error)
{
	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
		if (strcmp(text, kind_names[i]) == 0) {
			*ret_kind = (enum accel_kind)i;
			return 0;
		}
	}
	return ktstr_error_set(error, -EINVAL, "accelerator '%s' is none of kvm, tcg, auto", text);
}

static bool has_word(const char *line, const char *end, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; at + length <= end; at++)
		if (memcmp(at, word, length) == 0 && (at == line || at[-1] == ' ') &&
		    (at + length == end || at[length] == ' '))
			return true;
	return false;
}

bool accel_cpuinfo_has_virtualization(const char *cpuinfo)
{
	for (const char *line = cpuinfo; *line;) {
		const char *end = strchrnul(line, '\n');

		/* "vmx flags" lists sub-features and is another line. */
		if (strncmp(line, "flags", 5) == 0 &&
		    (has_word(line, end, "vmx") || has_word(line, end, "svm")))
			return true;
		line = *end ? end + 1 : end;
	}
	return false;
}

static int kvm_works(struct ktstr_error *error)
{
	auto_free char *cpuinfo = NULL;
	int err = file_read(AT_FDCWD, "/proc/cpuinfo", CPUINFO_MAX, &cpuinfo, NULL, error);

	if (err)
		return err;
	if (!accel_cpuinfo_has_virtualization(cpuinfo))
		return ktstr_error_set(error, -ENODEV, "no vmx/svm in /proc/cpuinfo");
	return kvm_probe(error);
}

int accel_choose(enum accel_kind wish, const struct qemu *qemu, struct accel *ret_accel,
		 struct ktstr_error *error)
{
	struct ktstr_error why = { 0 };
	struct accel accel = { .kind = ACCEL_TCG };

	if (wish != ACCEL_TCG && kvm_works(&why) == 0)
		accel = (struct accel){ .kind = ACCEL_KVM, .parallel = true };
	else if (wish == ACCEL_KVM)
		return ktstr_error_set(error, -ENODEV,
				       "--accel kvm: KVM does not work here: %s; use "
				       "--accel tcg",
				       why.text);
	if (accel.kind == ACCEL_TCG) {
		/*
		 * Older ones corrupt multi-threaded guests that patch their own text (2 of 25 boots
		 * at 4 vCPUs died on 7.2; fixed by commit deba78709a).
		 */
		accel.parallel = qemu_at_least(qemu, 8, 1);
		snprintf(accel.reason, sizeof(accel.reason), "%s%s%s",
			 wish == ACCEL_TCG ? "asked for" : why.text,
			 accel.parallel ? "" : "; one thread: ",
			 accel.parallel ? "" : "QEMU before 8.1");
	}
	*ret_accel = accel;
	return 0;
}
