// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "vm/devices.h"

static void vm_devices_check_names_the_limit(void **state)
{
	const struct vm_devices none = { 0 }, largest = { .disk_mib = VM_DISK_MAX_MIB };
	const struct vm_devices large = { .disk_mib = VM_DISK_MAX_MIB + 1 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(vm_devices_check(&none, NULL), 0);
	assert_int_equal(vm_devices_check(&largest, NULL), 0);
	assert_int_equal(vm_devices_check(&large, &error), -ERANGE);
	assert_string_equal(error.text, "disk of 65537 MiB out of range 1..=65536 MiB");
}

static void vm_disk_open_gives_zeroes_without_a_name(void **state)
{
	struct stat st;
	char byte = 'x';
	int fd;

	(void)state;
	assert_int_equal(vm_disk_open(VM_DISK_MAX_MIB, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_true(st.st_size == (off_t)VM_DISK_MAX_MIB << 20);
	assert_int_equal(st.st_blocks, 0); /* nothing is taken before something is written */
	assert_int_equal(pread(fd, &byte, 1, st.st_size - 1), 1);
	assert_int_equal(byte, 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void vm_nic_open_hands_back_what_is_sent(void **state)
{
	const char *const frames[] = { "first", "second", "third" };
	char frame[16];
	int fd, other;

	(void)state;
	assert_int_equal(vm_nic_open(&fd, NULL), 0);
	assert_int_equal(vm_nic_open(&other, NULL), 0);
	for (size_t i = 0; i < COUNT(frames); i++)
		assert_int_equal(send(fd, frames[i], strlen(frames[i]), MSG_DONTWAIT),
				 strlen(frames[i]));
	for (size_t i = 0; i < COUNT(frames); i++) {
		assert_int_equal(recv(fd, frame, sizeof(frame), MSG_DONTWAIT), strlen(frames[i]));
		assert_memory_equal(frame, frames[i], strlen(frames[i]));
	}
	/* And to nobody else. */
	assert_int_equal(recv(other, frame, sizeof(frame), MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(other);
	close(fd);
}

/* QEMU waits instead of losing frames or memory. */
static void vm_nic_open_takes_no_more_than_its_buffer(void **state)
{
	static const char frame[1514];
	unsigned sent = 0;
	char back[2048];
	int fd;

	(void)state;
	assert_int_equal(vm_nic_open(&fd, NULL), 0);
	while (sent < 1000000 && send(fd, frame, sizeof(frame), MSG_DONTWAIT) == sizeof(frame))
		sent++;
	assert_int_equal(errno, EAGAIN);
	assert_in_range(sent, 8, 999999);
	for (unsigned i = 0; i < sent; i++)
		assert_int_equal(recv(fd, back, sizeof(back), MSG_DONTWAIT), sizeof(frame));
	assert_int_equal(send(fd, frame, sizeof(frame), MSG_DONTWAIT), sizeof(frame));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vm_devices_check_names_the_limit),
		cmocka_unit_test(vm_disk_open_gives_zeroes_without_a_name),
		cmocka_unit_test(vm_nic_open_hands_back_what_is_sent),
		cmocka_unit_test(vm_nic_open_takes_no_more_than_its_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
