/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The indicator set of one instrument.
 */
#include "market/indicators.h"

#include "base/error.h"

#include <string.h>

// Beyond this a double is not written with 9 decimals (base/dec.h); no price comes near.
#define ANALYTIC_MAX 9e9

void tt_indicator_set_init(tt_indicator_set *set)
{
    memset(set, 0, sizeof *set);
    tt_rsi_init(&set->rsi_14, 14);
    tt_ema_init(&set->ema_9, 9);
    tt_ema_init(&set->ema_21, 21);
    tt_ema_init(&set->ema_50, 50);
    tt_ema_init(&set->ema_200, 200);
    tt_macd_init(&set->macd, 12, 26, 9);
    tt_atr_init(&set->atr_14, 14, 20);
    tt_adx_init(&set->adx_14, 14);
    tt_chop_init(&set->chop_14, 14);
    tt_bollinger_init(&set->bollinger_20, 20, 2);
    tt_donchian_init(&set->channel_20, 20);
    tt_roc_init(&set->roc_10, 10);
    tt_dec_window_init(&set->volumes_20, 20);
}

static void update_close(tt_indicator_set *set, double close)
{
    tt_rsi_update(&set->rsi_14, close);
    tt_ema_update(&set->ema_9, close);
    tt_ema_update(&set->ema_21, close);
    tt_ema_update(&set->ema_50, close);
    tt_ema_update(&set->ema_200, close);
    tt_macd_update(&set->macd, close);
    tt_bollinger_update(&set->bollinger_20, close);
    tt_roc_update(&set->roc_10, close);
}

/** What needs the close before: nothing of it can be said of the first bar. */
static void update_range(tt_indicator_set *set, double high, double low)
{
    if (set->bar_count == 0) {
        tt_adx_start(&set->adx_14, high, low);
        return;
    }
    double true_range = tt_true_range(high, low, set->close_before);
    tt_atr_update(&set->atr_14, true_range);
    tt_adx_update(&set->adx_14, high, low, true_range);
    tt_chop_update(&set->chop_14, high, low, set->close_before);
}

void tt_indicator_set_update(tt_indicator_set *set, const tt_bar *bar)
{
    TT_ASSERT(tt_dec_sign(bar->low.d) > 0 && tt_dec_le(bar->low.d, bar->close.d));
    TT_ASSERT(tt_dec_le(bar->close.d, bar->high.d));
    double close = tt_dec_to_double(bar->close.d);
    update_close(set, close);
    update_range(set, tt_dec_to_double(bar->high.d), tt_dec_to_double(bar->low.d));
    tt_donchian_update(&set->channel_20, bar->high.d, bar->low.d);
    tt_dec_window_push(&set->volumes_20, bar->volume.d);
    set->close = bar->close.d;
    set->volume = bar->volume.d;
    set->close_before = close;
    set->bar_count += set->bar_count < UINT32_MAX;
}

/** Rounds to 9 decimals. */
static tt_ratio analytic(double value)
{
    double bounded = value > ANALYTIC_MAX    ? ANALYTIC_MAX
                     : value < -ANALYTIC_MAX ? -ANALYTIC_MAX
                                             : value;
    tt_ratio result = {TT_DEC_ZERO};
    tutti_status status = tt_dec_from_double(bounded, &result.d);
    TT_ASSERT(status == TUTTI_OK); // not a number would be an error of the formulas
    return result;
}

/** Rounds a value in units of price: to 15 decimals where the close is below 1, else to 9. */
static tt_ratio in_price_units(const tt_indicator_set *set, double value)
{
    if (set->close.v >= TT_DEC_ONE_I64) {
        return analytic(value);
    }
    tt_ratio millionfold = analytic(value * 1e6);
    return (tt_ratio){{millionfold.d.v / 1000000}};
}

static tt_ratio mean_volume(const tt_dec_window *volumes)
{
    tt_ratio result = {TT_DEC_ZERO};
    if (!tt_dec_window_is_full(volumes)) {
        return result;
    }
    tt_dec count = tt_dec_from_i64(volumes->length, 0);
    tt_dec mean = tt_dec_xdiv(tt_dec_window_sum(volumes), count);
    tutti_status status = tt_dec_quantize(mean, TT_DEC_C(1, 9), TT_ROUND_HALF_EVEN, &result.d);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

static void read_averages(const tt_indicator_set *set, tt_indicators *out)
{
    out->rsi_14 = analytic(tt_rsi_value(&set->rsi_14));
    out->ema_9 = in_price_units(set, set->ema_9.value);
    out->ema_21 = in_price_units(set, set->ema_21.value);
    out->ema_50 = in_price_units(set, set->ema_50.value);
    out->ema_200 = in_price_units(set, set->ema_200.value);
    out->sma_20 = in_price_units(set, set->bollinger_20.middle);
    out->macd = in_price_units(set, set->macd.line);
    out->macd_signal = in_price_units(set, tt_macd_signal_line(&set->macd));
    out->macd_hist = in_price_units(set, set->macd.histogram);
    out->macd_hist_prev = in_price_units(set, set->macd.histogram_prev);
    out->roc_10 = analytic(tt_roc_value(&set->roc_10));
}

static void read_ranges(const tt_indicator_set *set, tt_indicators *out)
{
    out->atr_14 = in_price_units(set, tt_atr_value(&set->atr_14));
    out->atr_avg_20 = in_price_units(set, tt_atr_usual(&set->atr_14));
    out->adx_14 = analytic(tt_adx_value(&set->adx_14));
    out->plus_di_14 = analytic(set->adx_14.plus_di);
    out->minus_di_14 = analytic(set->adx_14.minus_di);
    out->chop_14 = analytic(tt_chop_value(&set->chop_14));
    out->bb_upper = in_price_units(set, set->bollinger_20.upper);
    out->bb_lower = in_price_units(set, set->bollinger_20.lower);
    out->bb_width_pct = analytic(tt_bollinger_width_pct(&set->bollinger_20));
    out->high_20 = (tt_ratio){tt_donchian_upper(&set->channel_20)};
    out->low_20 = (tt_ratio){tt_donchian_lower(&set->channel_20)};
}

void tt_indicator_set_read(const tt_indicator_set *set, tt_indicators *ret_indicators)
{
    *ret_indicators = (tt_indicators){.close = {set->close}, .bar_count = set->bar_count};
    read_averages(set, ret_indicators);
    read_ranges(set, ret_indicators);
    ret_indicators->volume = (tt_ratio){set->volume};
    ret_indicators->volume_avg_20 = mean_volume(&set->volumes_20);
    ret_indicators->is_warm = set->bar_count >= TT_INDICATORS_WARM_BARS;
}
