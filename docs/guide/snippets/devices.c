// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

KTSTR_TEST(writes_to_a_disk, .disk_mib = 64, .network = true, .duration_ms = 500)
{
	const char text[] = "every test finds its disk empty";
	int disk = open("/dev/vda", O_RDWR | O_CLOEXEC);
	char first = 'x';

	if (disk < 0 || pread(disk, &first, 1, 0) != 1 || first)
		ktstr_fail(ctx, "no empty disk");
	else if (pwrite(disk, text, sizeof(text), 0) != sizeof(text) || fdatasync(disk))
		ktstr_fail(ctx, "the disk does not take what is written");
	close(disk);
	return 0;
}
