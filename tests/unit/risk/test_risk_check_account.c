/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the state of affairs; cooldowns and breakers themselves are tested with their files.
 */
#include "fixture.h"

static tt_risk_code judge(risk_court *court, uint32_t key)
{
    tt_trade_proposal proposal = good_proposal();
    return court_judge(court, key, &proposal);
}

static void without_account_nothing_passes(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court_open(&court);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NO_EQUITY);
    assert_row(&court, NO_EQUITY, REJECT, "0", "0");
    court_account(&court, "0.01");
    assert_int_not_equal(judge(&court, ETH), TT_risk_code_NO_EQUITY);
    court_close(&court);
}

static void without_equity_nothing_passes(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court_open(&court);
    court_account(&court, "0");
    court.risk->state->breached[TT_breach_type_MAX_DRAWDOWN] = false;
    assert_int_equal(judge(&court, ETH), TT_risk_code_NO_EQUITY);
    court_account(&court, "-5");
    court.risk->state->breached[TT_breach_type_MAX_DRAWDOWN] = false;
    assert_int_equal(judge(&court, ETH), TT_risk_code_NO_EQUITY);
    assert_row(&court, NO_EQUITY, REJECT, "-5", "0");
    court_close(&court);
}

static void a_sized_rebalance_needs_no_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court_open(&court);
    court_position(&court, ETH, "3", "100");
    tt_trade_proposal proposal = {
        .size = MONEY("100"), .kind = TT_proposal_kind_REBALANCE, .side = TT_side_SELL};
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, NO_EQUITY, SKIP, "0", "0");
    proposal.size = MONEY("0");
    proposal.size_pct = RATIO("5");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_EQUITY);
    court_close(&court);
}

static void a_market_entry_needs_a_fresh_price(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("0");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    tt_bar bar = {.close = PRICE("100"), .interval_s = 60};
    court_say(&court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, ETH, &bar);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_wait(&court, 360);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, NO_PRICE, PASS, "0", "300");
    court_wait(&court, 1);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    assert_row(&court, NO_PRICE, REJECT, "301", "300");
    court_close(&court);
}

static void unknown_orders_block_their_symbol_only(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_execution_event event = {
        .order_id = 9,
        .role = TT_order_role_STOP_LOSS,
        .old_state = TT_order_state_PENDING,
        .new_state = TT_order_state_UNKNOWN,
    };
    court_say(&court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, ETH, &event);
    assert_int_equal(judge(&court, ETH), TT_risk_code_UNRESOLVED_ORDER);
    assert_row(&court, UNRESOLVED_ORDER, REJECT, "1", "0");
    assert_int_equal(judge(&court, SOL), TT_risk_code_NONE);
    event.old_state = TT_order_state_UNKNOWN; // Still unknown: nothing changes.
    court_say(&court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, ETH, &event);
    assert_int_equal(judge(&court, ETH), TT_risk_code_UNRESOLVED_ORDER);
    event.new_state = TT_order_state_SUBMITTED;
    court_say(&court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, ETH, &event);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_close(&court);
}

static void the_number_of_positions_is_limited(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    for (uint32_t key = BTC; key <= ETH; key++) {
        court_position(&court, key, "1", "100");
    }
    assert_int_equal(judge(&court, SOL), TT_risk_code_NONE); // the fifth, and now in flight
    assert_row(&court, MAX_POSITIONS, PASS, "5", "5");
    (void)court_intent(&court, SOL);
    assert_int_equal(judge(&court, ADA), TT_risk_code_MAX_POSITIONS);
    assert_row(&court, MAX_POSITIONS, REJECT, "6", "5");
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE); // Adding opens none.
    assert_row(&court, MAX_POSITIONS, PASS, "5", "5");
    court_position(&court, BTC, "0", "100");
    assert_int_equal(judge(&court, ADA), TT_risk_code_NONE);
    court_close(&court);
}

static void the_account_may_know_of_more_positions(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_account_update update = {
        .equity = MONEY("10000"), .margin_available = MONEY("10000"), .open_positions = 5};
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(judge(&court, ETH), TT_risk_code_MAX_POSITIONS);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_account_nothing_passes),
        cmocka_unit_test(without_equity_nothing_passes),
        cmocka_unit_test(a_sized_rebalance_needs_no_equity),
        cmocka_unit_test(a_market_entry_needs_a_fresh_price),
        cmocka_unit_test(unknown_orders_block_their_symbol_only),
        cmocka_unit_test(the_number_of_positions_is_limited),
        cmocka_unit_test(the_account_may_know_of_more_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
