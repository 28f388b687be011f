// SPDX-License-Identifier: GPL-2.0-only
/* Which template fits a guest. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "vm/initramfs.h"
#include "vm/kernel_cmdline.h"
#include "vm/qemu_command.h"
#include "vm/template_key.h"
#include "wire/message.h"

/* Raised when templates change in a way that no line of the key tells. */
#define KEY_FORMAT 1

/* Descriptors are numbered by chance; in a key they are all of these. */
static const struct qemu_fds any_fds = {
	.kernel = 3,
	.initrd = 4,
	.console = 5,
	.ctl = 6,
	.log = 7,
	.tty = -1,
	.qmp = 8,
	.ram = 9,
	.state = 10,
	.disk = 12,
	.nic = 13,
};

/* Not read: 60 MB take longer to hash than a template takes to restore. */
static int write_file_identity(FILE *out, const char *what, const char *path,
			       struct ktstr_error *error)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return ktstr_error_set(error, -errno, "%s '%s': %s", what, path, strerror(errno));
	fprintf(out, "%s %ju:%ju %jd bytes %jd.%09ld\n", what, (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino, (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
	return 0;
}

static int write_qemu(FILE *out, const struct qemu *qemu, struct ktstr_error *error)
{
	char path[PATH_MAX];
	int err = qemu_find(qemu->path, path, error);

	if (err)
		return err;
	fprintf(out, "version %u.%u\n", qemu->major, qemu->minor);
	return write_file_identity(out, "qemu", path, error);
}

/*
 * The guest's clock counts in this processor's ticks and KVM guests see its features: both are in
 * the first processor's lines. Those that measure a moment are left out.
 */
static int write_processor(FILE *out, struct ktstr_error *error)
{
	static const char *const kept[] = { "model name", "cpu family", "model\t", "stepping",
					    "flags" };
	auto_close int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	char text[8192], *rest = text, *line;
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (got < 0)
		return ktstr_error_set(error, -errno, "read '/proc/cpuinfo': %s", strerror(errno));
	text[got] = '\0';
	while ((line = strsep(&rest, "\n")) && *line)
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
			if (strncmp(line, kept[i], strlen(kept[i])) == 0)
				fprintf(out, "cpu %s\n", line);
	return 0;
}

static void write_guest_files(FILE *out, const struct guest_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		fprintf(out, "file %s %o %" PRIu64 " bytes %016" PRIx64 "\n",
			files->items[i].guest_path, files->items[i].mode, files->items[i].size,
			files->items[i].hash);
}

static int write_command(FILE *out, const struct vm_config *config, struct ktstr_error *error)
{
	struct vm_config drafted = *config;
	struct qemu_fds fds = any_fds;
	auto_argv struct argv argv = { 0 };
	auto_free char *cmdline = NULL;
	int err = kernel_cmdline_build(config, &cmdline, error);

	if (err)
		return err;
	drafted.start = VM_START_DRAFT;
	fds.tty = config->tty ? 11 : -1;
	qemu_command_build(&drafted, &fds, cmdline, &argv);
	if (argv.failed)
		return ktstr_error_set(error, -ENOMEM, "no memory");
	for (size_t i = 0; i < argv.count; i++)
		fprintf(out, "argument %s\n", argv.items[i]);
	return 0;
}

static int write_key(FILE *out, const struct vm_config *config, struct ktstr_error *error)
{
	int err;

	fprintf(out, "format %d protocol %d\n", KEY_FORMAT, WIRE_PROTOCOL);
	err = write_qemu(out, config->qemu, error);
	if (!err)
		err = write_file_identity(out, "kernel", config->kernel, error);
	if (!err)
		err = write_processor(out, error);
	if (err)
		return err;
	write_guest_files(out, initramfs_files(config->initramfs));
	return write_command(out, config, error);
}

static void write_name(const char *text, size_t size, char name[TEMPLATE_NAME_DIGITS + 1])
{
	snprintf(name, TEMPLATE_NAME_DIGITS + 1, "%016" PRIx64, hash_bytes(text, size, 0));
}

int template_key_make(const struct vm_config *config, struct template_key *ret_key,
		      struct ktstr_error *error)
{
	struct template_key key = { 0 };
	size_t size = 0;
	FILE *out;
	int err = qemu_command_check(config, error);

	if (err)
		return err;
	if (!qemu_at_least(config->qemu, VM_START_QEMU_MAJOR, VM_START_QEMU_MINOR))
		return ktstr_error_set(error, -ENOTSUP, "QEMU %u.%u is too old, %d.%d is needed",
				       config->qemu->major, config->qemu->minor,
				       VM_START_QEMU_MAJOR, VM_START_QEMU_MINOR);
	out = open_memstream(&key.text, &size);
	if (!out)
		return ktstr_error_set(error, -errno, "template: %s", strerror(errno));
	err = write_key(out, config, error);
	if (fclose(out) != 0 && !err)
		err = ktstr_error_set(error, -ENOMEM, "template: no memory");
	if (err) {
		free(key.text);
		return err;
	}
	write_name(key.text, size, key.name);
	*ret_key = key;
	return 0;
}

/* What stays when a file is built anew: its names. */
static int write_slot(const struct template_key *base, const struct guest_files *files,
		      struct template_key *key)
{
	auto_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -errno;
	fputs(base->name, out);
	for (size_t i = 0; i < files->count; i++)
		fprintf(out, "\n%s %s", files->items[i].host_path, files->items[i].guest_path);
	if (fclose(out))
		return -ENOMEM;
	write_name(text, size, key->slot);
	return 0;
}

int template_key_derive(const struct template_key *base, const struct bundle *bundle,
			struct template_key *ret_key, struct ktstr_error *error)
{
	const struct guest_files *files = bundle_files(bundle);
	struct template_key key = { 0 };
	size_t size = 0;
	FILE *out = open_memstream(&key.text, &size);
	int err;

	if (!out)
		return ktstr_error_set(error, -errno, "template: %s", strerror(errno));
	fprintf(out, "%swaiting %s\n", base->text, files->items[0].guest_path);
	write_guest_files(out, files);
	err = fclose(out) ? -ENOMEM : write_slot(base, files, &key);
	if (err) {
		free(key.text);
		return ktstr_error_set(error, err, "template: %s", strerror(-err));
	}
	write_name(key.text, size, key.name);
	*ret_key = key;
	return 0;
}

void template_key_release(struct template_key *key)
{
	free(key->text);
	key->text = NULL;
}
