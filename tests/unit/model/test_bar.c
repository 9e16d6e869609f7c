/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Of which moment the price of a bar is.
 */
#include "../../lib/test.h"
#include "model/bar.h"

static int64_t end_of(int64_t open_ns, uint32_t interval_s, int64_t now_ns)
{
    const tt_bar bar = {.open_time = {open_ns}, .interval_s = interval_s};
    return tt_bar_end(&bar, (tt_time){now_ns}).ns;
}

static void a_bar_ends_with_its_interval(void **state)
{
    (void)state;
    assert_int_equal(end_of(5, 60, 60 * TT_NS_PER_S + 6), 60 * TT_NS_PER_S + 5);
    assert_int_equal(end_of(5, 60, 60 * TT_NS_PER_S + 5), 60 * TT_NS_PER_S + 5);
    assert_int_equal(end_of(INT64_MIN, 1, 0), INT64_MIN + TT_NS_PER_S);
}

static void no_bar_ends_later_than_now(void **state)
{
    (void)state;
    assert_int_equal(end_of(5, 60, 60 * TT_NS_PER_S + 4), 60 * TT_NS_PER_S + 4);
    assert_int_equal(end_of(INT64_MAX, UINT32_MAX, 7), 7);
}

static void a_bar_without_an_interval_ends_now(void **state)
{
    (void)state;
    assert_int_equal(end_of(5, 0, 9), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_ends_with_its_interval),
        cmocka_unit_test(no_bar_ends_later_than_now),
        cmocka_unit_test(a_bar_without_an_interval_ends_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
