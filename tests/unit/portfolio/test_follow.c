/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What becomes of a proposed trade: refused, not sent, rejected, filled in part.
 *
 * Covers: portfolio_follow.c
 */
#include "fixture.h"

static void refusals_are_tried_again_a_bounded_number_of_times(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(XRP, 1, "66.7", false);
    for (int attempt = 1; attempt <= 3; attempt++) {
        judge(BTC, TT_risk_code_EXPOSURE_LIMIT);
        assert_int_equal(leg()->attempts, attempt);
        assert_int_equal(leg()->code, TT_risk_code_EXPOSURE_LIMIT);
        assert_string_equal(leg()->reason, "risk: EXPOSURE_LIMIT");
        assert_int_equal(leg()->verdict_seq, 0); // that of another attempt is none of it
        forget();
        wait_s(59);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
        wait_s(1);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), attempt < 3 ? 1 : 0);
    }
    assert_int_equal(status().batches[0].failed, 1);
    assert_int_equal(status().batches[1].open, 2);
    wait_s(14400);
    judge(BTC, TT_risk_code_SIZE_TOO_SMALL); // no later attempt can change that
    assert_int_equal(leg()->state, TT_batch_state_SKIPPED);
}

static void an_order_that_fails_is_another_attempt(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    judge(BTC, TT_risk_code_NONE);
    const tt_risk_alert alert = {
        .alert_type = TT_alert_type_TRADE_REJECTED,
        .code = TT_risk_code_UNRESOLVED_ORDER,
        .subject_seq = desk.verdict,
    };
    say(TT_TOPIC_RISK_ALERTS, TT_SOURCE_TRADE, BTC, &alert);
    assert_int_equal(leg()->state, TT_batch_state_DUE);
    assert_int_equal(leg()->code, TT_risk_code_UNRESOLVED_ORDER);
    wait_s(60);
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, false);
    end_order(BTC, 1, TT_order_state_REJECTED, "0");
    assert_int_equal(leg()->state, TT_batch_state_DUE);
    assert_string_equal(leg()->reason, "the order was rejected");
    wait_s(60);
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 2, false);
    end_order(BTC, 2, TT_order_state_CANCELLED, "10");
    assert_int_equal(leg()->state, TT_batch_state_DONE);
    assert_num(leg()->filled, "10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(refusals_are_tried_again_a_bounded_number_of_times),
        DESK_TEST(an_order_that_fails_is_another_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
