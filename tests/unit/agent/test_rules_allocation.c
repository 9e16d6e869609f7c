/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Portfolio check with targets: says when they are missed, and leaves the trades to the engine.
 */
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_portfolio_module_config config;

/** The first two instruments of the fixture at 20 each, 60 in cash. */
static void set_config(void)
{
    const tt_instruments instruments = fixture_instruments();
    config = (tt_portfolio_module_config){
        .allocation = {.threshold_pct = {TT_DEC_C(5, 0)}, .cash_target_pct = {TT_DEC_C(60, 0)}},
        .target_count = 2};
    for (uint32_t i = 0; i < 2; i++) {
        TT_TEXT_SET(config.targets[i].symbol, instruments.list[i].symbol);
        config.targets[i].target_pct.d = TT_DEC_C(20, 0);
    }
}

static tt_portfolio_update check(int64_t first, int64_t second, int64_t other)
{
    set_config();
    const tt_agent_request request = {
        .call_seq = FIXTURE_CALL,
        .has_account = true,
        .account = {.equity = {TT_DEC_C(10000, 0)}},
        .exposures =
            {{tt_dec_from_i64(first, 0)},
             {tt_dec_from_i64(second, 0)},
             {tt_dec_from_i64(other, 0)}},
        .instrument_count = 3};
    tt_agent_answer answer = fixture_ask(tt_agent_rules_allocation, &config, &request);
    tt_portfolio_update update;
    FIXTURE_BODY(answer, PORTFOLIO_UPDATES, update);
    assert_string_equal(answer.model, "rules-allocation-1");
    assert_int_equal(update.count, 0);
    return update;
}

static void the_threshold_decides(void **state)
{
    (void)state;
    tt_portfolio_update update = check(2499, 2000, 0);
    assert_int_equal(update.action, TT_portfolio_action_NO_ACTION);
    assert_true(tt_dec_eq(update.max_deviation_pct.d, TT_DEC_C(499, 2)));
    update = check(2500, 2000, 0);
    assert_int_equal(update.action, TT_portfolio_action_REBALANCE);
    assert_string_equal(
        update.reasoning, "largest distance from a target is 5.00 %, threshold 5 %");
    update = check(1500, 2000, 0);
    assert_int_equal(update.action, TT_portfolio_action_REBALANCE);
}

static void what_has_no_target_is_left_out(void **state)
{
    (void)state;
    tt_portfolio_update update = check(1600, 1600, -2000);
    assert_int_equal(update.action, TT_portfolio_action_NO_ACTION);
    assert_true(tt_dec_eq(update.equity.d, TT_DEC_C(8000, 0)));
    assert_true(tt_dec_is_zero(update.max_deviation_pct.d));
}

static void what_is_set_aside_is_left_out(void **state)
{
    (void)state;
    set_config();
    const tt_agent_request request = {
        .has_account = true,
        .account = {.equity = {TT_DEC_C(10000, 0)}},
        .set_aside = {TT_DEC_C(2000, 0)},
        .exposures = {{TT_DEC_C(1600, 0)}, {TT_DEC_C(1600, 0)}},
        .instrument_count = 2};
    tt_agent_answer answer = fixture_ask(tt_agent_rules_allocation, &config, &request);
    tt_portfolio_update update;
    FIXTURE_BODY(answer, PORTFOLIO_UPDATES, update);
    assert_true(tt_dec_is_zero(update.max_deviation_pct.d));
}

static void without_an_account_there_is_no_opinion(void **state)
{
    (void)state;
    set_config();
    const tt_agent_request request = {.call_seq = FIXTURE_CALL};
    tt_agent_answer answer = fixture_ask(tt_agent_rules_allocation, &config, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_threshold_decides),
        cmocka_unit_test(what_has_no_target_is_left_out),
        cmocka_unit_test(what_is_set_aside_is_left_out),
        cmocka_unit_test(without_an_account_there_is_no_opinion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
