/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Technical analysis by rules.
 *
 *   stack     mean of the signs of close - EMA 9, EMA 9 - 21, 21 - 50, 50 - 200          -1..1
 *   direction (+DI - -DI) / (+DI + -DI)                                                  -1..1
 *   trend     (stack + direction) / 2; bullish from 0.25, bearish from -0.25
 *   strength  ADX / 50, at most 1
 *   momentum  mean of (RSI - 50) / 20, MACD histogram / (0.4 ATR), ROC / (4 ATR in percent), each
 *             clamped to -1..1; the scales are what these reach in one bar of ten
 *   total     0.6 trend + 0.4 momentum; long from 0.3, short from -0.3
 *
 * Confidence of a bias: 0.35 + 0.45 x share of the five parts (stack, direction, RSI, MACD, ROC) on
 * its side + 0.2 x strength. Of no bias: 0.35, and up to 0.3 more the nearer the total is to 0.
 */
#include "agent/agents.h"
#include "agent/rules.h"

#include <string.h>

#define TREND_CUT      0.25
#define BIAS_CUT       0.3
#define STACK_CUT      0.5
#define RSI_OVERSOLD   30
#define RSI_OVERBOUGHT 70
#define NEAR_LEVEL     0.2
#define PARTS          5

/** What the parts say. */
typedef struct ta_parts {
    double stack;
    double direction;
    double trend;
    double strength;
    double momentum;
    double total;
    int aligned; /**< Of the four signs of the stack, those on the larger side. */
} ta_parts;

static void read_stack(const tt_rule_view *view, ta_parts *parts)
{
    const double differences[] = {
        view->close - view->ema_9,
        view->ema_9 - view->ema_21,
        view->ema_21 - view->ema_50,
        view->ema_50 - view->ema_200};
    int above = 0;
    int below = 0;
    for (int i = 0; i < 4; i++) {
        above += differences[i] > 0;
        below += differences[i] < 0;
    }
    parts->stack = (above - below) / 4.0;
    parts->aligned = above > below ? above : below;
}

static double read_momentum(const tt_rule_view *view)
{
    double atr_pct = 100 * (view->atr / view->close);
    double rsi = tt_rule_share(view->rsi - 50, 20);
    double macd = tt_rule_share(view->macd_hist, 0.4 * view->atr);
    double roc = tt_rule_share(view->roc, 4 * atr_pct);
    return (rsi + macd + roc) / 3;
}

static ta_parts read_parts(const tt_rule_view *view)
{
    ta_parts parts = {0};
    read_stack(view, &parts);
    parts.direction = tt_rule_share(view->plus_di - view->minus_di, view->plus_di + view->minus_di);
    parts.trend = 0.5 * parts.stack + 0.5 * parts.direction;
    parts.strength = tt_rule_clamp(view->adx / 50, 0, 1);
    parts.momentum = read_momentum(view);
    parts.total = 0.6 * parts.trend + 0.4 * parts.momentum;
    return parts;
}

static tt_trend trend_of(double trend)
{
    return trend >= TREND_CUT    ? TT_trend_BULLISH
           : trend <= -TREND_CUT ? TT_trend_BEARISH
                                 : TT_trend_NEUTRAL;
}

static tt_bias bias_of(double total)
{
    return total >= BIAS_CUT ? TT_bias_LONG : total <= -BIAS_CUT ? TT_bias_SHORT : TT_bias_NEUTRAL;
}

static tt_rsi_signal rsi_signal_of(double rsi)
{
    return rsi <= RSI_OVERSOLD     ? TT_rsi_signal_OVERSOLD
           : rsi >= RSI_OVERBOUGHT ? TT_rsi_signal_OVERBOUGHT
                                   : TT_rsi_signal_NEUTRAL;
}

static tt_macd_signal macd_signal_of(double now, double before)
{
    if (now > 0) {
        return before <= 0 ? TT_macd_signal_BULLISH_CROSS : TT_macd_signal_BULLISH;
    }
    if (now < 0) {
        return before >= 0 ? TT_macd_signal_BEARISH_CROSS : TT_macd_signal_BEARISH;
    }
    return TT_macd_signal_NEUTRAL;
}

/** Where the close stands in the channel of 20 bars: the lowest and highest fifth are near. */
static tt_level_position position_of(const tt_rule_view *view)
{
    double height = view->high_20 - view->low_20;
    double place = height > 0 ? (view->close - view->low_20) / height : 0.5;
    return place <= NEAR_LEVEL       ? TT_level_position_NEAR_SUPPORT
           : place >= 1 - NEAR_LEVEL ? TT_level_position_NEAR_RESISTANCE
                                     : TT_level_position_MID_RANGE;
}

static double confidence_of(const tt_rule_view *view, const ta_parts *parts, tt_bias bias)
{
    if (bias == TT_bias_NEUTRAL) {
        return 0.35 + 0.3 * (1 - tt_rule_abs(parts->total) / BIAS_CUT);
    }
    int side = bias == TT_bias_LONG ? 1 : -1;
    const double stack = tt_rule_abs(parts->stack) >= STACK_CUT ? parts->stack : 0;
    const double signs[PARTS] = {
        stack, parts->direction, view->rsi - 50, view->macd_hist, view->roc};
    int agreeing = 0;
    for (int i = 0; i < PARTS; i++) {
        agreeing += tt_rule_sign(signs[i]) == side;
    }
    return 0.35 + 0.45 * agreeing / PARTS + 0.2 * parts->strength;
}

/** The one word of the analysis: a cross of the MACD, else an extreme RSI, else the trend. */
static const char *primary_of(const tt_ta_signal *signal)
{
    if (signal->macd_signal == TT_macd_signal_BULLISH_CROSS ||
        signal->macd_signal == TT_macd_signal_BEARISH_CROSS) {
        return signal->macd_signal == TT_macd_signal_BULLISH_CROSS ? "macd_bullish_cross"
                                                                   : "macd_bearish_cross";
    }
    if (signal->rsi_signal != TT_rsi_signal_NEUTRAL) {
        return signal->rsi_signal == TT_rsi_signal_OVERSOLD ? "rsi_oversold" : "rsi_overbought";
    }
    return signal->trend_direction == TT_trend_BULLISH   ? "trend_bullish"
           : signal->trend_direction == TT_trend_BEARISH ? "trend_bearish"
                                                         : "no_trend";
}

/** Support is rounded down to the tick and resistance up, so that neither is overstated. */
static void set_levels(const tt_indicators *indicators, tt_dec tick, tt_ta_signal *signal)
{
    tutti_status status =
        tt_dec_quantize(indicators->low_20.d, tick, TT_ROUND_FLOOR, &signal->support.d);
    TT_ASSERT(status == TUTTI_OK);
    status = tt_dec_quantize(indicators->high_20.d, tick, TT_ROUND_CEILING, &signal->resistance.d);
    TT_ASSERT(status == TUTTI_OK);
}

static void explain(const tt_rule_view *view, const ta_parts *parts, tt_ta_signal *signal)
{
    tt_text_format(
        signal->reasoning,
        sizeof signal->reasoning,
        "EMA stack %+.2f, DI %.1f/%.1f, ADX %.1f: trend %+.2f; RSI %.1f, MACD hist %.4g, "
        "ROC %.2f%%: momentum %+.2f; total %+.2f",
        parts->stack,
        view->plus_di,
        view->minus_di,
        view->adx,
        parts->trend,
        view->rsi,
        view->macd_hist,
        view->roc,
        parts->momentum,
        parts->total);
}

static void fill_signal(const tt_rule_view *view, const ta_parts *parts, tt_ta_signal *signal)
{
    tt_bias bias = bias_of(parts->total);
    signal->trend_direction = (uint8_t)trend_of(parts->trend);
    signal->trend_strength = tt_rule_score(parts->strength, 0, 1);
    signal->momentum_score = tt_rule_score(parts->momentum, -1, 1);
    signal->confidence = tt_rule_score(confidence_of(view, parts, bias), 0, 1);
    signal->bias = (uint8_t)bias;
    signal->rsi_signal = (uint8_t)rsi_signal_of(view->rsi);
    signal->macd_signal = (uint8_t)macd_signal_of(view->macd_hist, view->macd_hist_prev);
    signal->current_position = (uint8_t)position_of(view);
    signal->timeframes_aligned = (uint8_t)parts->aligned;
}

void tt_agent_rules_ta(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    (void)ctx;
    TT_TEXT_SET(answer->model, "rules-ta-1");
    const tt_instrument *instrument = tt_rule_begin(instruments, request, answer);
    if (instrument == NULL) {
        return;
    }
    tt_rule_view view;
    tt_rule_view_fill(&view, &request->indicators);
    ta_parts parts = read_parts(&view);
    tt_ta_signal signal = {
        .rsi = request->indicators.rsi_14,
        .macd_hist = request->indicators.macd_hist,
        .call_seq = request->call_seq,
        .indicators_seq = request->call.indicators_seq};
    fill_signal(&view, &parts, &signal);
    set_levels(&request->indicators, instrument->price_increment.d, &signal);
    TT_TEXT_SET(signal.primary_signal, primary_of(&signal));
    explain(&view, &parts, &signal);
    tt_agent_answer_set(answer, TT_TOPIC_TA_SIGNALS, &signal);
}
