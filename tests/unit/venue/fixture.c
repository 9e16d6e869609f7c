/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The exchange under test.
 */
#include "fixture.h"

#include "../../lib/config_defaults.h"

tt_dec num(const char *text)
{
    tt_dec value = {0};
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

void assert_dec_(tt_dec value, const char *text, const char *file, int line)
{
    char found[TT_DEC_TEXT_MAX];
    tt_dec_format(value, found);
    if (strcmp(found, text) != 0) {
        print_error("%s:%d: %s is not %s\n", file, line, found, text);
        _fail(file, line);
    }
}

static void add_instrument(floor_bench *bench, const char *symbol)
{
    tt_instrument *instrument = &bench->instruments.list[bench->instruments.count++];
    *instrument = (tt_instrument){
        .price_increment.d = num("0.1"),
        .qty_increment.d = num("0.001"),
        .min_qty.d = num("0.002"),
        .min_notional.d = num("5"),
        .maker_fee_rate.d = num("0.0002"),
        .taker_fee_rate.d = num("0.0005"),
        .max_leverage.d = num("1"),
        .bar_interval_s = 60,
        .id.n = bench->instruments.count,
    };
    strcpy(instrument->symbol, symbol);
}

int floor_setup(void **state)
{
    floor_bench *bench = calloc(1, sizeof *bench);
    TT_TEST_DEFAULTS(venue, &bench->config);
    bench->config.order_latency.ns = bench->config.report_latency.ns = 0;
    bench->config.latency_jitter.ns = 0;
    bench->config.half_spread_bps.d = bench->config.slippage_bps.d = num("0");
    bench->config.partial_fill_probability.d = num("0");
    add_instrument(bench, "BTC/USDT");
    add_instrument(bench, "ETH/USDT");
    bench->seed = 1;
    *state = bench;
    return 0;
}

int floor_teardown(void **state)
{
    floor_bench *bench = *state;
    floor_close(bench);
    if (bench->log[0] != '\0') {
        (void)unlink(bench->log);
    }
    free(bench);
    return 0;
}

void floor_open(floor_bench *bench)
{
    const char *log = bench->log[0] == '\0' ? NULL : bench->log;
    if (tt_sim_venue_open(
            &bench->config, &bench->instruments, bench->seed, log, &bench->venue, &bench->error) !=
        TUTTI_OK) {
        fail_msg("%s", bench->error.message);
    }
    bench->is_open = true;
    if (bench->now.ns == 0) {
        bench->now.ns = INT64_C(1704067200) * TT_NS_PER_S;
    }
}

void floor_close(floor_bench *bench)
{
    if (bench->is_open) {
        bench->venue.close(bench->venue.ctx);
        bench->is_open = false;
    }
}

void floor_use_log(floor_bench *bench)
{
    strcpy(bench->log, "/tmp/tutti-venue-XXXXXX");
    int fd = mkstemp(bench->log);
    assert_true(fd >= 0);
    (void)close(fd);
}

tt_sim *floor_sim(const floor_bench *bench)
{
    return bench->venue.ctx;
}

tt_order_intent *floor_order(
    floor_bench *bench,
    uint64_t id,
    tt_side side,
    tt_order_type type,
    const char *qty,
    const char *price)
{
    bench->order = (order_msg){
        .head =
            {.seq = id,
             .topic = TT_TOPIC_ORDER_INTENTS,
             .correlation = {{(uint8_t)id}},
             .size = sizeof bench->order.intent},
        .intent = {.order_id = id, .side = (uint8_t)side, .type = (uint8_t)type},
    };
    tt_order_intent *intent = &bench->order.intent;
    intent->qty.d = num(qty);
    if (type == TT_order_type_LIMIT) {
        intent->price.d = num(price);
    } else if (type == TT_order_type_STOP) {
        intent->trigger_price.d = num(price);
    }
    tt_text_format(
        intent->client_order_id,
        sizeof intent->client_order_id,
        "run-%llu",
        (unsigned long long)id);
    return intent;
}

static void send_msg(floor_bench *bench, tt_msg *msg)
{
    bench->seq = bench->seq < 1000 ? 1000 : bench->seq + 1;
    msg->time = bench->now;
    if (bench->venue.effect(bench->venue.ctx, bench->now, msg, &bench->error) != TUTTI_OK) {
        fail_msg("%s", bench->error.message);
    }
}

void floor_send_key(floor_bench *bench, uint32_t key)
{
    bench->order.head.key = key;
    send_msg(bench, &bench->order.head);
}

void floor_send(floor_bench *bench)
{
    floor_send_key(bench, BTC);
}

void floor_market(floor_bench *bench, uint64_t id, tt_side side, const char *qty)
{
    (void)floor_order(bench, id, side, TT_order_type_MARKET, qty, "");
    floor_send(bench);
}

void floor_limit(floor_bench *bench, uint64_t id, tt_side side, const char *qty, const char *price)
{
    (void)floor_order(bench, id, side, TT_order_type_LIMIT, qty, price);
    floor_send(bench);
}

void floor_stop(floor_bench *bench, uint64_t id, tt_side side, const char *qty, const char *trigger)
{
    (void)floor_order(bench, id, side, TT_order_type_STOP, qty, trigger);
    floor_send(bench);
}

void floor_cancel(floor_bench *bench, uint64_t id)
{
    struct {
        tt_msg head;
        tt_order_cancel cancel;
    } msg = {.head = {.seq = id + 100, .topic = TT_TOPIC_ORDER_CANCELS, .key = BTC}};
    msg.cancel.order_id = id;
    tt_text_format(msg.cancel.client_order_id, 48, "run-%llu", (unsigned long long)id);
    msg.head.size = sizeof msg.cancel;
    send_msg(bench, &msg.head);
}

void floor_query(floor_bench *bench, uint64_t id)
{
    struct {
        tt_msg head;
        tt_order_query query;
    } msg = {.head = {.seq = id + 200, .topic = TT_TOPIC_ORDER_QUERIES, .key = BTC}};
    msg.query.order_id = id;
    tt_text_format(msg.query.client_order_id, 48, "run-%llu", (unsigned long long)id);
    msg.head.size = sizeof msg.query;
    send_msg(bench, &msg.head);
}

static void send_amend(floor_bench *bench, tt_order_amend amend, uint64_t id)
{
    struct {
        tt_msg head;
        tt_order_amend amend;
    } msg = {.head = {.seq = amend.amend_id, .topic = TT_TOPIC_ORDER_AMENDS, .key = BTC}};
    msg.amend = amend;
    msg.amend.order_id = id;
    tt_text_format(msg.amend.client_order_id, 48, "run-%llu", (unsigned long long)id);
    msg.head.size = sizeof msg.amend;
    send_msg(bench, &msg.head);
}

void floor_amend(
    floor_bench *bench, uint64_t id, uint64_t amend_id, const char *qty, const char *price)
{
    const tt_order_amend amend = {.qty.d = num(qty), .price.d = num(price), .amend_id = amend_id};
    send_amend(bench, amend, id);
}

void floor_amend_stop(
    floor_bench *bench, uint64_t id, uint64_t amend_id, const char *qty, const char *trigger)
{
    const tt_order_amend amend = {
        .qty.d = num(qty), .trigger_price.d = num(trigger), .amend_id = amend_id};
    send_amend(bench, amend, id);
}

static void pass(floor_bench *bench, tt_topic topic, const void *payload)
{
    if (bench->venue.market(bench->venue.ctx, bench->now, topic, BTC, payload, &bench->error) !=
        TUTTI_OK) {
        fail_msg("%s", bench->error.message);
    }
}

void floor_bar(
    floor_bench *bench, const char *open, const char *high, const char *low, const char *close)
{
    tt_bar bar = {
        .open.d = num(open),
        .high.d = num(high),
        .low.d = num(low),
        .close.d = num(close),
        .open_time = bench->now,
        .interval_s = 60,
        .feed_seq = ++bench->feed_seq,
    };
    bench->now.ns += 60 * TT_NS_PER_S;
    pass(bench, TT_TOPIC_MARKET_BAR, &bar);
}

void floor_quote(
    floor_bench *bench, const char *bid, const char *bid_qty, const char *ask, const char *ask_qty)
{
    tt_quote quote = {
        .bid.d = num(bid),
        .bid_qty.d = num(bid_qty),
        .ask.d = num(ask),
        .ask_qty.d = num(ask_qty),
        .feed_seq = ++bench->feed_seq,
    };
    bench->now.ns += TT_NS_PER_S;
    pass(bench, TT_TOPIC_MARKET_QUOTE, &quote);
}

void floor_trade(floor_bench *bench, const char *price, const char *qty, tt_side aggressor)
{
    tt_trade trade = {
        .price.d = num(price),
        .qty.d = num(qty),
        .aggressor = (uint8_t)aggressor,
        .feed_seq = ++bench->feed_seq,
    };
    bench->now.ns += TT_NS_PER_S;
    pass(bench, TT_TOPIC_MARKET_TRADE, &trade);
}

void floor_depth(floor_bench *bench, bool is_snapshot, const char *levels)
{
    tt_depth depth = {
        .is_snapshot = is_snapshot,
        .is_last = 1,
        .feed_seq = ++bench->feed_seq,
        .last_update_id = bench->feed_seq,
    };
    char side = 0;
    char price[20];
    char qty[20];
    int used = 0;
    for (; sscanf(levels, " %c %19s %19s%n", &side, price, qty, &used) == 3; levels += used) {
        tt_depth_level *level = &depth.levels[depth.count++];
        level->side = side == 'b' ? TT_side_BUY : TT_side_SELL;
        level->price.d = num(price);
        level->qty.d = num(qty);
    }
    bench->now.ns += TT_NS_PER_S;
    pass(bench, TT_TOPIC_MARKET_DEPTH, &depth);
}

void floor_end_data(floor_bench *bench)
{
    tt_feed_event event = {.event = TT_feed_event_type_END_OF_DATA};
    pass(bench, TT_TOPIC_FEED_EVENTS, &event);
}

void floor_wait(floor_bench *bench, int64_t milliseconds)
{
    bench->now.ns += milliseconds * TT_NS_PER_MS;
}

static void format_fill(const tt_venue_report *report, char text[256])
{
    char qty[TT_DEC_TEXT_MAX];
    char price[TT_DEC_TEXT_MAX];
    char fee[TT_DEC_TEXT_MAX];
    char sum[TT_DEC_TEXT_MAX];
    tt_dec_format(report->qty.d, qty);
    tt_dec_format(report->price.d, price);
    tt_dec_format(report->fee.d, fee);
    tt_dec_format(report->cumulative_qty.d, sum);
    (void)snprintf(
        text,
        256,
        "%llu fill %s @ %s %s fee %s cum %s",
        (unsigned long long)report->order_id,
        qty,
        price,
        tt_enum_text(&tt_enum_liquidity, report->liquidity),
        fee,
        sum);
}

void floor_text(const tt_venue_output *output, char text[256])
{
    const tt_venue_report *report = &output->report;
    if (report->kind == TT_report_kind_FILL) {
        format_fill(report, text);
        return;
    }
    char sum[TT_DEC_TEXT_MAX];
    tt_dec_format(report->cumulative_qty.d, sum);
    const char *kind = tt_enum_text(&tt_enum_report_kind, report->kind);
    unsigned long long id = report->order_id;
    if (report->kind == TT_report_kind_ACCEPTED) {
        (void)snprintf(text, 256, "%llu accepted", id);
    } else if (report->kind == TT_report_kind_AMENDED) {
        (void)snprintf(text, 256, "%llu amended cum %s", id, sum);
    } else if (report->kind == TT_report_kind_STATUS) {
        const char *state = tt_enum_text(&tt_enum_order_state, report->venue_state);
        (void)snprintf(text, 256, "%llu status %s cum %s", id, state, sum);
    } else {
        (void)snprintf(text, 256, "%llu %s cum %s: %s", id, kind, sum, report->reason);
    }
}

/** What holds for every output. */
static void check_output(const floor_bench *bench, const tt_venue_output *output)
{
    tt_error error = {0};
    const tt_layout *layout = tt_topic_info_get(TT_TOPIC_VENUE_REPORTS)->layout;
    if (tt_payload_check(layout, &output->report, sizeof output->report, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_true(output->time.ns <= bench->now.ns);
    assert_true(output->cause != 0);
    assert_true(output->key == BTC || output->key == ETH);
}

void expect_(floor_bench *bench, const char *text, const char *file, int line)
{
    if (!bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        print_error("%s:%d: nothing instead of '%s'\n", file, line, text);
        _fail(file, line);
    }
    check_output(bench, &bench->output);
    char found[256];
    floor_text(&bench->output, found);
    if (strcmp(found, text) != 0) {
        print_error("%s:%d: '%s'\n   instead of '%s'\n", file, line, found, text);
        _fail(file, line);
    }
}

void expect_nothing_(floor_bench *bench, const char *file, int line)
{
    if (bench->venue.poll(bench->venue.ctx, bench->now, &bench->output)) {
        char found[256];
        floor_text(&bench->output, found);
        print_error("%s:%d: '%s' instead of nothing\n", file, line, found);
        _fail(file, line);
    }
}
