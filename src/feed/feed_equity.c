/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A day of quotes and trades of one stock.
 *
 * The rows are quotes of single exchanges. Each exchange keeps its last bid and ask; what goes out
 * is the best over all of them, with the sizes at the best price added up, and only when it
 * changed. A side that crosses or locks a newer quote is stale and is dropped until its exchange
 * quotes that side again: nobody could have traded there, and it would be a gift to a simulated
 * order.
 */
#include "feed/equity_row.h"

#include <stdlib.h>

#define EXCHANGE_COUNT 26

/** Best bid and ask of one exchange; 0 = none. */
typedef struct exchange_quote {
    tt_price bid;
    tt_price ask;
    tt_qty bid_qty;
    tt_qty ask_qty;
} exchange_quote;

typedef struct equity_source {
    tt_line_source *lines;
    tt_ratio price_scale;
    tt_time midnight;
    tt_time last_time;
    exchange_quote exchanges[EXCHANGE_COUNT];
    tt_quote best; /**< As it went out last. */
    tt_csv_row row;
} equity_source;

/** Reads the next row into source->row. */
static tutti_status next_row(equity_source *source, tt_feed_refusal *ret_refusal, tt_error *error)
{
    tt_line line;
    TUTTI_TRY(tt_feed_next_line(source->lines, &line, ret_refusal, error));
    ret_refusal->key = 1;
    return tt_csv_split((tt_slice){line.text, line.length}, &source->row, ret_refusal);
}

/** Turns milliseconds since midnight into a time that does not go back. */
static tutti_status advance_time(equity_source *source, uint32_t ms, tt_feed_refusal *refusal)
{
    int64_t ns = source->midnight.ns + (int64_t)ms * TT_NS_PER_MS;
    if (ns < source->last_time.ns) {
        return tt_feed_refuse(refusal, "time goes back");
    }
    source->last_time.ns = ns;
    return TUTTI_OK;
}

static void drop_crossed_asks(equity_source *source, tt_price bid)
{
    for (int i = 0; i < EXCHANGE_COUNT; i++) {
        exchange_quote *exchange = &source->exchanges[i];
        if (tt_dec_le(exchange->ask.d, bid.d)) {
            exchange->ask = (tt_price){0};
            exchange->ask_qty = (tt_qty){0};
        }
    }
}

static void drop_crossed_bids(equity_source *source, tt_price ask)
{
    for (int i = 0; i < EXCHANGE_COUNT; i++) {
        exchange_quote *exchange = &source->exchanges[i];
        if (tt_dec_le(ask.d, exchange->bid.d)) {
            exchange->bid = (tt_price){0};
            exchange->bid_qty = (tt_qty){0};
        }
    }
}

static void apply_quote(equity_source *source, const tt_equity_quote *quote)
{
    exchange_quote *exchange = &source->exchanges[quote->exchange - 'A'];
    if (!tt_dec_is_zero(quote->bid.d)) {
        drop_crossed_asks(source, quote->bid);
        exchange->bid = quote->bid;
        exchange->bid_qty = quote->bid_qty;
    }
    if (!tt_dec_is_zero(quote->ask.d)) {
        drop_crossed_bids(source, quote->ask);
        exchange->ask = quote->ask;
        exchange->ask_qty = quote->ask_qty;
    }
}

/** Adds the quantity of an exchange to the best of a side. */
static void add_side(bool is_better, tt_price price, tt_qty qty, tt_price *best, tt_qty *best_qty)
{
    if (tt_dec_is_zero(price.d)) {
        return;
    }
    if (tt_dec_is_zero(best->d) || is_better) {
        *best = price;
        *best_qty = qty;
    } else if (tt_dec_eq(price.d, best->d)) {
        best_qty->d = tt_dec_min(tt_dec_xadd(best_qty->d, qty.d), TT_QTY_MAX);
    }
}

static tt_quote consolidate(const equity_source *source)
{
    tt_quote best = {0};
    for (int i = 0; i < EXCHANGE_COUNT; i++) {
        const exchange_quote *exchange = &source->exchanges[i];
        bool is_bid_better = tt_dec_lt(best.bid.d, exchange->bid.d);
        bool is_ask_better = tt_dec_lt(exchange->ask.d, best.ask.d);
        add_side(is_bid_better, exchange->bid, exchange->bid_qty, &best.bid, &best.bid_qty);
        add_side(is_ask_better, exchange->ask, exchange->ask_qty, &best.ask, &best.ask_qty);
    }
    return best;
}

static bool is_same_quote(const tt_quote *a, const tt_quote *b)
{
    return tt_dec_eq(a->bid.d, b->bid.d) && tt_dec_eq(a->ask.d, b->ask.d) &&
           tt_dec_eq(a->bid_qty.d, b->bid_qty.d) && tt_dec_eq(a->ask_qty.d, b->ask_qty.d);
}

static tutti_status
next_quote(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    equity_source *source = ctx;
    for (;;) {
        TUTTI_TRY(next_row(source, ret_refusal, error));
        tt_equity_quote row = {0};
        TUTTI_TRY(tt_equity_parse_quote(&source->row, source->price_scale, &row, ret_refusal));
        TUTTI_TRY(advance_time(source, row.ms, ret_refusal));
        apply_quote(source, &row);
        tt_quote best = consolidate(source);
        if (is_same_quote(&best, &source->best)) {
            continue;
        }
        source->best = best;
        best.venue_time = source->last_time;
        ret_item->payload.quote = best;
        tt_feed_item_set(ret_item, source->last_time, TT_TOPIC_MARKET_QUOTE, 1);
        ret_item->size = sizeof best;
        return TUTTI_OK;
    }
}

static tutti_status
next_trade(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    equity_source *source = ctx;
    TUTTI_TRY(next_row(source, ret_refusal, error));
    tt_equity_trade row = {0};
    TUTTI_TRY(tt_equity_parse_trade(&source->row, source->price_scale, &row, ret_refusal));
    TUTTI_TRY(advance_time(source, row.ms, ret_refusal));
    ret_item->payload.trade =
        (tt_trade){.price = row.price, .qty = row.qty, .venue_time = source->last_time};
    tt_feed_item_set(ret_item, source->last_time, TT_TOPIC_MARKET_TRADE, 1);
    ret_item->size = sizeof ret_item->payload.trade;
    return TUTTI_OK;
}

static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const equity_source *source = ctx;
    tt_line_source_progress(source->lines, ret_done, ret_total);
}

static void close_source(void *ctx)
{
    equity_source *source = ctx;
    tt_line_source_close(source->lines);
    free(source);
}

/** Works out midnight of the day in UTC. */
static tutti_status
find_midnight(const tt_equity_ticks_config *config, tt_time *ret_midnight, tt_error *error)
{
    tt_slice date = tt_slice_of(config->date);
    tt_time day = {0};
    bool is_date = tt_time_parse(date.data, date.length, &day) == TUTTI_OK &&
                   day.ns >= TT_NS_PER_DAY && day.ns < TT_TIME_MAX.ns - 2 * TT_NS_PER_DAY &&
                   day.ns % TT_NS_PER_DAY == 0;
    if (!is_date) {
        tutti_status status = tt_error_set(
            error, TUTTI_INVALID, "equity_ticks.date '%s' is no date after 1970", config->date);
        tt_error_hint(error, "give the day of the file, such as 2013-10-07");
        return status;
    }
    tt_dec seconds = tt_dec_xmul(config->utc_offset_hours.d, TT_DEC_C(3600, 0));
    int64_t offset = 0;
    TUTTI_TRY(tt_dec_to_i64(seconds, 9, TT_ROUND_HALF_EVEN, &offset));
    ret_midnight->ns = day.ns - offset;
    return TUTTI_OK;
}

static tutti_status open_equity(
    const tt_feed_setup *setup, const char *path, equity_source **ret_source, tt_error *error)
{
    const tt_equity_ticks_config *config = &setup->config->equity_ticks;
    if (setup->instruments->count != 1) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "equity_ticks holds one instrument, but %u are configured",
            setup->instruments->count);
    }
    tt_time midnight = {0};
    TUTTI_TRY(find_midnight(config, &midnight, error));
    equity_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    source->price_scale = config->price_scale;
    source->midnight = midnight;
    tutti_status status = tt_line_source_open(path, &source->lines, error);
    if (status != TUTTI_OK) {
        close_source(source);
        return status;
    }
    *ret_source = source;
    return TUTTI_OK;
}

tutti_status tt_feed_equity_quotes_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error)
{
    equity_source *source = NULL;
    TUTTI_TRY(open_equity(setup, path, &source, error));
    *result = (tt_feed_source){source, next_quote, get_progress, close_source};
    return TUTTI_OK;
}

tutti_status tt_feed_equity_trades_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error)
{
    equity_source *source = NULL;
    TUTTI_TRY(open_equity(setup, path, &source, error));
    *result = (tt_feed_source){source, next_trade, get_progress, close_source};
    return TUTTI_OK;
}
