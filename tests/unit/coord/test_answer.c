/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers of agents: what is believed and what is refused.
 *
 * Covers: coord_check.c
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

/* Forces a task to be asked and returns the call. */
static const tt_msg *ask(struct desk *desk, tt_task task, uint32_t key)
{
    desk_forget(desk);
    desk_command(desk, TT_command_FORCE_RUN, task, key);
    assert_int_equal(desk_reply(desk)->status, TT_reply_status_DONE);
    const tt_msg *call = desk_call(desk, task, key);
    assert_non_null(call);
    return call;
}

static const tt_dead_letter *dead_letter(const struct desk *desk)
{
    return PAYLOAD(desk_last(desk, TT_TOPIC_DEAD_LETTERS), dead_letter);
}

/* A good answer of each agent is published in its name, tied to its call. */
static void good_answers_are_published(void **state)
{
    (void)state;
    static const struct {
        tt_task task;
        uint32_t key;
        tt_topic topic;
        tt_source source;
    } rows[] = {
        {TT_task_TA_ANALYSIS, BTC, TT_TOPIC_TA_SIGNALS, TT_SOURCE_AGENT_TA},
        {TT_task_REGIME_DETECTION, XRP, TT_TOPIC_REGIME_UPDATES, TT_SOURCE_AGENT_REGIME},
        {TT_task_SENTIMENT_ANALYSIS, BTC, TT_TOPIC_SENTIMENT_UPDATES, TT_SOURCE_AGENT_SENTIMENT},
        {TT_task_TRADING_DECISION, XRP, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION},
        {TT_task_PORTFOLIO_CHECK, 0, TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_msg *call = ask(&desk, rows[i].task, rows[i].key);
        desk_answer_task(&desk, rows[i].task, rows[i].key);
        assert_int_equal(desk_count(&desk, rows[i].topic), 1);
        const tt_msg *msg = desk_last(&desk, rows[i].topic);
        assert_int_equal(msg->source, rows[i].source);
        assert_int_equal(msg->key, rows[i].key);
        assert_int_equal(msg->cause, desk_last(&desk, TT_TOPIC_AGENT_ANSWERS)->seq);
        assert_true(tt_uuid_eq(msg->correlation, call->correlation));
        assert_int_equal(desk_count(&desk, TT_TOPIC_DEAD_LETTERS), 0);
        assert_int_equal(desk_status(&desk).tasks[rows[i].task].runs, 1);
        assert_int_equal(desk_status(&desk).tasks[rows[i].task].in_flight, 0);
    }
    assert_int_equal(desk_status(&desk).total_task_runs, 5);
    desk_close(&desk);
}

/* References come from the call, whatever the agent claims. */
static void references_are_those_of_the_call(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_ta(&desk, BTC, TT_bias_LONG, "0.7");
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    desk_regime(&desk, BTC, TT_regime_RANGING, "0.8");
    tt_seq regime = desk_last(&desk, TT_TOPIC_REGIME_UPDATES)->seq;
    desk_sentiment(&desk, BTC, TT_sentiment_bias_BULLISH, "0.7");
    tt_seq sentiment = desk_last(&desk, TT_TOPIC_SENTIMENT_UPDATES)->seq;
    const tt_msg *call = ask(&desk, TT_task_TRADING_DECISION, BTC);
    desk_ta(&desk, BTC, TT_bias_SHORT, "0.7"); // comes after the call and was not seen by it
    tt_trading_signal signal = good_signal(TT_action_HOLD, "0.8");
    signal.call_seq = 999999;
    signal.ta_seq = 999999;
    signal.indicators_seq = 999999;
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TRADING_SIGNALS, &signal);
    const tt_trading_signal *published =
        PAYLOAD(desk_last(&desk, TT_TOPIC_TRADING_SIGNALS), trading_signal);
    assert_int_equal(published->call_seq, call->seq);
    assert_int_equal(published->ta_seq, ta);
    assert_int_equal(published->regime_seq, regime);
    assert_int_equal(published->sentiment_seq, sentiment);
    assert_int_equal(published->indicators_seq, desk.coord->symbols[0].indicators_seq);
    desk_close(&desk);
}

/* The whole chain of a decision shares the correlation of the call. */
static void a_chain_shares_its_correlation(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_msg *call = ask(&desk, TT_task_TRADING_DECISION, BTC);
    const tt_trading_signal signal = good_signal(TT_action_BUY, "0.8");
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TRADING_SIGNALS, &signal);
    static const tt_topic topics[] = {
        TT_TOPIC_AGENT_ANSWERS,
        TT_TOPIC_TRADING_SIGNALS,
        TT_TOPIC_CONSENSUS,
        TT_TOPIC_TRADE_PROPOSALS};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        assert_true(tt_uuid_eq(desk_last(&desk, topics[i])->correlation, call->correlation));
    }
    desk_close(&desk);
}

/* The correlation is the call's even if the answer came without one. */
static void an_answer_needs_no_correlation(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_msg call = *ask(&desk, TT_task_TA_ANALYSIS, BTC);
    tt_uuid correlation = call.correlation;
    call.correlation = (tt_uuid){0};
    const tt_ta_signal ta = good_ta();
    desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    const tt_msg *answer = desk_last(&desk, TT_TOPIC_AGENT_ANSWERS);
    assert_false(tt_uuid_eq(answer->correlation, correlation));
    assert_true(tt_uuid_eq(desk_last(&desk, TT_TOPIC_TA_SIGNALS)->correlation, correlation));
    desk_close(&desk);
}

static void no_opinion_is_a_success_without_a_message(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_msg *call = ask(&desk, TT_task_TRADING_DECISION, BTC);
    desk_answer(&desk, call, TT_answer_status_NO_OPINION, 0, NULL);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADING_SIGNALS), 0);
    assert_int_equal(desk_events(&desk, TT_system_event_type_TASK_ERROR), 0);
    assert_int_equal(desk_status(&desk).tasks[TT_task_TRADING_DECISION].runs, 1);
    desk_close(&desk);
}

static void failed_answers(void **state)
{
    (void)state;
    static const struct {
        tt_answer_status status;
        uint32_t llm;
        uint32_t api;
        const char *message;
    } rows[] = {
        {TT_answer_status_ERROR, 0, 1, "BTC/USDT: error: out of order"},
        {TT_answer_status_TIMEOUT, 0, 2, "BTC/USDT: timeout: out of order"},
        {TT_answer_status_INVALID, 1, 2, "BTC/USDT: invalid: out of order"},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_msg *call = ask(&desk, TT_task_TA_ANALYSIS, BTC);
        desk_answer(&desk, call, rows[i].status, 0, NULL);
        const tt_system_event *event = desk_event(&desk, TT_system_event_type_TASK_ERROR);
        assert_string_equal(event->subject, "ta_analysis");
        assert_string_equal(event->message, rows[i].message);
        assert_int_equal(event->severity, TT_severity_HIGH);
        assert_int_equal(desk_status(&desk).consecutive_llm_failures, rows[i].llm);
        assert_int_equal(desk_status(&desk).consecutive_api_failures, rows[i].api);
        assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 0);
        const tt_msg *error = desk_nth(&desk, TT_TOPIC_SYSTEM_EVENTS, 0);
        assert_true(tt_uuid_eq(error->correlation, call->correlation));
        assert_int_equal(error->key, BTC);
    }
    assert_int_equal(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].errors, 3);
    assert_int_equal(desk_status(&desk).total_task_runs, 0);
    desk_close(&desk);
}

/* No answer within the time: the call is given up; what comes later is named late. */
static void timeout_and_late_answer(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_msg *call = ask(&desk, TT_task_TA_ANALYSIS, BTC);
    desk_wait(&desk, "29.999999999");
    assert_int_equal(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].in_flight, 1);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].in_flight, 0);
    const tt_system_event *event = desk_event(&desk, TT_system_event_type_TASK_ERROR);
    assert_string_equal(event->message, "BTC/USDT: no answer within 30 s");
    const tt_msg *error = desk_last(&desk, TT_TOPIC_SYSTEM_EVENTS);
    assert_true(tt_uuid_eq(error->correlation, call->correlation));
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 1);
    const tt_ta_signal ta = good_ta();
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 0);
    assert_int_equal(dead_letter(&desk)->reason, TT_dead_reason_UNKNOWN_CALL);
    assert_non_null(strstr(dead_letter(&desk)->message, "given up"));
    assert_int_equal(desk_status(&desk).total_late_answers, 1);
    desk_close(&desk);
}

static void unknown_and_repeated_answers(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_ta_signal ta = good_ta();
    const tt_msg nothing = {.seq = 777, .key = BTC};
    desk_answer(&desk, &nothing, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_int_equal(dead_letter(&desk)->reason, TT_dead_reason_UNKNOWN_CALL);
    assert_string_equal(dead_letter(&desk)->message, "no call 777 is in flight");
    const tt_msg zero = {.seq = 0, .key = BTC};
    desk_answer(&desk, &zero, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_int_equal(desk_status(&desk).total_late_answers, 2);
    const tt_msg *call = ask(&desk, TT_task_TA_ANALYSIS, BTC);
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 1);
    assert_int_equal(desk_status(&desk).total_late_answers, 3);
    assert_int_equal(desk_status(&desk).consecutive_api_failures, 0);
    desk_close(&desk);
}

/* Refused: a dead letter, a task error, a failure of content, nothing published. */
static void assert_refused(struct desk *desk, const char *part)
{
    assert_int_equal(desk_count(desk, TT_TOPIC_TA_SIGNALS), 0);
    assert_int_equal(desk_count(desk, TT_TOPIC_REGIME_UPDATES), 0);
    assert_int_equal(desk_count(desk, TT_TOPIC_SENTIMENT_UPDATES), 0);
    assert_int_equal(desk_count(desk, TT_TOPIC_TRADING_SIGNALS), 0);
    assert_int_equal(desk_count(desk, TT_TOPIC_PORTFOLIO_UPDATES), 0);
    assert_int_equal(dead_letter(desk)->reason, TT_dead_reason_INVALID_INPUT);
    const tt_system_event *event = desk_event(desk, TT_system_event_type_TASK_ERROR);
    if (strstr(event->message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", event->message, part);
    }
}

static void wrong_topic(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_msg *call = ask(&desk, TT_task_TA_ANALYSIS, BTC);
    const tt_trading_signal signal = good_signal(TT_action_BUY, "0.9");
    desk_answer(&desk, call, TT_answer_status_OK, TT_TOPIC_TRADING_SIGNALS, &signal);
    assert_refused(&desk, "this agent speaks on ta_signals");
    assert_int_equal(desk_status(&desk).total_refused_answers, 1);
    assert_int_equal(desk_status(&desk).consecutive_llm_failures, 1);
    desk_close(&desk);
}

static void wrong_symbol(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_msg call = *ask(&desk, TT_task_TA_ANALYSIS, BTC);
    call.key = XRP;
    const tt_ta_signal ta = good_ta();
    desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_TA_SIGNALS, &ta);
    assert_refused(&desk, "the answer is about XRP/USDT");
    assert_int_equal(desk_status(&desk).tasks[TT_task_TA_ANALYSIS].in_flight, 0);
    desk_close(&desk);
}

/* Says an answer with a body of our own making. */
static void answer_bytes(
    struct desk *desk, const tt_msg *call, tt_topic topic, const void *bytes, uint16_t count)
{
    tt_agent_answer answer = {
        .call_seq = call->seq, .answer_topic = (uint16_t)topic, .count = count};
    memcpy(answer.body, bytes, count);
    desk_say(desk, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, call->key, &answer);
}

static void malformed_bodies(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_ta_signal ta = good_ta();
    answer_bytes(
        &desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), TT_TOPIC_TA_SIGNALS, &ta, sizeof ta - 16);
    assert_refused(&desk, "ta_signal: the payload has");
    answer_bytes(&desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), TT_TOPIC_TA_SIGNALS, &ta, 0);
    assert_refused(&desk, "ta_signal: the payload has 0 bytes");
    ta.bias = 9;
    answer_bytes(&desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), TT_TOPIC_TA_SIGNALS, &ta, sizeof ta);
    assert_refused(&desk, "ta_signal.bias");
    unsigned char large[sizeof(tt_ta_signal) + 16] = {0};
    answer_bytes(
        &desk, ask(&desk, TT_task_TA_ANALYSIS, BTC), TT_TOPIC_TA_SIGNALS, large, sizeof large);
    assert_refused(&desk, "has at most");
    tt_trading_signal signal = good_signal(TT_action_HOLD, "0.5");
    signal.count = 8; // but no votes follow
    uint16_t fixed = tt_topic_info_get(TT_TOPIC_TRADING_SIGNALS)->layout->fixed_size;
    answer_bytes(
        &desk, ask(&desk, TT_task_TRADING_DECISION, BTC), TT_TOPIC_TRADING_SIGNALS, &signal, fixed);
    assert_refused(&desk, "items are too many");
    desk_close(&desk);
}

/* Answers with a payload and expects a refusal that says `part`, or none (NULL). */
static void
try_answer(struct desk *desk, tt_task task, tt_topic topic, const void *payload, const char *part)
{
    const tt_msg *call = ask(desk, task, task == TT_task_PORTFOLIO_CHECK ? 0 : BTC);
    desk_answer(desk, call, TT_answer_status_OK, topic, payload);
    if (part == NULL) {
        assert_int_equal(desk_count(desk, topic), 1);
        assert_int_equal(desk_count(desk, TT_TOPIC_DEAD_LETTERS), 0);
    } else {
        assert_refused(desk, part);
    }
}

/** A decimal field at both ends of its range. */
struct edge {
    const char *name;
    size_t offset;
    const char *min; /**< NULL: no end. */
    const char *max;
};
#define EDGE(payload, field, min, max)                                                             \
    {                                                                                              \
#payload "." #field, offsetof(tt_##payload, field), (min), (max)                           \
    }

/* The ends are in, the next digit beyond them is out. */
static void try_edges(
    struct desk *desk,
    tt_task task,
    tt_topic topic,
    const void *good,
    const struct edge *edges,
    size_t count)
{
    const tt_layout *layout = tt_topic_info_get((uint16_t)topic)->layout;
    unsigned char *payload = malloc(layout->size);
    assert_non_null(payload);
    for (size_t i = 0; i < count; i++) {
        const char *const ends[] = {edges[i].min, edges[i].max};
        for (int side = 0; side < 2; side++) {
            if (ends[side] == NULL) {
                continue;
            }
            memcpy(payload, good, layout->size);
            tt_dec value = num(ends[side]);
            memcpy(payload + edges[i].offset, &value, sizeof value);
            try_answer(desk, task, topic, payload, NULL);
            value.v += side == 0 ? -1 : 1;
            memcpy(payload + edges[i].offset, &value, sizeof value);
            try_answer(desk, task, topic, payload, edges[i].name);
        }
    }
    free(payload);
}
#define TRY_EDGES(desk, task, topic, good, edges)                                                  \
    try_edges((desk), (task), (topic), (good), (edges), sizeof(edges) / sizeof(edges)[0])

static void ranges_of_ta(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        EDGE(ta_signal, trend_strength, "0", "1"),
        EDGE(ta_signal, momentum_score, "-1", "1"),
        EDGE(ta_signal, confidence, "0", "1"),
        EDGE(ta_signal, rsi, "0", "100"),
        EDGE(ta_signal, support, "0", NULL),
        EDGE(ta_signal, resistance, "0", NULL),
    };
    struct desk desk;
    desk_start_quiet(&desk);
    tt_ta_signal good = good_ta();
    TRY_EDGES(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &good, edges);
    good.support = good.resistance;
    try_answer(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &good, NULL);
    good.support.d.v++;
    try_answer(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &good, "support lies above");
    good = good_ta();
    good.macd_hist = RATIO("-12345.678");
    try_answer(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &good, NULL);
    good.macd_hist.d.v = TT_RATIO_MAX.v + 1;
    try_answer(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &good, "ta_signal.macd_hist");
    desk_close(&desk);
}

static void ranges_of_regime(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        EDGE(regime_update, confidence, "0", "1"),
        EDGE(regime_update, trend_strength, "0", "1"),
        EDGE(regime_update, choppiness, "0", "100"),
        EDGE(regime_update, adx_value, "0", "100"),
        EDGE(regime_update, position_size_multiplier, "0.25", "1.5"),
        EDGE(regime_update, stop_loss_multiplier, "0.5", "2"),
        EDGE(regime_update, take_profit_multiplier, "0.5", "3"),
    };
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_regime_update good = good_regime(TT_regime_RANGING, "0.8");
    TRY_EDGES(&desk, TT_task_REGIME_DETECTION, TT_TOPIC_REGIME_UPDATES, &good, edges);
    desk_close(&desk);
}

static void ranges_of_sentiment(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        EDGE(sentiment_update, score, "-1", "1"),
        EDGE(sentiment_update, social_score, "-1", "1"),
        EDGE(sentiment_update, news_score, "-1", "1"),
        EDGE(sentiment_update, confidence, "0", "1"),
        EDGE(sentiment_update, fear_greed, "-1", "1"),
    };
    struct desk desk;
    desk_start_quiet(&desk);
    const tt_sentiment_update good = good_sentiment();
    TRY_EDGES(&desk, TT_task_SENTIMENT_ANALYSIS, TT_TOPIC_SENTIMENT_UPDATES, &good, edges);
    desk_close(&desk);
}

static void ranges_of_decisions(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        EDGE(trading_signal, confidence, "0", "1"),
        EDGE(trading_signal, position_size_pct, "0", "100"),
        EDGE(trading_signal, agreement, "0", "1"),
        EDGE(trading_signal, entry_price, "0", NULL),
        EDGE(trading_signal, stop_loss, "0", NULL),
        EDGE(trading_signal, take_profit, "0", NULL),
    };
    const tt_task task = TT_task_TRADING_DECISION;
    const tt_topic topic = TT_TOPIC_TRADING_SIGNALS;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_trading_signal good = good_signal(TT_action_HOLD, "0.5");
    TRY_EDGES(&desk, task, topic, &good, edges);
    good.leverage = 0;
    try_answer(&desk, task, topic, &good, "leverage is 0");
    good.leverage = 1;
    good.count = 2;
    good.votes[0].confidence = RATIO("1");
    good.votes[1].confidence = RATIO("0");
    try_answer(&desk, task, topic, &good, NULL);
    good.votes[1].confidence = RATIO("1.01");
    try_answer(&desk, task, topic, &good, "model_vote.confidence is 1.01; it must be from 0 to 1");
    good.votes[1].confidence = RATIO("0.5");
    good.votes[1].stop_loss = PRICE("-1");
    try_answer(&desk, task, topic, &good, "model_vote.stop_loss is -1; it must be at least 0");
    desk_close(&desk);
}

/* Stop, entry and target in their order, for both sides; equal is wrong; 0 is not given. */
static void order_of_prices(void **state)
{
    (void)state;
    static const struct {
        tt_action action;
        const char *entry;
        const char *stop;
        const char *target;
        const char *part;
    } rows[] = {
        {TT_action_BUY, "100", "98", "104", NULL},
        {TT_action_BUY, "0", "98", "104", NULL},
        {TT_action_BUY, "100", "0", "0", NULL},
        {TT_action_BUY, "0", "0", "0", NULL},
        {TT_action_BUY, "100", "100", "104", "stop_loss is 100; it must lie below entry_price"},
        {TT_action_BUY, "100", "101", "104", "stop_loss"},
        {TT_action_BUY, "100", "98", "100", "entry_price is 100; it must lie below take_profit"},
        {TT_action_BUY, "100", "98", "99", "entry_price"},
        {TT_action_BUY, "0", "104", "98", "stop_loss is 104; it must lie below take_profit"},
        {TT_action_SELL, "100", "102", "96", NULL},
        {TT_action_SELL, "0", "102", "96", NULL},
        {TT_action_SELL, "100", "100", "96", "entry_price is 100; it must lie below stop_loss"},
        {TT_action_SELL, "100", "99", "96", "stop_loss"},
        {TT_action_SELL, "100", "102", "100", "take_profit is 100; it must lie below entry_price"},
        {TT_action_SELL, "0", "96", "102", "take_profit is 102; it must lie below stop_loss"},
        {TT_action_HOLD, "100", "104", "98", NULL},
        {TT_action_CLOSE_LONG, "100", "104", "98", NULL},
    };
    struct desk desk;
    desk_start_quiet(&desk);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_trading_signal signal = good_signal(rows[i].action, "0.5");
        signal.entry_price = PRICE(rows[i].entry);
        signal.stop_loss = PRICE(rows[i].stop);
        signal.take_profit = PRICE(rows[i].target);
        try_answer(
            &desk, TT_task_TRADING_DECISION, TT_TOPIC_TRADING_SIGNALS, &signal, rows[i].part);
    }
    desk_close(&desk);
}

static void ranges_of_portfolios(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        EDGE(portfolio_update, max_deviation_pct, "0", NULL),
        EDGE(portfolio_update, confidence, "0", "1"),
    };
    const tt_task task = TT_task_PORTFOLIO_CHECK;
    const tt_topic topic = TT_TOPIC_PORTFOLIO_UPDATES;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_portfolio_update good = {.confidence = RATIO("0.8"), .count = 1};
    good.trades[0] =
        (tt_rebalance_trade){.amount = MONEY("10"), .instrument = XRP, .side = TT_side_SELL};
    TRY_EDGES(&desk, task, topic, &good, edges);
    good.trades[0].instrument = 3;
    try_answer(&desk, task, topic, &good, "instrument is 3; it must be from 1 to 2");
    good.trades[0].instrument = 0;
    try_answer(&desk, task, topic, &good, "instrument is 0");
    good.trades[0].instrument = BTC;
    good.trades[0].side = TT_side_NONE;
    try_answer(&desk, task, topic, &good, "side is none");
    good.trades[0].side = TT_side_BUY;
    good.trades[0].amount = MONEY("0");
    try_answer(&desk, task, topic, &good, "amount must be greater than 0");
    desk_close(&desk);
}

/* A text that an agent wrote too long or badly is refused by its form. */
static void texts_are_checked(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    tt_ta_signal ta = good_ta();
    memset(ta.reasoning, 'x', sizeof ta.reasoning);
    try_answer(&desk, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &ta, "ta_signal.reasoning");
    desk_close(&desk);
}

/* Random bodies: nothing but a checked payload is ever published, and nothing breaks. */
static void random_bodies(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    uint64_t random = 0x9e3779b97f4a7c15;
    for (uint32_t i = 0; i < 3000; i++) {
        tt_task task = (tt_task)(i % TT_task_COUNT);
        const tt_msg *call = ask(&desk, task, task == TT_task_PORTFOLIO_CHECK ? 0 : BTC);
        tt_agent_answer answer = {
            .call_seq = call->seq, .answer_topic = (uint16_t)tt_coord_task_get(task)->topic};
        const tt_layout *layout = tt_topic_info_get(answer.answer_topic)->layout;
        random = random * 6364136223846793005u + 1442695040888963407u;
        answer.count = (uint16_t)(layout->fixed_size + (random >> 60) * 16);
        for (uint32_t at = 0; at < 4; at++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            answer.body[(random >> 33) % answer.count].byte = (uint8_t)(random >> 24);
        }
        desk_say(&desk, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, call->key, &answer);
        for (uint32_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
            if (topic == answer.answer_topic && desk_count(&desk, (tt_topic)topic) > 0) {
                const tt_msg *msg = desk_last(&desk, (tt_topic)topic);
                assert_int_equal(
                    tt_payload_check(layout, tt_msg_payload(msg), msg->size, NULL), TUTTI_OK);
            }
        }
        assert_int_equal(desk_status(&desk).tasks[task].in_flight, 0);
    }
    assert_true(desk_status(&desk).total_refused_answers > 100);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_answers_are_published),
        cmocka_unit_test(references_are_those_of_the_call),
        cmocka_unit_test(a_chain_shares_its_correlation),
        cmocka_unit_test(an_answer_needs_no_correlation),
        cmocka_unit_test(no_opinion_is_a_success_without_a_message),
        cmocka_unit_test(failed_answers),
        cmocka_unit_test(timeout_and_late_answer),
        cmocka_unit_test(unknown_and_repeated_answers),
        cmocka_unit_test(wrong_topic),
        cmocka_unit_test(wrong_symbol),
        cmocka_unit_test(malformed_bodies),
        cmocka_unit_test(ranges_of_ta),
        cmocka_unit_test(ranges_of_regime),
        cmocka_unit_test(ranges_of_sentiment),
        cmocka_unit_test(ranges_of_decisions),
        cmocka_unit_test(order_of_prices),
        cmocka_unit_test(ranges_of_portfolios),
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(random_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
