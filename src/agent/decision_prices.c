/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Stop and target of a decision.
 *
 * Why averaging is safe: each target is at least r times its stop, so the k-th smallest target is
 * at least r times the k-th smallest stop, and so are their medians; rounding the median of the
 * stops up is made good by raising the target to r times it again.
 */
#include "agent/decision_prices.h"

// A distance in ticks never gets near the end of its type, however small the tick.
#define TICKS_MAX (INT64_C(1) << 56)
// With stops of at most 15 % a target stays within 75 % of the price, so a sell's is above 0.
#define REWARD_RISK_MAX TT_DEC_C(5, 0)

static tt_dec percent_of(tt_dec value, tt_ratio pct)
{
    return tt_dec_xdiv(tt_dec_xmul(value, pct.d), TT_DEC_C(100, 0));
}

/** Whole ticks in a distance, rounded as said; bounded, because a tick may be tiny. */
static int64_t ticks_in(tt_dec distance, tt_dec tick, tt_round round)
{
    tt_i128 whole = distance.v / tick.v;
    if (round == TT_ROUND_CEILING && distance.v % tick.v != 0) {
        whole++;
    }
    return whole > TICKS_MAX ? TICKS_MAX : (int64_t)whole;
}

/** Regime multipliers; 1 and 2 while no regime is known. */
static void read_regime(tt_decision_frame *frame, const tt_agent_request *request, tt_dec *stop)
{
    tt_dec target = TT_DEC_C(2, 0);
    *stop = TT_DEC_C(1, 0);
    if (request->has_regime) {
        *stop = request->regime.stop_loss_multiplier.d;
        target = request->regime.take_profit_multiplier.d;
    }
    tt_dec ratio = tt_dec_max(target, frame->config->min_reward_risk.d);
    frame->reward_risk = tt_dec_min(ratio, REWARD_RISK_MAX);
}

void tt_decision_frame_fill(
    tt_decision_frame *frame,
    const tt_decision_config *config,
    const tt_instrument *instrument,
    const tt_agent_request *request)
{
    *frame = (tt_decision_frame){.config = config, .tick = instrument->price_increment.d};
    tutti_status status = tt_dec_quantize(
        request->indicators.close.d, frame->tick, TT_ROUND_HALF_EVEN, &frame->price);
    TT_ASSERT(status == TUTTI_OK);
    tt_dec multiplier;
    read_regime(frame, request, &multiplier);
    tt_dec usual = tt_dec_xmul(request->indicators.atr_14.d, config->atr_multiple.d);
    frame->stop_distance = tt_dec_xmul(usual, multiplier);
    tt_dec nearest = percent_of(frame->price, config->min_stop_pct);
    tt_dec farthest = percent_of(frame->price, config->max_stop_pct);
    frame->stop_ticks_min = ticks_in(nearest, frame->tick, TT_ROUND_CEILING);
    frame->stop_ticks_max = ticks_in(farthest, frame->tick, TT_ROUND_FLOOR);
    // The upper half of the price range is left for targets above the price.
    frame->is_tradable = frame->stop_ticks_min >= 1 &&
                         frame->stop_ticks_min <= frame->stop_ticks_max &&
                         frame->price.v <= TT_PRICE_MAX.v / 2;
}

/** Least target for a stop: the ratio is a decimal, the product is rounded up. */
static int64_t target_for(int64_t stop_ticks, tt_dec ratio)
{
    tt_i128 product = (tt_i128)stop_ticks * ratio.v;
    tt_i128 whole = product / TT_DEC_ONE_I64;
    return (int64_t)(product % TT_DEC_ONE_I64 == 0 ? whole : whole + 1);
}

tt_decision_exit tt_decision_exit_of(const tt_decision_frame *frame, uint32_t scale)
{
    TT_ASSERT(frame->is_tradable);
    tt_dec distance = tt_dec_xmul(frame->stop_distance, tt_dec_from_i64(scale, 2));
    int64_t ticks = ticks_in(distance, frame->tick, TT_ROUND_CEILING);
    ticks = ticks < frame->stop_ticks_min ? frame->stop_ticks_min : ticks;
    ticks = ticks > frame->stop_ticks_max ? frame->stop_ticks_max : ticks;
    return (tt_decision_exit){ticks, target_for(ticks, frame->reward_risk)};
}

static void sort_ticks(int64_t *ticks, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        int64_t value = ticks[i];
        uint32_t at = i;
        for (; at > 0 && ticks[at - 1] > value; at--) {
            ticks[at] = ticks[at - 1];
        }
        ticks[at] = value;
    }
}

/** Middle value, or the mean of the two in the middle, rounded up. */
static int64_t median_of(int64_t *ticks, uint32_t count)
{
    sort_ticks(ticks, count);
    int64_t low = ticks[(count - 1) / 2];
    int64_t high = ticks[count / 2];
    return low + (high - low + 1) / 2;
}

tt_decision_exit
tt_decision_median(const tt_decision_frame *frame, const tt_decision_exit *exits, uint32_t count)
{
    int64_t stops[8];
    int64_t targets[8];
    TT_ASSERT(count >= 1 && count <= 8);
    for (uint32_t i = 0; i < count; i++) {
        stops[i] = exits[i].stop_ticks;
        targets[i] = exits[i].target_ticks;
    }
    tt_decision_exit result = {median_of(stops, count), median_of(targets, count)};
    int64_t least = target_for(result.stop_ticks, frame->config->min_reward_risk.d);
    result.target_ticks = result.target_ticks < least ? least : result.target_ticks;
    return result;
}

static tt_price move(const tt_decision_frame *frame, int64_t ticks)
{
    return (tt_price){{frame->price.v + ticks * frame->tick.v}};
}

tt_price tt_decision_stop(const tt_decision_frame *frame, int side, tt_decision_exit exit)
{
    return move(frame, -side * exit.stop_ticks);
}

tt_price tt_decision_target(const tt_decision_frame *frame, int side, tt_decision_exit exit)
{
    return move(frame, side * exit.target_ticks);
}
