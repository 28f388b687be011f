// SPDX-License-Identifier: GPL-2.0-only
/* What a child takes over of its parent's signals: nothing. */
#include <signal.h>
#include <stddef.h>

#include "base/signals.h"

void signals_reset(void)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };

	/* Fails for SIGKILL and SIGSTOP, as it should. */
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &by_default, NULL);
}
