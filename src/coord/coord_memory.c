/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What is known of each symbol: the latest output of each of its agents, whether its indicators are
 * warm, and its position.
 *
 * The windows in which an output may vote are those of the configuration and no others: the memory
 * is our own, so that neither the time to live of a topic nor the length of its history cuts them.
 */
#include "coord/coord_priv.h"

/** End of the bar that a set of indicators belongs to; the time of the message if it is gone. */
static tt_time find_bar_close(tt_bus *bus, const tt_msg *msg, const tt_indicators *indicators)
{
    const tt_msg *found = tt_bus_find(bus, TT_TOPIC_MARKET_BAR, indicators->bar_seq);
    if (found == NULL) {
        return msg->time;
    }
    const tt_bar *bar = TT_PAYLOAD(found, MARKET_BAR, bar);
    return (tt_time){bar->open_time.ns + bar->interval_s * TT_NS_PER_S};
}

tutti_status tt_coord_on_indicators(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    const tt_indicators *indicators = TT_PAYLOAD(msg, INDICATORS, indicators);
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, msg->key);
    symbol->indicators_seq = msg->seq;
    symbol->bar_close = find_bar_close(bus, msg, indicators);
    if (indicators->is_warm && !symbol->is_warm) {
        symbol->warm_from = tt_bus_now(bus);
    }
    symbol->is_warm = indicators->is_warm;
    tt_coord_schedule_bar(coord, msg->key);
    tt_coord_dispatch_bar(coord, msg->key);
    return TUTTI_OK;
}

void tt_coord_remember_ta(tt_coord *coord, uint32_t key, tt_seq seq, const tt_ta_signal *ta)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (seq <= symbol->ta_seq) {
        return;
    }
    symbol->ta_seq = seq;
    symbol->ta_time = tt_bus_now(coord->bus);
    symbol->ta_confidence = ta->confidence;
    symbol->ta_bias = ta->bias;
}

tutti_status tt_coord_on_ta(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_coord_remember_ta(coord, msg->key, msg->seq, TT_PAYLOAD(msg, TA_SIGNALS, ta_signal));
    return TUTTI_OK;
}

void tt_coord_remember_regime(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_regime_update *regime)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (seq <= symbol->regime_seq) {
        return;
    }
    symbol->regime_seq = seq;
    symbol->regime_time = tt_bus_now(coord->bus);
    symbol->regime_confidence = regime->confidence;
    symbol->size_multiplier = regime->position_size_multiplier;
    symbol->regime = regime->regime;
    symbol->strictness = regime->entry_strictness;
    symbol->max_leverage = regime->max_leverage;
    tt_coord_review_regime(coord, key);
}

tutti_status tt_coord_on_regime(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_coord_remember_regime(
        coord, msg->key, msg->seq, TT_PAYLOAD(msg, REGIME_UPDATES, regime_update));
    tt_coord_review_run(coord, msg->key);
    return TUTTI_OK;
}

void tt_coord_remember_sentiment(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_sentiment_update *sentiment)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (seq <= symbol->sentiment_seq) {
        return;
    }
    symbol->sentiment_seq = seq;
    symbol->sentiment_time = tt_bus_now(coord->bus);
    symbol->sentiment_confidence = sentiment->confidence;
    symbol->sentiment_bias = sentiment->bias;
}

tutti_status tt_coord_on_sentiment(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_coord_remember_sentiment(
        coord, msg->key, msg->seq, TT_PAYLOAD(msg, SENTIMENT_UPDATES, sentiment_update));
    return TUTTI_OK;
}

tutti_status tt_coord_on_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    coord->state->account_seq = msg->seq;
    return TUTTI_OK;
}

/* With two positions, what must become flat is their sum, without signs. */
static void note_position(tt_coord_symbol *symbol, const tt_position_update *update)
{
    symbol->is_hedging = update->position_side != TT_side_NONE;
    if (!symbol->is_hedging) {
        symbol->position_qty = update->qty;
        return;
    }
    tt_qty *leg = update->position_side == TT_side_SELL ? &symbol->short_qty : &symbol->long_qty;
    *leg = update->qty;
    symbol->position_qty.d = tt_dec_xsub(symbol->long_qty.d, symbol->short_qty.d);
}

tt_side tt_coord_held_against(const tt_coord_symbol *symbol, uint8_t side, bool closes)
{
    int sign = tt_dec_sign(symbol->position_qty.d);
    if (symbol->is_hedging) {
        // What opens meets the position of its own side alone.
        tt_qty leg = (side == TT_side_BUY) != closes ? symbol->long_qty : symbol->short_qty;
        sign = tt_dec_sign(leg.d);
    }
    return sign > 0 ? TT_side_BUY : sign < 0 ? TT_side_SELL : TT_side_NONE;
}

tutti_status tt_coord_on_position(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    if (!tt_coord_is_symbol(coord, msg->key)) {
        return TUTTI_INVALID;
    }
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, msg->key);
    bool was_open = !tt_dec_is_zero(symbol->position_qty.d);
    symbol->position_seq = msg->seq;
    note_position(symbol, TT_PAYLOAD(msg, POSITION_UPDATES, position_update));
    tt_coord_review_position(coord, msg->key, was_open);
    tt_coord_close_watch(coord, msg->key);
    return TUTTI_OK;
}

void tt_coord_known_get(const tt_coord *coord, uint32_t key, tt_coord_known *ret_known)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const tt_consensus_config *windows = &coord->config.consensus;
    const int64_t now_ns = tt_bus_now(coord->bus).ns;
    tt_coord_known known = {
        .ta_age = {now_ns - symbol->ta_time.ns},
        .regime_age = {now_ns - symbol->regime_time.ns},
        .sentiment_age = {now_ns - symbol->sentiment_time.ns},
    };
    known.has_ta = symbol->ta_seq != 0 && known.ta_age.ns <= windows->ta_max_age.ns;
    known.has_regime = symbol->regime_seq != 0 && known.regime_age.ns <= windows->regime_max_age.ns;
    known.has_sentiment =
        symbol->sentiment_seq != 0 && known.sentiment_age.ns <= windows->sentiment_max_age.ns;
    *ret_known = known;
}
