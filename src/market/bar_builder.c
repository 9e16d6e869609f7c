/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bars from ticks.
 */
#include "market/bar_builder.h"

#include "base/error.h"
#include "model/limits.h"

void tt_bar_builder_init(tt_bar_builder *builder, uint32_t interval_s)
{
    TT_ASSERT(interval_s > 0);
    *builder = (tt_bar_builder){.closed_until = {INT64_MIN}, .interval_s = interval_s};
}

/** Start of the interval that holds `time`; rounds down before 1970, too. */
static tt_time interval_start(tt_time time, int64_t interval_ns)
{
    int64_t into = time.ns % interval_ns;
    return (tt_time){time.ns - (into < 0 ? into + interval_ns : into)};
}

static void open_bar(tt_bar_builder *builder, const tt_tick *tick)
{
    int64_t interval_ns = builder->interval_s * TT_NS_PER_S;
    tt_time start = interval_start(tick->time, interval_ns);
    builder->bar = (tt_bar){
        .open = tick->price,
        .high = tick->price,
        .low = tick->price,
        .close = tick->price,
        .open_time = start,
        .interval_s = builder->interval_s};
    builder->end = (tt_time){start.ns + interval_ns};
    builder->closed_until = start;
    builder->is_open = 1;
}

static void extend_bar(tt_bar *bar, const tt_tick *tick)
{
    bar->high.d = tt_dec_max(bar->high.d, tick->price.d);
    bar->low.d = tt_dec_min(bar->low.d, tick->price.d);
    bar->close = tick->price;
    if (tick->is_trade) {
        tt_dec volume = tt_dec_xadd(bar->volume.d, tick->qty.d);
        bar->volume.d = tt_dec_min(volume, TT_QTY_MAX);
        bar->trade_count++;
    }
}

tt_tick_fate tt_bar_builder_add(tt_bar_builder *builder, const tt_tick *tick)
{
    if (!tick->is_trade && builder->has_trades) {
        return TT_TICK_IGNORED;
    }
    if (tick->time.ns < builder->closed_until.ns) {
        return TT_TICK_LATE;
    }
    if (builder->is_open && tick->time.ns >= builder->end.ns) {
        return TT_TICK_NEXT;
    }
    bool is_first_trade = tick->is_trade && !builder->has_trades;
    // What quotes said of this interval is dropped for what trades say.
    if (!builder->is_open || is_first_trade) {
        open_bar(builder, tick);
    }
    builder->has_trades |= tick->is_trade;
    extend_bar(&builder->bar, tick);
    return TT_TICK_TAKEN;
}

void tt_bar_builder_close(tt_bar_builder *builder, tt_bar *ret_bar)
{
    TT_ASSERT(builder->is_open);
    *ret_bar = builder->bar;
    builder->closed_until = builder->end;
    builder->is_open = 0;
}
