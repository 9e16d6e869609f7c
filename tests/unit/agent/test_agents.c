/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The collection of agents: slots, errors at opening, and a month of recorded bars through all of
 * them: how often they act, and the same bytes on every build.
 */
#include "../market/btc_bars.h"
#include "decision_fixture.h"
#include "market/indicators.h"
#include "temp_file.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

static tt_agents agents;
static tt_agent_module_config config;
static tt_error error;

static int setup(void **state)
{
    (void)state;
    config = (tt_agent_module_config){
        .agents = {.latency = {TT_NS_PER_S / 10}},
        .decision = decision_defaults(),
        .sentiment = {.max_age = {3600 * TT_NS_PER_S}},
        .portfolio = {
            .target_pct = {TT_DEC_C(20, 0)},
            .threshold_pct = {TT_DEC_C(5, 0)},
            .min_trade = {TT_DEC_C(10, 0)}}};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tt_agents_close(&agents);
    temp_remove();
    return 0;
}

static tutti_status open_agents(void)
{
    tt_instruments instruments = fixture_instruments();
    memset(&error, 0, sizeof error);
    return tt_agents_open(&config, &instruments, &agents, &error);
}

static tt_agent_answer ask(tt_agent agent, const tt_agent_request *request)
{
    return fixture_ask(agents.slots[agent].fn, agents.slots[agent].ctx, request);
}

static void test_every_agent_answers(void **state)
{
    (void)state;
    assert_int_equal(open_agents(), TUTTI_OK);
    tt_agent_request request = fixture_request(fixture_rise());
    request.has_account = true;
    request.account.equity.d = TT_DEC_C(1000, 0);
    const struct {
        tt_agent agent;
        tt_topic topic;
    } rows[] = {
        {TT_agent_TECHNICAL_ANALYSIS, TT_TOPIC_TA_SIGNALS},
        {TT_agent_REGIME_DETECTION, TT_TOPIC_REGIME_UPDATES},
        {TT_agent_TRADING_DECISION, TT_TOPIC_TRADING_SIGNALS},
        {TT_agent_PORTFOLIO_REBALANCE, TT_TOPIC_PORTFOLIO_UPDATES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_agent_answer answer = ask(rows[i].agent, &request);
        assert_int_equal(answer.status, TT_answer_status_OK);
        assert_int_equal(answer.answer_topic, rows[i].topic);
        assert_int_equal(answer.tokens, 0);
        assert_true(tt_dec_is_zero(answer.cost.d));
    }
    tt_agent_answer answer = ask(TT_agent_SENTIMENT_ANALYSIS, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, "no sentiment record is configured");
}

static void test_configuration_is_copied(void **state)
{
    (void)state;
    config.decision.min_votes = 7;
    assert_int_equal(open_agents(), TUTTI_OK);
    config.decision.min_votes = 1;
    config.portfolio.target_pct.d = TT_DEC_C(99, 0);
    tt_agent_request request = fixture_request(fixture_rise());
    tt_trading_signal signal;
    tt_agent_answer answer = ask(TT_agent_TRADING_DECISION, &request);
    FIXTURE_BODY(answer, TRADING_SIGNALS, signal);
    assert_non_null(strstr(signal.reasoning, "too few models have an opinion"));
    request.has_account = true;
    answer = ask(TT_agent_PORTFOLIO_REBALANCE, &request);
    tt_portfolio_update update;
    FIXTURE_BODY(answer, PORTFOLIO_UPDATES, update);
    assert_non_null(strstr(update.reasoning, "over 20 %"));
}

static void test_sentiment_file(void **state)
{
    (void)state;
    TT_TEXT_SET(
        config.sentiment.path,
        temp_write("time,symbol,score,confidence\n1970-01-01T00:10:00Z,BTC/USDT,0.5,0.8\n"));
    assert_int_equal(open_agents(), TUTTI_OK);
    tt_agent_request request = fixture_request(fixture_indicators());
    tt_sentiment_update update;
    tt_agent_answer answer = ask(TT_agent_SENTIMENT_ANALYSIS, &request);
    FIXTURE_BODY(answer, SENTIMENT_UPDATES, update);
    assert_true(is_ratio(update.score, 50));
    request.now.ns = (600 + 3601) * TT_NS_PER_S;
    answer = ask(TT_agent_SENTIMENT_ANALYSIS, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
}

static void test_a_bad_sentiment_file_opens_nothing(void **state)
{
    (void)state;
    TT_TEXT_SET(config.sentiment.path, temp_write("time,symbol,score,confidence\nx\n"));
    assert_int_equal(open_agents(), TUTTI_PARSE);
    assert_non_null(strstr(error.message, ":2: the row has 1 fields, the header 4"));
    assert_null(agents.owned);
    TT_TEXT_SET(config.sentiment.path, "/nonexistent");
    assert_int_equal(open_agents(), TUTTI_IO);
}

static void test_contradicting_stops(void **state)
{
    (void)state;
    config.decision.min_stop_pct.d = TT_DEC_C(3, 0);
    config.decision.max_stop_pct.d = TT_DEC_C(29, 1);
    assert_int_equal(open_agents(), TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "agents.decision.max_stop_pct is 2.9; it must not be below min_stop_pct, which is 3");
    config.decision.max_stop_pct.d = TT_DEC_C(3, 0);
    assert_int_equal(open_agents(), TUTTI_OK);
}

static void test_close_of_nothing(void **state)
{
    (void)state;
    tt_agents none = {.owned = NULL};
    tt_agents_close(&none);
    assert_int_equal(open_agents(), TUTTI_OK);
    tt_agents_close(&agents);
    tt_agents_close(&agents);
    assert_null(agents.slots[TT_agent_TECHNICAL_ANALYSIS].fn);
}

/** Hourly decisions of a month, each with a fresh analysis and regime. */
typedef struct month {
    uint32_t actions[TT_action_COUNT];
    uint32_t regimes[TT_regime_COUNT];
    uint32_t decisions;
    uint32_t crc;
} month;

static void digest(month *result, const tt_agent_answer *answer)
{
    result->crc = (uint32_t)crc32(result->crc, (const unsigned char *)answer->body, answer->count);
}

static void decide_hour(month *result, tt_agent_request *request)
{
    tt_agent_answer answer = ask(TT_agent_TECHNICAL_ANALYSIS, request);
    FIXTURE_BODY(answer, TA_SIGNALS, request->ta);
    digest(result, &answer);
    answer = ask(TT_agent_REGIME_DETECTION, request);
    FIXTURE_BODY(answer, REGIME_UPDATES, request->regime);
    digest(result, &answer);
    request->has_ta = true;
    request->has_regime = true;
    answer = ask(TT_agent_TRADING_DECISION, request);
    tt_trading_signal signal;
    FIXTURE_BODY(answer, TRADING_SIGNALS, signal);
    digest(result, &answer);
    result->actions[signal.action]++;
    result->regimes[request->regime.regime]++;
    result->decisions++;
}

static month decide_month(const tt_bar *bars, uint32_t count)
{
    month result = {{0}, {0}, 0, 0};
    tt_indicator_set set;
    tt_indicator_set_init(&set);
    for (uint32_t i = 0; i < count; i++) {
        tt_indicator_set_update(&set, &bars[i]);
        int64_t close_s = bars[i].open_time.ns / TT_NS_PER_S + 60;
        if (close_s % 3600 == 0 && i > TT_INDICATORS_WARM_BARS) {
            tt_indicators indicators;
            tt_indicator_set_read(&set, &indicators);
            tt_agent_request request = fixture_request(indicators);
            decide_hour(&result, &request);
        }
    }
    return result;
}

static void test_a_recorded_month(void **state)
{
    (void)state;
    uint32_t count = 0;
    tt_bar *bars = btc_load(&count);
    if (bars == NULL) {
        skip();
        return;
    }
    assert_int_equal(open_agents(), TUTTI_OK);
    month result = decide_month(bars, count);
    free(bars);
    print_message(
        "hold %u, buy %u, sell %u of %u; crc %08x\n",
        result.actions[TT_action_HOLD],
        result.actions[TT_action_BUY],
        result.actions[TT_action_SELL],
        result.decisions,
        result.crc);
    // Tens of trades on both sides, and mostly patience.
    assert_in_range(result.actions[TT_action_BUY], 20, 100);
    assert_in_range(result.actions[TT_action_SELL], 20, 100);
    assert_true(result.actions[TT_action_HOLD] * 4 > result.decisions * 3);
    assert_int_equal(result.actions[TT_action_CLOSE_LONG], 0);
    // Every regime but the two volatile ones, which need a doubled range at the full hour.
    assert_true(result.regimes[TT_regime_TRENDING_BULL] > 50);
    assert_true(result.regimes[TT_regime_TRENDING_BEAR] > 50);
    assert_true(result.regimes[TT_regime_RANGING] > 50);
    assert_true(result.regimes[TT_regime_CHOPPY] > 5);
    assert_true(result.regimes[TT_regime_BREAKOUT_POTENTIAL] > 5);
    // The same bytes whatever compiler and options built this; changes with any rule or indicator.
    assert_int_equal(result.crc, 0x3bcb0d1b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_agent_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_configuration_is_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sentiment_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_bad_sentiment_file_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_contradicting_stops, setup, teardown),
        cmocka_unit_test_setup_teardown(test_close_of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_recorded_month, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
