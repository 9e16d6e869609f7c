/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Mark prices: what the positions are worth.
 *
 * The close of a bar and the price of a trade set the mark. The middle of a quote does so only for
 * an instrument of which no trade was ever seen: what was paid comes before what is asked. A bar
 * that ended before the newest price says what was: built from ticks it comes with the first one
 * behind it, or later (market.bar_grace), and must not take the mark, stops and exits back to it.
 *
 * While a position is open its marks are published, with the account, at most once per
 * mark_interval of event time. The interval is kept for each position by itself: one shared by all
 * would let the bars of one instrument hide those of another that close at the same moment.
 */
#include "model/bar.h"
#include "trade/trade_priv.h"

static bool has_value(tt_qty qty, tt_price price, tt_money *ret_value)
{
    return tt_dec_mul(qty.d, price.d, TT_ROUND_HALF_EVEN, &ret_value->d) == TUTTI_OK &&
           tt_dec_le(tt_dec_xabs(ret_value->d), TT_POSITION_VALUE_MAX);
}

/* False if nothing is held or the price is refused: then there is nothing to tell. */
static bool set_mark(tt_trade_module *trade, uint32_t leg, tt_price price)
{
    tt_position *position = tt_trade_position(trade, leg);
    if (tt_dec_is_zero(position->qty.d)) {
        position->mark = price;
        return false;
    }
    tt_money value = {TT_DEC_ZERO};
    if (!has_value(position->qty, price, &value)) {
        trade->books->counters.refused_marks++;
        return false;
    }
    position->mark = price;
    position->value = value;
    return true;
}

static void tell_mark(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    int64_t age_ns = tt_trade_now(trade).ns - position->marked_at.ns;
    bool is_told = age_ns >= trade->config.account.mark_interval.ns;
    if (is_told) {
        tt_position_publish(trade, leg, TT_position_event_MARKED);
        tt_account_publish(trade, 0);
    }
    tt_liquidation_watch(trade, leg, is_told);
    tt_exits_on_price(trade, leg);
}

/* Both positions of an instrument have the price before an account is told. */
static void apply_mark(tt_trade_module *trade, uint32_t instrument, tt_price price)
{
    uint32_t short_leg = instrument + TT_INSTRUMENTS_MAX;
    bool is_held = set_mark(trade, instrument, price);
    bool is_short_held = tt_trade_is_hedging(trade) && set_mark(trade, short_leg, price);
    if (is_held) {
        tell_mark(trade, instrument);
    }
    if (is_short_held) {
        tell_mark(trade, short_leg);
    }
}

static void note_time(tt_trade_module *trade, uint32_t instrument)
{
    tt_trade_position(trade, instrument)->priced_at = tt_trade_now(trade);
}

/* Notes when the price of a bar was made; false if a newer one is known. */
static bool note_bar(tt_trade_module *trade, uint32_t instrument, const tt_bar *bar)
{
    tt_position *position = tt_trade_position(trade, instrument);
    const tt_time end = tt_bar_end(bar, tt_trade_now(trade));
    if (end.ns < position->priced_at.ns) {
        return false;
    }
    position->priced_at = end;
    return true;
}

static bool is_usable(const tt_trade_module *trade, const tt_msg *msg, tt_price price)
{
    return tt_trade_has_instrument(trade, msg->key) && tt_dec_sign(price.d) > 0;
}

tutti_status tt_trade_on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
    if (is_usable(trade, msg, bar->close) && note_bar(trade, msg->key, bar)) {
        apply_mark(trade, msg->key, bar->close);
    }
    return TUTTI_OK;
}

tutti_status tt_trade_on_trade(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    tt_price price = TT_PAYLOAD(msg, MARKET_TRADE, trade)->price;
    if (is_usable(trade, msg, price)) {
        tt_trade_position(trade, msg->key)->has_trades = 1;
        note_time(trade, msg->key);
        apply_mark(trade, msg->key, price);
    }
    return TUTTI_OK;
}

tutti_status tt_trade_on_quote(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_quote *quote = TT_PAYLOAD(msg, MARKET_QUOTE, quote);
    bool has_both = is_usable(trade, msg, quote->bid) && is_usable(trade, msg, quote->ask);
    if (has_both && tt_trade_position(trade, msg->key)->has_trades == 0) {
        tt_dec sum = tt_dec_xadd(quote->bid.d, quote->ask.d);
        tt_price middle = {tt_dec_xdiv(sum, tt_dec_from_i64(2, 0))};
        note_time(trade, msg->key);
        apply_mark(trade, msg->key, middle);
    }
    if (tt_trade_has_instrument(trade, msg->key)) {
        tt_exits_on_quote(trade, msg->key, quote);
        if (tt_trade_is_hedging(trade)) {
            tt_exits_on_quote(trade, msg->key + TT_INSTRUMENTS_MAX, quote);
        }
    }
    return TUTTI_OK;
}
