/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Trend: directional movement, choppiness, Donchian channel. Plain structs without pointers.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_TREND_H
#define TT_MARKET_TREND_H

#include "market/averages.h"

/**
 * Directional movement (Wilder 1978). +DM = rise of the high if it is larger than the fall of the
 * low, else 0; -DM the reverse. +DI = 100 W(+DM) / W(true range), W being Wilder's average;
 * DX = 100 |+DI - -DI| / (+DI + -DI); ADX = W(DX). A quotient with divisor 0 counts as 0: without
 * any range there is no direction.
 */
typedef struct tt_adx {
    tt_wilder range;
    tt_wilder plus;
    tt_wilder minus;
    tt_wilder index;
    double plus_di; /**< 0 until `period` movements were seen. */
    double minus_di;
    double high; /**< Of the bar before. */
    double low;
} tt_adx;

/** Starts an index over `period` movements. */
void tt_adx_init(tt_adx *adx, uint32_t period);
/** Takes the first bar. */
void tt_adx_start(tt_adx *adx, double high, double low);
/** Takes the next bar. */
void tt_adx_update(tt_adx *adx, double high, double low, double true_range);
/** Returns ADX, 0..100; 0 until twice `period` movements less one were seen. */
double tt_adx_value(const tt_adx *adx);

/**
 * Choppiness index (Dreiss): 100 log10(sum of n true ranges / (highest true high - lowest true low
 * of the n bars)) / log10(n), where the true high and low of a bar take in the close before it, as
 * its true range does. 100 when the market went to and fro over the same range, 0 when it went
 * straight; 100 when there was no range at all.
 */
typedef struct tt_chop {
    tt_window ranges;
    tt_window highs;
    tt_window lows;
} tt_chop;

/** Starts an index over 2 <= `period` <= TT_WINDOW_MAX bars. */
void tt_chop_init(tt_chop *chop, uint32_t period);
/** Takes the next bar that has a close before it. */
void tt_chop_update(tt_chop *chop, double high, double low, double close_before);
/** Returns the index, 0..100; 0 until the window is full. */
double tt_chop_value(const tt_chop *chop);

/** Donchian channel: highest high and lowest low of the last n bars, this one included; exact. */
typedef struct tt_donchian {
    tt_dec_window highs;
    tt_dec_window lows;
} tt_donchian;

/** Starts a channel over `period` bars. */
void tt_donchian_init(tt_donchian *channel, uint32_t period);
/** Takes the next bar. */
void tt_donchian_update(tt_donchian *channel, tt_dec high, tt_dec low);
/** Returns the border of the channel; 0 until the window is full. */
tt_dec tt_donchian_upper(const tt_donchian *channel);
tt_dec tt_donchian_lower(const tt_donchian *channel);

#endif
