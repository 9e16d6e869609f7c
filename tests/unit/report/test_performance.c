/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Performance figures against numbers worked out by hand.
 *
 * Covers: performance.c performance_json.c
 */
#include "../../lib/test.h"
#include "base/calendar.h"
#include "report/performance.h"

#include <stdlib.h>
#include <string.h>

#define MONDAY (INT64_C(1641168000) * TT_NS_PER_S) // 2022-01-03
#define HOUR   (3600 * TT_NS_PER_S)

static tt_performance made;

static int clear(void **state)
{
    (void)state;
    made = (tt_performance){0};
    return 0;
}

static void add_trade(int64_t pnl, int64_t fees, uint16_t source)
{
    const tt_performance_trade trade = {
        .realized_pnl = {tt_dec_from_i64(pnl, 0)},
        .fees = {tt_dec_from_i64(fees, 0)},
        .opened_at = {MONDAY},
        .closed_at = {MONDAY + 2 * HOUR},
        .source = source,
    };
    tt_performance_add_trade(&made, &trade);
}

/** A record at `hour` of the day `day` after Monday. */
static void add_equity(int day, int hour, int64_t equity, uint32_t open_positions)
{
    const tt_account_record record = {
        .time = {MONDAY + day * TT_NS_PER_DAY + hour * HOUR},
        .initial = {tt_dec_from_i64(1000, 0)},
        .equity = {tt_dec_from_i64(equity, 0)},
        .open_positions = open_positions,
    };
    tt_account_figures_add(&made.account, &record);
}

static void assert_dec(tt_dec value, const char *text)
{
    char found[TT_DEC_TEXT_MAX];
    tt_dec_format(value, found);
    assert_string_equal(found, text);
}

/** Equal to nine digits. */
static void assert_ratio(double value, double wanted)
{
    assert_float_equal(value, wanted, 1e-9);
}

/** Value of a key, the first of it, as it stands in the JSON text. */
static void assert_member(const char *key, const char *wanted)
{
    const tt_performance_paid paid = {
        {tt_dec_from_i64(25, 1)}, {tt_dec_xneg(tt_dec_from_i64(75, 2))}};
    char *text = NULL;
    size_t size = 0;
    char pattern[96];
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    tt_performance_json(&made, &paid, true, out);
    fclose(out);
    snprintf(pattern, sizeof pattern, "\"%s\": %s", key, wanted);
    char *at = strstr(text, pattern);
    if (at == NULL) {
        fail_msg("no %s in %s", pattern, text);
    }
    char end = at[strlen(pattern)];
    assert_true(end == ',' || end == '}');
    free(text);
}

static void a_trade_is_won_after_its_fees(void **state)
{
    (void)state;
    add_trade(10, 3, TT_SOURCE_AGENT_DECISION);
    add_trade(3, 3, TT_SOURCE_AGENT_DECISION);
    add_trade(-5, 1, TT_SOURCE_STRATEGY);
    add_trade(20, 2, TT_SOURCE_AGENT_DECISION);
    assert_int_equal(made.all.trades, 4);
    assert_int_equal(made.all.wins, 2);
    assert_int_equal(made.all.losses, 1);
    assert_member("win_rate_pct", "\"50\"");
    assert_member("profit_factor", "\"4.166666666666666667\"");
    assert_member("net", "\"19\"");
    assert_member("gross_profit", "\"25\"");
    assert_member("gross_loss", "\"-6\"");
    assert_member("average_win", "\"12.5\"");
    assert_member("average_loss", "\"-6\"");
    assert_member("largest_win", "\"18\"");
    assert_member("largest_loss", "\"-6\"");
    assert_member("expectancy", "\"4.75\"");
    assert_member("trade_fees", "\"9\"");
    assert_member("held_s", "28800");
    assert_member("fees", "\"2.5\"");
    assert_member("funding", "\"-0.75\"");
}

static void each_source_has_its_own_figures(void **state)
{
    (void)state;
    add_trade(10, 3, TT_SOURCE_AGENT_DECISION);
    add_trade(-5, 1, TT_SOURCE_STRATEGY);
    const tt_trade_figures *strategy = &made.sources[TT_SOURCE_STRATEGY];
    assert_int_equal(strategy->trades, 1);
    assert_dec(tt_trade_figures_net(strategy), "-6");
    assert_dec(tt_trade_figures_net(&made.sources[TT_SOURCE_AGENT_DECISION]), "7");
    assert_int_equal(made.sources[TT_SOURCE_NONE].trades, 0);
    assert_member("sources", "{\"strategy\": {\"trades\": 1, \"wins\": 0, \"losses\": 1");
}

static void without_trades_everything_is_zero_and_the_factor_is_none(void **state)
{
    (void)state;
    assert_member("trades", "0");
    assert_member("win_rate_pct", "\"0\"");
    assert_member("profit_factor", "null");
    assert_member("expectancy", "\"0\"");
    assert_member("average_win", "\"0\"");
    assert_member("sharpe", "0.000000");
    assert_member("sortino", "0.000000");
    assert_member("calmar", "0.000000");
    assert_member("since", "null");
    assert_member("daily_returns", "0");
    assert_member("exposed_pct", "0.000000");
    assert_member("sources", "{}");
}

static void with_wins_alone_there_is_no_factor_with_losses_alone_it_is_zero(void **state)
{
    (void)state;
    add_trade(4, 1, TT_SOURCE_STRATEGY);
    assert_member("profit_factor", "null");
    assert_member("win_rate_pct", "\"100\"");
    made = (tt_performance){0};
    add_trade(-4, 1, TT_SOURCE_STRATEGY);
    assert_member("profit_factor", "\"0\"");
    assert_member("win_rate_pct", "\"0\"");
    assert_member("largest_win", "\"0\"");
}

/* Returns 0.1, -0.1, 0.1: mean 1/30, s = 1/sqrt(75); downside sqrt(0.01 / 3); deepest fall 10 %. */
static void ratios_of_three_days(void **state)
{
    (void)state;
    add_equity(0, 1, 1050, 1);
    add_equity(0, 12, 1100, 1);
    add_equity(1, 12, 990, 1);
    add_equity(2, 12, 1089, 1);
    assert_int_equal(tt_performance_return_count(&made), 3);
    assert_ratio(tt_performance_sharpe(&made), 4.582575694955840);  // sqrt(21)
    assert_ratio(tt_performance_sortino(&made), 9.165151389911680); // sqrt(84)
    assert_ratio(tt_performance_calmar(&made), 84.0);               // 252 / 30 / 0.1
    assert_member("sharpe", "4.582576");
    assert_member("total_return", "\"89\"");
}

/* The same days, but half of the money leaves on the second one and 1000 comes on the third: the
 * same ratios, and the result is what was earned. */
static void transfers_are_no_returns(void **state)
{
    (void)state;
    tt_account_record record = {.initial = {tt_dec_from_i64(1000, 0)}, .open_positions = 1};
    static const int64_t days[][4] = {
        {0, 12, 0, 1100}, {1, 6, -550, 550}, {1, 12, -550, 495}, {2, 6, 450, 1495}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        record.time.ns = MONDAY + days[i][0] * TT_NS_PER_DAY + days[i][1] * HOUR;
        record.transfers.d = tt_dec_from_i64(days[i][2], 0);
        record.equity.d = tt_dec_from_i64(days[i][3], 0);
        tt_account_figures_add(&made.account, &record);
    }
    record.time.ns += HOUR;
    record.equity.d = tt_dec_from_i64(16445, 1);
    tt_account_figures_add(&made.account, &record);
    assert_ratio(tt_performance_sharpe(&made), 4.582575694955840);
    assert_ratio(tt_performance_calmar(&made), 84.0);
    assert_member("transfers", "\"450\"");
    assert_member("total_return", "\"194.5\"");
}

static void one_return_has_no_ratio(void **state)
{
    (void)state;
    add_equity(0, 1, 1100, 0);
    add_equity(0, 2, 1000, 0);
    assert_int_equal(tt_performance_return_count(&made), 1);
    assert_ratio(tt_performance_sharpe(&made), 0);
    assert_ratio(tt_performance_sortino(&made), 0);
    assert_ratio(tt_performance_calmar(&made), 0);
}

/* 1000, 1100, 1210, 1331: each day 10 %, so nothing deviates, and nothing falls. */
static void equal_returns_have_no_deviation(void **state)
{
    (void)state;
    add_equity(0, 1, 1100, 0);
    add_equity(1, 1, 1210, 0);
    add_equity(2, 1, 1331, 0);
    assert_int_equal(tt_performance_return_count(&made), 3);
    assert_ratio(tt_performance_sharpe(&made), 0);
    assert_ratio(tt_performance_sortino(&made), 0);
    assert_ratio(tt_performance_calmar(&made), 0);
}

static void a_weekday_without_a_record_returned_nothing_a_weekend_is_no_day(void **state)
{
    (void)state;
    add_equity(4, 1, 1100, 0); // Friday
    add_equity(7, 1, 1100, 0); // Monday
    assert_int_equal(tt_performance_return_count(&made), 2);
    add_equity(10, 1, 1210, 0); // Thursday: Tuesday and Wednesday between
    assert_int_equal(tt_performance_return_count(&made), 5);
    add_equity(12, 1, 1210, 0); // A Saturday with a record is a day.
    assert_int_equal(tt_performance_return_count(&made), 7);
}

static void the_worst_fall_stays_when_it_is_made_good(void **state)
{
    (void)state;
    add_equity(0, 0, 1000, 0);
    add_equity(0, 1, 800, 0);
    add_equity(0, 2, 900, 0);
    assert_dec(made.account.current.pct.d, "10");
    assert_int_equal(made.account.worst.until.ns, 0);
    add_equity(0, 4, 1000, 0);
    add_equity(0, 5, 1200, 0);
    add_equity(0, 6, 1140, 0);
    add_equity(0, 9, 1152, 0);
    assert_dec(made.account.worst.amount.d, "200");
    assert_dec(made.account.worst.pct.d, "20");
    assert_int_equal(made.account.worst.since.ns, MONDAY);
    assert_int_equal(made.account.worst.trough.ns, MONDAY + HOUR);
    assert_int_equal(made.account.worst.until.ns, MONDAY + 4 * HOUR);
    assert_dec(made.account.current.amount.d, "48");
    assert_dec(made.account.current.pct.d, "4");
    assert_member("max_drawdown", "{\"open\": false");
    assert_member("current_drawdown", "{\"open\": true");
    assert_member("duration_s", "14400");
    assert_member("since", "\"2022-01-03T00:00:00Z\"");
    assert_int_equal(made.account.current.since.ns, MONDAY + 5 * HOUR);
}

static void a_first_loss_falls_from_the_initial_balance(void **state)
{
    (void)state;
    add_equity(0, 3, 900, 0);
    assert_dec(made.account.worst.pct.d, "10");
    assert_int_equal(made.account.current.since.ns, MONDAY + 3 * HOUR);
}

static void time_with_a_position_is_that_of_the_records(void **state)
{
    (void)state;
    add_equity(0, 0, 1000, 0);
    add_equity(0, 2, 1000, 1);
    add_equity(0, 3, 1000, 2);
    add_equity(0, 5, 1000, 0);
    add_equity(0, 8, 1000, 0);
    assert_member("exposed_s", "10800");
    assert_member("exposed_pct", "37.500000");
}

static void a_house_without_money_divides_by_nothing(void **state)
{
    (void)state;
    const tt_account_record record = {.time = {MONDAY}};
    tt_account_record debt = {.time = {MONDAY + HOUR}, .equity = {TT_DEC_C(-1, 0)}};
    tt_account_figures_add(&made.account, &record);
    tt_account_figures_add(&made.account, &debt);
    assert_dec(made.account.current.pct.d, "0");
    assert_int_equal(tt_performance_return_count(&made), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_trade_is_won_after_its_fees, clear),
        cmocka_unit_test_setup(each_source_has_its_own_figures, clear),
        cmocka_unit_test_setup(without_trades_everything_is_zero_and_the_factor_is_none, clear),
        cmocka_unit_test_setup(
            with_wins_alone_there_is_no_factor_with_losses_alone_it_is_zero, clear),
        cmocka_unit_test_setup(ratios_of_three_days, clear),
        cmocka_unit_test_setup(transfers_are_no_returns, clear),
        cmocka_unit_test_setup(one_return_has_no_ratio, clear),
        cmocka_unit_test_setup(equal_returns_have_no_deviation, clear),
        cmocka_unit_test_setup(
            a_weekday_without_a_record_returned_nothing_a_weekend_is_no_day, clear),
        cmocka_unit_test_setup(the_worst_fall_stays_when_it_is_made_good, clear),
        cmocka_unit_test_setup(a_first_loss_falls_from_the_initial_balance, clear),
        cmocka_unit_test_setup(time_with_a_position_is_that_of_the_records, clear),
        cmocka_unit_test_setup(a_house_without_money_divides_by_nothing, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
