/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What makes a proposal well formed, all reasons at once, and positions for what reduces.
 */
#include "fixture.h"

#include <string.h>

/* Fails unless the proposal breaks exactly one rule, and its alert says which. */
static void expect_broken(risk_court *court, tt_trade_proposal proposal, const char *words)
{
    court_forget(court);
    assert_int_equal(court_judge(court, ETH, &proposal), TT_risk_code_INVALID_PROPOSAL);
    assert_row(court, INVALID_PROPOSAL, REJECT, "1", "0");
    assert_int_equal(court->verdict.count, 1);
    assert_int_equal(court->alert_count, 1);
    char expected[160] = "INVALID_PROPOSAL: not well formed: ";
    strcat(expected, words);
    assert_string_equal(court->alerts[0].message, expected);
}

static void sizes_must_be_there(void **unused)
{
    (void)unused;
    const char *words = "size or size_pct must be above 0 and within bounds";
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("0");
    expect_broken(&court, proposal, words);
    proposal.size = MONEY("-1");
    proposal.size_pct = RATIO("5");
    expect_broken(&court, proposal, words);
    proposal.size = MONEY("1000000000000000.01");
    expect_broken(&court, proposal, words);
    proposal.size = MONEY("0");
    proposal.size_pct = RATIO("-5");
    expect_broken(&court, proposal, words);
    proposal.size_pct = RATIO("10000.01");
    expect_broken(&court, proposal, words);
    court_close(&court);
}

static void levels_must_be_on_their_sides(void **unused)
{
    (void)unused;
    const char *stop = "stop_loss must be below the entry of a buy, above that of a sell";
    const char *target = "take_profit must be above the entry of a buy, below that of a sell";
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE("100");
    expect_broken(&court, proposal, stop);
    proposal.stop_loss = PRICE("101");
    expect_broken(&court, proposal, stop);
    proposal.stop_loss = PRICE("-98");
    expect_broken(&court, proposal, stop);
    proposal.stop_loss = PRICE("1000000000.1");
    expect_broken(&court, proposal, stop);
    proposal = good_proposal();
    proposal.take_profit = PRICE("100");
    expect_broken(&court, proposal, target);
    proposal.take_profit = PRICE("99");
    expect_broken(&court, proposal, target);
    proposal.take_profit = PRICE("-1");
    expect_broken(&court, proposal, target);
    proposal.side = TT_side_SELL;
    proposal.stop_loss = PRICE("100");
    proposal.take_profit = PRICE("96");
    expect_broken(&court, proposal, stop);
    proposal.stop_loss = PRICE("102");
    proposal.take_profit = PRICE("100");
    expect_broken(&court, proposal, target);
    court_close(&court);
}

static void other_fields_have_bounds(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.leverage = 0;
    expect_broken(&court, proposal, "leverage must be at least 1");
    proposal = good_proposal();
    proposal.confidence = RATIO("1.000000000000000001");
    expect_broken(&court, proposal, "confidence must be 0 to 1");
    proposal.confidence = RATIO("-0.1");
    expect_broken(&court, proposal, "confidence must be 0 to 1");
    proposal = good_proposal();
    proposal.size_reduction_pct = RATIO("100.1");
    expect_broken(&court, proposal, "size_reduction_pct must be 0 to 100");
    proposal.size_reduction_pct = RATIO("-1");
    expect_broken(&court, proposal, "size_reduction_pct must be 0 to 100");
    proposal = good_proposal();
    proposal.size_multiplier = RATIO("0");
    expect_broken(&court, proposal, "size_multiplier must be above 0");
    proposal = good_proposal();
    proposal.regime = TT_regime_COUNT;
    expect_broken(&court, proposal, "kind, regime or strictness is unknown");
    proposal = good_proposal();
    proposal.entry_strictness = TT_strictness_COUNT;
    expect_broken(&court, proposal, "kind, regime or strictness is unknown");
    proposal = good_proposal();
    proposal.kind = TT_proposal_kind_COUNT;
    expect_broken(&court, proposal, "kind, regime or strictness is unknown");
    proposal = good_proposal();
    proposal.side = TT_side_NONE;
    proposal.stop_loss = PRICE("102");
    proposal.take_profit = PRICE("0");
    expect_broken(&court, proposal, "side must be buy or sell");
    court_close(&court);
}

static void an_entry_price_must_be_one(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("-100");
    proposal.stop_loss = PRICE("0");
    proposal.take_profit = PRICE("0");
    expect_broken(&court, proposal, "entry_price must be 0 to 1e9");
    proposal.entry_price = PRICE("1000000000.01");
    expect_broken(&court, proposal, "entry_price must be 0 to 1e9");
    court_close(&court);
}

static void all_reasons_are_told(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.leverage = 0;
    proposal.confidence = RATIO("7");
    proposal.size_multiplier = RATIO("-1");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INVALID_PROPOSAL);
    assert_row(&court, INVALID_PROPOSAL, REJECT, "3", "0");
    assert_string_equal(
        court.alerts[0].message,
        "INVALID_PROPOSAL: not well formed: leverage must be at least 1; "
        "confidence must be 0 to 1; size_multiplier must be above 0");
    court_close(&court);
}

static void an_unknown_instrument_is_refused(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    const uint32_t keys[] = {0, INSTRUMENTS};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(court_judge(&court, keys[i], &proposal), TT_risk_code_INVALID_PROPOSAL);
        assert_non_null(strstr(court.alerts[i].message, "the instrument is not configured"));
    }
    proposal.kind = TT_proposal_kind_CLOSE;
    assert_int_equal(court_judge(&court, 0, &proposal), TT_risk_code_INVALID_PROPOSAL);
    court_close(&court);
}

static void the_other_side_must_be_closed_first(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "-1", "100");
    expect_broken(&court, good_proposal(), "a position of the other side is open: close it first");
    court_position(&court, ETH, "1", "100");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_close(&court);
}

static tt_trade_proposal close_proposal(tt_side side)
{
    return (tt_trade_proposal){
        .kind = TT_proposal_kind_CLOSE,
        .side = (uint8_t)side,
        .exit_reason = TT_exit_reason_SIGNAL,
    };
}

static void a_close_takes_the_whole_position(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "-1.5", "100");
    tt_trade_proposal proposal = close_proposal(TT_side_BUY);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    assert_int_equal(court.verdict.kind, TT_proposal_kind_CLOSE);
    assert_int_equal(court.verdict.side, TT_side_BUY);
    assert_int_equal(court.verdict.exit_reason, TT_exit_reason_SIGNAL);
    assert_int_equal(court.verdict.position_id, 77);
    assert_int_equal(court.verdict.count, 2);
    assert_num(court.verdict.qty, "1.5");
    assert_num(court.verdict.size_before, "150");
    assert_num(court.verdict.size_after, "150");
    assert_row(&court, NO_POSITION, PASS, "1.5", "0");
    assert_int_equal(court.risk->state->entry_count, 0); // It takes no room.
    court_close(&court);
}

static void a_close_needs_a_position_of_its_side(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = close_proposal(TT_side_SELL);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_POSITION);
    court_position(&court, ETH, "-1.5", "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_POSITION);
    proposal = close_proposal(TT_side_NONE);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.side, TT_side_BUY);
    court_close(&court);
}

static void a_close_passes_when_all_is_halted(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "2", "100");
    court_closed(&court, BTC, "-1");
    court_account(&court, "100");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADING_HALTED);
    assert_int_equal(court.verdict.status, TT_verdict_HALTED);
    proposal = close_proposal(TT_side_SELL);
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    tt_trade_proposal rebalance = {
        .size = MONEY("100"), .kind = TT_proposal_kind_REBALANCE, .side = TT_side_SELL};
    assert_int_equal(court_judge(&court, ETH, &rebalance), TT_risk_code_NONE);
    court_close(&court);
}

static tt_trade_proposal rebalance(tt_side side, const char *size)
{
    return (tt_trade_proposal){
        .size = MONEY(size),
        .confidence = RATIO("0.1"),
        .kind = TT_proposal_kind_REBALANCE,
        .side = (uint8_t)side,
        .leverage = 7, // An allocation is held with its own money, whatever is asked.
        .regime = TT_regime_CHOPPY,
    };
}

static void quote(risk_court *court, uint32_t key, const char *price)
{
    tt_quote quote = {.bid = PRICE(price), .ask = PRICE(price)};
    court_say(court, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, key, &quote);
}

static void a_rebalance_buys_without_stop_and_confidence(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = rebalance(TT_side_BUY, "1000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_PRICE);
    quote(&court, ETH, "100");
    court_closed(&court, BTC, "-1"); // Its own sales do not hold it back.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    assert_int_equal(court.verdict.leverage_before, 1);
    assert_int_equal(court.verdict.leverage_after, 1);
    assert_int_equal(court.verdict.position_id, 0);
    assert_num(court.verdict.qty, "10");
    assert_num(court.risk->state->pending, "1000"); // It counts as an entry in flight.
    court_position(&court, ETH, "10", "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    proposal.size = MONEY("0");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INVALID_PROPOSAL);
    court_close(&court);
}

static void what_a_rebalance_buys_is_within_the_limits(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    quote(&court, ETH, "100");
    tt_trade_proposal proposal = rebalance(TT_side_BUY, "4000.01");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, CLAMP, "4000.01", "4000");
    assert_num(court.verdict.size_after, "4000");
    court_position(&court, BTC, "40", "101"); // 4040 and 3960.01: above 80 %.
    proposal.size = MONEY("3960.01");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_EXPOSURE_LIMIT);
    proposal.size = MONEY("3960");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_position(&court, BTC, "0", "100");
    court_account(&court, "9500"); // The breaker of the day.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CIRCUIT_BREAKER);
    court_account(&court, "8000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_TRADING_HALTED);
    court_close(&court);
}

static void a_rebalance_opens_no_short(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    quote(&court, ETH, "100");
    tt_trade_proposal proposal = rebalance(TT_side_SELL, "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_POSITION);
    court_position(&court, ETH, "-2", "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NO_POSITION);
    proposal = rebalance(TT_side_BUY, "500"); // Ends at flat.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "2");
    assert_int_equal(court.verdict.position_id, 77);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_must_be_there),
        cmocka_unit_test(levels_must_be_on_their_sides),
        cmocka_unit_test(other_fields_have_bounds),
        cmocka_unit_test(an_entry_price_must_be_one),
        cmocka_unit_test(all_reasons_are_told),
        cmocka_unit_test(an_unknown_instrument_is_refused),
        cmocka_unit_test(the_other_side_must_be_closed_first),
        cmocka_unit_test(a_close_takes_the_whole_position),
        cmocka_unit_test(a_close_needs_a_position_of_its_side),
        cmocka_unit_test(a_close_passes_when_all_is_halted),
        cmocka_unit_test(a_rebalance_buys_without_stop_and_confidence),
        cmocka_unit_test(what_a_rebalance_buys_is_within_the_limits),
        cmocka_unit_test(a_rebalance_opens_no_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
