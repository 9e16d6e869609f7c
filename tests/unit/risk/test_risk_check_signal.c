/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Stop, target and confidence: every limit from both sides and on its edge.
 */
#include "../../lib/config_defaults.h"
#include "fixture.h"

static tt_trade_proposal with_stop(const char *stop)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE(stop);
    proposal.take_profit = PRICE("0");
    return proposal;
}

static tt_trade_proposal short_with_stop(const char *stop)
{
    tt_trade_proposal proposal = with_stop(stop);
    proposal.side = TT_side_SELL;
    return proposal;
}

static void expect(risk_court *court, tt_trade_proposal proposal, tt_risk_code code)
{
    assert_string_equal(
        tt_enum_text(&tt_enum_risk_code, (uint8_t)court_judge(court, ETH, &proposal)),
        tt_enum_text(&tt_enum_risk_code, (uint8_t)code));
}

/* Every judgement on a fresh symbol: approvals would otherwise add up. */
static void judge_alone(tt_trade_proposal proposal, tt_risk_code code)
{
    static risk_court court; // Inlined beside another it would be too large for a frame.
    court_start(&court);
    expect(&court, proposal, code);
    court_close(&court);
}

static void a_stop_is_required(void **unused)
{
    (void)unused;
    judge_alone(with_stop("0"), TT_risk_code_STOP_LOSS_REQUIRED);
    risk_court court;
    court_init(&court);
    court.config.limits.require_stop_loss = false;
    court_open(&court);
    court_account(&court, "10000");
    expect(&court, with_stop("0"), TT_risk_code_NONE);
    assert_row(&court, STOP_TOO_TIGHT, SKIP, "0", "0.5");
    assert_row(&court, STOP_TOO_WIDE, SKIP, "0", "5");
    assert_row(&court, LOW_RR, SKIP, "0", "1.5");
    assert_row(&court, RISK_PER_TRADE, SKIP, "0", "200");
    assert_num(court.verdict.risk_per_trade_pct, "0");
    court_close(&court);
}

static void stop_distance_has_edges(void **unused)
{
    (void)unused;
    judge_alone(with_stop("99.5"), TT_risk_code_NONE);
    judge_alone(with_stop("99.500000000000000001"), TT_risk_code_STOP_TOO_TIGHT);
    judge_alone(with_stop("99.51"), TT_risk_code_STOP_TOO_TIGHT);
    judge_alone(with_stop("95"), TT_risk_code_NONE);
    judge_alone(with_stop("94.999999999999999999"), TT_risk_code_STOP_TOO_WIDE);
    judge_alone(with_stop("94.99"), TT_risk_code_STOP_TOO_WIDE);
}

static void stop_distance_of_a_short_has_the_same_edges(void **unused)
{
    (void)unused;
    judge_alone(short_with_stop("100.5"), TT_risk_code_NONE);
    judge_alone(short_with_stop("100.49"), TT_risk_code_STOP_TOO_TIGHT);
    judge_alone(short_with_stop("105"), TT_risk_code_NONE);
    judge_alone(short_with_stop("105.01"), TT_risk_code_STOP_TOO_WIDE);
}

/* A price so small that it fits into 64 bits with all its decimals: what passes has the short way
 * (risk_plain.h), to the last digit of the limits and not one beyond. */
static void stop_distance_has_the_same_edges_on_the_short_way(void **unused)
{
    (void)unused;
    static const struct {
        const char *stop;
        tt_side side;
        tt_risk_code code;
    } rows[] = {
        {"3.98", TT_side_BUY, TT_risk_code_NONE}, // 0.5 %
        {"3.979999999999999999", TT_side_BUY, TT_risk_code_NONE},
        {"3.980000000000000001", TT_side_BUY, TT_risk_code_STOP_TOO_TIGHT},
        {"3.8", TT_side_BUY, TT_risk_code_NONE}, // 5 %
        {"3.800000000000000001", TT_side_BUY, TT_risk_code_NONE},
        {"3.799999999999999999", TT_side_BUY, TT_risk_code_STOP_TOO_WIDE},
        {"4.02", TT_side_SELL, TT_risk_code_NONE},
        {"4.020000000000000001", TT_side_SELL, TT_risk_code_NONE},
        {"4.019999999999999999", TT_side_SELL, TT_risk_code_STOP_TOO_TIGHT},
        {"4.2", TT_side_SELL, TT_risk_code_NONE},
        {"4.199999999999999999", TT_side_SELL, TT_risk_code_NONE},
        {"4.200000000000000001", TT_side_SELL, TT_risk_code_STOP_TOO_WIDE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_trade_proposal proposal = good_proposal();
        proposal.side = (uint8_t)rows[i].side;
        proposal.entry_price = PRICE("4");
        proposal.stop_loss = PRICE(rows[i].stop);
        proposal.take_profit = PRICE(rows[i].side == TT_side_BUY ? "5" : "3");
        judge_alone(proposal, rows[i].code);
    }
}

/* Limits with six decimals, and prices of which they are no whole number of units. */
static void uneven_limits_have_edges_on_the_short_way(void **unused)
{
    (void)unused;
    static const struct {
        const char *stop;
        tt_risk_code code;
    } rows[] = {
        {"3.986666679999999999", TT_risk_code_NONE}, // 0.333333 %: 3.98666668 is just that.
        {"3.986666680000000000", TT_risk_code_NONE},
        {"3.986666680000000001", TT_risk_code_STOP_TOO_TIGHT},
        {"3.973333320000000001", TT_risk_code_NONE}, // 0.666667 %
        {"3.973333320000000000", TT_risk_code_NONE},
        {"3.973333319999999999", TT_risk_code_STOP_TOO_WIDE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        risk_court court;
        court_init(&court);
        court.config.limits.min_stop_pct = RATIO("0.333333");
        court.config.limits.max_stop_pct = RATIO("0.666667");
        court_open(&court);
        court_account(&court, "10000");
        tt_trade_proposal proposal = good_proposal();
        proposal.entry_price = PRICE("4");
        proposal.stop_loss = PRICE(rows[i].stop);
        proposal.take_profit = PRICE("5");
        expect(&court, proposal, rows[i].code);
        court_close(&court);
    }
}

static void stop_rows_tell_percent(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = with_stop("49000");
    proposal.entry_price = PRICE("50100");
    expect(&court, proposal, TT_risk_code_NONE);
    // 1100 / 50100 = 2.195608782... percent, rounded against the trade on either side.
    assert_row(&court, STOP_TOO_TIGHT, PASS, "2.195608", "0.5");
    assert_row(&court, STOP_TOO_WIDE, PASS, "2.195609", "5");
    court_close(&court);
}

static void the_largest_price_fits(void **unused)
{
    (void)unused;
    tt_trade_proposal proposal = with_stop("950000000");
    proposal.entry_price = PRICE("1000000000");
    proposal.take_profit = PRICE("1000000000");
    judge_alone(proposal, TT_risk_code_INVALID_PROPOSAL);
    proposal.take_profit = PRICE("0");
    judge_alone(proposal, TT_risk_code_SIZE_TOO_SMALL);
}

/* Ratios beyond any sense are shown as the largest one instead of overflowing. */
static void absurd_distances_do_not_overflow(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_stop_pct = RATIO("0");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = short_with_stop("1000000000");
    proposal.entry_price.d.v = 1;
    expect(&court, proposal, TT_risk_code_STOP_TOO_WIDE);
    assert_row(&court, STOP_TOO_WIDE, REJECT, "10000000000000", "5");
    proposal = with_stop("99.999999999999999999");
    proposal.take_profit = PRICE("1000000000");
    expect(&court, proposal, TT_risk_code_NONE);
    assert_row(&court, LOW_RR, PASS, "10000000000000", "1.5");
    court_close(&court);
}

static void reward_must_be_worth_the_risk(void **unused)
{
    (void)unused;
    tt_trade_proposal proposal = good_proposal();
    proposal.take_profit = PRICE("103");
    judge_alone(proposal, TT_risk_code_NONE); // 3 / 2 = 1.5 passes.
    proposal.take_profit = PRICE("102.99");
    judge_alone(proposal, TT_risk_code_LOW_RR);
    proposal.take_profit = PRICE("102.999999999999999999");
    judge_alone(proposal, TT_risk_code_LOW_RR);
    proposal = short_with_stop("102");
    proposal.take_profit = PRICE("97");
    judge_alone(proposal, TT_risk_code_NONE);
    proposal.take_profit = PRICE("97.01");
    judge_alone(proposal, TT_risk_code_LOW_RR);
}

static void expect_confidence(tt_regime regime, tt_strictness strictness, const char *least)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.regime = (uint8_t)regime;
    proposal.entry_strictness = (uint8_t)strictness;
    proposal.confidence = RATIO(least);
    judge_alone(proposal, TT_risk_code_NONE);
    proposal.confidence.d.v -= 1;
    judge_alone(proposal, TT_risk_code_CONFIDENCE_TOO_LOW);
}

static void confidence_depends_on_the_regime(void **unused)
{
    (void)unused;
    expect_confidence(TT_regime_TRENDING_BULL, TT_strictness_NORMAL, "0.55");
    expect_confidence(TT_regime_TRENDING_BEAR, TT_strictness_NORMAL, "0.55");
    expect_confidence(TT_regime_RANGING, TT_strictness_NORMAL, "0.60");
    expect_confidence(TT_regime_BREAKOUT_POTENTIAL, TT_strictness_NORMAL, "0.60");
    expect_confidence(TT_regime_VOLATILE_BULL, TT_strictness_NORMAL, "0.65");
    expect_confidence(TT_regime_VOLATILE_BEAR, TT_strictness_NORMAL, "0.65");
    expect_confidence(TT_regime_CHOPPY, TT_strictness_NORMAL, "0.75");
    expect_confidence(TT_regime_UNKNOWN, TT_strictness_NORMAL, "0.70");
}

static void confidence_depends_on_strictness(void **unused)
{
    (void)unused;
    expect_confidence(TT_regime_RANGING, TT_strictness_RELAXED, "0.55");
    expect_confidence(TT_regime_RANGING, TT_strictness_STRICT, "0.65");
    expect_confidence(TT_regime_RANGING, TT_strictness_VERY_STRICT, "0.70");
}

static void lose(risk_court *court, int count)
{
    for (int i = 0; i < count; i++) {
        court_closed(court, BTC, "-1");
    }
    court_wait(court, 3600);
}

static void expect_after_losses(int losses, const char *least)
{
    risk_court court;
    court_start(&court);
    lose(&court, losses);
    tt_trade_proposal proposal = good_proposal();
    proposal.confidence = RATIO(least);
    proposal.confidence.d.v -= 1;
    expect(&court, proposal, TT_risk_code_CONFIDENCE_TOO_LOW);
    proposal.confidence = RATIO(least);
    expect(&court, proposal, TT_risk_code_NONE);
    court_close(&court);
}

static void confidence_rises_with_losses(void **unused)
{
    (void)unused;
    expect_after_losses(2, "0.55");
    expect_after_losses(3, "0.65");
    expect_after_losses(4, "0.65");
    expect_after_losses(5, "0.75");
    expect_after_losses(9, "0.75");
}

static void confidence_is_capped_at_one(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    lose(&court, 5);
    tt_trade_proposal proposal = good_proposal();
    proposal.regime = TT_regime_CHOPPY;
    proposal.entry_strictness = TT_strictness_VERY_STRICT;
    proposal.confidence = RATIO("1");
    expect(&court, proposal, TT_risk_code_NONE);
    assert_row(&court, CONFIDENCE_TOO_LOW, PASS, "1", "1"); // 0.75 + 0.10 + 0.20 = 1.05
    court_close(&court);
}

static void disagreement_only_warns(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.ta_confidence = RATIO("0.7");
    proposal.sentiment_confidence = RATIO("0.5");
    expect(&court, proposal, TT_risk_code_NONE);
    assert_row(&court, AGENT_DISAGREEMENT, PASS, "0.2", "0.2"); // Exactly 0.2 is no disagreement.
    proposal.sentiment_confidence = RATIO("0.91");
    expect(&court, proposal, TT_risk_code_NONE);
    assert_row(&court, AGENT_DISAGREEMENT, WARN, "0.21", "0.2");
    proposal.ta_confidence = RATIO("-1");
    expect(&court, proposal, TT_risk_code_NONE);
    assert_row(&court, AGENT_DISAGREEMENT, SKIP, "0", "0.2");
    court_close(&court);
}

static void a_symbol_has_a_stricter_stop_of_its_own(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &court.config.symbols[0]);
    TT_TEXT_SET(court.config.symbols[0].symbol, "BTC/USDT");
    court.config.symbols[0].max_stop_pct = RATIO("3");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.stop_loss = PRICE("97");
    proposal.take_profit = PRICE("120");
    assert_int_equal(court_judge(&court, BTC, &proposal), TT_risk_code_NONE);
    proposal.stop_loss = PRICE("96.99");
    assert_int_equal(court_judge(&court, BTC, &proposal), TT_risk_code_STOP_TOO_WIDE);
    assert_row(&court, STOP_TOO_WIDE, REJECT, "3.01", "3");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_close(&court);
}

static void opposed_agents_cap_the_confidence(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.is_opposed = true;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CONFIDENCE_TOO_LOW);
    const tt_risk_check *row = court_row(&court, TT_risk_code_CONFIDENCE_TOO_LOW);
    assert_num(row->value, "0.5");
    assert_num(row->before, "0.8");
    assert_num(row->after, "0.5");
    proposal.confidence = RATIO("0.4"); // The cap raises nothing.
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CONFIDENCE_TOO_LOW);
    assert_num(court_row(&court, TT_risk_code_CONFIDENCE_TOO_LOW)->value, "0.4");
    court_close(&court);
    court_init(&court);
    court.config.confidence.opposed = RATIO("1");
    court_open(&court);
    court_account(&court, "10000");
    proposal.confidence = RATIO("0.8");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_close(&court);
}

static void a_least_confidence_holds_whatever_the_regime(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_confidence = RATIO("0.6");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    proposal.confidence = RATIO("0.599");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CONFIDENCE_TOO_LOW);
    assert_row(&court, CONFIDENCE_TOO_LOW, REJECT, "0.599", "0.6");
    proposal.confidence = RATIO("0.6");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_symbol_has_a_stricter_stop_of_its_own),
        cmocka_unit_test(opposed_agents_cap_the_confidence),
        cmocka_unit_test(a_least_confidence_holds_whatever_the_regime),
        cmocka_unit_test(a_stop_is_required),
        cmocka_unit_test(stop_distance_has_edges),
        cmocka_unit_test(stop_distance_of_a_short_has_the_same_edges),
        cmocka_unit_test(stop_distance_has_the_same_edges_on_the_short_way),
        cmocka_unit_test(uneven_limits_have_edges_on_the_short_way),
        cmocka_unit_test(stop_rows_tell_percent),
        cmocka_unit_test(the_largest_price_fits),
        cmocka_unit_test(absurd_distances_do_not_overflow),
        cmocka_unit_test(reward_must_be_worth_the_risk),
        cmocka_unit_test(confidence_depends_on_the_regime),
        cmocka_unit_test(confidence_depends_on_strictness),
        cmocka_unit_test(confidence_rises_with_losses),
        cmocka_unit_test(confidence_is_capped_at_one),
        cmocka_unit_test(disagreement_only_warns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
