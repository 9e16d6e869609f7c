/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What can be traded: static data of an instrument, from the configuration.
 */
#ifndef TT_MODEL_INSTRUMENT_H
#define TT_MODEL_INSTRUMENT_H

#include "base/types.h"
#include "model/limits.h"

/** One instrument. Its id is its place in the configured list plus one. */
typedef struct tt_instrument {
    char symbol[24];          /**< "BTC/USDT"; unique. */
    tt_price price_increment; /**< Tick; > 0. */
    tt_qty qty_increment;     /**< Lot; > 0. */
    tt_qty min_qty;           /**< Smallest order; >= lot. */
    tt_money min_notional;    /**< Smallest order value. */
    tt_ratio maker_fee_rate;  /**< 0.0002 = 2 basis points; may be negative (rebate). */
    tt_ratio taker_fee_rate;
    tt_ratio max_leverage;            /**< At least 1; 1 = spot: no funding, no liquidation. */
    tt_ratio maintenance_margin_rate; /**< Part of the value that must stay as margin. */
    uint32_t bar_interval_s;          /**< Bars that drive the indicators. */
    tt_instrument_id id;
} tt_instrument;

/** The configured instruments; [0] has id 1. */
typedef struct tt_instruments {
    tt_instrument list[TT_INSTRUMENTS_MAX];
    uint32_t count;
} tt_instruments;

/** Returns the instrument of an id, or NULL. */
const tt_instrument *tt_instrument_find(const tt_instruments *instruments, tt_instrument_id id);
/** Finds an instrument by symbol, or NULL. */
const tt_instrument *
tt_instrument_find_symbol(const tt_instruments *instruments, const char *symbol, size_t length);

/** Mark at which a position of an average price is liquidated: where its margin, value / leverage
 * less the loss, is down to the maintenance margin. 0 at leverage 1 or less: never. */
tt_price tt_liquidation_price(
    const tt_instrument *instrument, tt_price entry, uint8_t leverage, bool is_long);

#endif
