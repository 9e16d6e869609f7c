/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The random session.
 */
#include "world.h"

static uint64_t below(venue_world *world, uint64_t bound)
{
    return tt_random_below(&world->random, bound);
}

static tt_price at_ticks(int64_t ticks)
{
    return (tt_price){tt_dec_from_i64(ticks, 1)};
}

static tt_qty lots(int64_t count)
{
    return (tt_qty){tt_dec_from_i64(count, 3)};
}

static void pass(venue_world *world, tt_topic topic, const void *payload, size_t size)
{
    floor_bench *bench = world->bench;
    assert_true(world->item_count < WORLD_STEPS_MAX);
    world_item *item = &world->items[world->item_count++];
    item->time = bench->now;
    item->topic = topic;
    memcpy(&item->payload, payload, size);
    assert_int_equal(
        bench->venue.market(bench->venue.ctx, bench->now, topic, BTC, payload, &bench->error),
        TUTTI_OK);
}

static void pass_bar(venue_world *world)
{
    floor_bench *bench = world->bench;
    int64_t open = world->ticks + (int64_t)below(world, 9) - 4;
    world->ticks += (int64_t)below(world, 61) - 30;
    int64_t high = (open > world->ticks ? open : world->ticks) + (int64_t)below(world, 20);
    int64_t low = (open < world->ticks ? open : world->ticks) - (int64_t)below(world, 20);
    world->bar = (tt_bar){
        .open = at_ticks(open),
        .high = at_ticks(high),
        .low = at_ticks(low),
        .close = at_ticks(world->ticks),
        .open_time.ns = (bench->now.ns / (60 * TT_NS_PER_S)) * 60 * TT_NS_PER_S,
        .feed_seq = ++bench->feed_seq,
    };
    bench->now.ns = world->bar.open_time.ns + 60 * TT_NS_PER_S;
    pass(world, TT_TOPIC_MARKET_BAR, &world->bar, sizeof world->bar);
}

static void pass_quote(venue_world *world)
{
    world->ticks += (int64_t)below(world, 7) - 3;
    world->last_quote = world->quote;
    world->quote = (tt_quote){
        .bid = at_ticks(world->ticks - 1),
        .ask = at_ticks(world->ticks + 1 + (int64_t)below(world, 3)),
        .bid_qty = lots(1 + (int64_t)below(world, 900)),
        .ask_qty = lots(1 + (int64_t)below(world, 900)),
        .feed_seq = ++world->bench->feed_seq,
    };
    pass(world, TT_TOPIC_MARKET_QUOTE, &world->quote, sizeof world->quote);
}

static void pass_trade(venue_world *world)
{
    tt_trade trade = {
        .price = at_ticks(world->ticks + (int64_t)below(world, 5) - 2),
        .qty = lots(1 + (int64_t)below(world, 500)),
        .aggressor = (uint8_t)below(world, TT_side_COUNT),
        .feed_seq = ++world->bench->feed_seq,
    };
    pass(world, TT_TOPIC_MARKET_TRADE, &trade, sizeof trade);
}

static void pass_depth(venue_world *world)
{
    bool is_snapshot = below(world, 10) == 0;
    tt_depth depth = {
        .is_snapshot = is_snapshot, .is_last = 1, .feed_seq = ++world->bench->feed_seq};
    depth.last_update_id = depth.feed_seq;
    depth.count = (uint8_t)(is_snapshot ? 10 : 1 + below(world, 4));
    for (int i = 0; i < depth.count; i++) {
        bool is_bid = is_snapshot ? i % 2 == 0 : below(world, 2) == 0;
        int64_t far = is_snapshot ? 2 + i / 2 : 1 + (int64_t)below(world, 8);
        tt_depth_level *level = &depth.levels[i];
        level->side = is_bid ? TT_side_BUY : TT_side_SELL;
        level->price = at_ticks(is_bid ? world->ticks - far : world->ticks + 2 + far);
        level->qty = lots(is_snapshot ? 50 : (int64_t)below(world, 300));
    }
    pass(world, TT_TOPIC_MARKET_DEPTH, &depth, sizeof depth);
}

static void pass_data(venue_world *world)
{
    if (world->data == WORLD_BARS) {
        pass_bar(world);
        return;
    }
    world->bench->now.ns += (int64_t)below(world, 200) * TT_NS_PER_MS;
    uint64_t draw = below(world, 10);
    if (world->data == WORLD_TRADES || draw < 3) {
        pass_trade(world);
    } else if (world->data == WORLD_DEPTH && draw < 6) {
        pass_depth(world);
    } else {
        pass_quote(world);
    }
}

static void send_order(venue_world *world)
{
    static const tt_order_type types[] = {
        TT_order_type_MARKET,
        TT_order_type_LIMIT,
        TT_order_type_LIMIT,
        TT_order_type_STOP,
        TT_order_type_STOP_LIMIT};
    tt_order_intent *intent = floor_order(
        world->bench,
        ++world->last_id,
        below(world, 2) == 0 ? TT_side_BUY : TT_side_SELL,
        types[below(world, 5)],
        "1",
        "1");
    intent->qty = lots(60 + (int64_t)below(world, 400));
    int64_t away = (int64_t)below(world, 25) - 8;
    int64_t sign = intent->side == TT_side_BUY ? -1 : 1;
    bool is_stop_limit = intent->type == TT_order_type_STOP_LIMIT;
    sign = intent->type == TT_order_type_STOP || is_stop_limit ? -sign : sign;
    tt_price price = at_ticks(world->ticks + sign * away);
    if (intent->type == TT_order_type_LIMIT) {
        intent->price = price;
        intent->tif = (uint8_t)(below(world, 6) < 4 ? TT_tif_GTC : 1 + below(world, 3));
    } else if (is_stop_limit) {
        intent->trigger_price = price;
        intent->price = at_ticks(world->ticks + sign * (away + 3 - (int64_t)below(world, 6)));
        intent->tif = (uint8_t)(below(world, 6) < 4 ? TT_tif_GTC : 1 + below(world, 2));
    } else if (intent->type == TT_order_type_STOP) {
        intent->trigger_price = price;
    }
    intent->reduce_only = below(world, 4) == 0;
    intent->expire_time.ns =
        below(world, 5) == 0 ? world->bench->now.ns + (int64_t)below(world, 300) * TT_NS_PER_S : 0;
    floor_send(world->bench);
    if (below(world, 10) == 0) {
        floor_send(world->bench); // The same again.
    }
}

void world_step(venue_world *world)
{
    uint64_t draw = below(world, 100);
    if (draw < 60) {
        pass_data(world);
    } else if (draw < 85) {
        send_order(world);
    } else if (world->last_id > 0 && draw < 95) {
        floor_cancel(world->bench, 1 + below(world, world->last_id + 1));
    } else if (world->last_id > 0) {
        floor_query(world->bench, 1 + below(world, world->last_id + 1));
    }
    world->bench->now.ns += (int64_t)below(world, 50) * TT_NS_PER_MS;
}

void world_start(venue_world *world, floor_bench *bench, world_data data, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->bench = bench;
    world->data = data;
    world->ticks = 10000;
    tt_random_init(&world->random, seed, 0);
    static const char *const shares[] = {"0", "0.3", "1"};
    bench->config.order_latency.ns = (int64_t)below(world, 3) * 20 * TT_NS_PER_MS;
    bench->config.partial_fill_probability.d = num(shares[below(world, 3)]);
    bench->config.reject_probability.d = num(below(world, 2) == 0 ? "0" : "0.1");
    bench->config.slippage_bps.d = num(below(world, 2) == 0 ? "0" : "5");
    bench->config.half_spread_bps.d = num(below(world, 2) == 0 ? "0" : "3");
    bench->config.queue_ahead.d = num(shares[below(world, 3)]);
    bench->seed = seed;
    bench->now.ns = 0;
    bench->feed_seq = 0;
    floor_open(bench);
}

void world_crash(venue_world *world)
{
    floor_bench *bench = world->bench;
    floor_close(bench);
    floor_open(bench);
    for (uint32_t i = 0; i < world->item_count; i++) {
        const world_item *item = &world->items[i];
        assert_int_equal(
            bench->venue.market(
                bench->venue.ctx, item->time, item->topic, BTC, &item->payload, &bench->error),
            TUTTI_OK);
    }
}
