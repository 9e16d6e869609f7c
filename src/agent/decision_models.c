/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Seven models, each a rule of its own, so that they can disagree:
 *
 *   trend      EMA 9, 21, 50 in order, the DI of that side larger, ADX from 20
 *   momentum   RSI at least 5 from 50, MACD histogram and rate of change on that side
 *   reversion  close at or beyond a Bollinger band, or RSI to 30 / from 70: the other way; not in a
 *              strong trend (ADX from 40)
 *   breakout   close in the outer tenth of the 20-bar channel on volume of at least 1.2 times its
 *              mean; abstains when the feed has no volume
 *   ta         bias of the technical analysis with confidence from 0.6; abstains without one
 *   regime     trending and volatile regimes: their side; breakout potential: the side of the
 *              analysis' bias, if any; abstains without a regime
 *   sentiment  bullish or bearish sentiment (score from 0.2); abstains without one
 *
 * A model that does not act votes to hold. Confidence of the first four is 0.55 at the cut and
 * grows with the distance from it; that of the others is what they follow. The cuts were set so
 * that about one of six hourly decisions on one-minute bars of BTC is to trade, to buy as often as
 * to sell (with the hysteresis of the regime).
 */
#include "agent/decision_models.h"

#define TREND_ADX       20
#define STRONG_ADX      40
#define MOMENTUM_RSI    5
#define RSI_LOW         30
#define RSI_HIGH        70
#define BREAKOUT_EDGE   0.1
#define BREAKOUT_VOLUME 1.2
#define FOLLOW_CUT      TT_DEC_C(6, 1)
#define SENTIMENT_CUT   TT_DEC_C(2, 1)
#define BASE_CONFIDENCE 0.55
#define HOLD_CONFIDENCE 0.5

static tt_decision_vote hold_vote(const char *model)
{
    return (tt_decision_vote){
        .model = model,
        .confidence = tt_rule_score(HOLD_CONFIDENCE, 0, 1),
        .stop_scale = 100,
        .is_valid = true};
}

/** Turns a vote to `side`; `excess` is the distance from the cut, 1 = all that counts. */
static void act(tt_decision_vote *vote, int side, double excess)
{
    vote->side = side;
    vote->confidence = tt_rule_score(BASE_CONFIDENCE + 0.35 * tt_rule_clamp(excess, 0, 1), 0, 1);
}

static tt_decision_vote ask_trend(const tt_rule_view *view)
{
    tt_decision_vote vote = hold_vote("trend");
    bool is_up = view->ema_9 > view->ema_21 && view->ema_21 > view->ema_50;
    bool is_down = view->ema_9 < view->ema_21 && view->ema_21 < view->ema_50;
    int di_side = tt_rule_sign(view->plus_di - view->minus_di);
    bool is_trend = (is_up && di_side > 0) || (is_down && di_side < 0);
    if (is_trend && view->adx >= TREND_ADX) {
        act(&vote, di_side, (view->adx - TREND_ADX) / 30);
    }
    return vote;
}

static tt_decision_vote ask_momentum(const tt_rule_view *view)
{
    tt_decision_vote vote = hold_vote("momentum");
    int side = tt_rule_sign(view->rsi - 50);
    double distance = tt_rule_abs(view->rsi - 50);
    bool is_agreed = tt_rule_sign(view->macd_hist) == side && tt_rule_sign(view->roc) == side;
    if (distance >= MOMENTUM_RSI && is_agreed) {
        act(&vote, side, (distance - MOMENTUM_RSI) / 20);
    }
    return vote;
}

/** Depth beyond the band, in average true ranges, or of the RSI beyond its cut. */
static double reversion_depth(double band_distance, double rsi_distance, double atr)
{
    double band = tt_rule_share(band_distance, atr);
    double rsi = rsi_distance / 15;
    return band > rsi ? band : rsi;
}

static tt_decision_vote ask_reversion(const tt_rule_view *view)
{
    tt_decision_vote vote = hold_vote("reversion");
    vote.stop_scale = 75;
    bool is_low = view->close <= view->bb_lower || view->rsi <= RSI_LOW;
    bool is_high = view->close >= view->bb_upper || view->rsi >= RSI_HIGH;
    if (view->adx >= STRONG_ADX || is_low == is_high) {
        return vote; // both at once only where nothing moved
    }
    double depth =
        is_low ? reversion_depth(view->bb_lower - view->close, RSI_LOW - view->rsi, view->atr)
               : reversion_depth(view->close - view->bb_upper, view->rsi - RSI_HIGH, view->atr);
    act(&vote, is_low ? 1 : -1, depth);
    return vote;
}

static tt_decision_vote ask_breakout(const tt_rule_view *view)
{
    tt_decision_vote vote = hold_vote("breakout");
    vote.is_valid = view->volume_avg > 0;
    double height = view->high_20 - view->low_20;
    if (!vote.is_valid || !(height > 0) || view->volume < BREAKOUT_VOLUME * view->volume_avg) {
        return vote;
    }
    double place = (view->close - view->low_20) / height;
    double excess = (view->volume / view->volume_avg - BREAKOUT_VOLUME) / 2;
    if (place >= 1 - BREAKOUT_EDGE) {
        act(&vote, 1, excess);
    } else if (place <= BREAKOUT_EDGE) {
        act(&vote, -1, excess);
    }
    return vote;
}

static int side_of_bias(uint8_t bias)
{
    return bias == TT_bias_LONG ? 1 : bias == TT_bias_SHORT ? -1 : 0;
}

static tt_decision_vote ask_ta(const tt_agent_request *request)
{
    tt_decision_vote vote = hold_vote("ta");
    vote.is_valid = request->has_ta;
    if (request->has_ta && tt_dec_le(FOLLOW_CUT, request->ta.confidence.d)) {
        vote.side = side_of_bias(request->ta.bias);
        vote.confidence = request->ta.confidence;
    }
    return vote;
}

static int side_of_regime(const tt_agent_request *request)
{
    switch ((tt_regime)request->regime.regime) {
    case TT_regime_TRENDING_BULL:
    case TT_regime_VOLATILE_BULL:
        return 1;
    case TT_regime_TRENDING_BEAR:
    case TT_regime_VOLATILE_BEAR:
        return -1;
    case TT_regime_BREAKOUT_POTENTIAL:
        return request->has_ta ? side_of_bias(request->ta.bias) : 0;
    case TT_regime_UNKNOWN:
    case TT_regime_RANGING:
    case TT_regime_CHOPPY:
    case TT_regime_COUNT:
        return 0;
    }
    return 0;
}

static tt_decision_vote ask_regime(const tt_agent_request *request)
{
    tt_decision_vote vote = hold_vote("regime");
    vote.stop_scale = 125;
    vote.is_valid = request->has_regime && request->regime.regime != TT_regime_UNKNOWN;
    if (vote.is_valid) {
        vote.side = side_of_regime(request);
        vote.confidence = request->regime.confidence;
    }
    return vote;
}

static tt_decision_vote ask_sentiment(const tt_agent_request *request)
{
    tt_decision_vote vote = hold_vote("sentiment");
    vote.is_valid = request->has_sentiment;
    if (vote.is_valid) {
        tt_dec score = request->sentiment.score.d;
        bool is_marked = tt_dec_le(SENTIMENT_CUT, tt_dec_xabs(score));
        vote.side = is_marked ? tt_dec_sign(score) : 0;
        vote.confidence = request->sentiment.confidence;
    }
    return vote;
}

void tt_decision_ask(const tt_agent_request *request, tt_decision_vote votes[TT_DECISION_MODELS])
{
    tt_rule_view view;
    tt_rule_view_fill(&view, &request->indicators);
    votes[0] = ask_trend(&view);
    votes[1] = ask_momentum(&view);
    votes[2] = ask_reversion(&view);
    votes[3] = ask_breakout(&view);
    votes[4] = ask_ta(request);
    votes[5] = ask_regime(request);
    votes[6] = ask_sentiment(request);
}
