/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Market regime by rules; the first that holds:
 *
 *   1. volatile bull/bear   ATR above twice its mean of 20; the side is that of the larger DI
 *   2. trending bull/bear   ADX above 25, and DI and EMA 21 against 50 on the same side
 *   3. choppy               choppiness above 61.8 and ADX below 20
 *   4. breakout potential   squeeze (Carter): the Bollinger bands lie within 1.5 ATR of their
 * middle
 *   5. ranging              everything else
 *
 * Confidence grows with the distance from the cut that decided: 0.6 at the cut, at most 0.95. A
 * change of regime needs 0.7 twice, see the coordinator: ADX 30 for a trend, ADX 20 for its end,
 * ATR 2.5 times its mean, and so on.
 */
#include "agent/agents.h"
#include "agent/rules.h"
#include "model/regime.h"

#define ATR_CUT     2.0
#define ADX_CUT     25.0
#define ADX_LOW_CUT 20.0
#define CHOP_CUT    61.8
#define SQUEEZE_CUT 1.5

/** A regime with the confidence in it. */
typedef struct detection {
    tt_regime regime;
    double confidence;
} detection;

/** Half the width of the bands in average true ranges. */
static double squeeze_of(const tt_rule_view *view)
{
    return view->atr > 0 ? (view->bb_upper - view->bb_lower) / 2 / view->atr : SQUEEZE_CUT;
}

static detection detect_volatile(const tt_rule_view *view)
{
    double excess = view->atr / view->atr_avg - ATR_CUT;
    return (detection){
        view->plus_di >= view->minus_di ? TT_regime_VOLATILE_BULL : TT_regime_VOLATILE_BEAR,
        tt_rule_clamp(0.6 + 0.2 * excess, 0.6, 0.95)};
}

static detection detect_trend(const tt_rule_view *view)
{
    return (detection){
        view->plus_di > view->minus_di ? TT_regime_TRENDING_BULL : TT_regime_TRENDING_BEAR,
        tt_rule_clamp(0.6 + (view->adx - ADX_CUT) / 50, 0.6, 0.95)};
}

static detection detect_quiet(const tt_rule_view *view)
{
    if (view->chop > CHOP_CUT && view->adx < ADX_LOW_CUT) {
        double excess = 0.02 * (view->chop - CHOP_CUT) + 0.01 * (ADX_LOW_CUT - view->adx);
        return (detection){TT_regime_CHOPPY, tt_rule_clamp(0.6 + excess, 0.6, 0.95)};
    }
    double squeeze = squeeze_of(view);
    if (squeeze < SQUEEZE_CUT) {
        double excess = 0.6 * (SQUEEZE_CUT - squeeze);
        return (detection){TT_regime_BREAKOUT_POTENTIAL, tt_rule_clamp(0.6 + excess, 0.6, 0.95)};
    }
    // Above the cut of ADX only sides that contradict each other lead here: little to be sure of.
    double calm = (ADX_CUT - view->adx) / 50;
    return (detection){TT_regime_RANGING, tt_rule_clamp(0.6 + calm, 0.5, 0.95)};
}

static detection detect_regime(const tt_rule_view *view)
{
    int di_side = tt_rule_sign(view->plus_di - view->minus_di);
    int ema_side = tt_rule_sign(view->ema_21 - view->ema_50);
    if (view->atr_avg > 0 && view->atr > ATR_CUT * view->atr_avg) {
        return detect_volatile(view);
    }
    if (view->adx > ADX_CUT && di_side != 0 && di_side == ema_side) {
        return detect_trend(view);
    }
    return detect_quiet(view);
}

/** By ATR against its mean of 20. Without a mean there is nothing to compare. */
static tt_volatility volatility_of(const tt_rule_view *view)
{
    if (!(view->atr_avg > 0)) {
        return TT_volatility_NORMAL;
    }
    double ratio = view->atr / view->atr_avg;
    return ratio > ATR_CUT ? TT_volatility_EXTREME
           : ratio >= 1.25 ? TT_volatility_HIGH
           : ratio >= 0.8  ? TT_volatility_NORMAL
                           : TT_volatility_LOW;
}

/** By the volume of the last bar against its mean of 20. */
static tt_volume_profile volume_profile_of(const tt_rule_view *view)
{
    if (!(view->volume_avg > 0)) {
        return TT_volume_profile_STABLE;
    }
    double ratio = view->volume / view->volume_avg;
    return ratio >= 3     ? TT_volume_profile_SPIKE
           : ratio >= 1.5 ? TT_volume_profile_INCREASING
           : ratio > 0.5  ? TT_volume_profile_STABLE
                          : TT_volume_profile_DECREASING;
}

static void explain(const tt_rule_view *view, tt_regime_update *update)
{
    tt_text_format(
        update->reasoning,
        sizeof update->reasoning,
        "ADX %.1f, DI %.1f/%.1f, EMA 21-50 %+.4g, chop %.1f, ATR %.4g of usual %.4g, bands "
        "%.2f ATR",
        view->adx,
        view->plus_di,
        view->minus_di,
        view->ema_21 - view->ema_50,
        view->chop,
        view->atr,
        view->atr_avg,
        squeeze_of(view));
}

void tt_agent_rules_regime(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    (void)ctx;
    TT_TEXT_SET(answer->model, "rules-regime-1");
    if (tt_rule_begin(instruments, request, answer) == NULL) {
        return;
    }
    tt_rule_view view;
    tt_rule_view_fill(&view, &request->indicators);
    detection found = detect_regime(&view);
    // Hysteresis, and with it the regime in force, is the coordinator's.
    tt_regime_update update = {
        .confidence = tt_rule_score(found.confidence, 0, 1),
        .trend_strength = tt_rule_score(view.adx / 50, 0, 1),
        .choppiness = request->indicators.chop_14,
        .adx_value = request->indicators.adx_14,
        .call_seq = request->call_seq,
        .indicators_seq = request->call.indicators_seq,
        .regime = (uint8_t)found.regime,
        .candidate = (uint8_t)found.regime,
        .volatility = (uint8_t)volatility_of(&view),
        .volume_profile = (uint8_t)volume_profile_of(&view)};
    tt_regime_adjust((tt_regime)update.candidate, &update);
    explain(&view, &update);
    tt_agent_answer_set(answer, TT_TOPIC_REGIME_UPDATES, &update);
}
