// SPDX-License-Identifier: GPL-2.0-only
/* Whether a kernel brings a driver, from its modules and its configuration. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "vm/kernel/driver.h"
#include "vm/kernel/modinfo.h"

#define CONFIG_LIMIT_BYTES (4U << 20) /* an allyesconfig: 350 kB */

static bool is_among(const struct module_set *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (!strcmp(modules->names[i], name))
			return true;
	return false;
}

/* The value of option in config, 'y' or 'm'; 'n': not set. */
static char option_value(const char *config, const char *option)
{
	size_t length = strlen(option);

	for (const char *line = config; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, option, length) && line[length] == '=')
			return line[length + 1];
	return 'n';
}

static int explain_module(const struct kernel_entry *kernel, const char *module,
			  struct ktstr_error *error)
{
	if (!kernel->dir)
		return ktstr_error_set(error, -ENODEV,
				       "kernel '%s' has %s as a module, which a kernel used by its "
				       "path is without; 'ktstr kernel add %s' takes both into the "
				       "store",
				       kernel->ref, module, kernel->ref);
	return ktstr_error_set(error, -ENODEV,
			       "kernel '%s' has %s as a module, which its entry in the store is "
			       "without; run 'ktstr kernel rm %s' and fetch or add it again",
			       kernel->ref, module, kernel->ref);
}

int kernel_driver_check(const struct kernel_entry *kernel, const char *module,
			struct ktstr_error *error)
{
	char option[sizeof("CONFIG_") + MODULE_NAME_MAX];
	auto_free char *config = NULL;
	int length = snprintf(option, sizeof(option), "CONFIG_%s", module), err;

	if (is_among(&kernel->modules, module) || !kernel->config)
		return 0;
	for (int i = 0; i < length && option[i]; i++)
		option[i] = (char)toupper((unsigned char)option[i]);
	err = file_read(AT_FDCWD, kernel->config, CONFIG_LIMIT_BYTES, &config, NULL, error);
	if (err)
		return err;
	switch (option_value(config, option)) {
	case 'y':
		return 0;
	case 'm':
		return explain_module(kernel, module, error);
	default:
		return ktstr_error_set(error, -ENODEV,
				       "kernel '%s' is built without %s; choose another with "
				       "--kernel",
				       kernel->ref, option);
	}
}
