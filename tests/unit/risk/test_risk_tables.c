/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Whole-configuration checks, and the tables that follow from the configuration.
 */
#include "../../lib/config_defaults.h"
#include "fixture.h"

#include <string.h>

static void add_pair(risk_court *court, const char *first, const char *second, const char *value)
{
    uint32_t row = court->config.correlation_pair_count++;
    tt_correlation_pair_config *pair = &court->config.correlation_pairs[row];
    TT_TEXT_SET(pair->first, first);
    TT_TEXT_SET(pair->second, second);
    pair->correlation = RATIO(value);
}

static void expect_refused(const risk_court *court, const char *message)
{
    tt_error error = {0};
    tutti_status status = tt_risk_config_check(&court->config, &court->instruments, &error);
    assert_int_not_equal(status, TUTTI_OK);
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, message);
    assert_int_equal(tt_risk_config_check(&court->config, &court->instruments, NULL), status);
}

static void defaults_pass(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    assert_int_equal(tt_risk_config_check(&court.config, &court.instruments, NULL), TUTTI_OK);
}

static void keys_must_fit_each_other(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_stop_pct = RATIO("5.1");
    expect_refused(&court, "risk.min_stop_pct is above risk.max_stop_pct: no stop would pass");
    court.config.limits.min_stop_pct = RATIO("5");
    assert_int_equal(tt_risk_config_check(&court.config, &court.instruments, NULL), TUTTI_OK);
    court.config.correlation.warn_exposure_pct = RATIO("40.1");
    expect_refused(
        &court,
        "risk.correlation.warn_exposure_pct is above max_exposure_pct: it would never warn");
    court.config.correlation.warn_exposure_pct = RATIO("40");
    court.config.leverage.drawdown_mid_pct = RATIO("4");
    expect_refused(
        &court,
        "risk.leverage.drawdown_low_pct, drawdown_mid_pct and drawdown_high_pct must ascend");
    court.config.leverage.drawdown_mid_pct = RATIO("16");
    expect_refused(
        &court,
        "risk.leverage.drawdown_low_pct, drawdown_mid_pct and drawdown_high_pct must ascend");
}

static void pairs_must_name_two_instruments(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    add_pair(&court, "BTC/USDT", "DOGE/USDT", "0.5");
    expect_refused(&court, "risk.correlation_pairs[0]: 'DOGE/USDT' is no configured instrument");
    tt_error error = {0};
    (void)!tt_risk_config_check(&court.config, &court.instruments, &error);
    assert_string_equal(error.hint, "use a symbol of the list instruments");
    court.config.correlation_pair_count = 0;
    add_pair(&court, "ETH/USDT", "BTC/USDT", "0.5");
    add_pair(&court, "BTC/USDT", "BTC/USDT", "0.5");
    expect_refused(&court, "risk.correlation_pairs[1]: 'BTC/USDT' is paired with itself");
    court.config.correlation_pair_count = TT_RISK_CORRELATION_PAIRS_MAX + 1;
    expect_refused(&court, "risk.correlation_pairs has 257 rows; the most is 256");
}

static void setup_refuses_what_the_check_refuses(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_stop_pct = RATIO("6");
    court.core.instruments = &court.instruments;
    assert_int_equal(
        tt_risk_setup(&court.core, &court.config, &court.arena, &court.risk), TUTTI_INVALID);
    assert_null(court.risk);
}

static void setup_needs_memory(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.core.instruments = &court.instruments;
    assert_int_equal(tt_arena_init(&court.arena, 4096), TUTTI_OK);
    assert_int_equal(
        tt_risk_setup(&court.core, &court.config, &court.arena, &court.risk), TUTTI_NO_MEMORY);
    tt_arena_fini(&court.arena);
}

static void correlations_are_symmetric(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    add_pair(&court, "ETH/USDT", "BTC/USDT", "0.8");
    add_pair(&court, "XRP/USDT", "BTC/USDT", "0.9"); // Instead of the known 0.75.
    add_pair(&court, "SOL/USDT", "BTC/USDT", "0.5"); // Not above 0.5: does not count.
    court_open(&court);
    tt_ratio(*table)[TT_INSTRUMENTS_MAX] = court.risk->tables->correlation;
    for (uint32_t i = 0; i < INSTRUMENTS - 1; i++) {
        assert_num(table[i][i], "1");
        for (uint32_t k = 0; k < INSTRUMENTS - 1; k++) {
            assert_true(tt_dec_eq(table[i][k].d, table[k][i].d));
        }
    }
    assert_num(table[BTC - 1][ETH - 1], "0.8");
    assert_num(table[BTC - 1][XRP - 1], "0.9");
    assert_num(table[BTC - 1][XRP_BTC - 1], "0.6");
    assert_num(table[XRP - 1][XRP_BTC - 1], "0.85");
    assert_num(table[BTC - 1][SOL - 1], "0");
    assert_num(table[ETH - 1][SOL - 1], "0");
    court_close(&court);
}

static void unlisted_pairs_have_a_key_of_their_own(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.correlation.unlisted = RATIO("0.7");
    court_open(&court);
    tt_ratio(*table)[TT_INSTRUMENTS_MAX] = court.risk->tables->correlation;
    assert_num(table[ETH - 1][SOL - 1], "0.7");
    assert_num(table[BTC - 1][XRP - 1], "0.75");
    assert_num(table[ETH - 1][ETH - 1], "1");
    court_close(&court);
}

static void leverage_is_whole(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.max_leverage = RATIO("3.99");
    court.instruments.list[ETH - 1].max_leverage = RATIO("0.5");
    court.instruments.list[SOL - 1].max_leverage = RATIO("1000");
    court_open(&court);
    const tt_risk_tables *tables = court.risk->tables;
    assert_int_equal(tables->leverage_max[TT_regime_TRENDING_BULL][TT_RISK_LOSS_NONE], 3);
    assert_int_equal(tables->symbols[ETH - 1].leverage, 1);
    assert_int_equal(tables->symbols[SOL - 1].leverage, 255);
    court_close(&court);
}

static void confidence_stays_within_zero_and_one(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.limits.min_confidence = RATIO("0");
    court.config.confidence.trending = RATIO("0.1");
    court.config.confidence.relaxed = RATIO("-0.5");
    court_open(&court);
    const tt_risk_tables *tables = court.risk->tables;
    assert_num(
        tables->confidence_min[TT_regime_TRENDING_BULL][TT_strictness_RELAXED][TT_RISK_LOSS_NONE]
            .ratio,
        "0");
    assert_num(
        tables->confidence_min[TT_regime_CHOPPY][TT_strictness_VERY_STRICT][TT_RISK_LOSS_HIGH]
            .ratio,
        "1");
    court_close(&court);
}

static void rows_of_symbols_must_fit(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    tt_symbol_limit_config *rows = court.config.symbols;
    TT_TEST_DEFAULTS(symbol_limit, &rows[0]);
    TT_TEST_DEFAULTS(symbol_limit, &rows[1]);
    court.config.symbol_count = 2;
    TT_TEXT_SET(rows[0].symbol, "ETH/USDT");
    TT_TEXT_SET(rows[1].symbol, "DOGE/USDT");
    expect_refused(&court, "risk.symbols[1]: 'DOGE/USDT' is no configured instrument");
    TT_TEXT_SET(rows[1].symbol, "ETH/USDT");
    expect_refused(&court, "risk.symbols[1]: 'ETH/USDT' is listed twice");
    TT_TEXT_SET(rows[1].symbol, "BTC/USDT");
    rows[1].max_stop_pct = RATIO("0.49");
    expect_refused(
        &court,
        "risk.symbols[1]: 'BTC/USDT' has a max_stop_pct below risk.min_stop_pct: no stop would "
        "pass");
}

static void windows_are_times_of_the_day(void **unused)
{
    (void)unused;
    const char *bad[][2] = {
        {"24:00", "02:00"},
        {"22:60", "02:00"},
        {"", "02:00"},
        {"22:00", "22:00"},
        {"2:00", "5:00"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        risk_court court;
        court_init(&court);
        court.config.window_count = 1;
        strcpy(court.config.windows[0].from, bad[i][0]);
        strcpy(court.config.windows[0].to, bad[i][1]);
        tt_error error = {0};
        assert_int_equal(
            tt_risk_config_check(&court.config, &court.instruments, &error), TUTTI_INVALID);
        assert_non_null(strstr(error.message, "risk.entry_windows[0]: from '"));
        assert_non_null(strstr(error.hint, "00:00 to 23:59"));
    }
}

static void tiers_and_margins_must_be_in_order(void **unused)
{
    (void)unused;
    risk_court court;
    court_init(&court);
    court.config.sizing.confidence_3 = RATIO("0.76");
    expect_refused(&court, "risk.sizing.confidence_1 to confidence_4 must descend");
    court_init(&court);
    court.config.limits.margin_critical_pct = RATIO("25.1");
    expect_refused(
        &court, "risk.margin_critical_pct is above risk.margin_warn_pct: it would never warn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_symbols_must_fit),
        cmocka_unit_test(windows_are_times_of_the_day),
        cmocka_unit_test(tiers_and_margins_must_be_in_order),
        cmocka_unit_test(defaults_pass),
        cmocka_unit_test(keys_must_fit_each_other),
        cmocka_unit_test(pairs_must_name_two_instruments),
        cmocka_unit_test(setup_refuses_what_the_check_refuses),
        cmocka_unit_test(setup_needs_memory),
        cmocka_unit_test(correlations_are_symmetric),
        cmocka_unit_test(unlisted_pairs_have_a_key_of_their_own),
        cmocka_unit_test(leverage_is_whole),
        cmocka_unit_test(confidence_stays_within_zero_and_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
