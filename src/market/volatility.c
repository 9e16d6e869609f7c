/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * True range, average true range, Bollinger bands.
 */
#include "market/volatility.h"

double tt_true_range(double high, double low, double close_before)
{
    double top = high > close_before ? high : close_before;
    double bottom = low < close_before ? low : close_before;
    return top - bottom;
}

void tt_atr_init(tt_atr *atr, uint32_t period, uint32_t history)
{
    tt_wilder_init(&atr->average, period);
    tt_window_init(&atr->history, history);
}

void tt_atr_update(tt_atr *atr, double true_range)
{
    tt_wilder_update(&atr->average, true_range);
    if (tt_wilder_is_ready(&atr->average)) {
        tt_window_push(&atr->history, atr->average.value);
    }
}

double tt_atr_value(const tt_atr *atr)
{
    return atr->average.value;
}

double tt_atr_usual(const tt_atr *atr)
{
    return tt_window_is_full(&atr->history) ? tt_window_mean(&atr->history) : 0;
}

void tt_bollinger_init(tt_bollinger *bands, uint32_t period, double multiple)
{
    *bands = (tt_bollinger){.multiple = multiple};
    tt_window_init(&bands->closes, period);
}

/** In two passes over the window: the one-pass formula cancels when prices are large and still. */
static double population_deviation(const tt_window *window, double mean)
{
    double squares = 0;
    for (uint32_t age = window->count; age-- > 0;) {
        double difference = tt_window_at(window, age) - mean;
        squares += difference * difference;
    }
    return __builtin_sqrt(squares / window->count);
}

void tt_bollinger_update(tt_bollinger *bands, double close)
{
    tt_window_push(&bands->closes, close);
    if (!tt_window_is_full(&bands->closes)) {
        return;
    }
    bands->middle = tt_window_mean(&bands->closes);
    double distance = bands->multiple * population_deviation(&bands->closes, bands->middle);
    bands->upper = bands->middle + distance;
    bands->lower = bands->middle - distance;
}

double tt_bollinger_width_pct(const tt_bollinger *bands)
{
    return bands->middle > 0 ? 100 * ((bands->upper - bands->lower) / bands->middle) : 0;
}
