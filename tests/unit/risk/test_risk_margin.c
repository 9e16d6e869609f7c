/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Alerts of the free margin: their levels to the digit, and no flood of them.
 */
#include "fixture.h"

static void say(risk_court *court, const char *equity, const char *available)
{
    tt_account_update update = {
        .equity = MONEY(equity),
        .margin_used.d = tt_dec_xsub(num(equity), num(available)),
        .margin_available = MONEY(available),
    };
    court_say(court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
}

static void expect_told(risk_court *court, tt_severity severity, const char *value)
{
    assert_int_equal(court->alert_count, 1);
    assert_int_equal(court->alerts[0].alert_type, TT_alert_type_MARGIN_LOW);
    assert_int_equal(court->alerts[0].severity, severity);
    assert_num(court->alerts[0].value, value);
    court_forget(court);
}

static void levels_are_told_once_when_they_get_worse(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say(&court, "10000", "2500.01");
    assert_int_equal(court.alert_count, 0);
    say(&court, "10000", "2500");
    expect_told(&court, TT_severity_WARNING, "25");
    say(&court, "10000", "1500.01");
    assert_int_equal(court.alert_count, 0);
    say(&court, "10000", "1500");
    expect_told(&court, TT_severity_CRITICAL, "15");
    say(&court, "10000", "0");
    assert_int_equal(court.alert_count, 0);
    court_close(&court);
}

static void a_swing_around_a_level_is_told_once_a_minute(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    say(&court, "10000", "2400");
    expect_told(&court, TT_severity_WARNING, "24");
    for (int i = 0; i < 59; i++) {
        court_wait(&court, 1);
        say(&court, "10000", i % 2 == 0 ? "2600" : "2400");
    }
    assert_int_equal(court.alert_count, 0);
    court_wait(&court, 1);
    say(&court, "10000", "2600");
    say(&court, "10000", "2400");
    expect_told(&court, TT_severity_WARNING, "24");
    court_close(&court);
}

static void an_account_without_positions_is_never_short(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    tt_account_update update = {.equity = MONEY("10000")};
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(court.alert_count, 0);
    court_close(&court);
}

static void without_equity_it_is_critical(void **unused)
{
    (void)unused;
    risk_court court;
    court_start(&court);
    court.risk->config.breakers.max_drawdown_pct = RATIO("100");
    tt_account_update update = {.equity = MONEY("-1"), .margin_used = MONEY("5")};
    court_say(&court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
    assert_int_equal(court.alerts[court.alert_count - 1].alert_type, TT_alert_type_MARGIN_LOW);
    assert_int_equal(court.alerts[court.alert_count - 1].severity, TT_severity_CRITICAL);
    assert_num(court.alerts[court.alert_count - 1].value, "0");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_told_once_when_they_get_worse),
        cmocka_unit_test(a_swing_around_a_level_is_told_once_a_minute),
        cmocka_unit_test(an_account_without_positions_is_never_short),
        cmocka_unit_test(without_equity_it_is_critical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
