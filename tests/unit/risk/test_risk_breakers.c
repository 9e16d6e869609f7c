/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Breakers: once per breach, each with its own end; and the command that resets risk.
 */
#include "fixture.h"

static tt_risk_code judge(risk_court *court)
{
    tt_trade_proposal proposal = good_proposal();
    return court_judge(court, ETH, &proposal);
}

/* Fails unless exactly these breakers were raised since the last look, in this order. */
static void expect_raised(risk_court *court, uint32_t count, const tt_breach_type *breaches)
{
    assert_int_equal(court->alert_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(court->alerts[i].alert_type, TT_alert_type_CIRCUIT_BREAKER);
        assert_int_equal(court->alerts[i].breach_type, breaches[i]);
        assert_int_equal(court->alert_keys[i], 0);
    }
    court_forget(court);
}
#define EXPECT_NONE(court) expect_raised(court, 0, NULL)
#define EXPECT_RAISED(court, ...)                                                                  \
    do {                                                                                           \
        const tt_breach_type breaches_[] = {__VA_ARGS__};                                          \
        expect_raised(court, sizeof breaches_ / sizeof breaches_[0], breaches_);                   \
    } while (0)
#define DAILY    TT_breach_type_DAILY_LOSS
#define WEEKLY   TT_breach_type_WEEKLY_LOSS
#define DRAWDOWN TT_breach_type_MAX_DRAWDOWN

static void the_daily_breaker_has_an_edge(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9500.01");
    EXPECT_NONE(&court);
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_account(&court, "9500");
    assert_int_equal(court.alert_count, 1);
    const tt_risk_alert *alert = &court.alerts[0];
    assert_num(alert->value, "5");
    assert_num(alert->limit, "5");
    assert_int_equal(alert->severity, TT_severity_HIGH);
    assert_int_equal(alert->code, TT_risk_code_CIRCUIT_BREAKER);
    assert_string_equal(
        alert->message, "loss of the UTC day is 5.00 %, limit 5 %: no entries until it ends");
    EXPECT_RAISED(&court, DAILY);
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    assert_int_equal(court.verdict.status, TT_verdict_HALTED);
    assert_row(&court, CIRCUIT_BREAKER, REJECT, "1", "0");
    court_close(&court);
}

static void a_breach_is_raised_once(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9400");
    EXPECT_RAISED(&court, DAILY);
    court_account(&court, "9300");
    court_account(&court, "9900"); // It recovers,
    EXPECT_NONE(&court);
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    court_forget(&court);
    court_account(&court, "9400"); // and falls again on the same day.
    EXPECT_NONE(&court);
    court_close(&court);
}

static void a_crash_raises_all_at_once(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "8000");
    assert_int_equal(court.alerts[2].severity, TT_severity_CRITICAL);
    assert_num(court.alerts[2].value, "20");
    assert_int_equal(court.alerts[2].until.ns, 0);
    EXPECT_RAISED(&court, DAILY, WEEKLY, DRAWDOWN);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    assert_row(&court, TRADING_HALTED, REJECT, "20", "20");
    court_close(&court);
}

static void the_daily_breaker_ends_with_the_utc_day(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9400");
    EXPECT_RAISED(&court, DAILY);
    court_wait_until(&court, "2024-03-13T23:59:59.999999999Z");
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    assert_int_equal(judge(&court), TT_risk_code_NONE); // A proposal alone begins the day.
    court_forget(&court);
    court_account(&court, "8931"); // 4.99 % of the new day's 9400; 10.69 % of the week's 10000.
    EXPECT_RAISED(&court, WEEKLY);
    court_account(&court, "8930"); // 5 %
    EXPECT_RAISED(&court, DAILY);
    court_close(&court);
}

static void a_gap_over_midnight_counts_to_the_new_day(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9600");
    court_wait_until(&court, "2024-03-14T08:00:00Z");
    court_account(&court, "9120"); // 5 % of the 9600 with which the day before ended.
    assert_num(court.alerts[0].value, "5");
    EXPECT_RAISED(&court, DAILY);
    court_close(&court);
}

static void the_weekly_breaker_ends_with_the_iso_week(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court); // Wednesday
    court_account(&court, "9600");
    court_wait_until(&court, "2024-03-14T08:00:00Z");
    court_account(&court, "9200");
    court_wait_until(&court, "2024-03-15T08:00:00Z");
    EXPECT_NONE(&court);
    court_account(&court, "9000"); // 10 % of Wednesday's 10000; less than 5 % a day.
    assert_num(court.alerts[0].value, "10");
    EXPECT_RAISED(&court, WEEKLY);
    court_wait_until(&court, "2024-03-17T23:59:59Z"); // Sunday
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    court_wait_until(&court, "2024-03-18T00:00:00Z"); // Monday
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_forget(&court);
    court_account(&court, "9000");
    EXPECT_NONE(&court);
    court_close(&court);
}

static void a_tuesday_does_not_end_the_week(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_wait_until(&court, "2024-03-18T10:00:00Z");
    court_account(&court, "9600");
    court_wait_until(&court, "2024-03-19T10:00:00Z"); // Tuesday
    court_account(&court, "9200");
    court_wait_until(&court, "2024-03-20T10:00:00Z");
    EXPECT_NONE(&court);
    court_account(&court, "9000");
    EXPECT_RAISED(&court, WEEKLY);
    court_close(&court);
}

/* 2024-12-30 (Monday) to 2025-01-05 is week 1 of 2025: the new year begins inside it. */
static void a_week_runs_on_over_new_year(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.breakers.daily_loss_pct = RATIO("100");
    court_open(&court);
    court_wait_until(&court, "2024-12-31T12:00:00Z");
    court_account(&court, "10000");
    court_wait_until(&court, "2025-01-02T12:00:00Z");
    court_account(&court, "9000");
    EXPECT_RAISED(&court, WEEKLY);
    court_wait_until(&court, "2025-01-05T23:59:59Z");
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    court_wait_until(&court, "2025-01-06T00:00:00Z");
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_close(&court);
}

/* 2026 has 53 weeks: 2026-12-28 to 2027-01-03 is the last. */
static void a_week_53_ends_in_january(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.breakers.daily_loss_pct = RATIO("100");
    court_open(&court);
    court_wait_until(&court, "2026-12-31T12:00:00Z");
    court_account(&court, "10000");
    court_account(&court, "9000");
    EXPECT_RAISED(&court, WEEKLY);
    court_wait_until(&court, "2027-01-03T23:59:59Z");
    assert_int_equal(judge(&court), TT_risk_code_CIRCUIT_BREAKER);
    court_wait_until(&court, "2027-01-04T00:00:00Z");
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_close(&court);
}

static void the_end_of_a_breaker_is_told(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "9000");
    int64_t daily = court.alerts[0].until.ns;
    int64_t weekly = court.alerts[1].until.ns;
    court_wait_until(&court, "2024-03-14T00:00:00Z");
    assert_int_equal(daily, court.now.ns);
    court_wait_until(&court, "2024-03-18T00:00:00Z");
    assert_int_equal(weekly, court.now.ns);
    court_close(&court);
}

static void drawdown_counts_from_the_peak(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.breakers.daily_loss_pct = RATIO("100");
    court.config.breakers.weekly_loss_pct = RATIO("100");
    court_open(&court);
    court_account(&court, "10000");
    court_account(&court, "15000");
    court_account(&court, "12000.01");
    EXPECT_NONE(&court);
    court_account(&court, "12000");
    EXPECT_RAISED(&court, DRAWDOWN);
    court_wait_until(&court, "2024-06-01T00:00:00Z");
    court_account(&court, "20000"); // Nothing but a person ends it.
    EXPECT_NONE(&court);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    court_close(&court);
}

static void a_reset_ends_everything(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_account(&court, "7900");
    EXPECT_RAISED(&court, DAILY, WEEKLY, DRAWDOWN);
    court_closed(&court, BTC, "-2100");
    court_forget(&court);
    court_command(&court, TT_command_RESET_RISK);
    assert_int_equal(court.reply_count, 1);
    assert_int_equal(court.reply.request_id, 42);
    assert_int_equal(court.reply.command, TT_command_RESET_RISK);
    assert_int_equal(court.reply.status, TT_reply_status_DONE);
    assert_string_equal(
        court.reply.message,
        "risk reset: max_drawdown, weekly_loss, daily_loss, cooldowns ended; losses count from an "
        "equity of 7900.00");
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_account(&court, "7900");
    court_account(&court, "7505.01");
    EXPECT_NONE(&court);
    court_account(&court, "7505"); // A further 5 % counts anew.
    EXPECT_RAISED(&court, DAILY);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_num(status.max_drawdown_pct, "21"); // What was is not forgotten.
    assert_int_equal(status.consecutive_losses, 0);
    court_close(&court);
}

static void a_reset_needs_an_account(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court_open(&court);
    court_command(&court, TT_command_RESET_RISK);
    assert_int_equal(court.reply.status, TT_reply_status_REFUSED);
    court_close(&court);
}

static void other_commands_are_not_for_risk(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    for (int i = 0; i < TT_command_COUNT; i++) {
        bool is_of_budgets = i == TT_command_RESERVE_BUDGET || i == TT_command_RELEASE_BUDGET;
        if (i != TT_command_RESET_RISK && !is_of_budgets) {
            court_command(&court, (tt_command)i);
        }
    }
    assert_int_equal(court.reply_count, 0);
    court_close(&court);
}

static void a_loss_near_its_breaker_is_told_once(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.breakers.warn_at_pct = RATIO("80");
    court_open(&court);
    court_account(&court, "10000");
    court_account(&court, "9600.01");
    assert_int_equal(court.alert_count, 0);
    court_account(&court, "9600"); // 80 % of 5 %.
    assert_int_equal(court.alert_count, 1);
    assert_int_equal(court.alerts[0].alert_type, TT_alert_type_LOSS_WARNING);
    assert_int_equal(court.alerts[0].severity, TT_severity_WARNING);
    assert_int_equal(court.alerts[0].breach_type, DAILY);
    assert_num(court.alerts[0].value, "4");
    assert_num(court.alerts[0].limit, "5");
    assert_string_equal(
        court.alerts[0].message, "loss of the UTC day is 4.00 %: near the breaker at 5 %");
    court_account(&court, "9650");
    court_account(&court, "9599");
    assert_int_equal(court.alert_count, 1);
    court_wait_until(&court, "2024-03-14T00:00:00Z"); // From 9599 on.
    court_account(&court, "9215.04");
    assert_int_equal(court.alert_count, 2);
    assert_int_equal(court.alerts[1].breach_type, DAILY);
    court_account(&court, "9200");
    assert_int_equal(court.alerts[2].breach_type, WEEKLY);
    court_account(&court, "8400"); // Beyond the day's and the week's; 80 % of the drawdown's.
    assert_int_equal(court.alert_count, 6);
    assert_int_equal(court.alerts[3].alert_type, TT_alert_type_CIRCUIT_BREAKER);
    assert_int_equal(court.alerts[4].alert_type, TT_alert_type_CIRCUIT_BREAKER);
    assert_int_equal(court.alerts[5].alert_type, TT_alert_type_LOSS_WARNING);
    assert_int_equal(court.alerts[5].breach_type, DRAWDOWN);
    court_close(&court);
}

static void say_state(risk_court *court, tt_system_event_type type)
{
    tt_system_event event = {.event = (uint8_t)type};
    court_say(court, TT_TOPIC_SYSTEM_EVENTS, TT_SOURCE_COORDINATOR, 0, &event);
}

static void a_halt_of_the_coordinator_holds_every_entry_back(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say_state(&court, TT_system_event_type_COORDINATOR_HALTED);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    assert_int_equal(court.verdict.status, TT_verdict_HALTED);
    assert_string_equal(
        court.alerts[0].message,
        "TRADING_HALTED: halted by the coordinator until the halt is released; drawdown is 0 %, "
        "limit 20 %");
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_true(status.killed);
    say_state(&court, TT_system_event_type_TASK_ERROR);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    say_state(&court, TT_system_event_type_COORDINATOR_PAUSED);
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_close(&court);
}

static void command(risk_court *court, uint32_t key, uint8_t type, uint8_t reason)
{
    tt_position_command payload = {.command = type, .reason = reason};
    court_say(court, TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, key, &payload);
}

static void entries_wait_until_everything_is_flat(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, BTC, "1", "100");
    court_position(&court, XRP, "1", "100");
    command(&court, 0, TT_position_command_type_CLOSE, TT_exit_reason_EMERGENCY);
    tt_risk_status status;
    tt_risk_status_get(court.risk, &status);
    assert_int_equal(status.closing, 2);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    court_command(&court, TT_command_RESET_RISK); // A reset closes nothing.
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    court_position(&court, BTC, "0", "100");
    court_position(&court, XRP, "0.5", "100");
    court_forget(&court);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    assert_string_equal(
        court.alerts[0].message,
        "TRADING_HALTED: positions are being closed and not flat yet; drawdown is 0 %, limit 20 %");
    court_position(&court, XRP, "0", "100");
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_close(&court);
}

static void an_entry_on_its_way_is_not_flat(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    uint64_t order = court_intent(&court, ETH);
    command(&court, 0, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR);
    assert_int_equal(judge(&court), TT_risk_code_TRADING_HALTED);
    court_event(&court, ETH, order, TT_order_state_SUBMITTED, TT_order_state_CANCELLED, "0");
    assert_int_equal(judge(&court), TT_risk_code_NONE);
    court_close(&court);
}

static void a_close_of_one_symbol_holds_back_that_symbol(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court_position(&court, BTC, "1", "100");
    command(&court, BTC, TT_position_command_type_REDUCE, TT_exit_reason_REDUCED);
    command(&court, ETH, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR);
    command(&court, BTC, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR);
    assert_int_equal(judge(&court), TT_risk_code_NONE); // ETH
    tt_trade_proposal proposal = good_proposal();
    assert_int_equal(court_judge(&court, BTC, &proposal), TT_risk_code_TRADING_HALTED);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loss_near_its_breaker_is_told_once),
        cmocka_unit_test(a_halt_of_the_coordinator_holds_every_entry_back),
        cmocka_unit_test(entries_wait_until_everything_is_flat),
        cmocka_unit_test(an_entry_on_its_way_is_not_flat),
        cmocka_unit_test(a_close_of_one_symbol_holds_back_that_symbol),
        cmocka_unit_test(the_daily_breaker_has_an_edge),
        cmocka_unit_test(a_breach_is_raised_once),
        cmocka_unit_test(a_crash_raises_all_at_once),
        cmocka_unit_test(the_daily_breaker_ends_with_the_utc_day),
        cmocka_unit_test(a_gap_over_midnight_counts_to_the_new_day),
        cmocka_unit_test(the_weekly_breaker_ends_with_the_iso_week),
        cmocka_unit_test(a_tuesday_does_not_end_the_week),
        cmocka_unit_test(a_week_runs_on_over_new_year),
        cmocka_unit_test(a_week_53_ends_in_january),
        cmocka_unit_test(the_end_of_a_breaker_is_told),
        cmocka_unit_test(drawdown_counts_from_the_peak),
        cmocka_unit_test(a_reset_ends_everything),
        cmocka_unit_test(a_reset_needs_an_account),
        cmocka_unit_test(other_commands_are_not_for_risk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
