/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any stream of events into the engine with all its modules. The bytes choose market data, reports
 * about orders that were really sent, answers to calls that were really made, commands, and plain
 * rubbish. Whatever comes: no invariant breaks, and a second engine that is fed the recorded inputs
 * publishes the same bytes.
 */
#include "config/config.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define T0_NS       (INT64_C(1700000000) * TT_NS_PER_S)
#define STEPS_MAX   2000u
#define REMEMBERED  16u
#define INSTRUMENTS 2u

static const char config_text[] =
    "run: {name: fuzz, id: fuzz, seed: 1}\n"
    "instruments:\n"
    "  - {symbol: BTC/USDT, price_increment: 0.01, qty_increment: 0.0001, min_qty: 0.0001,\n"
    "     min_notional: 1, maker_fee_rate: 0.0002, taker_fee_rate: 0.0004, max_leverage: 5,\n"
    "     bar_interval_s: 60}\n"
    "  - {symbol: ETH/USDT, price_increment: 0.01, qty_increment: 0.001, min_qty: 0.001,\n"
    "     min_notional: 1, maker_fee_rate: 0.0002, taker_fee_rate: 0.0004, max_leverage: 5,\n"
    "     bar_interval_s: 60}\n"
    "ma_cross: {enabled: true, fast: 1, slow: 3, stop_loss_pct: 1, take_profit_pct: 3}\n"
    "risk: {cooldowns: {post_trade: 0, post_loss: 0}}\n"
    "coordinator: {schedules: {sentiment_analysis: {run_on_start: true, interval: 60}}}\n"
    "bus: {history_scale_pct: 10, outbox_bytes: 1048576}\n";

/** What is left of the bytes, and what the run remembers. */
struct run {
    const uint8_t *data;
    size_t left;
    tt_engine *engine;
    tt_engine *replay;
    int64_t price_cents[INSTRUMENTS];
    tt_msg intent_heads[REMEMBERED];
    tt_order_intent intents[REMEMBERED];
    tt_msg call_heads[REMEMBERED];
    uint32_t intent_count;
    uint32_t call_count;
    uint64_t exec_id;
};

static uint32_t take_byte(struct run *run)
{
    if (run->left == 0) {
        return 0;
    }
    run->left--;
    return *run->data++;
}

static void replay_step(struct run *run)
{
    const tt_msg *first = tt_bus_outbox_next(tt_engine_bus(run->engine), NULL);
    TT_ASSERT(first && (first->flags & TT_MSG_INPUT) != 0);
    const tt_input input = {
        .time = first->time,
        .topic = (tt_topic)first->topic,
        .source = (tt_source)first->source,
        .key = first->key,
        .cause = first->cause,
        .correlation = first->correlation,
        .payload = tt_msg_payload(first),
        .payload_size = first->size,
    };
    TT_ASSERT(tt_engine_step(run->replay, &input) == TUTTI_OK);
    size_t size = 0;
    size_t replay_size = 0;
    const void *outbox = tt_bus_outbox(tt_engine_bus(run->engine), &size);
    const void *replay_outbox = tt_bus_outbox(tt_engine_bus(run->replay), &replay_size);
    TT_ASSERT(size == replay_size && memcmp(outbox, replay_outbox, size) == 0);
}

/** Remembers what went to the edges, newest over oldest. */
static void remember_effects(struct run *run)
{
    const tt_bus *bus = tt_engine_bus(run->engine);
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg;
         msg = tt_bus_outbox_next(bus, msg)) {
        if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
            uint32_t at = run->intent_count++ % REMEMBERED;
            run->intent_heads[at] = *msg;
            run->intents[at] = *TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
        }
        if (msg->topic == TT_TOPIC_AGENT_CALLS) {
            run->call_heads[run->call_count++ % REMEMBERED] = *msg;
        }
    }
}

static void step(struct run *run, const tt_input *input)
{
    tutti_status status = tt_engine_step(run->engine, input);
    TT_ASSERT(status == TUTTI_OK || status == TUTTI_INVALID);
    replay_step(run);
    remember_effects(run);
}

static tt_input
make_input(struct run *run, tt_topic topic, tt_source source, const void *payload, size_t size)
{
    static const int64_t steps_ns[] = {
        0, 1, 1000000, 1000000000, 5000000000, 60000000000, 60000000000, 86400000000000};
    int64_t elapsed_ns = steps_ns[take_byte(run) % 8];
    return (tt_input){
        .time = {tt_engine_now(run->engine).ns + elapsed_ns},
        .topic = topic,
        .source = source,
        .payload = payload,
        .payload_size = size,
    };
}

/** Moves the price of an instrument by up to 3 %, and returns it. */
static tt_price walk(struct run *run, uint32_t index)
{
    int64_t cents = run->price_cents[index];
    cents += cents * ((int64_t)take_byte(run) - 128) / 4096;
    run->price_cents[index] = cents < 100 ? 100 : cents > 100000000 ? 100000000 : cents;
    return (tt_price){tt_dec_from_i64(run->price_cents[index], 2)};
}

static void feed_bar(struct run *run)
{
    uint32_t index = take_byte(run) % INSTRUMENTS;
    tt_bar bar = {.open = {tt_dec_from_i64(run->price_cents[index], 2)}, .interval_s = 60};
    bar.close = walk(run, index);
    bar.high.d = tt_dec_max(bar.open.d, bar.close.d);
    bar.low.d = tt_dec_min(bar.open.d, bar.close.d);
    bar.volume.d = tt_dec_from_i64(take_byte(run), 0);
    tt_input input = make_input(run, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, &bar, sizeof bar);
    bar.open_time.ns = input.time.ns - 60 * TT_NS_PER_S;
    input.key = index + 1;
    step(run, &input);
}

static void feed_tick(struct run *run)
{
    uint32_t index = take_byte(run) % INSTRUMENTS;
    tt_quote quote = {.bid = walk(run, index), .feed_seq = 1};
    quote.ask.d = tt_dec_xadd(quote.bid.d, tt_dec_from_i64(take_byte(run), 2));
    tt_input input = make_input(run, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, &quote, sizeof quote);
    const tt_trade trade = {.price = quote.bid, .qty = {tt_dec_from_i64(1, 1)}};
    if (take_byte(run) % 2 == 0) {
        input.topic = TT_TOPIC_MARKET_TRADE;
        input.payload = &trade;
        input.payload_size = sizeof trade;
    }
    input.key = index + 1;
    step(run, &input);
}

static void feed_clock(struct run *run)
{
    const tt_clock clock = {.tick = 1};
    tt_input input = make_input(run, TT_TOPIC_CLOCK, TT_SOURCE_HOST, &clock, sizeof clock);
    tt_time deadline = tt_engine_next_deadline(run->engine);
    if (deadline.ns != TT_TIME_NEVER.ns && take_byte(run) % 4 != 0) {
        input.time = deadline;
    }
    step(run, &input);
}

/** What a venue may say of an order, in any order, any number of times. */
static void feed_report(struct run *run)
{
    if (run->intent_count == 0) {
        return;
    }
    uint32_t kept = run->intent_count < REMEMBERED ? run->intent_count : REMEMBERED;
    uint32_t at = take_byte(run) % kept;
    const tt_order_intent *intent = &run->intents[at];
    uint32_t share = take_byte(run) % 6; // of four: nothing, a part, all, too much
    tt_venue_report report = {
        .price = {tt_dec_from_i64(run->price_cents[run->intent_heads[at].key - 1], 2)},
        .order_id = intent->order_id,
        .venue_order_id = take_byte(run) % 4,
        .kind = (uint8_t)(take_byte(run) % TT_report_kind_COUNT),
        .liquidity = (uint8_t)(take_byte(run) % TT_liquidity_COUNT),
        .venue_state = (uint8_t)(take_byte(run) % TT_order_state_COUNT),
        .is_query_reply = take_byte(run) % 2 == 1,
        .venue_time = tt_engine_now(run->engine),
    };
    report.qty.d =
        tt_dec_xdiv(tt_dec_xmul(intent->qty.d, tt_dec_from_i64(share, 0)), tt_dec_from_i64(4, 0));
    report.cumulative_qty = report.qty;
    report.fee.d = tt_dec_from_i64((int64_t)take_byte(run) - 20, 2);
    report.exec_id = take_byte(run) % 4 == 0 ? run->exec_id : ++run->exec_id;
    memcpy(report.client_order_id, intent->client_order_id, sizeof report.client_order_id);
    tt_input input =
        make_input(run, TT_TOPIC_VENUE_REPORTS, TT_SOURCE_VENUE, &report, sizeof report);
    input.key = run->intent_heads[at].key;
    input.cause = run->intent_heads[at].seq;
    input.correlation = run->intent_heads[at].correlation;
    step(run, &input);
}

/** Fills the body of an answer with small numbers and texts, so that many pass as an opinion. */
static void fill_body(struct run *run, tt_agent_answer *answer, const tt_layout *layout)
{
    _Alignas(16) unsigned char body[TT_PAYLOAD_MAX] = {0};
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind <= TT_KIND_ratio) {
            int64_t value = (int64_t)take_byte(run) - 20;
            tt_dec dec = tt_dec_from_i64(field->kind == TT_KIND_ratio ? value : value * 100, 2);
            dec = field->kind == TT_KIND_price ? tt_dec_from_i64(value * 20000, 2) : dec;
            memcpy(body + field->offset, &dec, sizeof dec);
        } else if (field->kind == TT_KIND_enum) {
            body[field->offset] = (unsigned char)(take_byte(run) % field->enumeration->count);
        } else if (field->kind == TT_KIND_u8) {
            body[field->offset] = (unsigned char)(take_byte(run) % 5);
        }
    }
    uint16_t size = tt_layout_used_size(layout, body);
    answer->count = size <= sizeof answer->body ? size : 0;
    memcpy(answer->body, body, answer->count);
}

static void feed_answer(struct run *run)
{
    static const tt_topic topics[] = {
        TT_TOPIC_TA_SIGNALS,
        TT_TOPIC_REGIME_UPDATES,
        TT_TOPIC_SENTIMENT_UPDATES,
        TT_TOPIC_TRADING_SIGNALS,
        TT_TOPIC_PORTFOLIO_UPDATES};
    if (run->call_count == 0) {
        return;
    }
    uint32_t kept = run->call_count < REMEMBERED ? run->call_count : REMEMBERED;
    const tt_msg *call = &run->call_heads[take_byte(run) % kept];
    tt_agent_answer answer = {
        .call_seq = call->seq,
        .answer_topic = (uint16_t)topics[take_byte(run) % 5],
        .status = (uint8_t)(take_byte(run) % 4 == 0 ? take_byte(run) % TT_answer_status_COUNT : 0),
    };
    fill_body(run, &answer, tt_topic_info_get(answer.answer_topic)->layout);
    tt_input input =
        make_input(run, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, &answer, sizeof answer);
    input.key = call->key;
    input.cause = call->seq;
    input.correlation = call->correlation;
    step(run, &input);
}

static void feed_command(struct run *run)
{
    const tt_coordinator_command command = {
        .request_id = 1,
        .command = (uint8_t)(take_byte(run) % TT_command_COUNT),
        .task = (uint8_t)(take_byte(run) % TT_task_COUNT),
        .actor = "fuzz",
    };
    tt_input input = make_input(
        run, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, &command, sizeof command);
    input.key = take_byte(run) % (INSTRUMENTS + 1);
    step(run, &input);
}

static void feed_session(struct run *run, tt_session_event_type type)
{
    const tt_session_event event = {.event = (uint8_t)type, .seed = 1, .run_id = "fuzz"};
    const tt_input input =
        make_input(run, TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, &event, sizeof event);
    step(run, &input);
}

static void feed_end_of_data(struct run *run)
{
    const tt_feed_event event = {.event = (uint8_t)(take_byte(run) % TT_feed_event_type_COUNT)};
    const tt_input input =
        make_input(run, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, &event, sizeof event);
    step(run, &input);
}

/** Bytes as they come, under any topic, from anyone, about anything. */
static void feed_rubbish(struct run *run)
{
    _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX] = {0};
    uint32_t topic = take_byte(run) % (TT_TOPIC_COUNT + 1);
    const tt_topic_info *info = tt_topic_info_get((uint16_t)topic);
    size_t size = info ? info->layout->size : 16;
    for (size_t i = take_byte(run); i < size && run->left > 0; i += 1 + take_byte(run)) {
        payload[i] = (unsigned char)take_byte(run);
    }
    tt_input input =
        make_input(run, (tt_topic)topic, (tt_source)(take_byte(run) % 20), payload, size);
    input.key = take_byte(run) % 5;
    input.cause = take_byte(run);
    step(run, &input);
}

static void feed_any(struct run *run)
{
    uint32_t choice = take_byte(run) % 20;
    if (choice < 6) {
        feed_bar(run);
    } else if (choice < 8) {
        feed_tick(run);
    } else if (choice < 10) {
        feed_clock(run);
    } else if (choice < 14) {
        feed_report(run);
    } else if (choice < 16) {
        feed_answer(run);
    } else if (choice == 16) {
        // Commands are rare: after a halt not much happens.
        take_byte(run) % 8 == 0 ? feed_command(run) : feed_bar(run);
    } else if (choice == 17) {
        feed_rubbish(run);
    } else if (choice == 18) {
        feed_end_of_data(run);
    } else {
        feed_session(run, (tt_session_event_type)(take_byte(run) % TT_session_event_type_COUNT));
    }
}

static const tt_config *load_config(void)
{
    static tt_config config;
    static bool is_loaded;
    tt_error error;
    if (!is_loaded) {
        tutti_status status =
            tt_config_parse_text(config_text, sizeof config_text - 1, &config, &error);
        TT_ASSERT(status == TUTTI_OK);
        is_loaded = true;
    }
    return &config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    tt_error error;
    const tt_config *config = load_config();
    run = (struct run){.data = data, .left = size, .price_cents = {4000000, 200000}};
    TT_ASSERT(tt_engine_new(&config->engine, &run.engine, &error) == TUTTI_OK);
    TT_ASSERT(tt_engine_new(&config->engine, &run.replay, &error) == TUTTI_OK);
    const tt_clock clock = {.tick = 1};
    tt_input first = make_input(&run, TT_TOPIC_CLOCK, TT_SOURCE_HOST, &clock, sizeof clock);
    first.time.ns = T0_NS;
    step(&run, &first);
    feed_session(&run, TT_session_event_type_STARTED);
    for (uint32_t i = 0; i < STEPS_MAX && run.left > 0; i++) {
        feed_any(&run);
    }
    tt_engine_free(run.engine);
    tt_engine_free(run.replay);
    return 0;
}
