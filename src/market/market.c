/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Setup of the module, order of bars, indicators.
 *
 * State: one slot an instrument and the counters, two regions. A slot changes only while a message
 * or timer of its instrument is handled.
 */
#include "market/market.h"

#include "base/calendar.h"
#include "market/market_priv.h"

static const char handler_name[] = "market";

tt_market_slot *tt_market_slot_of(tt_market *market, uint32_t key)
{
    return key >= 1 && key <= market->core->instruments->count ? &market->slots[key - 1] : NULL;
}

bool tt_market_bar_is_whole(const tt_bar *bar)
{
    tt_dec low = bar->low.d;
    tt_dec high = bar->high.d;
    return tt_dec_sign(low) > 0 && tt_dec_le(low, bar->open.d) && tt_dec_le(low, bar->close.d) &&
           tt_dec_le(bar->open.d, high) && tt_dec_le(bar->close.d, high) &&
           tt_dec_sign(bar->volume.d) >= 0;
}

static void refuse_bar(tt_market *market, const tt_msg *msg, const char *text)
{
    market->status->bars_refused++;
    tt_bus_dead_letter(market->core->bus, msg, TT_dead_reason_INVALID_INPUT, handler_name, text);
}

static void refuse_interval(tt_market *market, const tt_msg *msg, uint32_t is, uint32_t wanted)
{
    char text[128];
    tt_text_format(
        text,
        sizeof text,
        "a bar of %u s; bar_interval_s of the instrument is %u",
        (unsigned)is,
        (unsigned)wanted);
    refuse_bar(market, msg, text);
}

static void refuse_order(tt_market *market, const tt_msg *msg, tt_time is, tt_time last)
{
    char text[160];
    char is_text[TT_TIME_TEXT_MAX];
    char last_text[TT_TIME_TEXT_MAX];
    tt_time_format(is, is_text);
    tt_time_format(last, last_text);
    tt_text_format(
        text,
        sizeof text,
        "a bar that opens at %s; the one before opened at %s and bars must go forward",
        is_text,
        last_text);
    refuse_bar(market, msg, text);
}

/** Tells whether a bar counts; if not, it is a dead letter now. */
static bool accept_bar(tt_market *market, const tt_msg *msg, const tt_bar *bar)
{
    const tt_market_slot *slot = tt_market_slot_of(market, msg->key);
    if (slot == NULL) {
        refuse_bar(market, msg, "a bar of no configured instrument");
        return false;
    }
    uint32_t wanted = market->core->instruments->list[msg->key - 1].bar_interval_s;
    if (bar->interval_s != wanted) {
        refuse_interval(market, msg, bar->interval_s, wanted);
        return false;
    }
    if (!tt_market_bar_is_whole(bar)) {
        refuse_bar(market, msg, "a bar needs 0 < low <= open, close <= high and volume >= 0");
        return false;
    }
    if (bar->open_time.ns >= msg->time.ns) {
        refuse_bar(market, msg, "a bar that opens after the time of its message");
        return false;
    }
    if (slot->bar_count > 0 && bar->open_time.ns <= slot->last_open.ns) {
        refuse_order(market, msg, bar->open_time, slot->last_open);
        return false;
    }
    return true;
}

static void publish_indicators(tt_market *market, const tt_msg *msg, const tt_market_slot *slot)
{
    tt_indicators indicators;
    tt_indicator_set_read(&slot->indicators, &indicators);
    indicators.bar_seq = msg->seq;
    tt_bus_post post = {
        .topic = TT_TOPIC_INDICATORS,
        .source = TT_SOURCE_MARKET,
        .key = msg->key,
        .payload = &indicators};
    // At a bound the bus counts it and leaves a dead letter; there is nothing to add.
    (void)tt_bus_publish(market->core->bus, &post, NULL);
}

static tutti_status on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_market *market = ctx;
    const tt_bar *bar = TT_PAYLOAD(msg, MARKET_BAR, bar);
    if (!accept_bar(market, msg, bar)) {
        return TUTTI_OK;
    }
    tt_market_slot *slot = tt_market_slot_of(market, msg->key);
    slot->last_open = bar->open_time;
    slot->bar_count++;
    market->status->bars++;
    if (market->config->publish_indicators) {
        tt_indicator_set_update(&slot->indicators, bar);
        publish_indicators(market, msg, slot);
    }
    return TUTTI_OK;
}

static tutti_status allocate(tt_market *market, tt_arena *arena)
{
    tt_core *core = market->core;
    uint32_t count = core->instruments->count;
    market->slots = tt_arena_alloc(arena, count, sizeof *market->slots);
    market->status = tt_arena_alloc(arena, 1, sizeof *market->status);
    if (market->slots == NULL || market->status == NULL) {
        return TUTTI_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        tt_indicator_set_init(&market->slots[i].indicators);
    }
    TUTTI_TRY(
        tt_core_add_region(core, "market.slots", market->slots, count * sizeof *market->slots));
    return tt_core_add_region(core, "market.status", market->status, sizeof *market->status);
}

tutti_status
tt_market_setup(tt_core *core, const tt_market_config *config, tt_arena *arena, tt_market **result)
{
    tt_market *market = tt_arena_alloc(arena, 1, sizeof *market);
    if (market == NULL) {
        return TUTTI_NO_MEMORY;
    }
    *market = (tt_market){.core = core, .config = config};
    TUTTI_TRY(allocate(market, arena));
    TUTTI_TRY(tt_bus_subscribe(core->bus, TT_TOPIC_MARKET_BAR, handler_name, on_bar, market));
    if (config->aggregate_bars) {
        TUTTI_TRY(tt_market_start_aggregator(market));
    }
    *result = market;
    return TUTTI_OK;
}

void tt_market_status_get(const tt_market *market, tt_market_status *ret_status)
{
    *ret_status = *market->status;
}
