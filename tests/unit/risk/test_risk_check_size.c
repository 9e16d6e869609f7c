/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sizes: each cut, its edge, and what the lot leaves.
 */
#include "../../lib/config_defaults.h"
#include "fixture.h"

#include <string.h>

static void
expect_sizes(const risk_court *court, tt_risk_code code, const char *from, const char *to)
{
    const tt_risk_check *row = court_row(court, code);
    assert_non_null(row);
    assert_num(row->before, from);
    assert_num(row->after, to);
    bool is_less = !tt_dec_eq(num(from), num(to));
    assert_int_equal(row->outcome, is_less ? TT_check_outcome_CLAMP : TT_check_outcome_PASS);
}

static void oversize_is_cut_to_the_position_limit(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("3000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    assert_row(&court, SIZE_REDUCED, CLAMP, "3000", "2000");
    expect_sizes(&court, TT_risk_code_SIZE_REDUCED, "3000", "2000");
    assert_num(court.verdict.size_before, "3000");
    assert_num(court.verdict.size_after, "2000");
    assert_num(court.verdict.qty, "20");
    proposal.size = MONEY("2000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    court_close(&court);
}

static void what_is_held_takes_room(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "15", "100");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, CLAMP, "2500", "2000");
    assert_num(court.verdict.size_after, "500");
    court_position(&court, ETH, "-15", "100");
    proposal.side = TT_side_SELL;
    proposal.stop_loss = PRICE("102");
    proposal.take_profit = PRICE("96");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.size_after, "500");
    court_position(&court, ETH, "-20", "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    expect_sizes(&court, TT_risk_code_SIZE_REDUCED, "1000", "0");
    court_position(&court, ETH, "-21", "100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    expect_sizes(&court, TT_risk_code_SIZE_REDUCED, "1000", "0");
    court_close(&court);
}

static void size_may_be_a_share_of_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("0");
    proposal.size_pct = RATIO("12.5");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.size_before, "1250");
    assert_num(court.verdict.size_after, "1250");
    proposal.size = MONEY("700"); // A size in money wins.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.size_after, "700");
    court_close(&court);
}

static void arbiter_and_regime_only_reduce(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size_reduction_pct = RATIO("40");
    proposal.size_multiplier = RATIO("0.5");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_ADVISED, CLAMP, "40", "0.5");
    assert_num(court.verdict.size_after, "300");
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    proposal.size_reduction_pct = RATIO("0");
    proposal.size_multiplier = RATIO("1.5");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_ADVISED, PASS, "0", "1");
    assert_num(court.verdict.size_after, "1000");
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    proposal.size_reduction_pct = RATIO("100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    court_close(&court);
}

static void advice_comes_before_the_limits(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("3000");
    proposal.size_reduction_pct = RATIO("50");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    // 1500 is within 2000: halving the clamped size instead would leave 1000.
    assert_num(court.verdict.size_after, "1500");
    court_close(&court);
}

static void loss_at_the_stop_is_limited(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_position_pct = RATIO("100");
    court.config.limits.max_total_exposure_pct = RATIO("100");
    court.config.correlation.max_exposure_pct = RATIO("100");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE("96");
    proposal.take_profit = PRICE("110");
    proposal.size = MONEY("5000"); // 4 % of 5000 = 200 = 2 % of the equity.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, RISK_PER_TRADE, PASS, "200", "200");
    assert_num(court.verdict.risk_per_trade_pct, "2");
    proposal.size = MONEY("8000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, RISK_PER_TRADE, CLAMP, "320", "200");
    assert_num(court.verdict.size_after, "5000");
    assert_num(court.verdict.risk_per_trade_pct, "2");
    court_close(&court);
}

static void lose(risk_court *court, int count)
{
    for (int i = 0; i < count; i++) {
        court_closed(court, BTC, "-1");
    }
    court_wait(court, 3600);
}

static void five_losses_halve_the_size(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    lose(&court, 4);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED_LOSSES, PASS, "4", "5");
    lose(&court, 1);
    proposal.size = MONEY("3000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED_LOSSES, CLAMP, "5", "5");
    expect_sizes(&court, TT_risk_code_SIZE_REDUCED_LOSSES, "2000", "1000");
    court_close(&court);
}

static void a_spike_halves_after_all_else(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    lose(&court, 5);
    tt_indicators indicators = {.atr_14 = RATIO("31"), .atr_avg_20 = RATIO("10")};
    court_say(&court, TT_TOPIC_INDICATORS, TT_SOURCE_MARKET, ETH, &indicators);
    court_wait(&court, 900);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, VOLATILITY_SPIKE, CLAMP, "31", "30");
    expect_sizes(&court, TT_risk_code_VOLATILITY_SPIKE, "500", "250");
    assert_num(court.verdict.size_after, "250");
    court_close(&court);
}

static void quantity_stands_on_the_lot(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("999.99");
    proposal.entry_price = PRICE("99.7");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "10.029"); // 10.02998...
    assert_num(court.verdict.size_after, "999.99");
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    court_close(&court);
}

/* Lots that are no decimal part of one, very small lots and very large sizes take the slow way. */
static void odd_lots_are_counted_exactly(void **unused)
{
    (void)unused;
    const struct {
        const char *lot;
        const char *equity;
        const char *size;
        const char *price;
        const char *qty;
    } rows[] = {
        {"0.003", "10000", "1000", "100", "9.999"},
        {"0.000000001", "10000", "1000", "97", "10.309278350"},
        {"0.00000001", "10000", "1000", "97", "10.30927835"},
        {"0.001", "10000000000000", "2000000000000", "97", "10000000000"},
        {"0.001", "10000000000000", "1000000000000", "970", "1030927835.051"},
        {"7", "10000", "1000", "100", "7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        risk_court court;
        court_init(&court);
        court.instruments.list[ETH - 1].qty_increment = QTY(rows[i].lot);
        court_open(&court);
        court_account(&court, rows[i].equity);
        tt_trade_proposal proposal = good_proposal();
        proposal.size = MONEY(rows[i].size);
        proposal.entry_price = PRICE(rows[i].price);
        proposal.stop_loss.d = tt_dec_xmul(num(rows[i].price), num("0.98"));
        proposal.take_profit.d = tt_dec_xmul(num(rows[i].price), num("1.04"));
        assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
        assert_num(court.verdict.qty, rows[i].qty);
        court_close(&court);
    }
}

static void least_sizes_have_edges(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("5");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "0.05");
    proposal.size = MONEY("4.99"); // 0.049 x 100 = 4.9
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    assert_row(&court, SIZE_TOO_SMALL, REJECT, "4.9", "5");
    court.instruments.list[ETH - 1].min_qty = QTY("2");
    court_changed(&court);
    proposal.size = MONEY("199.99");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    assert_row(&court, SIZE_TOO_SMALL, REJECT, "1.999", "2");
    proposal.size = MONEY("200");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_TOO_SMALL, PASS, "2", "2");
    court_close(&court);
}

static void a_tiny_price_cannot_overflow(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.instruments.list[ETH - 1].qty_increment = QTY("1");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("0.000000001");
    proposal.stop_loss = PRICE("0.00000000098");
    proposal.take_profit = PRICE("0.0000000011");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "10000000000"); // The largest quantity; 10^12 were asked.
    proposal.entry_price.d.v = 1;
    proposal.stop_loss = PRICE("0");
    proposal.take_profit = PRICE("0");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_LOSS_REQUIRED);
    court_close(&court);
}

static void rebalance_sells_no_more_than_is_held(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "3.0005", "100");
    tt_trade_proposal proposal = {
        .size = MONEY("120.05"),
        .kind = TT_proposal_kind_REBALANCE,
        .side = TT_side_SELL,
    };
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "1.2");
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    assert_int_equal(court.verdict.count, 6);
    proposal.size = MONEY("400");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, CLAMP, "400", "300.05");
    assert_num(court.verdict.qty, "3.0005"); // All of it, although it is off the lot.
    assert_int_equal(court.verdict.status, TT_verdict_MODIFIED);
    proposal.size = MONEY("4.9");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    proposal.size = MONEY("0");
    proposal.size_pct = RATIO("1");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "1");
    court_close(&court);
}

static void rebalance_may_sell_a_remainder(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "0.0004", "100");
    tt_trade_proposal proposal = {
        .size = MONEY("10"),
        .kind = TT_proposal_kind_REBALANCE,
        .side = TT_side_SELL,
    };
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "0.0004");
    court_close(&court);
}

/* (equity, entry, stop, regime, confidence) -> the most that may be bought. */
static void confidence_and_regime_scale_the_loss(void **unused)
{
    (void)unused;
    static const struct {
        const char *equity;
        const char *entry;
        const char *stop;
        const char *confidence;
        const char *size;
        tt_regime regime;
    } rows[] = {
        {"10000", "45000", "44100", "0.85", "2000", TT_regime_TRENDING_BULL},
        {"100000", "45000", "40500", "0.85", "5000", TT_regime_CHOPPY},
        {"100000", "45000", "40500", "0.62", "5000", TT_regime_TRENDING_BULL},
        {"10000", "100", "97", "0.7", "2000", TT_regime_RANGING},
        {"100000", "100", "90", "0.849999", "15000", TT_regime_TRENDING_BULL},
        {"100000", "100", "90", "0.749999", "10000", TT_regime_TRENDING_BULL},
        {"100000", "100", "90", "0.649999", "5000", TT_regime_TRENDING_BULL},
        {"100000", "100", "90", "0.9", "16000", TT_regime_TRENDING_BEAR},
        {"100000", "100", "90", "0.9", "8000", TT_regime_VOLATILE_BEAR},
        {"100000", "100", "90", "0.9", "15000", TT_regime_BREAKOUT_POTENTIAL},
        {"100000", "100", "90", "0.9", "10000", TT_regime_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        risk_court court;
        court_init(&court);
        court.config.sizing.enabled = true;
        court.config.limits.max_stop_pct = RATIO("100");
        memset(&court.config.confidence, 0, sizeof court.config.confidence);
        court_open(&court);
        court_account(&court, rows[i].equity);
        tt_trade_proposal proposal = good_proposal();
        proposal.size.d = num(rows[i].equity);
        proposal.entry_price = PRICE(rows[i].entry);
        proposal.stop_loss = PRICE(rows[i].stop);
        proposal.take_profit = PRICE("90000");
        proposal.confidence = RATIO(rows[i].confidence);
        proposal.regime = (uint8_t)rows[i].regime;
        assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
        assert_num(court.verdict.size_after, rows[i].size);
        court_close(&court);
    }
}

static void below_the_last_tier_nothing_is_traded(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.sizing.enabled = true;
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.confidence = RATIO("0.599999");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    assert_row(&court, RISK_PER_TRADE, CLAMP, "20", "0");
    court_close(&court);
}

static void tiers_cap_the_leverage(void **unused)
{
    (void)unused;
    static const char *const confidences[] = {"0.85", "0.849", "0.749", "0.649"};
    risk_court court;
    court_init(&court);
    court.config.sizing.enabled = true;
    court_open(&court);
    court_account(&court, "10000");
    for (uint32_t i = 0; i < 4; i++) {
        tt_trade_proposal proposal = good_proposal();
        proposal.size = MONEY("100");
        proposal.confidence = RATIO(confidences[i]);
        proposal.leverage = 9;
        assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
        assert_int_equal(court.verdict.leverage_after, 5 - i);
    }
    court_close(&court);
}

static void a_symbol_has_a_stricter_position_of_its_own(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &court.config.symbols[0]);
    TT_TEXT_SET(court.config.symbols[0].symbol, "ETH/USDT");
    court.config.symbols[0].max_position_pct = RATIO("7.5");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, CLAMP, "1000", "750");
    assert_int_equal(court_judge(&court, SOL, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, PASS, "1000", "2000");
    court_close(&court);
    court_init(&court);
    court.config.symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &court.config.symbols[0]); // 1000 %: the common limit holds.
    TT_TEXT_SET(court.config.symbols[0].symbol, "ETH/USDT");
    court_open(&court);
    court_account(&court, "10000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, SIZE_REDUCED, PASS, "1000", "2000");
    court_close(&court);
}

/* A size above the least notional whose whole lots are not. */
static void whole_lots_decide_about_the_least_notional(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.entry_price = PRICE("99.9");
    proposal.size = MONEY("5.05");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_SIZE_TOO_SMALL);
    assert_row(&court, SIZE_TOO_SMALL, REJECT, "4.995", "5");
    proposal.size = MONEY("5.0949"); // One lot more: 5.0949 to the digit.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_num(court.verdict.qty, "0.051");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_lots_decide_about_the_least_notional),
        cmocka_unit_test(confidence_and_regime_scale_the_loss),
        cmocka_unit_test(below_the_last_tier_nothing_is_traded),
        cmocka_unit_test(tiers_cap_the_leverage),
        cmocka_unit_test(a_symbol_has_a_stricter_position_of_its_own),
        cmocka_unit_test(oversize_is_cut_to_the_position_limit),
        cmocka_unit_test(what_is_held_takes_room),
        cmocka_unit_test(size_may_be_a_share_of_equity),
        cmocka_unit_test(arbiter_and_regime_only_reduce),
        cmocka_unit_test(advice_comes_before_the_limits),
        cmocka_unit_test(loss_at_the_stop_is_limited),
        cmocka_unit_test(five_losses_halve_the_size),
        cmocka_unit_test(a_spike_halves_after_all_else),
        cmocka_unit_test(quantity_stands_on_the_lot),
        cmocka_unit_test(odd_lots_are_counted_exactly),
        cmocka_unit_test(least_sizes_have_edges),
        cmocka_unit_test(a_tiny_price_cannot_overflow),
        cmocka_unit_test(rebalance_sells_no_more_than_is_held),
        cmocka_unit_test(rebalance_may_sell_a_remainder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
