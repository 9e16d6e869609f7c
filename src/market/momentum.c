/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Relative strength index, MACD, rate of change.
 */
#include "market/momentum.h"

#include "base/error.h"

void tt_rsi_init(tt_rsi *rsi, uint32_t period)
{
    *rsi = (tt_rsi){0};
    tt_wilder_init(&rsi->gains, period);
    tt_wilder_init(&rsi->losses, period);
}

void tt_rsi_update(tt_rsi *rsi, double close)
{
    if (rsi->has_previous) {
        double change = close - rsi->previous;
        tt_wilder_update(&rsi->gains, change > 0 ? change : 0);
        tt_wilder_update(&rsi->losses, change < 0 ? -change : 0);
    }
    rsi->previous = close;
    rsi->has_previous = 1;
}

bool tt_rsi_is_ready(const tt_rsi *rsi)
{
    return tt_wilder_is_ready(&rsi->gains);
}

double tt_rsi_value(const tt_rsi *rsi)
{
    if (!tt_rsi_is_ready(rsi)) {
        return 0;
    }
    double both = rsi->gains.value + rsi->losses.value;
    return both > 0 ? 100 * (rsi->gains.value / both) : 50;
}

void tt_macd_init(tt_macd *macd, uint32_t fast, uint32_t slow, uint32_t signal)
{
    TT_ASSERT(fast < slow);
    *macd = (tt_macd){0};
    tt_ema_init(&macd->fast, fast);
    tt_ema_init(&macd->slow, slow);
    tt_ema_init(&macd->signal, signal);
}

void tt_macd_update(tt_macd *macd, double close)
{
    tt_ema_update(&macd->fast, close);
    tt_ema_update(&macd->slow, close);
    if (!tt_ema_is_ready(&macd->slow)) {
        return;
    }
    macd->line = macd->fast.value - macd->slow.value;
    tt_ema_update(&macd->signal, macd->line);
    macd->histogram_prev = macd->histogram;
    if (tt_ema_is_ready(&macd->signal)) {
        macd->histogram = macd->line - macd->signal.value;
    }
}

bool tt_macd_is_ready(const tt_macd *macd)
{
    return tt_ema_is_ready(&macd->signal);
}

double tt_macd_signal_line(const tt_macd *macd)
{
    return tt_macd_is_ready(macd) ? macd->signal.value : 0;
}

void tt_roc_init(tt_roc *roc, uint32_t period)
{
    tt_window_init(&roc->closes, period + 1);
}

void tt_roc_update(tt_roc *roc, double close)
{
    TT_ASSERT(close > 0);
    tt_window_push(&roc->closes, close);
}

double tt_roc_value(const tt_roc *roc)
{
    if (!tt_window_is_full(&roc->closes)) {
        return 0;
    }
    double now = tt_window_at(&roc->closes, 0);
    double then = tt_window_at(&roc->closes, roc->closes.length - 1);
    return 100 * (now / then - 1);
}
