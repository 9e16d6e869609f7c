/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The book that the exchange matches against. Quotes and depth come over different streams; the
 * newest quote is believed about the best prices, depth about what is behind them. An instrument
 * without depth has one level a side.
 */
#include "venue/sim_priv.h"

static bool is_better(tt_side side, tt_price a, tt_price b)
{
    return side == TT_side_BUY ? tt_dec_lt(b.d, a.d) : tt_dec_lt(a.d, b.d);
}

static void set_level(tt_sim_market *market, tt_side side, tt_price price, tt_qty qty)
{
    // Prices and quantities were checked when the quote came in.
    TT_ASSERT(tt_book_set_level(&market->book, side, price, qty) == TUTTI_OK);
}

/** Makes the quoted price the best of a side; with depth the levels behind it stay. */
static void lay_side(tt_sim_market *market, tt_side side, tt_price price, tt_qty qty)
{
    const tt_book_level *best = tt_book_best(&market->book, side);
    while (best != NULL) {
        bool is_gone = tt_dec_is_zero(price.d) || is_better(side, best->price, price) ||
                       (!market->has_depth && !tt_dec_eq(best->price.d, price.d));
        if (!is_gone) {
            break;
        }
        set_level(market, side, best->price, (tt_qty){0});
        best = tt_book_best(&market->book, side);
    }
    if (!tt_dec_is_zero(price.d)) {
        set_level(market, side, price, qty);
    }
}

static void lay_quote(tt_sim_market *market)
{
    const tt_quote *quote = &market->quote;
    lay_side(market, TT_side_BUY, quote->bid, quote->bid_qty);
    lay_side(market, TT_side_SELL, quote->ask, quote->ask_qty);
    market->is_quote_newer = false;
}

void tt_sim_book_quote(tt_sim_market *market, const tt_quote *quote)
{
    market->quote = *quote;
    market->is_quote_newer = true;
    market->has_quote = true;
    market->has_touch = true;
    market->is_book_driven = true;
    // With depth, each quote leaves its trace in the book. Without, only the newest counts, and it
    // is laid when somebody looks: most quotes come while no order works.
    if (market->has_depth) {
        lay_quote(market);
    }
    if (!tt_dec_is_zero(quote->bid.d) && !tt_dec_is_zero(quote->ask.d)) {
        market->last_price.d.v = (quote->bid.d.v + quote->ask.d.v) / 2;
    }
}

tutti_status tt_sim_book_depth(tt_sim_market *market, const tt_depth *depth)
{
    if (market->is_quote_newer) {
        lay_quote(market);
    }
    market->has_depth = true;
    market->has_touch = true;
    market->is_book_driven = true;
    TUTTI_TRY(tt_book_apply(&market->book, depth));
    if (depth->is_last && market->has_quote && tt_book_is_crossed(&market->book)) {
        lay_quote(market);
    }
    return TUTTI_OK;
}

void tt_sim_book_consume(tt_sim_market *market, tt_side side, tt_qty qty)
{
    if (market->is_quote_newer) {
        lay_quote(market);
    }
    const tt_book_level *level = tt_book_best(&market->book, side);
    if (level != NULL) {
        tt_dec rest = tt_dec_max(tt_dec_xsub(level->qty.d, qty.d), TT_DEC_ZERO);
        set_level(market, side, level->price, (tt_qty){rest});
    }
}

tt_sim_touch tt_sim_book_touch(tt_sim_market *market)
{
    if (market->is_quote_newer) {
        lay_quote(market);
    }
    if (tt_book_is_crossed(&market->book)) {
        return (tt_sim_touch){0};
    }
    const tt_book_level *bid = tt_book_best(&market->book, TT_side_BUY);
    const tt_book_level *ask = tt_book_best(&market->book, TT_side_SELL);
    tt_sim_touch touch = {0};
    if (bid != NULL) {
        touch.bid = bid->price;
    }
    if (ask != NULL) {
        touch.ask = ask->price;
    }
    return touch;
}

tt_sim_touch tt_sim_book_peek(tt_sim_market *market)
{
    const tt_quote *quote = &market->quote;
    bool has_sizes = tt_dec_sign(quote->bid_qty.d) > 0 && tt_dec_sign(quote->ask_qty.d) > 0;
    if (market->is_quote_newer && !market->has_depth && has_sizes &&
        tt_dec_lt(quote->bid.d, quote->ask.d)) {
        return (tt_sim_touch){quote->bid, quote->ask};
    }
    return tt_sim_book_touch(market);
}
