/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Leverage, exposure, correlation and margin.
 */
#include "fixture.h"

static void expect_leverage(risk_court *court, tt_regime regime, uint8_t asked, uint8_t given)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.regime = (uint8_t)regime;
    proposal.leverage = asked;
    assert_int_equal(court_judge(court, ETH, &proposal), TT_risk_code_NONE);
    assert_int_equal(court->verdict.leverage_before, asked);
    assert_int_equal(court->verdict.leverage_after, given);
    const tt_risk_check *row = court_row(court, TT_risk_code_LEVERAGE_REDUCED);
    bool is_less = given < asked;
    assert_int_equal(row->outcome, is_less ? TT_check_outcome_CLAMP : TT_check_outcome_PASS);
    assert_int_equal(court->verdict.status, is_less ? TT_verdict_MODIFIED : TT_verdict_APPROVED);
}

static void leverage_depends_on_the_regime(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    expect_leverage(&court, TT_regime_TRENDING_BULL, 5, 5);
    expect_leverage(&court, TT_regime_TRENDING_BULL, 6, 5);
    expect_leverage(&court, TT_regime_TRENDING_BULL, 255, 5);
    expect_leverage(&court, TT_regime_TRENDING_BEAR, 5, 3);
    expect_leverage(&court, TT_regime_RANGING, 5, 2);
    expect_leverage(&court, TT_regime_RANGING, 2, 2);
    expect_leverage(&court, TT_regime_VOLATILE_BULL, 5, 2);
    expect_leverage(&court, TT_regime_VOLATILE_BEAR, 5, 2);
    expect_leverage(&court, TT_regime_CHOPPY, 5, 1);
    expect_leverage(&court, TT_regime_BREAKOUT_POTENTIAL, 5, 3);
    expect_leverage(&court, TT_regime_UNKNOWN, 5, 1);
    court_close(&court);
}

static void leverage_depends_on_the_instrument(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.instruments.list[ETH - 1].max_leverage = RATIO("2.9");
    court_open(&court);
    court_account(&court, "10000");
    expect_leverage(&court, TT_regime_TRENDING_BULL, 5, 2);
    court_close(&court);
}

static void open_without_breakers(risk_court *court)
{
    court_init(court);
    court->config.breakers.daily_loss_pct = RATIO("100");
    court->config.breakers.weekly_loss_pct = RATIO("100");
    court_open(court);
    court_account(court, "10000");
}

static void leverage_depends_on_the_drawdown(void **unused)
{
    (void)unused;
    const struct {
        const char *equity;
        uint8_t leverage;
    } rows[] = {
        {"9500.01", 5},
        {"9500", 3},
        {"9000.01", 3},
        {"9000", 2},
        {"8800", 2},
        {"8500.01", 2},
        {"8500", 1},
        {"9999", 5},
    };
    risk_court court;
    open_without_breakers(&court);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        court_account(&court, rows[i].equity);
        expect_leverage(&court, TT_regime_TRENDING_BULL, 5, rows[i].leverage);
    }
    court_close(&court);
}

static void leverage_depends_on_losses(void **unused)
{
    (void)unused;
    const uint8_t leverage[] = {5, 5, 5, 2, 2, 1, 1};
    risk_court court;
    court_start(&court);
    for (size_t i = 0; i < sizeof leverage; i++) {
        court_wait(&court, 3600);
        expect_leverage(&court, TT_regime_TRENDING_BULL, 5, leverage[i]);
        court_closed(&court, BTC, "-1");
    }
    court_close(&court);
}

static void the_smallest_cap_wins(void **unused)
{
    (void)unused;
    risk_court court;
    open_without_breakers(&court);
    court_account(&court, "9400"); // 3 by drawdown
    expect_leverage(&court, TT_regime_RANGING, 5, 2);
    expect_leverage(&court, TT_regime_TRENDING_BULL, 5, 3);
    court_close(&court);
}

/* 500 of this symbol on top of what is held elsewhere. */
static tt_risk_code judge_500(risk_court *court, uint32_t key)
{
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("500");
    return court_judge(court, key, &proposal);
}

static void exposure_has_an_edge(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "75", "100");
    tt_trade_proposal proposal = good_proposal(); // 75 % + 10 % > 80 %
    assert_int_equal(court_judge(&court, SOL, &proposal), TT_risk_code_EXPOSURE_LIMIT);
    assert_row(&court, EXPOSURE_LIMIT, REJECT, "8500", "8000");
    assert_num(court.verdict.exposure_pct, "75");
    assert_int_equal(court.verdict.status, TT_verdict_REJECTED);
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_NONE); // 80.0 passes
    assert_row(&court, EXPOSURE_LIMIT, PASS, "8000", "8000");
    court_position(&court, ETH, "75.001", "100");
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_EXPOSURE_LIMIT);
    court_close(&court);
}

static void exposure_is_judged_after_the_clamps(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "60", "100");
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("9000"); // Clamped to 2000: 60 % + 20 %.
    proposal.leverage = 5;         // Leverage does not multiply exposure.
    assert_int_equal(court_judge(&court, SOL, &proposal), TT_risk_code_NONE);
    assert_row(&court, EXPOSURE_LIMIT, PASS, "8000", "8000");
    court_close(&court);
}

static void a_short_counts_like_a_long(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "-40", "100");
    court_position(&court, BTC, "36", "100");
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_EXPOSURE_LIMIT);
    assert_row(&court, EXPOSURE_LIMIT, REJECT, "8100", "8000");
    court_close(&court);
}

static void the_account_may_know_of_more(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_account_update update = {
        .equity = MONEY("10000"),
        .exposure = MONEY("5000"),
        .pending_exposure = MONEY("2600"),
        .margin_available = MONEY("400"),
        .open_positions = 2,
    };
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_EXPOSURE_LIMIT);
    assert_row(&court, EXPOSURE_LIMIT, REJECT, "8100", "8000");
    update.pending_exposure = MONEY("2500");
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_INSUFFICIENT_MARGIN);
    court_close(&court);
}

static void correlation_weighs_what_is_held(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, SKIP, "0", "4000");
    court_position(&court, BTC, "20", "100");
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "2000", "4000"); // 2000 x 0.75 + 500
    assert_int_equal(judge_500(&court, XRP_BTC), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "1700", "4000"); // 2000 x 0.60 + 500
    assert_int_equal(judge_500(&court, ETH), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "500", "4000"); // unlisted: 0
    court_position(&court, XRP_BTC, "10", "100");
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "2850", "4000"); // 1500 + 850 + 500
    court_close(&court);
}

static void correlation_has_edges(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, BTC, "36", "100"); // x 0.75 = 2700
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "3200", "4000");
    court_position(&court, BTC, "36.01", "100");
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, HIGH_CORRELATION, WARN, "3200.75", "4000");
    assert_null(court_row(&court, TT_risk_code_CORRELATED_EXPOSURE));
    assert_int_equal(court.verdict.status, TT_verdict_APPROVED);
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("1300");
    court_position(&court, BTC, "36", "100");
    assert_int_equal(court_judge(&court, XRP, &proposal), TT_risk_code_NONE);
    assert_row(&court, HIGH_CORRELATION, WARN, "4000", "4000");
    proposal.size = MONEY("1300.01");
    assert_int_equal(court_judge(&court, XRP, &proposal), TT_risk_code_CORRELATED_EXPOSURE);
    assert_row(&court, CORRELATED_EXPOSURE, REJECT, "4000.01", "4000");
    court_close(&court);
}

static void entries_in_flight_weigh_too(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, BTC, &proposal), TT_risk_code_NONE);
    (void)court_intent(&court, BTC);
    assert_int_equal(judge_500(&court, XRP), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "1250", "4000");
    court_close(&court);
}

static void a_symbol_moves_with_itself(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, ETH, "10", "100");
    assert_int_equal(judge_500(&court, ETH), TT_risk_code_NONE);
    assert_row(&court, CORRELATED_EXPOSURE, PASS, "1500", "4000");
    court_close(&court);
}

static void margin_is_size_over_leverage(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_account_update update = {.equity = MONEY("10000"), .margin_available = MONEY("200")};
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INSUFFICIENT_MARGIN);
    assert_row(&court, INSUFFICIENT_MARGIN, REJECT, "1000", "200");
    assert_num(court.verdict.margin_available, "200");
    proposal.leverage = 4;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INSUFFICIENT_MARGIN);
    assert_row(&court, INSUFFICIENT_MARGIN, REJECT, "250", "200");
    proposal.leverage = 5;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    assert_row(&court, INSUFFICIENT_MARGIN, PASS, "200", "200");
    // What the clamp on leverage takes away is missing here.
    proposal.regime = TT_regime_RANGING;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_INSUFFICIENT_MARGIN);
    assert_row(&court, INSUFFICIENT_MARGIN, REJECT, "500", "200");
    court_close(&court);
}

static void our_own_count_of_margin_binds_too(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_position_update update = {
        .qty = QTY("200"),
        .cost = MONEY("20000"),
        .unrealized_pnl = MONEY("-1000"),
        .mark = PRICE("95"),
        .position_id = 5,
        .leverage = 2,
        .event = TT_position_event_OPENED,
        .side = TT_side_BUY,
    };
    court_say(&court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, ETH, &update);
    court.risk->config.limits.max_total_exposure_pct = RATIO("1000");
    court.risk->tables->shares.exposure = RATIO("10");
    court.risk->tables->shares.margin = RATIO("1");
    court.risk->state->limits.is_valid = false;
    tt_risk_changed(court.risk);
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_NONE); // 10000 - 19000 / 2 = 500
    assert_row(&court, INSUFFICIENT_MARGIN, PASS, "500", "500");
    tt_trade_proposal proposal = good_proposal();
    proposal.size = MONEY("500.1");
    assert_int_equal(court_judge(&court, SOL, &proposal), TT_risk_code_INSUFFICIENT_MARGIN);
    court_close(&court);
}

static void margin_of_all_is_limited_to_a_share_of_equity(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_margin_pct = RATIO("50");
    court_open(&court);
    court_account(&court, "10000");
    court_position(&court, BTC, "45", "100"); // 4500 at leverage 1
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_NONE);
    assert_row(&court, INSUFFICIENT_MARGIN, PASS, "500", "500");
    court_position(&court, BTC, "45", "100.01");
    assert_int_equal(judge_500(&court, SOL), TT_risk_code_INSUFFICIENT_MARGIN);
    assert_row(&court, INSUFFICIENT_MARGIN, REJECT, "500", "499.55");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margin_of_all_is_limited_to_a_share_of_equity),
        cmocka_unit_test(leverage_depends_on_the_regime),
        cmocka_unit_test(leverage_depends_on_the_instrument),
        cmocka_unit_test(leverage_depends_on_the_drawdown),
        cmocka_unit_test(leverage_depends_on_losses),
        cmocka_unit_test(the_smallest_cap_wins),
        cmocka_unit_test(exposure_has_an_edge),
        cmocka_unit_test(exposure_is_judged_after_the_clamps),
        cmocka_unit_test(a_short_counts_like_a_long),
        cmocka_unit_test(the_account_may_know_of_more),
        cmocka_unit_test(correlation_weighs_what_is_held),
        cmocka_unit_test(correlation_has_edges),
        cmocka_unit_test(entries_in_flight_weigh_too),
        cmocka_unit_test(a_symbol_moves_with_itself),
        cmocka_unit_test(margin_is_size_over_leverage),
        cmocka_unit_test(our_own_count_of_margin_binds_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
