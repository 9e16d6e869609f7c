/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Figures of an account, record by record. What is worked out of them stands in
 * tests/unit/report/test_performance.c.
 */
#include "../../lib/test.h"
#include "model/account_figures.h"

#include <string.h>

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

static void add_of(int64_t time_ns, const char *transfers, const char *equity)
{
    tt_account_record record = {.time = {time_ns}, .initial = {TT_DEC_C(100, 0)}};
    assert_int_equal(tt_dec_parse(transfers, strlen(transfers), &record.transfers.d), TUTTI_OK);
    assert_int_equal(tt_dec_parse(equity, strlen(equity), &record.equity.d), TUTTI_OK);
    tt_account_figures_add(&figures, &record);
}

/* Half of the money leaves in a drawdown of 10 %: it stays one of 10 %, and the day ends as it
 * would have without. */
static void a_transfer_is_no_result(void **state)
{
    (void)state;
    figures = (tt_account_figures){0};
    add_of(MONDAY + HOUR, "0", "200");
    add_of(MONDAY + 2 * HOUR, "0", "180");
    add_of(MONDAY + 3 * HOUR, "-90", "90");
    assert_true(tt_dec_eq(figures.peak.d, TT_DEC_C(100, 0)));
    assert_true(tt_dec_eq(figures.day_start.d, TT_DEC_C(50, 0)));
    assert_true(tt_dec_eq(figures.worst.pct.d, TT_DEC_C(10, 0)));
    assert_true(tt_dec_eq(figures.current.pct.d, TT_DEC_C(10, 0)));
    assert_true(tt_dec_eq(figures.current.amount.d, TT_DEC_C(10, 0)));
    assert_true(tt_dec_eq(figures.worst.amount.d, TT_DEC_C(20, 0))); // In the money of then.
    tt_return_sums sums = tt_account_figures_returns(&figures);
    assert_true(sums.sum == INT64_C(8000000000)); // 100 -> 180 of the first money: 80 %
    add_of(MONDAY + 26 * HOUR, "-90", "99");      // Tuesday: 10 %
    sums = tt_account_figures_returns(&figures);
    assert_true(sums.sum == INT64_C(9000000000));
    // A deposit with a new day in between: the day before ends with what it had.
    add_of(MONDAY + 50 * HOUR, "910", "1099");
    sums = tt_account_figures_returns(&figures);
    assert_true(sums.sum == INT64_C(9000000000) && sums.count == 3);
    assert_true(tt_dec_eq(figures.day_start.d, TT_DEC_C(1099, 0)));
    assert_true(tt_dec_lt(figures.worst.pct.d, TT_DEC_C(11, 0)));
}

/* Marks that moved with the same record belong to the time before the transfer. */
static void what_moved_before_a_transfer_counts(void **state)
{
    (void)state;
    figures = (tt_account_figures){0};
    add_of(MONDAY + HOUR, "0", "100");
    add_of(MONDAY + 2 * HOUR, "100", "220"); // 120 and 100 more: a new peak of 120
    assert_true(tt_dec_eq(figures.peak.d, TT_DEC_C(220, 0)));
    tt_return_sums sums = tt_account_figures_returns(&figures);
    assert_true(sums.sum == INT64_C(2000000000)); // 20 %
}

static void there_may_be_nothing_to_be_a_part_of(void **state)
{
    (void)state;
    const tt_money none = {TT_DEC_ZERO};
    const tt_money ten = {TT_DEC_C(10, 0)};
    const tt_money base = {TT_DEC_C(7, 0)};
    assert_true(tt_dec_eq(tt_account_moved(base, none, ten).d, TT_DEC_C(17, 0)));
    assert_true(tt_dec_eq(tt_account_moved(base, ten, none).d, TT_DEC_C(-3, 0)));
    // Rounded up, so that no loss becomes smaller by rounding.
    const tt_money three = {TT_DEC_C(3, 0)};
    const tt_money one = {TT_DEC_C(1, 0)};
    assert_true(tt_account_moved(ten, three, one).d.v == (tt_i128)3333333333333333334);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_figures),
        cmocka_unit_test(a_day_counts_when_it_is_over_or_is_the_last),
        cmocka_unit_test(the_deepest_fall_is_kept_and_its_end_noted),
        cmocka_unit_test(a_transfer_is_no_result),
        cmocka_unit_test(what_moved_before_a_transfer_counts),
        cmocka_unit_test(there_may_be_nothing_to_be_a_part_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
