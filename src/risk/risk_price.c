/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The price that sizes a market order: the newest of bar close, quote middle and last trade.
 *
 * Quotes and trades are read from the bus when a proposal asks, so that no tick costs anything
 * here. Bars are noted as they come: with long intervals they outlive the bus's own time to live.
 */
#include "risk/risk_priv.h"

void tt_risk_price_bar(tt_risk_symbol *symbol, const tt_msg *msg, const tt_bar *bar)
{
    symbol->bar_close = bar->close;
    symbol->bar_seq = msg->seq;
    symbol->bar_due.ns = msg->time.ns + (int64_t)bar->interval_s * TT_NS_PER_S;
}

static const tt_msg *find_latest(const tt_risk *risk, tt_topic topic, uint32_t key)
{
    return tt_bus_latest(
        risk->core->bus, topic, TT_SOURCE_NONE, key, risk->config.limits.max_price_age);
}

/* Middle of a quote with both sides, else 0. */
static tt_price middle_of(const tt_quote *quote)
{
    if (tt_dec_sign(quote->bid.d) <= 0 || tt_dec_sign(quote->ask.d) <= 0) {
        return (tt_price){TT_DEC_ZERO};
    }
    return (tt_price){{(quote->bid.d.v + quote->ask.d.v) / 2}};
}

static tt_price tick_price(const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_MARKET_QUOTE) {
        return middle_of(TT_PAYLOAD(msg, MARKET_QUOTE, quote));
    }
    return TT_PAYLOAD(msg, MARKET_TRADE, trade)->price;
}

void tt_risk_price_find(const tt_risk *risk, tt_risk_trial *trial)
{
    const tt_topic ticks[] = {TT_TOPIC_MARKET_QUOTE, TT_TOPIC_MARKET_TRADE};
    const tt_risk_symbol *symbol = trial->symbol;
    int64_t bar_age = symbol->bar_seq != 0 ? trial->now.ns - symbol->bar_due.ns : 0;
    trial->market_price = symbol->bar_close;
    trial->market_price_age.ns = bar_age > 0 ? bar_age : 0;
    tt_seq newest = symbol->bar_seq;
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        const tt_msg *msg = find_latest(risk, ticks[i], trial->symbol_index + 1);
        if (!msg || msg->seq < newest) {
            continue;
        }
        tt_price price = tick_price(msg);
        if (tt_dec_is_zero(price.d)) {
            continue;
        }
        newest = msg->seq;
        trial->market_price = price;
        trial->market_price_age.ns = trial->now.ns - msg->time.ns;
    }
}
