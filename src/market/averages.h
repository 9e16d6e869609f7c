/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Averages: a window of the last values, the exponential average and Wilder's average.
 *
 * All are plain structs without pointers. Nothing is ever subtracted from a running sum: windows
 * are summed anew, oldest value first, so a value depends on the values in the window alone and
 * equals what a calculation from scratch gives, bit for bit.
 *
 * All functions here: @thread{owner} @alloc{never}
 */
#ifndef TT_MARKET_AVERAGES_H
#define TT_MARKET_AVERAGES_H

#include "base/dec.h"

#include <stdbool.h>
#include <stdint.h>

#define TT_WINDOW_MAX 32

/** The last `length` values. */
typedef struct tt_window {
    double values[TT_WINDOW_MAX];
    uint32_t length;
    uint32_t count; /**< Values held; at most `length`. */
    uint32_t next;  /**< Place of the next value. */
    uint32_t reserved;
} tt_window;

/** Empties the window. 1 <= length <= TT_WINDOW_MAX. */
void tt_window_init(tt_window *window, uint32_t length);
/** Adds a value; a full window gives up its oldest. */
void tt_window_push(tt_window *window, double value);
/** Tells whether `length` values have been seen. */
bool tt_window_is_full(const tt_window *window);
/** Returns the value of `age` pushes ago, 0 = newest; age < count. */
double tt_window_at(const tt_window *window, uint32_t age);
/** Returns the sum, added from the oldest to the newest. */
double tt_window_sum(const tt_window *window);
/** Returns sum / count: the simple moving average when the window is full. At least one value. */
double tt_window_mean(const tt_window *window);

/** The last `length` decimals, for what can be had exactly. */
typedef struct tt_dec_window {
    tt_dec values[TT_WINDOW_MAX];
    uint32_t length;
    uint32_t count;
    uint32_t next;
    uint32_t reserved;
} tt_dec_window;

/** Empties the window. 1 <= length <= TT_WINDOW_MAX. */
void tt_dec_window_init(tt_dec_window *window, uint32_t length);
/** Adds a value; a full window gives up its oldest. */
void tt_dec_window_push(tt_dec_window *window, tt_dec value);
/** Tells whether `length` values have been seen. */
bool tt_dec_window_is_full(const tt_dec_window *window);
/** Largest, smallest and sum of what is held; at least one value. */
tt_dec tt_dec_window_max(const tt_dec_window *window);
tt_dec tt_dec_window_min(const tt_dec_window *window);
tt_dec tt_dec_window_sum(const tt_dec_window *window);

/**
 * Exponential moving average: E += (x - E) * 2 / (n + 1). Until n values were seen it is their
 * plain mean, so that at n it is the usual seed, the simple average of the first n.
 */
typedef struct tt_ema {
    double value;
    double sum; /**< Of the first `period` values. */
    double alpha;
    uint32_t period;
    uint32_t count; /**< Values seen; stops at `period`. */
} tt_ema;

/** Starts an average over `period` >= 1 values. */
void tt_ema_init(tt_ema *ema, uint32_t period);
/** Takes the next value. */
void tt_ema_update(tt_ema *ema, double x);
/** Tells whether the seed is complete. */
bool tt_ema_is_ready(const tt_ema *ema);

/**
 * Wilder's average ("New Concepts in Technical Trading Systems", 1978): W = (W (n - 1) + x) / n,
 * seeded with the plain mean of the first n values. It is 0 until then.
 */
typedef struct tt_wilder {
    double value;
    double sum;
    uint32_t period;
    uint32_t count;
} tt_wilder;

/** Starts an average over `period` >= 1 values. */
void tt_wilder_init(tt_wilder *wilder, uint32_t period);
/** Takes the next value. */
void tt_wilder_update(tt_wilder *wilder, double x);
/** Tells whether the seed is complete. */
bool tt_wilder_is_ready(const tt_wilder *wilder);

#endif
