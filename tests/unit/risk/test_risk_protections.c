/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Protections: what each rule counts, its limits to the trade and the second, and its scope. The
 * cooldowns after trades are switched off here, so that only the rules hold entries back.
 */
#include "fixture.h"

#include <string.h>

static void open_with(risk_court *court, tt_protection_config rule)
{
    court_init(court);
    memset(&court->config.cooldowns, 0, sizeof court->config.cooldowns);
    court->config.protections[0] = rule;
    court->config.protection_count = 1;
    court_open(court);
    court_account(court, "10000");
}

static tt_protection_config rule_of(tt_protection kind, tt_protection_scope scope)
{
    return (tt_protection_config){
        .kind = kind,
        .scope = scope,
        .lookback.ns = 3600 * TT_NS_PER_S,
        .stop_duration.ns = 600 * TT_NS_PER_S,
        .trade_limit = 2,
        .max_drawdown_pct = RATIO("10"),
    };
}

static void lose(risk_court *court, uint32_t key, tt_side side)
{
    court_traded(court, key, side, TT_exit_reason_STOP_LOSS, "1000", "-1");
}

static tt_risk_code judge_side(risk_court *court, uint32_t key, tt_side side)
{
    tt_trade_proposal proposal = good_proposal();
    if (side == TT_side_SELL) {
        proposal.side = TT_side_SELL;
        proposal.stop_loss = PRICE("102");
        proposal.take_profit = PRICE("96");
    }
    return court_judge(court, key, &proposal);
}

static tt_risk_code judge(risk_court *court, uint32_t key)
{
    return judge_side(court, key, TT_side_BUY);
}

static const tt_risk_alert *only_protection(const risk_court *court)
{
    const tt_risk_alert *found = NULL;
    for (uint32_t i = 0; i < court->alert_count; i++) {
        if (court->alerts[i].alert_type == TT_alert_type_PROTECTION) {
            assert_null(found);
            found = &court->alerts[i];
        }
    }
    return found;
}

static void stops_in_a_row_hold_everything_back(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_ALL));
    lose(&court, BTC, TT_side_BUY);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    assert_null(only_protection(&court));
    lose(&court, XRP, TT_side_SELL);
    const tt_risk_alert *alert = only_protection(&court);
    assert_non_null(alert);
    assert_int_equal(alert->severity, TT_severity_WARNING);
    assert_int_equal(alert->code, TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(alert->lock, TT_lock_reason_STOPLOSS_GUARD);
    assert_int_equal(alert->until.ns, court.now.ns + 600 * TT_NS_PER_S);
    assert_num(alert->value, "2");
    assert_num(alert->limit, "2");
    assert_string_equal(
        alert->message,
        "protection 0, stoploss_guard: 2 stop-losses, limit 2: no entries on any symbol for 600 s");
    court_wait(&court, 599);
    court_forget(&court);
    assert_int_equal(judge(&court, ETH), TT_risk_code_PROTECTION_LOCK);
    assert_row(&court, PROTECTION_LOCK, REJECT, "1", "0");
    assert_int_equal(court.verdict.status, TT_verdict_REJECTED);
    assert_int_equal(court.verdict.lock, TT_lock_reason_STOPLOSS_GUARD);
    assert_int_equal(court.verdict.locked_until.ns, court.now.ns + TT_NS_PER_S);
    assert_int_equal(court.alerts[0].lock, TT_lock_reason_STOPLOSS_GUARD);
    assert_string_equal(
        court.alerts[0].message,
        "PROTECTION_LOCK: seconds of the protection left: 1 (stoploss_guard)");
    court_wait(&court, 1);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    assert_int_equal(court.verdict.lock, TT_lock_reason_NONE);
    assert_int_equal(court.verdict.locked_until.ns, 0);
    court_close(&court);
}

static void only_stops_below_the_profit_count(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_ALL));
    lose(&court, BTC, TT_side_BUY);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-50");
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_STOP_LOSS, "1000", "0");
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_TRAILING_STOP, "1000", "-0.01");
    assert_int_equal(judge(&court, ETH), TT_risk_code_PROTECTION_LOCK);
    court_close(&court);
}

static void a_trade_as_old_as_the_lookback_counts(void **unused)
{
    (void)unused;
    for (int late = 0; late < 2; late++) {
        risk_court court;
        open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_ALL));
        lose(&court, BTC, TT_side_BUY);
        court_wait(&court, 3600 + late);
        lose(&court, BTC, TT_side_BUY);
        assert_int_equal(
            judge(&court, ETH), late ? TT_risk_code_NONE : TT_risk_code_PROTECTION_LOCK);
        court_close(&court);
    }
}

static void a_scope_counts_and_holds_back_its_own(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_SYMBOL_SIDE));
    lose(&court, BTC, TT_side_BUY);
    lose(&court, ETH, TT_side_BUY);
    lose(&court, BTC, TT_side_SELL);
    assert_int_equal(judge(&court, BTC), TT_risk_code_NONE);
    lose(&court, BTC, TT_side_BUY);
    assert_int_equal(judge(&court, BTC), TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(judge_side(&court, BTC, TT_side_SELL), TT_risk_code_NONE);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_close(&court);
    open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_SIDE));
    lose(&court, BTC, TT_side_SELL);
    lose(&court, ETH, TT_side_SELL);
    assert_int_equal(judge(&court, XRP), TT_risk_code_NONE);
    assert_int_equal(judge_side(&court, XRP, TT_side_SELL), TT_risk_code_PROTECTION_LOCK);
    court_close(&court);
    open_with(&court, rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_SYMBOL));
    lose(&court, BTC, TT_side_SELL);
    lose(&court, BTC, TT_side_BUY);
    assert_int_equal(judge_side(&court, BTC, TT_side_SELL), TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_close(&court);
}

/* 10000 now; 500 + 500 lost of 11000: 9.09 %. At exactly the limit it does not act. */
static void a_drawdown_of_the_trades_must_be_above_its_limit(void **unused)
{
    (void)unused;
    risk_court court;
    tt_protection_config rule = rule_of(TT_protection_MAX_DRAWDOWN, TT_protection_scope_ALL);
    rule.trade_limit = 3;
    open_with(&court, rule);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "500");
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-500");
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-600");
    // From 10600 + 500 = 11100 to 10000: 9.9 %.
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_account(&court, "9900"); // From 11000 to 9900: 10 %.
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "0");
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-1");
    court_forget(&court);
    // From 11001 to 9900.
    assert_int_equal(judge(&court, ETH), TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(court.verdict.lock, TT_lock_reason_MAX_DRAWDOWN);
    court_close(&court);
}

static void few_trades_are_no_drawdown(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_MAX_DRAWDOWN, TT_protection_scope_ALL));
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-3000");
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "0");
    assert_int_equal(judge(&court, ETH), TT_risk_code_PROTECTION_LOCK);
    court_close(&court);
}

static void a_symbol_that_earns_too_little_rests(void **unused)
{
    (void)unused;
    risk_court court;
    tt_protection_config rule = rule_of(TT_protection_LOW_PROFIT, TT_protection_scope_SYMBOL);
    rule.required_profit_pct = RATIO("1.5");
    open_with(&court, rule);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "5"); // 0.5 %
    court_traded(&court, ETH, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "1");
    court_traded(&court, BTC, TT_side_SELL, TT_exit_reason_SIGNAL, "500", "5"); // 1 %
    assert_int_equal(judge(&court, BTC), TT_risk_code_NONE);                    // 1.5: exactly.
    court_wait(&court, 1);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "-0.00001");
    assert_int_equal(judge(&court, BTC), TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(court.verdict.lock, TT_lock_reason_LOW_PROFIT);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE); // One trade alone.
    court_traded(&court, ETH, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "1");
    assert_int_equal(judge(&court, ETH), TT_risk_code_PROTECTION_LOCK); // Two are enough.
    court_close(&court);
}

static void a_symbol_cools_down_after_each_trade(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_COOLDOWN, TT_protection_scope_SYMBOL));
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_TAKE_PROFIT, "1000", "50");
    assert_int_equal(only_protection(&court)->severity, TT_severity_INFO);
    assert_int_equal(only_protection(&court)->until.ns, court.now.ns + 600 * TT_NS_PER_S);
    assert_int_equal(judge(&court, BTC), TT_risk_code_PROTECTION_LOCK);
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_wait(&court, 300);
    court_forget(&court);
    court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_TAKE_PROFIT, "1000", "50");
    assert_null(only_protection(&court)); // It goes on; nothing new to tell.
    court_wait(&court, 599);
    assert_int_equal(judge(&court, BTC), TT_risk_code_PROTECTION_LOCK);
    court_wait(&court, 1);
    assert_int_equal(judge(&court, BTC), TT_risk_code_NONE);
    court_close(&court);
}

static void several_are_in_force_and_the_status_shows_them(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.protections[0] =
        rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_SYMBOL_SIDE);
    court.config.protections[0].trade_limit = 1;
    court.config.protections[1] = rule_of(TT_protection_COOLDOWN, TT_protection_scope_ALL);
    court.config.protections[1].stop_duration.ns = 60 * TT_NS_PER_S;
    court.config.protection_count = 2;
    court_open(&court);
    court_account(&court, "10000");
    lose(&court, XRP, TT_side_SELL);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.lock_count, 3);
    assert_int_equal(status.locks[0].reason, TT_lock_reason_POST_LOSS);
    assert_int_equal(status.locks[0].until.ns, court.now.ns + 600 * TT_NS_PER_S);
    assert_int_equal(status.locks[1].reason, TT_lock_reason_STOPLOSS_GUARD);
    assert_int_equal(status.locks[1].key, XRP);
    assert_int_equal(status.locks[1].side, TT_side_SELL);
    assert_int_equal(status.locks[2].reason, TT_lock_reason_COOLDOWN);
    assert_int_equal(status.locks[2].key, 0);
    assert_int_equal(status.locks[2].since.ns, court.now.ns);
    const tt_msg *closed =
        tt_bus_latest(court.core.bus, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_NONE, XRP, (tt_dur){0});
    for (uint32_t i = 0; i < status.lock_count; i++) {
        assert_int_equal(status.locks[i].subject_seq, closed->seq); // The trade began all three.
    }
    assert_int_equal(judge(&court, ETH), TT_risk_code_IN_COOLDOWN);
    court_wait(&court, 60);
    tt_bus_begin(court.core.bus, court.now);
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.lock_count, 2); // One has ended.
    court_command(&court, TT_command_RESET_RISK);
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.lock_count, 0);
    court_close(&court);
}

static void the_oldest_trades_are_forgotten(void **unused)
{
    (void)unused;
    risk_court court;
    tt_protection_config rule = rule_of(TT_protection_STOPLOSS_GUARD, TT_protection_scope_ALL);
    open_with(&court, rule);
    lose(&court, BTC, TT_side_BUY);
    for (int i = 0; i < TT_RISK_TRADES_MAX - 1; i++) {
        court_forget(&court);
        court_traded(&court, BTC, TT_side_BUY, TT_exit_reason_SIGNAL, "1000", "1");
    }
    assert_int_equal(court.risk->state->trades.count, TT_RISK_TRADES_MAX);
    court_forget(&court);
    lose(&court, BTC, TT_side_BUY); // It takes the place of the first one.
    assert_int_equal(judge(&court, ETH), TT_risk_code_NONE);
    court_close(&court);
}

static void closes_and_reductions_pass_a_lock(void **unused)
{
    (void)unused;
    risk_court court;
    open_with(&court, rule_of(TT_protection_COOLDOWN, TT_protection_scope_ALL));
    court_position(&court, ETH, "2", "100");
    lose(&court, BTC, TT_side_BUY);
    tt_trade_proposal proposal = {.kind = TT_proposal_kind_CLOSE, .side = TT_side_SELL};
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    proposal.kind = TT_proposal_kind_REBALANCE;
    proposal.size = MONEY("100");
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_NONE);
    proposal.side = TT_side_BUY;
    assert_int_equal(court_judge(&court, ETH, &proposal), TT_risk_code_PROTECTION_LOCK);
    court_close(&court);
}

static void scopes_that_make_no_sense_are_refused(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.protection_count = 1;
    court.config.protections[0] = rule_of(TT_protection_MAX_DRAWDOWN, TT_protection_scope_SYMBOL);
    tt_error error = {0};
    assert_int_equal(
        tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message, "risk.protections[0]: max_drawdown is of all trades: its scope must be all");
    court.config.protections[0] = rule_of(TT_protection_LOW_PROFIT, TT_protection_scope_SIDE);
    assert_int_equal(
        tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_INVALID);
    court.config.protections[0].scope = TT_protection_scope_SYMBOL_SIDE;
    assert_int_equal(tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_in_a_row_hold_everything_back),
        cmocka_unit_test(only_stops_below_the_profit_count),
        cmocka_unit_test(a_trade_as_old_as_the_lookback_counts),
        cmocka_unit_test(a_scope_counts_and_holds_back_its_own),
        cmocka_unit_test(a_drawdown_of_the_trades_must_be_above_its_limit),
        cmocka_unit_test(few_trades_are_no_drawdown),
        cmocka_unit_test(a_symbol_that_earns_too_little_rests),
        cmocka_unit_test(a_symbol_cools_down_after_each_trade),
        cmocka_unit_test(several_are_in_force_and_the_status_shows_them),
        cmocka_unit_test(the_oldest_trades_are_forgotten),
        cmocka_unit_test(closes_and_reductions_pass_a_lock),
        cmocka_unit_test(scopes_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
