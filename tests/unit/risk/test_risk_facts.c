/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the message of a verdict holds: the facts, and rows for what does not follow from them.
 */
#include "../../lib/config_defaults.h"
#include "fixture.h"

#include <string.h>

/* The last verdict as its message has it. */
static const tt_risk_verdict *raw_of(const risk_court *court)
{
    return &court->risk->verdict;
}

static void a_plain_pass_lists_nothing(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    const tt_risk_verdict *raw = raw_of(&court);
    assert_int_equal(raw->count, 0);
    assert_int_equal(tt_layout_used_size(&tt_layout_risk_verdict, raw), 464);
    assert_int_equal(court.verdict.count, 24);
    assert_int_equal(raw->stop_min_micro, 500000);
    assert_int_equal(raw->stop_max_micro, 5000000);
    assert_int_equal(raw->reward_min_micro, 1500000);
    assert_int_equal(raw->confidence_min_micro, 550000);
    assert_num(raw->position_limit, "2000");
    assert_num(raw->exposure_limit, "8000");
    assert_num(raw->loss_limit, "200");
    assert_num(raw->margin_limit, "8000");
    assert_num(raw->min_qty, "0.001");
    court_close(&court);
}

static void what_is_cut_is_listed(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("3000");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    const tt_risk_verdict *raw = raw_of(&court);
    assert_int_equal(raw->count, 1);
    assert_int_equal(raw->checks[0].code, TT_risk_code_SIZE_REDUCED);
    assert_num(raw->checks[0].before, "3000");
    assert_num(raw->checks[0].after, "2000");
    court_close(&court);
}

/* The quantity of a refused trade is none; the row that it passed still has its number. */
static void a_late_refusal_lists_the_quantity(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court.risk->state->breached[TT_breach_type_DAILY_LOSS] = true;
    tt_risk_changed(court.risk);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_CIRCUIT_BREAKER);
    const tt_risk_verdict *raw = raw_of(&court);
    assert_int_equal(raw->count, 2);
    assert_int_equal(raw->checks[0].code, TT_risk_code_SIZE_TOO_SMALL);
    assert_num(raw->qty, "0");
    assert_row(&court, SIZE_TOO_SMALL, PASS, "10", "0.001");
    assert_row(&court, CIRCUIT_BREAKER, REJECT, "1", "0");
    court_close(&court);
}

/* The facts hold six decimals: a limit with more is listed, and holds to its last digit. */
static void a_limit_of_many_decimals_is_listed(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_stop_pct = RATIO("0.4000005");
    court.config.limits.max_stop_pct = RATIO("2.0000005");
    court.config.limits.min_reward_risk = RATIO("1.9999995");
    court.config.confidence.trending = RATIO("0.5500005");
    court.config.confidence.disagreement = RATIO("0.2000005");
    court.config.breakers.max_drawdown_pct = RATIO("19.0000005");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(raw_of(&court)->count, 6);
    assert_row(&court, TRADING_HALTED, PASS, "0", "19.0000005");
    assert_row(&court, STOP_TOO_TIGHT, PASS, "2", "0.4000005");
    assert_row(&court, STOP_TOO_WIDE, PASS, "2", "2.0000005");
    assert_row(&court, LOW_RR, PASS, "2", "1.9999995");
    assert_row(&court, CONFIDENCE_TOO_LOW, PASS, "0.8", "0.5500005");
    assert_row(&court, AGENT_DISAGREEMENT, SKIP, "0", "0.2000005");
    proposal.stop_loss = PRICE("97.999999"); // 2.000001 %
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_TOO_WIDE);
    assert_row(&court, STOP_TOO_WIDE, REJECT, "2.000001", "2.0000005");
    proposal.stop_loss = PRICE("99.6"); // 0.4 %
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_STOP_TOO_TIGHT);
    court_close(&court);
}

/* A limit of the symbol follows the equity. */
static void a_limit_of_the_symbol_follows_the_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.symbol_count = 1;
    TT_TEST_DEFAULTS(symbol_limit, &court.config.symbols[0]);
    TT_TEXT_SET(court.config.symbols[0].symbol, "ETH/USDT");
    court.config.symbols[0].max_position_pct = RATIO("7");
    court_open(&court);
    court_account(&court, "10000");
    tt_trade_proposal proposal = good_proposal();
    (void)court_judge(&court, ETH, &proposal);
    assert_num(raw_of(&court)->position_limit, "700");
    court_account(&court, "9900");
    (void)court_judge(&court, ETH, &proposal);
    assert_num(raw_of(&court)->position_limit, "693");
    (void)court_judge(&court, BTC, &proposal);
    assert_num(raw_of(&court)->position_limit, "1980");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_pass_lists_nothing),
        cmocka_unit_test(what_is_cut_is_listed),
        cmocka_unit_test(a_late_refusal_lists_the_quantity),
        cmocka_unit_test(a_limit_of_many_decimals_is_listed),
        cmocka_unit_test(a_limit_of_the_symbol_follows_the_equity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
