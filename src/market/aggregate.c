/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The aggregator: trades and quotes into bars, by ticks and by timers.
 *
 * A timer is armed for each open bar, at the end of its interval plus the grace; it is cancelled
 * when a tick ends the bar earlier. The bar comes back as a message to the handler of bars like any
 * other.
 */
#include "market/market_priv.h"
#include "model/limits.h"

#define TIMER_CLOSE_BAR 1

static const char handler_name[] = "market.aggregate";

static void publish_bar(tt_market *market, uint32_t key, const tt_bar *bar)
{
    tt_bus_post post = {
        .topic = TT_TOPIC_MARKET_BAR, .source = TT_SOURCE_MARKET, .key = key, .payload = bar};
    market->status->bars_built++;
    // At a bound the bus counts it and leaves a dead letter; there is nothing to add.
    (void)tt_bus_publish(market->core->bus, &post, NULL);
}

static void close_bar(tt_market *market, uint32_t key, tt_market_slot *slot)
{
    tt_timers_cancel(market->core->timers, slot->close_timer);
    slot->close_timer = (tt_timer_id){0};
    tt_bar bar;
    tt_bar_builder_close(&slot->builder, &bar);
    publish_bar(market, key, &bar);
}

static void arm_close_timer(tt_market *market, uint32_t key, tt_market_slot *slot)
{
    tt_time deadline = {slot->builder.end.ns + market->config->bar_grace.ns};
    tutti_status status = tt_timers_arm(
        market->core->timers, TT_TIMER_MARKET, TIMER_CLOSE_BAR, key, deadline, &slot->close_timer);
    if (status != TUTTI_OK) {
        slot->close_timer = (tt_timer_id){0};
        market->status->timers_refused++;
    }
}

static void take_tick(tt_market *market, uint32_t key, const tt_tick *tick)
{
    tt_market_slot *slot = &market->slots[key - 1];
    bool was_open = slot->builder.is_open;
    tt_tick_fate fate = tt_bar_builder_add(&slot->builder, tick);
    if (fate == TT_TICK_NEXT) {
        close_bar(market, key, slot);
        was_open = false;
        fate = tt_bar_builder_add(&slot->builder, tick);
    }
    market->status->ticks += fate == TT_TICK_TAKEN;
    market->status->ticks_late += fate == TT_TICK_LATE;
    if (slot->builder.is_open && !was_open) {
        arm_close_timer(market, key, slot);
    }
}

/** The interval of a tick is the venue's business, but it cannot lie in the future. */
static tt_time tick_time(const tt_msg *msg, tt_time venue_time)
{
    return venue_time.ns > 0 && venue_time.ns < msg->time.ns ? venue_time : msg->time;
}

static bool is_known(const tt_market *market, const tt_msg *msg)
{
    return msg->key >= 1 && msg->key <= market->core->instruments->count;
}

static void refuse_tick(tt_market *market, const tt_msg *msg, const char *text)
{
    market->status->ticks_refused++;
    tt_bus_dead_letter(market->core->bus, msg, TT_dead_reason_INVALID_INPUT, handler_name, text);
}

static tutti_status on_trade(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_market *market = ctx;
    const tt_trade *trade = TT_PAYLOAD(msg, MARKET_TRADE, trade);
    if (!is_known(market, msg)) {
        refuse_tick(market, msg, "a trade of no configured instrument");
        return TUTTI_OK;
    }
    if (tt_dec_sign(trade->price.d) <= 0 || tt_dec_sign(trade->qty.d) < 0) {
        refuse_tick(market, msg, "a trade needs price > 0 and quantity >= 0");
        return TUTTI_OK;
    }
    tt_tick tick = {
        .time = tick_time(msg, trade->venue_time),
        .price = trade->price,
        .qty = trade->qty,
        .is_trade = true};
    take_tick(market, msg->key, &tick);
    return TUTTI_OK;
}

/** One side alone has no middle, and a crossed quote is no price: neither says anything here. */
static bool has_middle(const tt_quote *quote)
{
    return tt_dec_sign(quote->bid.d) > 0 && tt_dec_le(quote->bid.d, quote->ask.d);
}

static tutti_status on_quote(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_market *market = ctx;
    const tt_quote *quote = TT_PAYLOAD(msg, MARKET_QUOTE, quote);
    if (!is_known(market, msg)) {
        refuse_tick(market, msg, "a quote of no configured instrument");
        return TUTTI_OK;
    }
    if (!has_middle(quote)) {
        return TUTTI_OK;
    }
    tt_dec sum = tt_dec_xadd(quote->bid.d, quote->ask.d);
    tt_tick tick = {
        .time = tick_time(msg, quote->venue_time), .price = {{sum.v / 2}}, .is_trade = false};
    take_tick(market, msg->key, &tick);
    return TUTTI_OK;
}

static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)deadline;
    tt_market *market = ctx;
    TT_ASSERT(kind == TIMER_CLOSE_BAR);
    tt_market_slot *slot = tt_market_slot_of(market, (uint32_t)subject);
    TT_ASSERT(slot != NULL && slot->builder.is_open);
    slot->close_timer = (tt_timer_id){0};
    close_bar(market, (uint32_t)subject, slot);
}

tutti_status tt_market_start_aggregator(tt_market *market)
{
    tt_core *core = market->core;
    for (uint32_t i = 0; i < core->instruments->count; i++) {
        uint32_t interval_s = core->instruments->list[i].bar_interval_s;
        if (interval_s == 0) {
            return TUTTI_INVALID;
        }
        tt_bar_builder_init(&market->slots[i].builder, interval_s);
    }
    TUTTI_TRY(tt_bus_subscribe(core->bus, TT_TOPIC_MARKET_TRADE, handler_name, on_trade, market));
    TUTTI_TRY(tt_bus_subscribe(core->bus, TT_TOPIC_MARKET_QUOTE, handler_name, on_quote, market));
    tt_timers_set_handler(core->timers, TT_TIMER_MARKET, on_timer, market);
    return TUTTI_OK;
}
