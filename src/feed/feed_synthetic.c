/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ticks of the synthetic market: quotes, trades at the quoted prices, and depth: a snapshot at the
 * start, after an outage and now and then, small updates between. Bars are the aggregator's work
 * (market.aggregate_bars).
 */
#include "feed/feed_source.h"
#include "feed/synthetic_market.h"

#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_TURNS 100 /* Turns of an instrument between two snapshots of its depth. */
#define VENUE_LAG_NS   (5 * TT_NS_PER_MS)

/** What an instrument has published. */
typedef struct synthetic_book {
    tt_synthetic_quote quote;
    uint64_t update_id;
    uint64_t trade_id;
    uint32_t turns_left; /**< Until the next snapshot. */
    bool has_quote;
} synthetic_book;

typedef struct synthetic_source {
    const tt_feed_setup *setup;
    uint64_t ticks; /**< Made so far. */
    tt_time now;
    uint32_t turn; /**< Instrument whose turn is next. */
    synthetic_book books[TT_INSTRUMENTS_MAX];
    tt_synthetic_market market;
} synthetic_source;

static tt_price ticks_price(const tt_instrument *instrument, int64_t ticks)
{
    return (tt_price){{instrument->price_increment.d.v * ticks}};
}

static tt_qty lots_qty(const tt_instrument *instrument, int64_t lots)
{
    return (tt_qty){tt_dec_min((tt_dec){instrument->qty_increment.d.v * lots}, TT_QTY_MAX)};
}

static tt_qty draw_qty(synthetic_source *source, uint32_t turn, double scale)
{
    int64_t lots = tt_synthetic_market_lots(&source->market, turn, scale);
    return lots_qty(source->market.assets[turn].instrument, lots);
}

static tt_time venue_time(const synthetic_source *source)
{
    return (tt_time){source->now.ns > VENUE_LAG_NS ? source->now.ns - VENUE_LAG_NS : 0};
}

static void emit_quote(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    const tt_instrument *instrument = source->market.assets[turn].instrument;
    synthetic_book *book = &source->books[turn];
    book->quote = tt_synthetic_market_quote(&source->market, turn);
    book->has_quote = true;
    ret_item->payload.quote = (tt_quote){
        .bid = ticks_price(instrument, book->quote.bid),
        .ask = ticks_price(instrument, book->quote.ask),
        .venue_time = venue_time(source),
    };
    ret_item->payload.quote.bid_qty = draw_qty(source, turn, 1);
    ret_item->payload.quote.ask_qty = draw_qty(source, turn, 1);
    tt_feed_item_set(ret_item, source->now, TT_TOPIC_MARKET_QUOTE, instrument->id.n);
    ret_item->size = sizeof ret_item->payload.quote;
}

/** A trade at the published bid or ask. */
static void emit_trade(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    const tt_instrument *instrument = source->market.assets[turn].instrument;
    synthetic_book *book = &source->books[turn];
    bool is_buy = tt_random_below(&source->market.random, 2) == 0;
    ret_item->payload.trade = (tt_trade){
        .price = ticks_price(instrument, is_buy ? book->quote.ask : book->quote.bid),
        .venue_time = venue_time(source),
        .trade_id = ++book->trade_id,
        .aggressor = is_buy ? TT_side_BUY : TT_side_SELL,
    };
    ret_item->payload.trade.qty = draw_qty(source, turn, 0.3);
    tt_feed_item_set(ret_item, source->now, TT_TOPIC_MARKET_TRADE, instrument->id.n);
    ret_item->size = sizeof ret_item->payload.trade;
}

/** Sets level `index` of the message to the level `far` steps behind the best price of a side. */
static void
set_level(synthetic_source *source, uint32_t turn, tt_depth *depth, tt_side side, uint32_t far)
{
    const tt_instrument *instrument = source->market.assets[turn].instrument;
    const tt_synthetic_quote *quote = &source->books[turn].quote;
    int64_t step = (quote->ask - quote->bid + 1) / 2;
    int64_t ticks = side == TT_side_BUY ? quote->bid - step * far : quote->ask + step * far;
    tt_depth_level *level = &depth->levels[depth->count++];
    *level = (tt_depth_level){.side = (uint8_t)side};
    level->price = ticks_price(instrument, ticks < 1 ? 1 : ticks);
    level->qty = draw_qty(source, turn, 1 + far);
}

static tt_depth *start_depth(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    synthetic_book *book = &source->books[turn];
    tt_depth *depth = &ret_item->payload.depth;
    memset(depth, 0, offsetof(tt_depth, levels));
    depth->venue_time = venue_time(source);
    depth->first_update_id = ++book->update_id;
    depth->last_update_id = book->update_id;
    depth->is_last = 1;
    uint32_t key = source->market.assets[turn].instrument->id.n;
    tt_feed_item_set(ret_item, source->now, TT_TOPIC_MARKET_DEPTH, key);
    return depth;
}

static void finish_depth(tt_feed_item *item)
{
    size_t used = item->payload.depth.count * sizeof item->payload.depth.levels[0];
    item->size = (uint16_t)(offsetof(tt_depth, levels) + used);
}

static void emit_snapshot(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    source->books[turn].turns_left = SNAPSHOT_TURNS;
    tt_depth *depth = start_depth(source, turn, ret_item);
    depth->is_snapshot = 1;
    for (uint32_t far = 0; far < source->setup->config->synthetic.depth_levels; far++) {
        set_level(source, turn, depth, TT_side_BUY, far);
        set_level(source, turn, depth, TT_side_SELL, far);
    }
    finish_depth(ret_item);
}

static void emit_update(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    tt_depth *depth = start_depth(source, turn, ret_item);
    uint32_t levels = source->setup->config->synthetic.depth_levels;
    for (tt_side side = TT_side_BUY; side <= TT_side_SELL; side++) {
        uint32_t far = (uint32_t)tt_random_below(&source->market.random, levels);
        set_level(source, turn, depth, side, far);
    }
    finish_depth(ret_item);
}

/** Chooses what the instrument says in its turn. */
static void emit_tick(synthetic_source *source, uint32_t turn, tt_feed_item *ret_item)
{
    synthetic_book *book = &source->books[turn];
    bool has_depth = source->setup->config->synthetic.depth_levels > 0;
    uint64_t draw = tt_random_below(&source->market.random, 100);
    if (!book->has_quote || draw < 50) {
        emit_quote(source, turn, ret_item);
    } else if (has_depth && book->turns_left == 0) {
        emit_snapshot(source, turn, ret_item);
    } else if (has_depth && draw < 65) {
        book->turns_left--;
        emit_update(source, turn, ret_item);
    } else {
        book->turns_left -= book->turns_left > 0;
        emit_trade(source, turn, ret_item);
    }
}

/** Silence has passed: everybody is told, and the next depth is a snapshot. */
static void emit_outage(synthetic_source *source, uint32_t silent_s, tt_feed_item *ret_item)
{
    source->now.ns += (int64_t)silent_s * TT_NS_PER_S;
    for (uint32_t i = 0; i < source->market.count; i++) {
        source->books[i].has_quote = false;
        source->books[i].turns_left = 0;
    }
    tt_feed_event *event = &ret_item->payload.event;
    *event = (tt_feed_event){.event = TT_feed_event_type_GAP};
    TT_TEXT_SET(event->file, "synthetic");
    tt_text_format(
        event->message, sizeof event->message, "no market data for %u seconds", silent_s);
    tt_feed_item_set(ret_item, source->now, TT_TOPIC_FEED_EVENTS, 0);
    ret_item->size = sizeof *event;
}

static tutti_status
next_tick(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    (void)ret_refusal;
    (void)error;
    synthetic_source *source = ctx;
    const tt_synthetic_config *config = &source->setup->config->synthetic;
    if (config->ticks != 0 && source->ticks == config->ticks) {
        return TUTTI_END;
    }
    if (source->ticks > 0) {
        source->now.ns += config->tick_interval.ns;
    }
    if (source->now.ns > TT_TIME_MAX.ns - 2 * TT_NS_PER_DAY) {
        return TUTTI_END;
    }
    if (source->turn == 0) {
        uint32_t silent_s = tt_synthetic_market_outage(&source->market);
        if (silent_s > 0) {
            emit_outage(source, silent_s, ret_item);
            return TUTTI_OK;
        }
        tt_synthetic_market_round(&source->market, source->now);
    }
    tt_synthetic_market_turn(&source->market, source->turn, source->now);
    emit_tick(source, source->turn, ret_item);
    source->ticks++;
    source->turn = (source->turn + 1) % source->market.count;
    return TUTTI_OK;
}

/** Ticks stand for bytes: made and wanted. */
static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const synthetic_source *source = ctx;
    *ret_done = source->ticks;
    *ret_total = source->setup->config->synthetic.ticks;
}

static void close_source(void *ctx)
{
    free(ctx);
}

static tutti_status find_start(const char *text, tt_time *ret_start, tt_error *error)
{
    tt_slice slice = tt_slice_of(text);
    if (tt_time_parse(slice.data, slice.length, ret_start) != TUTTI_OK || ret_start->ns < 0 ||
        ret_start->ns > TT_TIME_MAX.ns) {
        tutti_status status = tt_error_set(
            error, TUTTI_INVALID, "synthetic.start '%s' is no time within 1970 to 2200", text);
        tt_error_hint(error, "write it like 2024-01-01 00:00:00");
        return status;
    }
    return TUTTI_OK;
}

tutti_status
tt_feed_synthetic_open(const tt_feed_setup *setup, tt_feed_source *result, tt_error *error)
{
    if (setup->instruments->count == 0) {
        return tt_error_set(error, TUTTI_INVALID, "the synthetic market needs an instrument");
    }
    synthetic_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the synthetic market");
    }
    source->setup = setup;
    const tt_synthetic_config *config = &setup->config->synthetic;
    tutti_status status = find_start(config->start, &source->now, error);
    if (status == TUTTI_OK) {
        status = tt_synthetic_market_init(
            &source->market, config, setup->instruments, setup->seed, source->now, error);
    }
    if (status != TUTTI_OK) {
        close_source(source);
        return status;
    }
    *result = (tt_feed_source){source, next_tick, get_progress, close_source};
    return TUTTI_OK;
}
