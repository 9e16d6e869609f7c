/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Volatility: true range, average true range, Bollinger bands. Plain structs without pointers.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_VOLATILITY_H
#define TT_MARKET_VOLATILITY_H

#include "market/averages.h"

/** A bar as analytics see it. */
typedef struct tt_ohlc {
    double open;
    double high;
    double low;
    double close;
} tt_ohlc;

/** Returns the true range (Wilder 1978): the range of the bar, widened to the close before it. */
double tt_true_range(double high, double low, double close_before);

/**
 * Average true range (Wilder 1978): Wilder's average of the true range, which starts with the
 * second bar, because the first has no close before it. Also the mean of the last values of the
 * average, the measure of what is usual.
 */
typedef struct tt_atr {
    tt_wilder average;
    tt_window history; /**< Values of the average. */
} tt_atr;

/** Starts an average over `period` ranges and a mean of its last `history` values. */
void tt_atr_init(tt_atr *atr, uint32_t period, uint32_t history);
/** Takes the next true range. */
void tt_atr_update(tt_atr *atr, double true_range);
/** Returns the average true range; 0 until `period` ranges were seen. */
double tt_atr_value(const tt_atr *atr);
/** Returns the mean of the last `history` values; 0 until there are so many. */
double tt_atr_usual(const tt_atr *atr);

/**
 * Bollinger bands (Bollinger 1983): simple average of the closes plus and minus a multiple of their
 * population standard deviation over the same window.
 */
typedef struct tt_bollinger {
    tt_window closes;
    double multiple;
    double middle; /**< All 0 until the window is full. */
    double upper;
    double lower;
} tt_bollinger;

/** Starts bands over `period` closes at `multiple` deviations. */
void tt_bollinger_init(tt_bollinger *bands, uint32_t period, double multiple);
/** Takes the next close. */
void tt_bollinger_update(tt_bollinger *bands, double close);
/** Returns the width of the bands in percent of the middle; 0 until the window is full. */
double tt_bollinger_width_pct(const tt_bollinger *bands);

#endif
