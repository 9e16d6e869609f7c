/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The price that sizes a market order: the newest of bar close, quote middle and last trade.
 *
 * Quotes and trades are read from the bus when a proposal asks, so that no tick costs anything
 * here. Bars are noted as they come: with long intervals they outlive the bus's own time to live.
 */
#include "risk/risk_price.h"

#include "model/bar.h"

void tt_risk_price_bar(tt_risk_symbol *symbol, const tt_msg *msg, const tt_bar *bar)
{
    symbol->bar_close = bar->close;
    symbol->bar_seq = msg->seq;
    symbol->bar_end = tt_bar_end(bar, msg->time);
    symbol->bar_due.ns = msg->time.ns + (int64_t)bar->interval_s * TT_NS_PER_S;
}

void tt_risk_prices_find(const tt_core *core, tt_risk_prices *prices)
{
    for (uint32_t i = 0; i < core->instruments->count; i++) {
        prices[i].quote = tt_bus_newest_of(core->bus, TT_TOPIC_MARKET_QUOTE, i + 1);
        prices[i].trade = tt_bus_newest_of(core->bus, TT_TOPIC_MARKET_TRADE, i + 1);
    }
}

void tt_risk_price_find(const tt_risk *risk, tt_risk_trial *trial)
{
    find_price(risk, trial);
}
