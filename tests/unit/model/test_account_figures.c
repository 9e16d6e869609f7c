/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Figures of an account, record by record. What is worked out of them stands in
 * tests/unit/report/test_performance.c.
 */
#include "../../lib/test.h"
#include "model/account_figures.h"

#define MONDAY (INT64_C(1704067200) * TT_NS_PER_S)
#define HOUR   (3600 * TT_NS_PER_S)

static tt_account_figures figures;

static void add(int64_t time_ns, int64_t equity, uint32_t open_positions)
{
    const tt_account_record record = {
        .time = {time_ns},
        .initial = {TT_DEC_C(100, 0)},
        .equity = {tt_dec_from_i64(equity, 0)},
        .open_positions = open_positions};
    tt_account_figures_add(&figures, &record);
}

static void nothing_has_no_figures(void **state)
{
    (void)state;
    figures = (tt_account_figures){0};
    assert_int_equal(tt_account_figures_returns(&figures).count, 0);
    assert_int_equal(figures.first.ns, 0);
}

static void a_day_counts_when_it_is_over_or_is_the_last(void **state)
{
    (void)state;
    figures = (tt_account_figures){0};
    add(MONDAY + HOUR, 110, 1);
    add(MONDAY + 5 * HOUR, 120, 0);
    assert_int_equal(figures.returns.count, 0);
    tt_return_sums sums = tt_account_figures_returns(&figures); // 20 % so far
    assert_int_equal(sums.count, 1);
    assert_true(sums.sum == INT64_C(2000000000));
    add(MONDAY + 26 * HOUR, 90, 1); // Tuesday: -25 %
    assert_int_equal(figures.returns.count, 1);
    sums = tt_account_figures_returns(&figures);
    assert_int_equal(sums.count, 2);
    assert_true(sums.sum == INT64_C(-500000000));
    assert_true(sums.downside == (tt_i128)INT64_C(2500000000) * INT64_C(2500000000));
    assert_int_equal(figures.exposed_ns, 4 * HOUR);
}

static void the_deepest_fall_is_kept_and_its_end_noted(void **state)
{
    (void)state;
    figures = (tt_account_figures){0};
    add(MONDAY + HOUR, 200, 0);
    add(MONDAY + 2 * HOUR, 150, 0);
    add(MONDAY + 3 * HOUR, 190, 0);
    assert_true(tt_dec_eq(figures.worst.pct.d, TT_DEC_C(25, 0)));
    assert_int_equal(figures.worst.since.ns, MONDAY + HOUR);
    assert_int_equal(figures.worst.trough.ns, MONDAY + 2 * HOUR);
    assert_int_equal(figures.worst.until.ns, 0);
    assert_true(tt_dec_eq(figures.current.amount.d, TT_DEC_C(10, 0)));
    add(MONDAY + 4 * HOUR, 200, 0);
    assert_int_equal(figures.worst.until.ns, MONDAY + 4 * HOUR);
    assert_int_equal(figures.current.since.ns, 0);
    add(MONDAY + 5 * HOUR, 180, 0); // 10 %: not as deep
    assert_true(tt_dec_eq(figures.worst.pct.d, TT_DEC_C(25, 0)));
    assert_true(tt_dec_eq(figures.current.pct.d, TT_DEC_C(10, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_figures),
        cmocka_unit_test(a_day_counts_when_it_is_over_or_is_the_last),
        cmocka_unit_test(the_deepest_fall_is_kept_and_its_end_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
