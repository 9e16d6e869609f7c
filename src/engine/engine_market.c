/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Meaning of market data: what one number of a bar, quote, trade or level says about the others.
 */
#include "engine/engine_priv.h"

#include <string.h>

static bool is_positive(tt_price price)
{
    return tt_dec_sign(price.d) > 0;
}

static bool is_negative(tt_dec value)
{
    return tt_dec_sign(value) < 0;
}

static tutti_status wrong(tt_error *error, const char *what, const char *hint)
{
    tt_error_set(error, TUTTI_INVALID, "%s", what);
    tt_error_hint(error, "%s", hint);
    return TUTTI_INVALID;
}

static tutti_status check_bar(const void *payload, tt_error *error)
{
    tt_bar bar;
    memcpy(&bar, payload, sizeof bar);
    if (!is_positive(bar.open) || !is_positive(bar.high) || !is_positive(bar.low) ||
        !is_positive(bar.close)) {
        return wrong(error, "bar: a price is not positive", "all four prices above 0");
    }
    if (tt_dec_lt(bar.high.d, tt_dec_max(bar.open.d, bar.close.d))) {
        return wrong(error, "bar.high: below open or close", "at least both");
    }
    if (tt_dec_lt(tt_dec_min(bar.open.d, bar.close.d), bar.low.d)) {
        return wrong(error, "bar.low: above open or close", "at most both");
    }
    if (is_negative(bar.volume.d)) {
        return wrong(error, "bar.volume: negative", "0 or more");
    }
    return TUTTI_OK;
}

static tutti_status check_quote(const void *payload, tt_error *error)
{
    tt_quote quote;
    memcpy(&quote, payload, sizeof quote);
    if (is_negative(quote.bid.d) || is_negative(quote.ask.d)) {
        return wrong(error, "quote: a price is negative", "above 0, or 0 for no price");
    }
    bool has_both = is_positive(quote.bid) && is_positive(quote.ask);
    if (has_both && tt_dec_lt(quote.ask.d, quote.bid.d)) {
        return wrong(error, "quote.bid: above the ask", "at most the ask");
    }
    if (is_negative(quote.bid_qty.d) || is_negative(quote.ask_qty.d)) {
        return wrong(error, "quote: a quantity is negative", "0 or more");
    }
    return TUTTI_OK;
}

static tutti_status check_trade(const void *payload, tt_error *error)
{
    tt_trade trade;
    memcpy(&trade, payload, sizeof trade);
    if (!is_positive(trade.price)) {
        return wrong(error, "trade.price: not positive", "above 0");
    }
    if (is_negative(trade.qty.d)) {
        return wrong(error, "trade.qty: negative", "0 or more");
    }
    return TUTTI_OK;
}

static tutti_status check_level(const tt_depth_level *level, tt_error *error)
{
    if (!is_positive(level->price)) {
        return wrong(error, "depth.levels: a price is not positive", "above 0");
    }
    if (is_negative(level->qty.d)) {
        return wrong(error, "depth.levels: a quantity is negative", "0 or more");
    }
    if (level->side == TT_side_NONE) {
        return wrong(error, "depth.levels: a level has no side", "buy or sell");
    }
    return TUTTI_OK;
}

static tutti_status check_depth(const void *payload, tt_error *error)
{
    unsigned count = tt_layout_item_count(&tt_layout_depth, payload);
    const unsigned char *levels = (const unsigned char *)payload + offsetof(tt_depth, levels);
    for (unsigned i = 0; i < count; i++) {
        tt_depth_level level;
        memcpy(&level, levels + i * sizeof level, sizeof level);
        TUTTI_TRY(check_level(&level, error));
    }
    return TUTTI_OK;
}

tutti_status tt_engine_check_market(const tt_input *input, tt_error *error)
{
    if (input->topic == TT_TOPIC_MARKET_BAR) {
        return check_bar(input->payload, error);
    }
    if (input->topic == TT_TOPIC_MARKET_QUOTE) {
        return check_quote(input->payload, error);
    }
    if (input->topic == TT_TOPIC_MARKET_TRADE) {
        return check_trade(input->payload, error);
    }
    if (input->topic == TT_TOPIC_MARKET_DEPTH) {
        return check_depth(input->payload, error);
    }
    return TUTTI_OK;
}
