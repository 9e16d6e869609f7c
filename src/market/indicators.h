/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The indicator set of one instrument: everything that the payload `indicators` holds, fed bar by
 * bar. A plain struct without pointers.
 *
 * What an indicator says before it has its history: an exponential average is the plain mean of
 * what is there; everything else is 0. The set is warm after TT_INDICATORS_WARM_BARS bars: then all
 * but ema_200 have their full history; ema_200 is the mean of all closes up to bar 200.
 *
 * Values depend on the sequence of bars alone and equal, bit for bit, a calculation from scratch
 * over the same bars. Floating point with + - * / and square root only; decimals (close, channel,
 * volumes) are exact.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_INDICATORS_H
#define TT_MARKET_INDICATORS_H

#include "market/momentum.h"
#include "market/trend.h"
#include "market/volatility.h"
#include "model/payloads.h"

#define TT_INDICATORS_WARM_BARS 60

/** State of all indicators of one instrument. */
typedef struct tt_indicator_set {
    tt_rsi rsi_14;
    tt_ema ema_9;
    tt_ema ema_21;
    tt_ema ema_50;
    tt_ema ema_200;
    tt_macd macd;
    tt_atr atr_14;
    tt_adx adx_14;
    tt_chop chop_14;
    tt_bollinger bollinger_20; /**< Its middle is sma_20. */
    tt_donchian channel_20;
    tt_roc roc_10;
    tt_dec_window volumes_20;
    tt_dec close;
    tt_dec volume;
    double close_before;
    uint32_t bar_count; /**< Stops at its largest value. */
    uint32_t reserved;
} tt_indicator_set;

/** Starts an empty set. */
void tt_indicator_set_init(tt_indicator_set *set);
/** Takes the next bar; its prices are positive, within model/limits.h, and low <= close <= high. */
void tt_indicator_set_update(tt_indicator_set *set, const tt_bar *bar);
/** Writes the present values; `bar_seq` is 0. Analytics are rounded to 9 decimals, those in units
 * of price to 15 while the close is below 1; none goes beyond +-9e9 (+-9e3 with 15 decimals). */
void tt_indicator_set_read(const tt_indicator_set *set, tt_indicators *ret_indicators);

#endif
