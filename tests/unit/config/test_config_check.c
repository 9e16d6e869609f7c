/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Keys that must fit each other, and where the message points.
 */
#include "config_fixture.h"

static void ids_of_runs(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "run: {id: Az09._-}\n");
    assert_refused(
        ONE_INSTRUMENT "run:\n  id: \"\"\n",
        TUTTI_INVALID,
        "configuration:6:7: run.id: the id of a run cannot be empty",
        "");
    assert_refused(
        ONE_INSTRUMENT "run:\n  id: a b\n",
        TUTTI_INVALID,
        "configuration:6:7: run.id: `a b` is no id of a run",
        "use letters, digits, '.', '_' and '-'");
}

static void symbols_are_unique_and_not_empty(void **state)
{
    (void)state;
    assert_refused(
        ONE_INSTRUMENT "  - {symbol: BTC/USDT, price_increment: 1, qty_increment: 1}\n",
        TUTTI_EXISTS,
        "configuration:5:5: instruments[1]: BTC/USDT is listed twice",
        "the first one stands in line 2");
    assert_refused(
        ONE_INSTRUMENT "  - {symbol: \"\", price_increment: 1, qty_increment: 1}\n",
        TUTTI_INVALID,
        "configuration:5:5: instruments[1]: the symbol is empty",
        "");
}

static void smallest_orders_are_whole_lots(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "    min_qty: 0.005\n");
    assert_refused(
        ONE_INSTRUMENT "    min_qty: 0.0005\n",
        TUTTI_INVALID,
        "configuration:2:5: instruments[0]: min_qty is not a multiple of qty_increment",
        "");
}

static void instruments_are_quoted_in_the_account_currency(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "  - {symbol: AAPL, price_increment: 1, qty_increment: 1}\n");
    assert_refused(
        ONE_INSTRUMENT "  - {symbol: B/EUR, price_increment: 1, qty_increment: 1}\n",
        TUTTI_INVALID,
        "configuration:5:5: instrument B/EUR is quoted in EUR, the account is in USDT",
        "use instruments quoted in USDT, or set account.currency");
}

static void averages(void **state)
{
    (void)state;
    const char *hint = "the second must be larger";
    assert_loads(ONE_INSTRUMENT "ma_cross: {fast: 99}\n");
    assert_refused(
        ONE_INSTRUMENT "ma_cross:\n  fast: 100\n",
        TUTTI_INVALID,
        "configuration:6:9: ma_cross.fast is 100, but ma_cross.slow is 100",
        hint);
    assert_refused(
        ONE_INSTRUMENT "ma_cross:\n  slow: 20\n",
        TUTTI_INVALID,
        "configuration:6:9: ma_cross.fast is 20, but ma_cross.slow is 20",
        hint);
}

static void ranges_of_other_sections(void **state)
{
    (void)state;
    const char *hint = "the second must be larger";
    assert_loads(ONE_INSTRUMENT "synthetic: {regime_min: 7200}\n");
    assert_refused(
        ONE_INSTRUMENT "synthetic: {regime_max: 1799.5}\n",
        TUTTI_INVALID,
        "configuration:5:25: synthetic.regime_min is 1800, but synthetic.regime_max is 1799.5",
        hint);
    assert_refused(
        ONE_INSTRUMENT "agents: {decision: {min_stop_pct: 5}}\n",
        TUTTI_INVALID,
        "configuration:5:35: agents.decision.min_stop_pct is 5, but agents.decision.max_stop_pct "
        "is "
        "4.5",
        hint);
}

/* What the modules find gets the place of the key that was set. */
static void findings_of_modules_are_placed(void **state)
{
    (void)state;
    assert_int_equal(
        load(ONE_INSTRUMENT "coordinator:\n  consensus:\n    low_agreement_threshold: 0.7\n"),
        TUTTI_INVALID);
    assert_non_null(strstr(error.message, "configuration:7:30: coordinator.consensus."));
    assert_int_equal(
        load(ONE_INSTRUMENT "coordinator:\n  consensus:\n    high_agreement_threshold: 0.1\n"),
        TUTTI_INVALID);
    assert_non_null(strstr(error.message, "configuration:7:31: coordinator.consensus."));
    assert_int_equal(load(ONE_INSTRUMENT "risk:\n  min_stop_pct: 9\n"), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "configuration:6:17: risk.min_stop_pct"));
    assert_int_equal(
        load(ONE_INSTRUMENT "risk:\n  correlation_pairs:\n"
                            "    - {first: BTC/USDT, second: X, correlation: 0.5}\n"),
        TUTTI_INVALID);
    assert_non_null(strstr(error.message, "configuration:7:7: risk.correlation_pairs[0]"));
    const char *set = "risk.min_stop_pct=9";
    const tt_config_overrides overrides = {.sets = &set, .set_count = 1};
    const char *text = ONE_INSTRUMENT;
    assert_int_equal(
        tt_config_load_text(text, strlen(text), &overrides, &config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "--set: risk.min_stop_pct"));
    assert_int_equal(
        tt_config_load_text(text, strlen(text), &overrides, &config, NULL), TUTTI_INVALID);
}

#define TARGETS(cash, first, second)                                                               \
    "instruments:\n"                                                                               \
    "  - {symbol: BTC/USDT, price_increment: 1, qty_increment: 1}\n"                               \
    "  - {symbol: XRP/USDT, price_increment: 1, qty_increment: 1}\n"                               \
    "portfolio:\n"                                                                                 \
    "  cash_target_pct: " cash "\n"                                                                \
    "  targets:\n"                                                                                 \
    "    - {symbol: BTC/USDT, target_pct: " first "}\n"                                            \
    "    - {symbol: XRP/USDT, target_pct: " second "}\n"

#define BUDGETS(first, second, account)                                                            \
    ONE_INSTRUMENT "risk:\n  budgets:\n    - {strategy: trading_decision, amount: " first "}\n"    \
                   "    - {strategy: strategy, amount: " second "}\n" account

static void budgets_are_of_the_capital(void **state)
{
    (void)state;
    assert_loads(BUDGETS("6000", "4000", "account: {sub_accounts: true}\n"));
    assert_int_equal(config.engine.risk.budget_count, 2);
    assert_refused(
        BUDGETS("6000", "4000", ""),
        TUTTI_INVALID,
        "configuration:7:7: risk.budgets[0]: budgets need account.sub_accounts to be on",
        "set account.sub_accounts: true; risk must know who holds what");
    assert_refused(
        BUDGETS("6000", "4000.01", "account: {sub_accounts: true}\n"),
        TUTTI_INVALID,
        "configuration:8:7: risk.budgets[1]: with it 10000.01 would be reserved; "
        "account.initial_balance is 10000",
        "reserve less, or raise account.initial_balance");
    assert_refused(
        BUDGETS("6000", "0", "account: {sub_accounts: true}\n"),
        TUTTI_INVALID,
        "configuration:8:7: risk.budgets[1]: amount must be above 0",
        "");
}

static void capital_is_of_the_balance(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT "account:\n  sub_accounts: true\n  capital:\n"
                                "    - {strategy: strategy, share_pct: 40}\n"
                                "    - {strategy: portfolio, amount: 6000}\n");
    assert_int_equal(config.engine.trade.capital_count, 2);
    assert_true(config.engine.risk.has_capital);
    assert_refused(
        ONE_INSTRUMENT "account:\n  sub_accounts: true\n  capital:\n"
                       "    - {strategy: strategy, share_pct: 40}\n"
                       "    - {strategy: portfolio, amount: 6000.1}\n",
        TUTTI_INVALID,
        "configuration:9:7: account.capital[1]: with it 10000.1 would be given; "
        "account.initial_balance is 10000",
        "give less, or raise account.initial_balance");
    assert_loads(ONE_INSTRUMENT);
    assert_false(config.engine.risk.has_capital);
}

static void an_answer_of_the_venue_can_come_in_time(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT
                 "venue: {order_latency: 1, report_latency: 2.5, latency_jitter: 0.75}\n");
    assert_refused(
        ONE_INSTRUMENT
        "venue: {order_latency: 1, report_latency: 2.5, latency_jitter: 0.750000001}\n",
        TUTTI_INVALID,
        "configuration:5:24: orders.ack_timeout is 5, but the answer to an order may take "
        "5.000000002 by venue.order_latency, venue.report_latency and venue.latency_jitter (twice)",
        "set orders.ack_timeout to at least 5.000000002, or lower the latencies");
    assert_refused(
        ONE_INSTRUMENT "orders: {ack_timeout: 0.1399}\n",
        TUTTI_INVALID,
        "configuration:5:23: orders.ack_timeout is 0.1399, but the answer to an order may take "
        "0.14 by venue.order_latency, venue.report_latency and venue.latency_jitter (twice)",
        "set orders.ack_timeout to at least 0.14, or lower the latencies");
    assert_loads(ONE_INSTRUMENT "orders: {ack_timeout: 0.14}\n");
}

static void targets_of_the_portfolio_fit(void **state)
{
    (void)state;
    assert_loads(TARGETS("33.34", "33.33", "33.33"));
    assert_int_equal(config.engine.portfolio.target_count, 2);
    assert_int_equal(config.agents.allocation.target_count, 2);
    assert_refused(
        TARGETS("33.34", "33.33", "33.32"),
        TUTTI_INVALID,
        "configuration:5:20: portfolio.targets and portfolio.cash_target_pct add up to 99.99; they "
        "must add up to exactly 100",
        "such as 33.33, 33.33 and 33.34");
    assert_loads(TARGETS("40", "40", "20"));
    assert_refused(
        TARGETS("39", "41", "20"),
        TUTTI_INVALID,
        "configuration:7:7: portfolio.targets[0] is above risk.max_rebalance_position_pct: risk "
        "would never let it be reached",
        "lower the target of BTC/USDT, or raise the limit");
    assert_loads(TARGETS("20", "40", "40") "risk: {max_total_exposure_pct: 80}\n");
    assert_refused(
        TARGETS("20", "40", "40") "risk: {max_total_exposure_pct: 79.9}\n",
        TUTTI_INVALID,
        "configuration:5:20: portfolio.cash_target_pct leaves more for positions than "
        "risk.max_total_exposure_pct: risk would never let the targets be reached",
        "");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {targets: [{symbol: ETH/USDT, target_pct: 100}]}\n",
        TUTTI_NOT_FOUND,
        "configuration:5:23: portfolio.targets[0] names `ETH/USDT`, which is no instrument",
        "use a symbol of the list instruments");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {targets: [{symbol: BTC/USDT, target_pct: 20}, "
                       "{symbol: BTC/USDT, target_pct: 20}], cash_target_pct: 60}\n",
        TUTTI_EXISTS,
        "configuration:5:59: portfolio.targets[1] names BTC/USDT a second time",
        "");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {cash_target_pct: 5}\n",
        TUTTI_INVALID,
        "configuration:5:30: portfolio.cash_target_pct has no meaning without rows in "
        "portfolio.targets",
        "");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {warn_pct: 4}\n",
        TUTTI_INVALID,
        "configuration:5:23: portfolio.warn_pct is below portfolio.threshold_pct",
        "");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {high_pct: 7}\n",
        TUTTI_INVALID,
        "configuration:5:23: portfolio.high_pct is below portfolio.warn_pct",
        "");
    assert_refused(
        ONE_INSTRUMENT "portfolio: {strategy: defer}\n",
        TUTTI_INVALID,
        "configuration:5:23: portfolio.strategy must be immediate, dca_24h or limit_orders",
        "");
}

#define BAGS(more, first, second)                                                                  \
    ONE_INSTRUMENT "profit_bags:\n"                                                                \
                   "  enabled: true\n" more "  bags:\n"                                            \
                   "    - {name: USDT, share_pct: " first "}\n"                                    \
                   "    - {name: BTC, share_pct: " second "}\n"

static void bags_fit(void **state)
{
    (void)state;
    assert_loads(BAGS("", "33.34", "66.66"));
    assert_int_equal(config.engine.portfolio.bag_count, 2);
    assert_int_equal(load(BAGS("", "33.33", "66.66")), TUTTI_INVALID);
    assert_non_null(strstr(
        error.message,
        "profit_bags.bags: the shares add up to 99.99; they must add up to exactly 100"));
    assert_string_equal(error.hint, "such as 33.34, 33.33 and 33.33");
    assert_int_equal(load(BAGS("  max_per_day: 999\n", "50", "50")), TUTTI_INVALID);
    assert_non_null(
        strstr(error.message, "profit_bags.max_per_day is below profit_bags.max_per_event"));
    assert_int_equal(load(ONE_INSTRUMENT "profit_bags: {enabled: true}\n"), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "profit_bags.enabled needs rows in profit_bags.bags"));
    assert_int_equal(
        load(ONE_INSTRUMENT "profit_bags: {bags: [{name: A, share_pct: 50}, {name: A, share_pct: "
                            "50}]}\n"),
        TUTTI_EXISTS);
    assert_non_null(strstr(error.message, "profit_bags.bags[1] has the name A again"));
}

static void assert_start(tt_task task, tt_task_start start)
{
    assert_int_equal(config.engine.coord.schedules[task].start, start);
}

/* What nobody has set follows bars that are longer; what somebody has set stays. */
static void long_bars_set_the_pace(void **state)
{
    (void)state;
    const tt_coord_config *coord = &config.engine.coord;
    assert_loads(ONE_INSTRUMENT);
    assert_start(TT_task_TA_ANALYSIS, TT_task_start_INTERVAL);
    assert_int_equal(coord->health_check.interval.ns, 60 * TT_NS_PER_S);
    assert_loads(ONE_INSTRUMENT "    bar_interval_s: 3600\n");
    assert_start(TT_task_TA_ANALYSIS, TT_task_start_BAR);
    assert_start(TT_task_REGIME_DETECTION, TT_task_start_BAR);
    assert_start(TT_task_SENTIMENT_ANALYSIS, TT_task_start_INTERVAL);
    assert_start(TT_task_TRADING_DECISION, TT_task_start_INTERVAL); // Its 3600 s are no less.
    assert_int_equal(coord->health_check.interval.ns, 3600 * TT_NS_PER_S);
    assert_loads(ONE_INSTRUMENT "    bar_interval_s: 86400\n");
    assert_start(TT_task_TRADING_DECISION, TT_task_start_BAR);
    assert_int_equal(coord->schedules[TT_task_PORTFOLIO_CHECK].interval.ns, 86400 * TT_NS_PER_S);
    assert_start(TT_task_PORTFOLIO_CHECK, TT_task_start_INTERVAL);
    // The shortest bars count.
    assert_loads(ONE_INSTRUMENT
                 "    bar_interval_s: 3600\n"
                 "  - {symbol: ETH/USDT, price_increment: 0.5, qty_increment: 0.001}\n");
    assert_start(TT_task_TA_ANALYSIS, TT_task_start_INTERVAL);
    assert_loads(ONE_INSTRUMENT "    bar_interval_s: 3600\n"
                                "coordinator:\n"
                                "  emergency: {health_check: {interval: 60}}\n"
                                "  schedules: {ta_analysis: {start: interval}, "
                                "regime_detection: {interval: 7200}}\n");
    assert_start(TT_task_TA_ANALYSIS, TT_task_start_INTERVAL);
    assert_start(TT_task_REGIME_DETECTION, TT_task_start_INTERVAL);
    assert_int_equal(coord->health_check.interval.ns, 60 * TT_NS_PER_S);
}

/* The journal of a backtest does not wait for the disk, unless somebody wants it to. */
static void backtests_are_not_synced(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT);
    assert_int_equal(config.journal.durability, TT_durability_BATCH);
    tt_config_for_backtest(&config);
    assert_int_equal(config.journal.durability, TT_durability_NONE);
    assert_loads(ONE_INSTRUMENT "journal: {durability: batch}\n");
    tt_config_for_backtest(&config);
    assert_int_equal(config.journal.durability, TT_durability_BATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_runs),
        cmocka_unit_test(symbols_are_unique_and_not_empty),
        cmocka_unit_test(smallest_orders_are_whole_lots),
        cmocka_unit_test(instruments_are_quoted_in_the_account_currency),
        cmocka_unit_test(averages),
        cmocka_unit_test(ranges_of_other_sections),
        cmocka_unit_test(findings_of_modules_are_placed),
        cmocka_unit_test(budgets_are_of_the_capital),
        cmocka_unit_test(capital_is_of_the_balance),
        cmocka_unit_test(an_answer_of_the_venue_can_come_in_time),
        cmocka_unit_test(targets_of_the_portfolio_fit),
        cmocka_unit_test(bags_fit),
        cmocka_unit_test(long_bars_set_the_pace),
        cmocka_unit_test(backtests_are_not_synced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
