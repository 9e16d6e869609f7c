/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The newest price of a symbol, in line for the short way of an entry. Inside of risk only.
 */
#ifndef TT_RISK_RISK_PRICE_H
#define TT_RISK_RISK_PRICE_H

#include "risk/risk_priv.h"

/* The newest one, mostly. Behind one that has expired may be an older one that lives longer. */
static inline const tt_msg *find_latest(
    const tt_risk *risk,
    const tt_bus_newest *newest,
    tt_topic topic,
    uint32_t key,
    const tt_risk_trial *trial)
{
    const tt_msg *msg = tt_bus_newest_msg(newest);
    if (msg == NULL) {
        return NULL;
    }
    const tt_dur age_max = risk->config.limits.max_price_age;
    const int64_t age = trial->now.ns - msg->time.ns;
    const bool is_alive = msg->ttl_ms == 0 || age <= (int64_t)msg->ttl_ms * TT_NS_PER_MS;
    if (TT_RISK_MOSTLY(is_alive && age <= age_max.ns)) {
        return msg;
    }
    return tt_bus_latest(risk->core->bus, topic, TT_SOURCE_NONE, key, age_max);
}

/* Middle of a quote with both sides, else 0. Both are above 0 and within TT_PRICE_MAX. */
static inline tt_price middle_of(const tt_quote *quote)
{
    bool has_both = tt_risk_is_positive(quote->bid.d) && tt_risk_is_positive(quote->ask.d);
    tt_u128 sum = has_both ? (tt_u128)quote->bid.d.v + (tt_u128)quote->ask.d.v : 0;
    return (tt_price){{(tt_i128)(sum / 2)}};
}

/* Takes over a price that there is, if its message is not older than the newest tick so far, nor
 * its price than that of the bar. A bar that came behind newer ticks (market.bar_grace) is older.
 */
static inline tt_seq
take_tick(tt_risk_trial *trial, const tt_msg *msg, tt_price price, tt_seq newest)
{
    const tt_risk_symbol *symbol = trial->symbol;
    const bool is_older = msg->seq < symbol->bar_seq && msg->time.ns <= symbol->bar_end.ns;
    if (is_older || msg->seq < newest || tt_dec_is_zero(price.d)) {
        return newest;
    }
    trial->market_price = price;
    trial->market_price_age.ns = trial->now.ns - msg->time.ns;
    return msg->seq;
}

/* As tt_risk_price_find. */
static inline void find_price(const tt_risk *risk, tt_risk_trial *trial)
{
    const tt_risk_symbol *symbol = trial->symbol;
    const uint32_t key = trial->symbol_index + 1;
    const tt_risk_prices *prices = &risk->prices[trial->symbol_index];
    const tt_msg *quote = find_latest(risk, &prices->quote, TT_TOPIC_MARKET_QUOTE, key, trial);
    const tt_msg *trade = find_latest(risk, &prices->trade, TT_TOPIC_MARKET_TRADE, key, trial);
    int64_t bar_age = symbol->bar_seq != 0 ? trial->now.ns - symbol->bar_due.ns : 0;
    trial->market_price = symbol->bar_close;
    trial->market_price_age.ns = bar_age > 0 ? bar_age : 0;
    tt_seq newest = 0;
    if (quote) {
        tt_price price = middle_of(TT_PAYLOAD(quote, MARKET_QUOTE, quote));
        newest = take_tick(trial, quote, price, newest);
    }
    if (trade) {
        tt_price price = TT_PAYLOAD(trade, MARKET_TRADE, trade)->price;
        (void)take_tick(trial, trade, price, newest);
    }
}

#endif
