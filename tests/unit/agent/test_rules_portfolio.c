/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Portfolio check: caps, threshold, least trade, order, bounds, exact amounts.
 */
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_portfolio_config config;

static int setup(void **state)
{
    (void)state;
    config = (tt_portfolio_config){
        .target_pct = {TT_DEC_C(20, 0)},
        .threshold_pct = {TT_DEC_C(5, 0)},
        .min_trade = {TT_DEC_C(10, 0)}};
    return 0;
}

/** A portfolio of `count` instruments and an equity of 10000. */
static tt_agent_request portfolio(uint32_t count)
{
    return (tt_agent_request){
        .call_seq = FIXTURE_CALL,
        .has_account = true,
        .account = {.equity = {TT_DEC_C(10000, 0)}},
        .instrument_count = count};
}

static void expose(tt_agent_request *request, uint32_t id, int64_t cents)
{
    request->exposures[id - 1].d = tt_dec_from_i64(cents, 2);
}

static tt_portfolio_update check(const tt_agent_request *request)
{
    tt_agent_answer answer = fixture_ask(tt_agent_rules_portfolio, &config, request);
    tt_portfolio_update update;
    FIXTURE_BODY(answer, PORTFOLIO_UPDATES, update);
    assert_string_equal(answer.model, "rules-portfolio-1");
    assert_int_equal(update.call_seq, FIXTURE_CALL);
    assert_true(tt_dec_eq(update.confidence.d, TT_DEC_C(1, 0)));
    assert_true(tt_dec_eq(update.equity.d, request->account.equity.d));
    return update;
}

static void
expect_trade(const tt_rebalance_trade *trade, uint32_t id, tt_side side, int64_t cents, int64_t pct)
{
    assert_int_equal(trade->instrument, id);
    assert_int_equal(trade->side, side);
    assert_int_equal(trade->priority, side == TT_side_SELL ? 1 : 2);
    assert_true(tt_dec_eq(trade->amount.d, tt_dec_from_i64(cents, 2)));
    assert_true(is_ratio(trade->current_pct, pct));
    assert_true(is_ratio(trade->target_pct, 2000));
}

static void test_nothing_open(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(2);
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.action, TT_portfolio_action_NO_ACTION);
    assert_int_equal(update.count, 0);
    assert_true(is_ratio(update.max_deviation_pct, 0));
    assert_string_equal(
        update.reasoning,
        "largest excess over 20 % of equity is 0.00 %, threshold 5 %; 0 cuts of 0");
}

static void test_threshold(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(2);
    expose(&request, 1, 249999);
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.action, TT_portfolio_action_NO_ACTION);
    assert_true(tt_dec_eq(update.max_deviation_pct.d, TT_DEC_C(49999, 4)));
    expose(&request, 1, 250000); // reaching it is enough
    update = check(&request);
    assert_int_equal(update.action, TT_portfolio_action_REBALANCE);
    assert_int_equal(update.count, 1);
    expect_trade(&update.trades[0], 1, TT_side_SELL, 50000, 2500);
    assert_true(is_ratio(update.max_deviation_pct, 500));
    assert_string_equal(
        update.reasoning,
        "largest excess over 20 % of equity is 5.00 %, threshold 5 %; 1 cuts of 1");
}

static void test_shorts_are_bought_back(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(2);
    expose(&request, 2, -300000);
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.count, 1);
    expect_trade(&update.trades[0], 2, TT_side_BUY, 100000, 3000);
}

static void test_one_above_the_threshold_cuts_all_above_the_cap(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(4);
    expose(&request, 1, -260000);
    expose(&request, 2, 210000);
    expose(&request, 3, 230000);
    expose(&request, 4, 200000); // at the cap
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.count, 3);
    expect_trade(&update.trades[0], 3, TT_side_SELL, 30000, 2300); // sells, larger first
    expect_trade(&update.trades[1], 2, TT_side_SELL, 10000, 2100);
    expect_trade(&update.trades[2], 1, TT_side_BUY, 60000, 2600);
}

static void test_least_trade(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(3);
    expose(&request, 1, 300000);
    expose(&request, 2, 200999); // 9.99 above the cap
    expose(&request, 3, 201000);
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.count, 2);
    expect_trade(&update.trades[0], 1, TT_side_SELL, 100000, 3000);
    expect_trade(&update.trades[1], 3, TT_side_SELL, 1000, 2010);
    config.threshold_pct.d = TT_DEC_ZERO;
    config.min_trade.d = TT_DEC_ZERO;
    request = portfolio(1);
    request.exposures[0].d = TT_DEC_C(20000009, 4); // less than a cent is no trade
    assert_int_equal(check(&request).action, TT_portfolio_action_NO_ACTION);
}

static void test_amounts_are_rounded_down_to_cents(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(1);
    request.exposures[0].d = TT_DEC_C(30000199, 4); // 1000.0199 above
    tt_portfolio_update update = check(&request);
    assert_true(tt_dec_eq(update.trades[0].amount.d, TT_DEC_C(100001, 2)));
}

static void test_more_than_fit(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(TT_INSTRUMENTS_MAX);
    for (uint32_t id = 1; id <= TT_INSTRUMENTS_MAX; id++) {
        expose(&request, id, 300000 + id);
    }
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.count, TT_MAX_rebalance_trade);
    for (uint32_t i = 0; i < TT_MAX_rebalance_trade; i++) {
        assert_int_equal(update.trades[i].instrument, TT_INSTRUMENTS_MAX - i); // largest first
    }
    assert_non_null(strstr(update.reasoning, "; 8 cuts of 64"));
}

static void test_equal_cuts_keep_the_order_of_instruments(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(3);
    for (uint32_t id = 1; id <= 3; id++) {
        expose(&request, id, 300000);
    }
    tt_portfolio_update update = check(&request);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(update.trades[i].instrument, i + 1);
    }
}

static void test_without_equity_nothing_is_cut(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(1);
    expose(&request, 1, 300000);
    request.account.equity.d = TT_DEC_ZERO;
    assert_int_equal(check(&request).action, TT_portfolio_action_NO_ACTION);
    request.account.equity.d = TT_DEC_C(-5, 0);
    assert_int_equal(check(&request).action, TT_portfolio_action_NO_ACTION);
    request.has_account = false;
    tt_agent_answer answer = fixture_ask(tt_agent_rules_portfolio, &config, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "the account has no state yet");
}

static void test_a_vanishing_equity(void **state)
{
    (void)state;
    tt_agent_request request = portfolio(1);
    request.account.equity.d = (tt_dec){1};
    request.exposures[0].d = TT_NOTIONAL_MAX;
    tt_portfolio_update update = check(&request);
    assert_int_equal(update.action, TT_portfolio_action_REBALANCE);
    assert_true(tt_dec_eq(update.max_deviation_pct.d, TT_RATIO_MAX));
    assert_true(tt_dec_eq(update.trades[0].current_pct.d, TT_RATIO_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_open, setup),
        cmocka_unit_test_setup(test_threshold, setup),
        cmocka_unit_test_setup(test_shorts_are_bought_back, setup),
        cmocka_unit_test_setup(test_one_above_the_threshold_cuts_all_above_the_cap, setup),
        cmocka_unit_test_setup(test_least_trade, setup),
        cmocka_unit_test_setup(test_amounts_are_rounded_down_to_cents, setup),
        cmocka_unit_test_setup(test_more_than_fit, setup),
        cmocka_unit_test_setup(test_equal_cuts_keep_the_order_of_instruments, setup),
        cmocka_unit_test_setup(test_without_equity_nothing_is_cut, setup),
        cmocka_unit_test_setup(test_a_vanishing_equity, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
