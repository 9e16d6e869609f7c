/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Builds the bars of one instrument from ticks. Intervals are aligned to 1970-01-01 UTC. A plain
 * struct without pointers and padding; who calls it decides when a bar ends and publishes it.
 *
 * Trades make bars. Quotes (their middle, without volume) make bars only until the first trade is
 * seen: a feed that has trades is judged by its trades. An interval without ticks makes no bar.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_BAR_BUILDER_H
#define TT_MARKET_BAR_BUILDER_H

#include "model/payloads.h"

/** One tick: a trade or the middle of a quote. */
typedef struct tt_tick {
    tt_time time;
    tt_price price; /**< > 0 */
    tt_qty qty;     /**< >= 0; not used for quotes. */
    bool is_trade;
} tt_tick;

/** What became of a tick. */
typedef enum tt_tick_fate {
    TT_TICK_TAKEN,
    TT_TICK_LATE,    /**< Its interval is over; dropped. */
    TT_TICK_IGNORED, /**< A quote of an instrument that has trades. */
    TT_TICK_NEXT /**< Of a later interval than the open bar: close that first, then add again. */
} tt_tick_fate;

/** A bar under construction. */
typedef struct tt_bar_builder {
    tt_bar bar;           /**< Valid while is_open. */
    tt_time end;          /**< End of the interval of `bar`. */
    tt_time closed_until; /**< Ticks before this are late. */
    uint32_t interval_s;
    uint8_t is_open;
    uint8_t has_trades; /**< A trade was seen since the start. */
    uint8_t reserved[10];
} tt_bar_builder;

/** Starts a builder for bars of `interval_s` > 0. */
void tt_bar_builder_init(tt_bar_builder *builder, uint32_t interval_s);
/** Adds a tick to the open bar, or opens one. The volume stops at TT_QTY_MAX. */
tt_tick_fate tt_bar_builder_add(tt_bar_builder *builder, const tt_tick *tick);
/** Ends the open bar, which must be there, and writes it. Its interval takes no more ticks. */
void tt_bar_builder_close(tt_bar_builder *builder, tt_bar *ret_bar);

#endif
