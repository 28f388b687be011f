// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"
#include "vm/kernel/driver.h"

static char config_path[] = "/tmp/ktstr-unit-driver-XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(config_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(config_path);
}

static const struct {
	const char *name, *config; /* NULL: not known */
	const char *modules[2];
	char *dir;	  /* NULL: used by path */
	const char *says; /* NULL: it has the driver */
} cases[] = {
	{ "a module of the entry",
	  "CONFIG_VIRTIO_BLK=m\n",
	  { "failover", "virtio_blk" },
	  (char *)"/store/6.1",
	  NULL },
	{ "built in", "CONFIG_VIRTIO=y\nCONFIG_VIRTIO_BLK=y\n", { 0 }, NULL, NULL },
	{ "no configuration", NULL, { 0 }, NULL, NULL },
	{ "an entry made without modules",
	  "CONFIG_VIRTIO_BLK=m\n",
	  { "failover" },
	  (char *)"/store/6.1",
	  "'ktstr kernel rm 6.1' and fetch or add it again" },
	{ "a path", "CONFIG_VIRTIO_BLK=m\n", { 0 }, NULL, "'ktstr kernel add 6.1' takes both" },
	{ "left out",
	  "# CONFIG_VIRTIO_BLK is not set\n",
	  { 0 },
	  NULL,
	  "built without CONFIG_VIRTIO_BLK; choose another" },
	{ "longer names",
	  "CONFIG_VIRTIO_BLK_MORE=y\nNO_CONFIG_VIRTIO_BLK=y\n",
	  { "virtio_blk2" },
	  NULL,
	  "built without CONFIG_VIRTIO_BLK" },
	{ "an empty configuration", "", { 0 }, NULL, "built without CONFIG_VIRTIO_BLK" },
};

static void kernel_driver_check_looks_at_modules_then_configuration(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct kernel_entry kernel = { .ref = (char *)"6.1", .dir = cases[i].dir };
		struct ktstr_error error = { 0 };
		int err;

		kernel.modules.names = (char **)(uintptr_t)cases[i].modules;
		while (kernel.modules.count < 2 && cases[i].modules[kernel.modules.count])
			kernel.modules.count++;
		if (cases[i].config) {
			FILE *stream = fopen(config_path, "we");

			fputs(cases[i].config, stream);
			fclose(stream);
			kernel.config = config_path;
		}
		err = kernel_driver_check(&kernel, "virtio_blk", &error);
		if (err != (cases[i].says ? -ENODEV : 0))
			fail_msg("%s: %d '%s'", cases[i].name, err, error.text);
		if (cases[i].says)
			assert_contains(error.text, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_driver_check_looks_at_modules_then_configuration),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
