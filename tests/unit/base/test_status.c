/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The status table and the error detail.
 *
 * Covers: error.c
 */
#include "../../lib/test.h"
#include "base/error.h"

#include <errno.h>

static void every_status_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < TUTTI_STATUS_COUNT; i++) {
        const char *name = tutti_status_name((tutti_status)i);
        assert_true(strlen(name) > 0 && strcmp(name, "?") != 0);
        assert_true(strlen(tutti_status_text((tutti_status)i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(name, tutti_status_name((tutti_status)j));
        }
    }
    assert_string_equal(tutti_status_name(TUTTI_OK), "ok");
    assert_string_equal(tutti_status_name(TUTTI_NOT_FOUND), "not_found");
    assert_string_equal(
        tutti_status_text(TUTTI_RANGE), "a number is out of range or would lose digits");
}

static void an_unknown_status_is_answered(void **state)
{
    (void)state;
    assert_string_equal(tutti_status_name(TUTTI_STATUS_COUNT), "?");
    assert_string_equal(tutti_status_text((tutti_status)-1), "not a status");
    assert_false(tutti_status_is_retryable(TUTTI_STATUS_COUNT));
}

static void retry_classes(void **state)
{
    (void)state;
    int retryable = 0;
    for (int i = 0; i < TUTTI_STATUS_COUNT; i++) {
        retryable += tutti_status_is_retryable((tutti_status)i) != 0;
    }
    assert_int_equal(retryable, 3);
    assert_true(tutti_status_is_retryable(TUTTI_LIMIT));
    assert_true(tutti_status_is_retryable(TUTTI_BUSY));
    assert_true(tutti_status_is_retryable(TUTTI_TIMEOUT));
}

static tutti_status try_twice(tutti_status first, int *reached)
{
    TUTTI_TRY(first);
    *reached = 1;
    return TUTTI_END;
}

static void try_returns_the_failure(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(try_twice(TUTTI_IO, &reached), TUTTI_IO);
    assert_int_equal(reached, 0);
    assert_int_equal(try_twice(TUTTI_OK, &reached), TUTTI_END);
    assert_int_equal(reached, 1);
}

static void error_holds_status_message_and_hint(void **state)
{
    (void)state;
    tt_error error;
    memset(&error, 0x55, sizeof error);
    assert_int_equal(tt_error_set(&error, TUTTI_PARSE, "%s:%d: bad", "file", 7), TUTTI_PARSE);
    assert_int_equal(error.status, TUTTI_PARSE);
    assert_string_equal(error.message, "file:7: bad");
    assert_string_equal(error.hint, "");
    tt_error_hint(&error, "write %d", 8);
    assert_string_equal(error.message, "file:7: bad");
    assert_string_equal(error.hint, "write 8");
}

static void error_may_be_absent(void **state)
{
    (void)state;
    assert_int_equal(tt_error_set(NULL, TUTTI_IO, "x"), TUTTI_IO);
    tt_error_hint(NULL, "x");
}

static void long_errors_are_cut(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    tt_error error;
    (void)tt_error_set(&error, TUTTI_IO, "%s", text);
    tt_error_hint(&error, "%s", text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(strlen(error.hint), sizeof error.hint - 1);
}

static void a_broken_invariant_aborts(void **state)
{
    (void)state;
    TT_ASSERT(1 + 1 == 2);
    TT_EXPECT_ABORT((TT_ASSERT(1 + 1 == 3), 0));
}

static void names_errors_of_the_system(void **state)
{
    (void)state;
    assert_int_equal(tt_status_of_errno(ENOSPC), TUTTI_NO_SPACE);
    assert_int_equal(tt_status_of_errno(EDQUOT), TUTTI_NO_SPACE);
    assert_int_equal(tt_status_of_errno(EFBIG), TUTTI_NO_SPACE);
    assert_int_equal(tt_status_of_errno(EACCES), TUTTI_PERMISSION);
    assert_int_equal(tt_status_of_errno(EPERM), TUTTI_PERMISSION);
    assert_int_equal(tt_status_of_errno(EROFS), TUTTI_PERMISSION);
    assert_int_equal(tt_status_of_errno(ENOENT), TUTTI_NOT_FOUND);
    assert_int_equal(tt_status_of_errno(ENOTDIR), TUTTI_NOT_FOUND);
    assert_int_equal(tt_status_of_errno(ENOMEM), TUTTI_NO_MEMORY);
    assert_int_equal(tt_status_of_errno(EIO), TUTTI_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_and_a_text),
        cmocka_unit_test(an_unknown_status_is_answered),
        cmocka_unit_test(retry_classes),
        cmocka_unit_test(try_returns_the_failure),
        cmocka_unit_test(error_holds_status_message_and_hint),
        cmocka_unit_test(error_may_be_absent),
        cmocka_unit_test(long_errors_are_cut),
        cmocka_unit_test(a_broken_invariant_aborts),
        cmocka_unit_test(names_errors_of_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
