/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Equity, peak and drawdown; positions and the list of active symbols; layout of the region.
 */
#include "fixture.h"

static void expect_drawdown(const char *peak, const char *equity, const char *percent)
{
    tt_ratio drawdown = tt_risk_drawdown(MONEY(peak), MONEY(equity));
    assert_num(drawdown, percent);
}

static void drawdown_has_edges(void **unused)
{
    (void)unused;
    expect_drawdown("10000", "9000", "10");
    expect_drawdown("10000", "10000", "0");
    expect_drawdown("10000", "12000", "0");
    expect_drawdown("10000", "0", "100");
    expect_drawdown("10000", "-1000", "110");
    expect_drawdown("0", "0", "0");
    expect_drawdown("0", "-1", "100");
    expect_drawdown("-5", "-6", "100");
    expect_drawdown(
        "3", "2", "33.333333333333333333"); // Rounded down: never over a limit by rounding.
    expect_drawdown("0.000000000000000001", "-10000000000000000000", "100"); // Out of range.
}

static void share_is_saturated(void **unused)
{
    (void)unused;
    assert_num(tt_risk_share_of(MONEY("10000"), RATIO("0.2")), "2000");
    assert_num(
        tt_risk_share_of(MONEY("0.000000000000000003"), RATIO("0.5")), "0.000000000000000001");
    assert_num(
        tt_risk_share_of(MONEY("10000000000000000000"), RATIO("100")), "10000000000000000000");
}

static void peak_and_drawdown_follow_equity(void **unused)
{
    (void)unused;
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    court_account(&court, "12000");
    court_account(&court, "11760");
    tt_risk_status_get(court.risk, &status);
    assert_num(status.peak_equity, "12000");
    assert_num(status.equity, "11760");
    assert_num(status.drawdown_pct, "2");
    assert_num(status.max_drawdown_pct, "2");
    assert_num(status.daily_pnl_pct, "17.6");
    assert_num(status.weekly_pnl_pct, "17.6");
    court_account(&court, "11400"); // 5 % down
    court_account(&court, "11880");
    tt_risk_status_get(court.risk, &status);
    assert_num(status.drawdown_pct, "1");
    assert_num(status.max_drawdown_pct, "5");
    court_account(&court, "13000"); // A new peak ends the drawdown, not the memory of it.
    court_account(&court, "12870");
    tt_risk_status_get(court.risk, &status);
    assert_num(status.peak_equity, "13000");
    assert_num(status.drawdown_pct, "1");
    assert_num(status.max_drawdown_pct, "5");
    court_close(&court);
}

/* What lies in profit bags is no equity, and putting it there is no loss. */
static void what_is_set_aside_is_no_loss(void **unused)
{
    (void)unused;
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    court_account(&court, "12000");
    court_account(&court, "11760");
    tt_profit_bag bags = {.set_aside = MONEY("1000")};
    court_say(&court, TT_TOPIC_PROFIT_BAGS, TT_SOURCE_PORTFOLIO, 0, &bags);
    tt_risk_status_get(court.risk, &status);
    assert_num(status.equity, "10760");
    assert_num(status.peak_equity, "11000");
    assert_num(status.daily_pnl_pct, "19.555555555555555556"); // 1760 of 9000
    court_account(&court, "12000");                            // whole, as the account tells it
    tt_risk_status_get(court.risk, &status);
    assert_num(status.equity, "11000");
    assert_num(status.drawdown_pct, "0");
    bags.set_aside = MONEY("1500"); // the message tells the total
    court_say(&court, TT_TOPIC_PROFIT_BAGS, TT_SOURCE_PORTFOLIO, 0, &bags);
    tt_risk_status_get(court.risk, &status);
    assert_num(status.equity, "10500");
    assert_num(status.drawdown_pct, "0");
    court_close(&court);
}

static void account_with(risk_court *court, const char *transfers, const char *equity)
{
    tt_account_update update = {
        .initial = MONEY("10000"),
        .transfers = MONEY(transfers),
        .balance = MONEY(equity),
        .equity = MONEY(equity),
        .margin_available = MONEY(equity),
    };
    court_say(court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
}

/* A loss of 2 % of the day and of 3 % from the peak stays just that, whatever leaves or comes. */
static void a_transfer_is_no_loss(void **unused)
{
    (void)unused;
    static const struct {
        const char *transfers;
        const char *equity;
    } cases[] = {{"0", "9800"}, {"-4900", "4900"}, {"-8800", "1000"}, {"90200", "100000"}};
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    court_account(&court, "10103.092783505154639176"); // The peak: 9800 is 3 % below.
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    court_account(&court, "10000");
    court.risk->state->account.day_start = MONEY("10000");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        account_with(&court, cases[i].transfers, cases[i].equity);
        tt_risk_status_get(court.risk, &status);
        assert_num(status.equity, cases[i].equity);
        assert_num(status.daily_pnl_pct, "-2");
        tt_dec off = tt_dec_xsub(status.drawdown_pct.d, TT_DEC_C(3, 0));
        assert_true(tt_dec_lt(tt_dec_xabs(off), TT_DEC_C(1, 15)));
        for (int breach = 0; breach < TT_breach_type_COUNT; breach++) {
            assert_false(court.risk->state->breached[breach]);
        }
    }
    // The floors moved with it: a loss of 5 % of the day trips at 95000.
    assert_num(court.risk->state->account.day_start, "102040.8163265306122449");
    court_close(&court);
}

/* Without the change in proportion a fall of 10 % would be one of 95 % of what is left. */
static void a_withdrawal_trips_no_breaker(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    account_with(&court, "0", "9700");
    account_with(&court, "-9600", "100");
    assert_false(court.risk->state->breached[TT_breach_type_MAX_DRAWDOWN]);
    assert_false(court.risk->state->breached[TT_breach_type_DAILY_LOSS]);
    assert_false(court.risk->state->warned[TT_breach_type_MAX_DRAWDOWN]);
    account_with(&court, "-9600", "50"); // Half of what is left: that is a loss.
    assert_true(court.risk->state->breached[TT_breach_type_MAX_DRAWDOWN]);
    assert_true(court.risk->state->breached[TT_breach_type_DAILY_LOSS]);
    court_close(&court);
}

/* What protections look back over is of the same money as the equity. */
static void results_move_with_a_transfer(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_risk_trades *trades = &court.risk->state->trades;
    trades->list[0].result = MONEY("-500");
    trades->count = trades->next = 1;
    account_with(&court, "-9000", "1000");
    assert_num(trades->list[0].result, "-50");
    account_with(&court, "-10000", "0"); // Nothing is left to be a part of.
    assert_num(trades->list[0].result, "-50");
    court_close(&court);
}

/* The cash of the account is not the venue's: no symbol is entered, and each reason ends by itself.
 */
static void cash_holds_every_symbol(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_balance_reconciliation cash = {.blocks_entries = 1};
    tt_reconciliation position = {.blocks_entries = 1};
    court_say(&court, TT_TOPIC_BALANCE_RECONCILIATIONS, TT_SOURCE_TRADE, 0, &cash);
    assert_int_equal(court.risk->state->symbols[0].is_unsettled, 1);
    assert_int_equal(court.risk->state->symbols[TT_INSTRUMENTS_MAX - 1].is_unsettled, 1);
    court_say(&court, TT_TOPIC_RECONCILIATIONS, TT_SOURCE_TRADE, 1, &position);
    cash.blocks_entries = 0;
    court_say(&court, TT_TOPIC_BALANCE_RECONCILIATIONS, TT_SOURCE_TRADE, 0, &cash);
    assert_int_equal(court.risk->state->symbols[0].is_unsettled, 1);
    assert_int_equal(court.risk->state->symbols[1].is_unsettled, 0);
    cash.blocks_entries = 1;
    court_say(&court, TT_TOPIC_BALANCE_RECONCILIATIONS, TT_SOURCE_TRADE, 0, &cash);
    position.blocks_entries = 0;
    court_say(&court, TT_TOPIC_RECONCILIATIONS, TT_SOURCE_TRADE, 1, &position);
    assert_int_equal(court.risk->state->symbols[0].is_unsettled, 1);
    court_close(&court);
}

static void pnl_of_day_and_week_have_own_starts(void **unused)
{
    (void)unused;
    risk_court court;
    tt_risk_status status;
    court_start(&court);
    court_account(&court, "10200");
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    court_account(&court, "9996");
    tt_risk_status_get(court.risk, &status);
    assert_num(status.daily_pnl_pct, "-2");
    assert_num(status.weekly_pnl_pct, "-0.04");
    court_close(&court);
}

static void exposure_is_quantity_times_mark(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_position_update update = {
        .qty = QTY("-3"),
        .cost = MONEY("-300"),
        .unrealized_pnl = MONEY("-30"), // A short that lost: the mark is 110.
        .mark = PRICE("110"),
        .position_id = 9,
        .leverage = 3,
    };
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, ETH, &update);
    const tt_risk_state *state = court.risk->state;
    assert_num(state->symbols[ETH - 1].exposure, "330");
    assert_num(state->symbols[ETH - 1].margin, "110");
    court_position(&court, SOL, "1", "50");
    assert_num(state->exposure, "380");
    assert_num(state->margin, "160");
    court_position(&court, ETH, "0", "110");
    assert_num(state->exposure, "50");
    assert_num(state->margin, "50");
    court_close(&court);
}

static void active_symbols_are_listed_once(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    const tt_risk_state *state = court.risk->state;
    court_position(&court, ETH, "1", "100");
    court_position(&court, ETH, "2", "100");
    court_position(&court, SOL, "1", "100");
    court_position(&court, ADA, "1", "100");
    assert_int_equal(state->active_count, 3);
    court_position(&court, SOL, "0", "100");
    assert_int_equal(state->active_count, 2);
    assert_int_equal(state->active[0], ETH - 1);
    assert_int_equal(state->active[1], ADA - 1);
    assert_int_equal(state->active[2], 0);
    court_close(&court);
}

static void the_check_finds_a_broken_sum(void **unused)
{
    (void)unused;
    risk_court court;
    static tt_risk_state kept; // Too large for a frame.
    court_start(&court);
    court_position(&court, ETH, "1", "100");
    tt_risk_state *state = court.risk->state;
    kept = *state;
    state->exposure.d.v++;
    TT_EXPECT_ABORT((tt_risk_state_check(state), 0));
    *state = kept;
    state->symbols[ETH - 1].pending.d.v++;
    TT_EXPECT_ABORT((tt_risk_state_check(state), 0));
    *state = kept;
    state->active_count = 0;
    TT_EXPECT_ABORT((tt_risk_state_check(state), 0));
    *state = kept;
    state->account.peak = MONEY("1");
    TT_EXPECT_ABORT((tt_risk_state_check(state), 0));
    *state = kept;
    court_close(&court);
}

/* A copy of the region must hold defined bytes only, so its structs have no padding. */
static void the_region_has_no_padding(void **unused)
{
    (void)unused;
#if defined(__GNUC__) && !defined(__clang__)
    tt_risk_state *state = test_malloc(sizeof *state);
    unsigned char *bytes = (unsigned char *)state;
    memset(bytes, 0xff, sizeof *state);
    __builtin_clear_padding(state);
    for (size_t i = 0; i < sizeof *state; i++) {
        assert_int_equal(bytes[i], 0xff);
    }
    test_free(state);
#else
    skip(); // Only gcc can tell.
#endif
}

/* The same messages give the same bytes, and a copied region goes on as the original would. */
static void a_restored_region_goes_on_the_same(void **unused)
{
    (void)unused;
    static risk_court first; // Two are too large for a frame.
    static risk_court second;
    court_start(&first);
    court_position(&first, ETH, "3", "100");
    court_closed(&first, BTC, "-4");
    court_wait(&first, 600);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&first, SOL, &proposal), TT_risk_code_NONE);
    (void)court_intent(&first, SOL);
    court_init(&second);
    court_open(&second);
    assert_string_equal(second.core.regions[second.core.region_count - 2].name, "risk");
    assert_string_equal(second.core.regions[second.core.region_count - 1].name, "risk.parts");
    *second.risk->state = *first.risk->state;
    tt_risk_changed(second.risk);
    tt_bus_set_next_seq(second.core.bus, tt_bus_next_seq(first.core.bus));
    second.now = first.now;
    risk_court *courts[] = {&first, &second};
    for (int i = 0; i < 2; i++) {
        court_account(courts[i], "9700");
        assert_int_equal(court_judge(courts[i], SOL, &proposal), TT_risk_code_NONE);
    }
    assert_memory_equal(first.risk->state, second.risk->state, sizeof *first.risk->state);
    assert_memory_equal(&first.verdict, &second.verdict, sizeof first.verdict);
    court_close(&first);
    court_close(&second);
}

static void trades_of_the_day_are_counted(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_closed(&court, BTC, "1");
    court_closed(&court, BTC, "-1");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_IN_COOLDOWN);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.entries_today, 1);
    assert_int_equal(status.trades_today, 2);
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    court_closed(&court, BTC, "1"); // The first message of the new day.
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.entries_today, 0);
    assert_int_equal(status.trades_today, 1);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades_of_the_day_are_counted),
        cmocka_unit_test(drawdown_has_edges),
        cmocka_unit_test(share_is_saturated),
        cmocka_unit_test(peak_and_drawdown_follow_equity),
        cmocka_unit_test(what_is_set_aside_is_no_loss),
        cmocka_unit_test(a_transfer_is_no_loss),
        cmocka_unit_test(a_withdrawal_trips_no_breaker),
        cmocka_unit_test(results_move_with_a_transfer),
        cmocka_unit_test(cash_holds_every_symbol),
        cmocka_unit_test(pnl_of_day_and_week_have_own_starts),
        cmocka_unit_test(exposure_is_quantity_times_mark),
        cmocka_unit_test(active_symbols_are_listed_once),
        cmocka_unit_test(the_check_finds_a_broken_sum),
        cmocka_unit_test(the_region_has_no_padding),
        cmocka_unit_test(a_restored_region_goes_on_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
