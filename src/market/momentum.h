/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Momentum: relative strength index, MACD, rate of change. Plain structs without pointers.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_MOMENTUM_H
#define TT_MARKET_MOMENTUM_H

#include "market/averages.h"

/**
 * Relative strength index (Wilder 1978): 100 G / (G + L), G and L being Wilder's averages of the
 * rises and of the falls of the close. 100 without falls, 0 without rises, 50 when the close never
 * moved (neither side is stronger).
 */
typedef struct tt_rsi {
    tt_wilder gains;
    tt_wilder losses;
    double previous;
    uint32_t has_previous;
    uint32_t reserved;
} tt_rsi;

/** Starts an index over `period` changes. */
void tt_rsi_init(tt_rsi *rsi, uint32_t period);
/** Takes the next close. */
void tt_rsi_update(tt_rsi *rsi, double close);
/** Tells whether `period` changes have been seen. */
bool tt_rsi_is_ready(const tt_rsi *rsi);
/** Returns the index, 0..100; 0 until ready. */
double tt_rsi_value(const tt_rsi *rsi);

/**
 * Moving average convergence divergence (Appel 1979): line = fast - slow exponential average of the
 * close; signal = exponential average of the line, fed from where the slow average is seeded;
 * histogram = line - signal.
 */
typedef struct tt_macd {
    tt_ema fast;
    tt_ema slow;
    tt_ema signal;
    double line;           /**< 0 until the slow average is seeded. */
    double histogram;      /**< 0 until the signal is seeded. */
    double histogram_prev; /**< One bar earlier. */
} tt_macd;

/** Starts a MACD; fast < slow. */
void tt_macd_init(tt_macd *macd, uint32_t fast, uint32_t slow, uint32_t signal);
/** Takes the next close. */
void tt_macd_update(tt_macd *macd, double close);
/** Tells whether the signal line is seeded. */
bool tt_macd_is_ready(const tt_macd *macd);
/** Returns the signal line; 0 until ready. */
double tt_macd_signal_line(const tt_macd *macd);

/** Rate of change: 100 (close / close n bars ago - 1). */
typedef struct tt_roc {
    tt_window closes; /**< n + 1 of them. */
} tt_roc;

/** Starts a rate of change over `period` < TT_WINDOW_MAX bars. */
void tt_roc_init(tt_roc *roc, uint32_t period);
/** Takes the next close, > 0. */
void tt_roc_update(tt_roc *roc, double close);
/** Returns percent; 0 until `period` + 1 closes were seen. */
double tt_roc_value(const tt_roc *roc);

#endif
