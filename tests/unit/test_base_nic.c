// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/nic.h"
#include "unit.h"

static void write_text(const char *path, const char *text)
{
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

/* An interface below folder, as sysfs has them. */
static void add_interface(const char *folder, const char *name, bool device, const char *index,
			  const char *mac)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s/ifindex", folder, name);
	write_text(path, index);
	snprintf(path, sizeof(path), "%s/%s/address", folder, name);
	write_text(path, mac);
	snprintf(path, sizeof(path), "%s/%s/device", folder, name);
	if (device)
		assert_int_equal(mkdir(path, 0700), 0);
}

static int setup(void **state)
{
	char *folder = strdup("/tmp/ktstr-unit-nic-XXXXXX");

	*state = folder;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];
	int err;

	snprintf(command, sizeof(command), "rm -r %s", (char *)*state);
	err = system(command);
	free(*state);
	return err;
}

static void nic_find_takes_the_first_with_a_device(void **state)
{
	static const uint8_t mac[] = { 0x02, 0, 0, 0, 0, 0xaf };
	struct ktstr_error error = { 0 };
	struct nic nic;

	assert_int_equal(nic_find(*state, &nic, &error), -ENODEV);
	assert_contains(error.text, ".network = true");
	add_interface(*state, "lo", true, "1\n", "00:00:00:00:00:00\n");
	add_interface(*state, "bridge0", false, "2\n", "02:00:00:00:00:02\n");
	assert_int_equal(nic_find(*state, &nic, NULL), -ENODEV);
	add_interface(*state, "eth1", true, "4\n", "02:00:00:00:00:01\n");
	add_interface(*state, "eth0", true, "3\n", "02:00:00:00:00:aF\n");
	if (nic_find(*state, &nic, &error))
		fail_msg("%s", error.text);
	assert_string_equal(nic.name, "eth0");
	assert_int_equal(nic.index, 3);
	assert_memory_equal(nic.mac, mac, sizeof(mac));
}

static void nic_find_says_what_is_wrong_with_it(void **state)
{
	struct ktstr_error error = { 0 };
	struct nic nic;

	add_interface(*state, "ib0", true, "3\n", "80:00:00:48:fe:80:00:00\n");
	assert_int_equal(nic_find(*state, &nic, &error), -EINVAL);
	assert_contains(error.text, "/ib0'");
	assert_contains(error.text, "six hex octets");
	add_interface(*state, "eth0", true, "zero\n", "02:00:00:00:00:01\n");
	assert_int_equal(nic_find(*state, &nic, &error), -EBADMSG);
	assert_contains(error.text, "eth0/ifindex' holds 'zero'");
}

static void nic_parse_mac_takes_six_octets_alone(void **state)
{
	static const char *const refused[] = {
		"",
		"02:00:00:00:00",
		"02:00:00:00:00:01:02",
		"02:00:00:00:00:0g",
		"02-00-00-00-00-01",
		"02:00:00:00:00:001",
		"02:00:00:00:00:",
		":02:00:00:00:00:01",
		"02::00:00:00:01",
		"02:00:00:00:00:01 ",
		"+2:00:00:00:00:01",
	};
	static const uint8_t mac[] = { 0x52, 0x54, 0, 0x12, 0xab, 0xcd };
	uint8_t parsed[NIC_MAC_BYTES];

	(void)state;
	assert_int_equal(nic_parse_mac("52:54:0:12:AB:cd", parsed, NULL), 0);
	assert_memory_equal(parsed, mac, sizeof(mac));
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_error error = { 0 };

		if (nic_parse_mac(refused[i], parsed, &error) != -EINVAL)
			fail_msg("'%s' is taken", refused[i]);
		assert_contains(error.text, "no MAC address");
		assert_memory_equal(parsed, mac, sizeof(mac));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nic_find_takes_the_first_with_a_device, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nic_find_says_what_is_wrong_with_it, setup,
						teardown),
		cmocka_unit_test(nic_parse_mac_takes_six_octets_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
