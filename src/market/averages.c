/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows, exponential and Wilder averages.
 */
#include "market/averages.h"

#include "base/error.h"

#include <string.h>

void tt_window_init(tt_window *window, uint32_t length)
{
    TT_ASSERT(length >= 1 && length <= TT_WINDOW_MAX);
    memset(window, 0, sizeof *window);
    window->length = length;
}

void tt_window_push(tt_window *window, double value)
{
    window->values[window->next] = value;
    window->next = window->next + 1 == window->length ? 0 : window->next + 1;
    if (window->count < window->length) {
        window->count++;
    }
}

bool tt_window_is_full(const tt_window *window)
{
    return window->count == window->length;
}

double tt_window_at(const tt_window *window, uint32_t age)
{
    TT_ASSERT(age < window->count);
    uint32_t back = age + 1;
    return window
        ->values[back <= window->next ? window->next - back : window->next + window->length - back];
}

double tt_window_sum(const tt_window *window)
{
    double sum = 0;
    for (uint32_t age = window->count; age-- > 0;) {
        sum += tt_window_at(window, age);
    }
    return sum;
}

double tt_window_mean(const tt_window *window)
{
    TT_ASSERT(window->count > 0);
    return tt_window_sum(window) / window->count;
}

void tt_dec_window_init(tt_dec_window *window, uint32_t length)
{
    TT_ASSERT(length >= 1 && length <= TT_WINDOW_MAX);
    memset(window, 0, sizeof *window);
    window->length = length;
}

void tt_dec_window_push(tt_dec_window *window, tt_dec value)
{
    window->values[window->next] = value;
    window->next = window->next + 1 == window->length ? 0 : window->next + 1;
    if (window->count < window->length) {
        window->count++;
    }
}

bool tt_dec_window_is_full(const tt_dec_window *window)
{
    return window->count == window->length;
}

// The held values stand at 0 .. count-1 in any order: maximum, minimum and an exact sum need none.

tt_dec tt_dec_window_max(const tt_dec_window *window)
{
    TT_ASSERT(window->count > 0);
    tt_dec result = window->values[0];
    for (uint32_t i = 1; i < window->count; i++) {
        result = tt_dec_max(result, window->values[i]);
    }
    return result;
}

tt_dec tt_dec_window_min(const tt_dec_window *window)
{
    TT_ASSERT(window->count > 0);
    tt_dec result = window->values[0];
    for (uint32_t i = 1; i < window->count; i++) {
        result = tt_dec_min(result, window->values[i]);
    }
    return result;
}

tt_dec tt_dec_window_sum(const tt_dec_window *window)
{
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < window->count; i++) {
        sum = tt_dec_xadd(sum, window->values[i]);
    }
    return sum;
}

void tt_ema_init(tt_ema *ema, uint32_t period)
{
    TT_ASSERT(period >= 1);
    *ema = (tt_ema){.alpha = 2.0 / (period + 1.0), .period = period};
}

void tt_ema_update(tt_ema *ema, double x)
{
    if (ema->count == ema->period) {
        ema->value += (x - ema->value) * ema->alpha;
        return;
    }
    ema->count++;
    ema->sum += x;
    ema->value = ema->sum / ema->count;
}

bool tt_ema_is_ready(const tt_ema *ema)
{
    return ema->count == ema->period;
}

void tt_wilder_init(tt_wilder *wilder, uint32_t period)
{
    TT_ASSERT(period >= 1);
    *wilder = (tt_wilder){.period = period};
}

void tt_wilder_update(tt_wilder *wilder, double x)
{
    if (wilder->count == wilder->period) {
        wilder->value = (wilder->value * (wilder->period - 1) + x) / wilder->period;
        return;
    }
    wilder->count++;
    wilder->sum += x;
    if (wilder->count == wilder->period) {
        wilder->value = wilder->sum / wilder->period;
    }
}

bool tt_wilder_is_ready(const tt_wilder *wilder)
{
    return wilder->count == wilder->period;
}
