/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Directional movement, choppiness, Donchian channel.
 */
#include "market/trend.h"

#include "base/error.h"
#include "market/logarithm.h"

void tt_adx_init(tt_adx *adx, uint32_t period)
{
    *adx = (tt_adx){0};
    tt_wilder_init(&adx->range, period);
    tt_wilder_init(&adx->plus, period);
    tt_wilder_init(&adx->minus, period);
    tt_wilder_init(&adx->index, period);
}

void tt_adx_start(tt_adx *adx, double high, double low)
{
    adx->high = high;
    adx->low = low;
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * (part / whole) : 0;
}

static void update_indexes(tt_adx *adx)
{
    adx->plus_di = percent(adx->plus.value, adx->range.value);
    adx->minus_di = percent(adx->minus.value, adx->range.value);
    double difference = adx->plus_di - adx->minus_di;
    double distance = difference < 0 ? -difference : difference;
    tt_wilder_update(&adx->index, percent(distance, adx->plus_di + adx->minus_di));
}

void tt_adx_update(tt_adx *adx, double high, double low, double true_range)
{
    double up = high - adx->high;
    double down = adx->low - low;
    tt_wilder_update(&adx->plus, up > down && up > 0 ? up : 0);
    tt_wilder_update(&adx->minus, down > up && down > 0 ? down : 0);
    tt_wilder_update(&adx->range, true_range);
    adx->high = high;
    adx->low = low;
    if (tt_wilder_is_ready(&adx->range)) {
        update_indexes(adx);
    }
}

double tt_adx_value(const tt_adx *adx)
{
    return adx->index.value;
}

void tt_chop_init(tt_chop *chop, uint32_t period)
{
    TT_ASSERT(period >= 2);
    tt_window_init(&chop->ranges, period);
    tt_window_init(&chop->highs, period);
    tt_window_init(&chop->lows, period);
}

void tt_chop_update(tt_chop *chop, double high, double low, double close_before)
{
    double true_high = high > close_before ? high : close_before;
    double true_low = low < close_before ? low : close_before;
    tt_window_push(&chop->ranges, true_high - true_low);
    tt_window_push(&chop->highs, true_high);
    tt_window_push(&chop->lows, true_low);
}

/** Highest true high less lowest true low of the window. */
static double channel_height(const tt_chop *chop)
{
    double top = chop->highs.values[0];
    double bottom = chop->lows.values[0];
    for (uint32_t i = 1; i < chop->highs.count; i++) {
        top = chop->highs.values[i] > top ? chop->highs.values[i] : top;
        bottom = chop->lows.values[i] < bottom ? chop->lows.values[i] : bottom;
    }
    return top - bottom;
}

double tt_chop_value(const tt_chop *chop)
{
    if (!tt_window_is_full(&chop->ranges)) {
        return 0;
    }
    double height = channel_height(chop);
    if (!(height > 0)) {
        return 100;
    }
    double ratio = tt_window_sum(&chop->ranges) / height;
    double value = 100 * (tt_log10(ratio) / tt_log10(chop->ranges.length));
    // The true formula never leaves 0..100; the last bits of its parts may.
    return value < 0 ? 0 : value > 100 ? 100 : value;
}

void tt_donchian_init(tt_donchian *channel, uint32_t period)
{
    tt_dec_window_init(&channel->highs, period);
    tt_dec_window_init(&channel->lows, period);
}

void tt_donchian_update(tt_donchian *channel, tt_dec high, tt_dec low)
{
    tt_dec_window_push(&channel->highs, high);
    tt_dec_window_push(&channel->lows, low);
}

tt_dec tt_donchian_upper(const tt_donchian *channel)
{
    return tt_dec_window_is_full(&channel->highs) ? tt_dec_window_max(&channel->highs)
                                                  : TT_DEC_ZERO;
}

tt_dec tt_donchian_lower(const tt_donchian *channel)
{
    return tt_dec_window_is_full(&channel->lows) ? tt_dec_window_min(&channel->lows) : TT_DEC_ZERO;
}
