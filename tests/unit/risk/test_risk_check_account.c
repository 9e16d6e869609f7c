/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks of the state of affairs; cooldowns and breakers themselves are tested with their files.
 */
#include "../../lib/config_defaults.h"
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
    tt_risk_changed(court.risk);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NO_EQUITY);
    court_account(&court, "-5");
    court.risk->state->breached[TT_breach_type_MAX_DRAWDOWN] = false;
    tt_risk_changed(court.risk);
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

static tt_risk_code judge_at(risk_court *court, const char *time)
{
    tt_trade_proposal proposal = good_proposal();
    court_wait_until(court, time);
    return court_judge(court, ETH, &proposal);
}

static void window(risk_court *court, const char *from, const char *to, bool allow)
{
    tt_entry_window_config *row = &court->config.windows[court->config.window_count++];
    TT_TEXT_SET(row->from, from);
    TT_TEXT_SET(row->to, to);
    row->allow = allow;
}

static void a_window_without_entries_may_cross_midnight(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    window(&court, "22:00", "02:00", false);
    court_open(&court);
    court_account(&court, "10000");
    assert_int_equal(judge_at(&court, "2024-03-13T21:59:59Z"), TT_risk_code_NONE);
    assert_row(&court, ENTRY_WINDOW, PASS, "0", "0");
    assert_int_equal(judge_at(&court, "2024-03-13T22:00:00Z"), TT_risk_code_ENTRY_WINDOW);
    assert_row(&court, ENTRY_WINDOW, REJECT, "14400", "0");
    assert_int_equal(court.verdict.lock, TT_lock_reason_ENTRY_WINDOW);
    assert_int_equal(court.verdict.locked_until.ns, court.now.ns + 4 * 3600 * TT_NS_PER_S);
    assert_int_equal(judge_at(&court, "2024-03-14T01:59:59Z"), TT_risk_code_ENTRY_WINDOW);
    assert_row(&court, ENTRY_WINDOW, REJECT, "1", "0");
    assert_int_equal(judge_at(&court, "2024-03-14T02:00:00Z"), TT_risk_code_NONE);
    court_close(&court);
}

static void entries_are_allowed_in_windows_alone_if_there_are_any(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    window(&court, "08:00", "12:00", true);
    window(&court, "14:00", "16:00", true);
    window(&court, "11:00", "15:00", false);
    court_open(&court);
    court_account(&court, "10000");
    assert_int_equal(judge_at(&court, "2024-03-14T07:59:00Z"), TT_risk_code_ENTRY_WINDOW);
    assert_row(&court, ENTRY_WINDOW, REJECT, "60", "0");
    assert_int_equal(judge_at(&court, "2024-03-14T08:00:00Z"), TT_risk_code_NONE);
    assert_int_equal(judge_at(&court, "2024-03-14T11:00:00Z"), TT_risk_code_ENTRY_WINDOW);
    assert_row(&court, ENTRY_WINDOW, REJECT, "14400", "0"); // 15:00, in the second one.
    assert_int_equal(judge_at(&court, "2024-03-14T15:00:00Z"), TT_risk_code_NONE);
    assert_int_equal(judge_at(&court, "2024-03-14T16:00:00Z"), TT_risk_code_ENTRY_WINDOW);
    assert_row(&court, ENTRY_WINDOW, REJECT, "57600", "0"); // 08:00 of the next day.
    court_close(&court);
}

static void windows_that_leave_no_time_never_end(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    window(&court, "08:00", "12:00", true);
    window(&court, "07:00", "13:00", false);
    court_open(&court);
    court_account(&court, "10000");
    assert_int_equal(judge_at(&court, "2024-03-14T09:00:00Z"), TT_risk_code_ENTRY_WINDOW);
    assert_int_equal(court.verdict.locked_until.ns, 0);
    court_close(&court);
}

static void entries_of_a_day_are_limited(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_trades_per_day = 3;
    court.config.symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &court.config.symbols[0]);
    TT_TEXT_SET(court.config.symbols[0].symbol, "ETH/USDT");
    court.config.symbols[0].max_trades_per_day = 1;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.confidence = RATIO("0.1"); // What is refused does not count.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CONFIDENCE_TOO_LOW);
    proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, TRADE_COUNT, PASS, "0", "3");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADE_COUNT);
    assert_row(&court, TRADE_COUNT, REJECT, "1", "1");
    assert_int_equal(court_judge(&court, BTC, &proposal), TT_risk_code_NONE);
    assert_int_equal(court_judge(&court, SOL, &proposal), TT_risk_code_NONE);
    assert_int_equal(court_judge(&court, ADA, &proposal), TT_risk_code_TRADE_COUNT);
    assert_row(&court, TRADE_COUNT, REJECT, "3", "3");
    assert_int_equal(judge_at(&court, "2024-03-14T00:00:00Z"), TT_risk_code_NONE);
    court_close(&court);
}

static tt_seq signal_of(risk_court *court, tt_source source)
{
    tt_trading_signal signal = {.action = TT_action_BUY};
    tt_seq seq = tt_bus_next_seq(court->core.bus);
    court_say(court, TT_TOPIC_TRADING_SIGNALS, source, ETH, &signal);
    return seq;
}

static void entries_of_a_strategy_are_limited(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_trades_per_strategy = 1;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.signal_seq = signal_of(&court, TT_SOURCE_AGENT_DECISION);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    proposal.signal_seq = signal_of(&court, TT_SOURCE_AGENT_DECISION);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADE_COUNT);
    proposal.signal_seq = signal_of(&court, TT_SOURCE_STRATEGY);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    // Signals that nobody knows any more share one count.
    proposal.signal_seq = 0;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    proposal.signal_seq = 999999;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADE_COUNT);
    court_close(&court);
}

static void strategies_beyond_the_table_share_a_count(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_risk_state *state = court.risk->state;
    for (uint32_t source = 1; source <= TT_RISK_STRATEGIES_MAX; source++) {
        tt_risk_state_strategy(state, source)->entries = source;
    }
    assert_ptr_equal(tt_risk_state_strategy(state, 100), &state->strategies[0]);
    for (uint32_t source = 1; source < TT_RISK_STRATEGIES_MAX; source++) {
        assert_int_equal(tt_risk_state_strategy(state, source)->entries, source);
    }
    court_close(&court);
}

static void old_market_data_stop_limit_entries_too(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.require_fresh_data = true;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    tt_bar bar = {.close = PRICE("100"), .interval_s = 60};
    court_say(&court, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, ETH, &bar);
    court_wait(&court, 360);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_wait(&court, 1);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    assert_row(&court, NO_PRICE, REJECT, "301", "300");
    tt_quote quote = {.bid = PRICE("100"), .ask = PRICE("100")};
    court_say(&court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, ETH, &quote);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.reference_price, "100"); // The limit price sizes it as before.
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_without_entries_may_cross_midnight),
        cmocka_unit_test(entries_are_allowed_in_windows_alone_if_there_are_any),
        cmocka_unit_test(windows_that_leave_no_time_never_end),
        cmocka_unit_test(entries_of_a_day_are_limited),
        cmocka_unit_test(entries_of_a_strategy_are_limited),
        cmocka_unit_test(strategies_beyond_the_table_share_a_count),
        cmocka_unit_test(old_market_data_stop_limit_entries_too),
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
