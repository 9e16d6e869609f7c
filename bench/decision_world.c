/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The engine of the decision benchmark: how it comes to where each tick leads to an order, and back
 * to there after each.
 */
#include "decision_world.h"

#include "model/limits.h"
#include "model/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY = 1,
    RING_BYTES = 1 << 20,
    WARM_BARS = 60,
    QUOTES_BETWEEN = 4, /**< Quotes that make nobody due, in the second before a decision. */
    QUOTE_MS = 200
};

/** What a decision must come to, worked out by hand. */
struct decision_outcome {
    const char *qty;
    uint8_t leverage;
    uint8_t checks;
};
static const struct decision_outcome outcomes[2][2] = {
    [DECISION_AGENT] = {{"2", 2, 24}, {"0.25", 1, 24}},
    [DECISION_STRATEGY] = {{"2", 1, 24}, {"0.25", 1, 24}},
};

static const int64_t start_ns = INT64_C(1704067200) * TT_NS_PER_S; // 2024-01-01

// Agents speak once and stay fresh for a day; whoever decides does so every second.
static const char agents_text[] =
    "run: {id: bench}\n"
    "feed: {kind: csv_bars, path: none}\n"
    "account: {initial_balance: 1000000}\n"
    "instruments:\n"
    "  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001, bar_interval_s: 1}\n"
    "coordinator:\n"
    "  bar_grace: 0\n"
    "  consensus: {ta_max_age: 86400, regime_max_age: 86400, sentiment_max_age: 86400}\n"
    "  schedules:\n"
    "    ta_analysis: {enabled: false}\n"
    "    regime_detection: {enabled: false}\n"
    "    sentiment_analysis: {enabled: false}\n"
    "    portfolio_check: {enabled: false}\n";
static const char agent_decides[] = "    trading_decision: {enabled: false, interval: 1}\n";
// One bar up, one down: each crosses.
static const char strategy_decides[] =
    "    trading_decision: {enabled: false}\n"
    "ma_cross: {enabled: true, fast: 1, slow: 2, confidence: 0.9}\n";

static tt_dec number(const char *text)
{
    tt_dec value = {0};
    if (tt_dec_parse(text, strlen(text), &value) != TUTTI_OK) {
        bench_fail("%s is no number", text);
    }
    return value;
}

static void open_engine(decision_world *world)
{
    char text[4096];
    tt_error error = {0};
    bool is_agent = world->maker == DECISION_AGENT;
    snprintf(text, sizeof text, "%s%s", agents_text, is_agent ? agent_decides : strategy_decides);
    world->config = calloc(1, sizeof *world->config);
    world->steps_memory = calloc(1, RING_BYTES);
    if (world->config == NULL || world->steps_memory == NULL ||
        tt_ring_init(&world->steps, world->steps_memory, RING_BYTES) != TUTTI_OK) {
        bench_fail("no memory");
    }
    if (tt_config_load_text(text, strlen(text), NULL, world->config, &error) != TUTTI_OK ||
        tt_engine_new(&world->config->engine, &world->engine, &error) != TUTTI_OK) {
        bench_fail("%s: %s", error.message, error.hint);
    }
}

const tt_msg *decision_world_find(const decision_world *world, tt_topic topic)
{
    const tt_bus *bus = tt_engine_bus(world->engine);
    const tt_msg *msg = tt_bus_outbox_next(bus, NULL);
    while (msg != NULL && msg->topic != topic) {
        msg = tt_bus_outbox_next(bus, msg);
    }
    if (msg == NULL) {
        bench_fail("a step has no message of %s", tt_topic_info_get((uint16_t)topic)->name);
    }
    return msg;
}

static void step_input(decision_world *world, const tt_input *input)
{
    size_t size = 0;
    tutti_status status = tt_engine_step(world->engine, input);
    const void *step = tt_bus_outbox(tt_engine_bus(world->engine), &size);
    if (status != TUTTI_OK || tt_ring_push(&world->steps, step, (uint32_t)size) != TUTTI_OK) {
        bench_fail("an input was refused");
    }
}

void decision_world_step(
    decision_world *world, tt_topic topic, tt_source source, const void *payload, size_t size)
{
    const tt_input input = {
        .time = world->now,
        .topic = topic,
        .source = source,
        .key = topic == TT_TOPIC_SESSION_EVENTS ? 0 : KEY,
        .payload = payload,
        .payload_size = size,
    };
    step_input(world, &input);
}

/** The journal thread's part: takes what waits. */
static void drain(decision_world *world)
{
    uint32_t size = 0;
    world->ring_bytes = 0;
    while (tt_ring_peek(&world->steps, &size) != NULL) {
        world->ring_bytes += size;
        tt_ring_release(&world->steps);
    }
}

static void push_bar(decision_world *world)
{
    world->now.ns += TT_NS_PER_S;
    bool is_up = (++world->turn & 1) == 0;
    tt_bar *bar = &world->bar;
    bar->open.d = number(is_up ? "49999.5" : "50000");
    bar->close.d = number(is_up ? "50000" : "49999.5");
    bar->high.d = number("50050");
    bar->low.d = number("49950");
    bar->volume.d = number("10");
    bar->interval_s = 1;
    bar->open_time.ns = world->now.ns - TT_NS_PER_S;
    bar->feed_seq = world->turn;
}

static void command(decision_world *world, tt_command what, tt_task task)
{
    tt_coordinator_command payload = {
        .request_id = 1, .command = (uint8_t)what, .task = (uint8_t)task, .actor = "bench"};
    decision_world_step(
        world, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, &payload, sizeof payload);
}

/** Asks an agent and gives its answer. */
static void
speak(decision_world *world, tt_task task, tt_topic topic, const void *output, size_t size)
{
    static const tt_source sources[] = {
        [TT_task_TA_ANALYSIS] = TT_SOURCE_AGENT_TA,
        [TT_task_REGIME_DETECTION] = TT_SOURCE_AGENT_REGIME,
        [TT_task_SENTIMENT_ANALYSIS] = TT_SOURCE_AGENT_SENTIMENT,
    };
    tt_agent_answer answer = {
        .answer_topic = (uint16_t)topic,
        .count = (uint16_t)size,
        .status = TT_answer_status_OK,
    };
    command(world, TT_command_FORCE_RUN, task);
    answer.call_seq = decision_world_find(world, TT_TOPIC_AGENT_CALLS)->seq;
    memcpy(answer.model, "bench", sizeof "bench");
    memcpy(answer.body, output, size);
    decision_world_step(
        world,
        TT_TOPIC_AGENT_ANSWERS,
        sources[task],
        &answer,
        offsetof(tt_agent_answer, body) + size);
    (void)decision_world_find(world, topic);
    drain(world);
}

static void let_agents_speak(decision_world *world)
{
    tt_ta_signal ta = {
        .trend_strength.d = number("0.8"),
        .confidence.d = number("0.8"),
        .rsi.d = number("60"),
        .trend_direction = TT_trend_BULLISH,
        .bias = TT_bias_LONG,
    };
    tt_regime_update regime = {
        .confidence.d = number("0.9"),
        .position_size_multiplier.d = number(world->has_conflicts ? "0.25" : "1"),
        .stop_loss_multiplier.d = number("1"),
        .take_profit_multiplier.d = number("1"),
        .regime = world->has_conflicts ? TT_regime_CHOPPY : TT_regime_TRENDING_BULL,
    };
    tt_sentiment_update sentiment = {
        .score.d = number(world->has_conflicts ? "-0.5" : "0.5"),
        .confidence.d = number("0.75"),
        .bias = world->has_conflicts ? TT_sentiment_bias_BEARISH : TT_sentiment_bias_BULLISH,
    };
    speak(world, TT_task_TA_ANALYSIS, TT_TOPIC_TA_SIGNALS, &ta, sizeof ta);
    speak(world, TT_task_REGIME_DETECTION, TT_TOPIC_REGIME_UPDATES, &regime, sizeof regime);
    speak(
        world,
        TT_task_SENTIMENT_ANALYSIS,
        TT_TOPIC_SENTIMENT_UPDATES,
        &sentiment,
        sizeof sentiment);
}

/** What the decision agent answers, whenever it is asked. */
static void prepare_answer(decision_world *world)
{
    const tt_trading_signal signal = {
        .confidence.d = number("0.9"),
        .stop_loss.d = number("49000"),
        .take_profit.d = number("52000"),
        .position_size_pct.d = number("10"),
        .agreement.d = number("1"),
        .action = TT_action_BUY,
        .leverage = 2,
        .valid_votes = 1,
        .count = 1,
        .reasoning = "all agents agree, and the price is above its averages",
        .votes = {{.confidence.d = number("0.9"), .action = TT_action_BUY, .model = "bench"}},
    };
    const size_t size = offsetof(tt_trading_signal, votes) + sizeof signal.votes[0];
    world->answer = (tt_agent_answer){
        .answer_topic = TT_TOPIC_TRADING_SIGNALS,
        .count = (uint16_t)size,
        .status = TT_answer_status_OK,
        .model = "bench",
    };
    memcpy(world->answer.body, &signal, size);
}

void decision_world_open(decision_world *world, decision_maker maker, bool has_conflicts)
{
    *world = (decision_world){.maker = maker, .has_conflicts = has_conflicts, .now = {start_ns}};
    open_engine(world);
    const tt_session_event started = {
        .event = TT_session_event_type_STARTED, .mode = TT_mode_BACKTEST, .run_id = "bench"};
    decision_world_step(world, TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, &started, sizeof started);
    // Bars that do not cross, so that the strategy is still silent.
    for (int i = 0; i < WARM_BARS; i++) {
        push_bar(world);
        world->bar.close.d = number("50000");
        decision_world_step(
            world, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, &world->bar, sizeof world->bar);
        drain(world);
    }
    let_agents_speak(world);
    prepare_answer(world);
    if (maker == DECISION_AGENT) {
        command(world, TT_command_ENABLE_TASK, TT_task_TRADING_DECISION);
    } else {
        push_bar(world); // A first side is no cross.
        decision_world_tick(world);
    }
    drain(world);
    world->quote = (tt_quote){
        .bid.d = number("49999.5"),
        .ask.d = number("50000"),
        .bid_qty.d = number("3"),
        .ask_qty.d = number("2"),
    };
}

void decision_world_close(decision_world *world)
{
    tt_engine_free(world->engine);
    free(world->steps_memory);
    free(world->config);
}

/* ---- one decision ---- */

void decision_world_tick(decision_world *world)
{
    if (world->maker == DECISION_STRATEGY) {
        decision_world_step(
            world, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, &world->bar, sizeof world->bar);
    } else {
        decision_world_step(
            world, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, &world->quote, sizeof world->quote);
    }
}

void decision_world_prepare(decision_world *world)
{
    if (world->maker == DECISION_STRATEGY) {
        push_bar(world);
        return;
    }
    for (int i = 0; i < QUOTES_BETWEEN; i++) {
        world->now.ns += QUOTE_MS * TT_NS_PER_MS;
        world->quote.feed_seq++;
        decision_world_step(
            world, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, &world->quote, sizeof world->quote);
        drain(world);
    }
    world->now.ns += TT_NS_PER_S - QUOTES_BETWEEN * QUOTE_MS * TT_NS_PER_MS;
    world->quote.feed_seq++;
}

void decision_world_think(decision_world *world)
{
    const tt_msg *call = decision_world_find(world, TT_TOPIC_AGENT_CALLS);
    world->answer.call_seq = call->seq;
    world->cause = call->seq;
    world->correlation = call->correlation;
}

void decision_world_answer(decision_world *world)
{
    const tt_input input = {
        .time = world->now,
        .topic = TT_TOPIC_AGENT_ANSWERS,
        .source = TT_SOURCE_AGENT_DECISION,
        .key = KEY,
        .cause = world->cause,
        .correlation = world->correlation,
        .payload = &world->answer,
        .payload_size = offsetof(tt_agent_answer, body) + world->answer.count,
    };
    step_input(world, &input);
}

static bool is_equal(tt_dec value, const char *text)
{
    return tt_dec_cmp(value, number(text)) == 0;
}

/** What must have come of a decision, worked out by hand. */
static void check_outcome(const decision_world *world)
{
    const tt_msg *proposed = decision_world_find(world, TT_TOPIC_TRADE_PROPOSALS);
    const tt_msg *judged = decision_world_find(world, TT_TOPIC_RISK_VERDICTS);
    const tt_msg *ordered = decision_world_find(world, TT_TOPIC_ORDER_INTENTS);
    const tt_trade_proposal *proposal = TT_PAYLOAD(proposed, TRADE_PROPOSALS, trade_proposal);
    const tt_risk_verdict *verdict = TT_PAYLOAD(judged, RISK_VERDICTS, risk_verdict);
    const tt_order_intent *intent = TT_PAYLOAD(ordered, ORDER_INTENTS, order_intent);
    const struct decision_outcome *outcome = &outcomes[world->maker][world->has_conflicts];
    char qty[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(intent->qty.d, qty);
    bool is_right = verdict->code == TT_risk_code_NONE && verdict->proposal_seq == proposed->seq &&
                    intent->verdict_seq == judged->seq && intent->order_id == ordered->seq &&
                    intent->leverage == outcome->leverage &&
                    is_equal(intent->qty.d, outcome->qty) &&
                    (proposal->conflict_seq != 0) == world->has_conflicts &&
                    tt_verdict_count(verdict) == outcome->checks;
    if (!is_right) {
        bench_fail(
            "a decision gave code %u, %u checks, quantity %s, leverage %u",
            verdict->code,
            tt_verdict_count(verdict),
            qty,
            intent->leverage);
    }
}

void decision_world_refuse(decision_world *world)
{
    const tt_msg *ordered = decision_world_find(world, TT_TOPIC_ORDER_INTENTS);
    const tt_order_intent *intent = TT_PAYLOAD(ordered, ORDER_INTENTS, order_intent);
    tt_venue_report report = {
        .order_id = intent->order_id,
        .venue_time = world->now,
        .kind = TT_report_kind_CANCELLED,
        .reason = "behind the measurement",
    };
    memcpy(report.client_order_id, intent->client_order_id, sizeof report.client_order_id);
    drain(world);
    decision_world_step(world, TT_TOPIC_VENUE_REPORTS, TT_SOURCE_VENUE, &report, sizeof report);
    drain(world);
}

void decision_world_settle(decision_world *world)
{
    check_outcome(world);
    world->decisions++;
    decision_world_refuse(world);
}
