// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include <ktstr/error.h>

#include "unit.h"

static void error_set_returns_the_code_and_keeps_errno(void **state)
{
	struct ktstr_error error = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_int_equal(ktstr_error_set(&error, -ERANGE, "weight %d", 5), -ERANGE);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(error.code, -ERANGE);
	assert_string_equal(error.text, "weight 5");
}

static void error_wrap_puts_context_in_front(void **state)
{
	struct ktstr_error error = { 0 };
	int err = ktstr_error_set(&error, -EPERM, "inner");

	(void)state;
	assert_int_equal(ktstr_error_wrap(&error, err, "step %d", 2), -EPERM);
	assert_string_equal(error.text, "step 2: inner");
	assert_int_equal(error.code, -EPERM);
}

static void error_works_without_an_object(void **state)
{
	(void)state;
	assert_int_equal(ktstr_error_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(ktstr_error_wrap(NULL, -EIO, "y"), -EIO);
}

static void error_text_too_long_is_cut_visibly(void **state)
{
	struct ktstr_error error = { 0 };
	char huge[4000];

	(void)state;
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	ktstr_error_set(&error, -EIO, "%s", huge);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_string_equal(error.text + strlen(error.text) - 4, "a...");
	ktstr_error_wrap(&error, -EIO, "outer");
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_memory_equal(error.text, "outer: aaa", 10);
	assert_string_equal(error.text + strlen(error.text) - 3, "...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_set_returns_the_code_and_keeps_errno),
		cmocka_unit_test(error_wrap_puts_context_in_front),
		cmocka_unit_test(error_works_without_an_object),
		cmocka_unit_test(error_text_too_long_is_cut_visibly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
