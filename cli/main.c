// SPDX-License-Identifier: GPL-2.0-only
/* ktstr, the tool. */
#include <stdio.h>

#include "cli/command.h"

int main(int argc, char **argv)
{
	int status = cli_run(argc, argv);

	/* What could not be written was not said: a full disk must not look like a pass. */
	if (fflush(stdout) || ferror(stdout))
		return cli_error("ktstr", "cannot write to standard output");
	return status;
}
