/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How near a leveraged position is to its liquidation.
 *
 * The distance is (mark - price of liquidation) / mark for a long position and the reverse for a
 * short one: below 30 % it is worth a warning, below 20 % it is high, below 10 % critical. A change
 * of the level warns at once; the same level again when REPEAT_NS have passed since the last
 * warning, by the position's own time. Levels are compared by products: no price is divided for
 * each tick.
 *
 * The venue liquidates, not the engine: its report is booked in external.c, and a position that it
 * closed without a word is found by reconciliation.
 */
#include "trade/trade_priv.h"

#define REPEAT_NS (60 * TT_NS_PER_S)

static const struct {
    int64_t percent; /* Below it. */
    tt_severity severity;
} levels[] = {
    [TT_liquidation_level_FAR] = {0, TT_severity_INFO},
    [TT_liquidation_level_MEDIUM] = {30, TT_severity_WARNING},
    [TT_liquidation_level_HIGH] = {20, TT_severity_HIGH},
    [TT_liquidation_level_CRITICAL] = {10, TT_severity_CRITICAL},
    [TT_liquidation_level_PASSED] = {0, TT_severity_CRITICAL},
};

void tt_liquidation_update(const tt_trade_module *trade, uint32_t leg, tt_position *position)
{
    position->liquidation_price = (tt_price){TT_DEC_ZERO};
    if (tt_dec_is_zero(position->qty.d)) {
        position->liquidation_level = TT_liquidation_level_FAR;
        return;
    }
    const tt_instrument *instrument = &trade->core->instruments->list[tt_leg_instrument(leg) - 1];
    tt_price entry = {tt_dec_xdiv(position->cost.d, position->qty.d)};
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    position->liquidation_price =
        tt_liquidation_price(instrument, entry, position->leverage, is_long);
}

/* Mark less price of liquidation, in the direction of the position. */
static tt_dec distance_of(const tt_position *position)
{
    tt_dec distance = tt_dec_xsub(position->mark.d, position->liquidation_price.d);
    return tt_dec_sign(position->qty.d) > 0 ? distance : tt_dec_xneg(distance);
}

static tt_liquidation_level level_of(const tt_position *position)
{
    tt_dec distance = distance_of(position);
    if (tt_dec_sign(distance) < 0) {
        return TT_liquidation_level_PASSED;
    }
    tt_i128 scaled = distance.v * 100;
    for (int level = TT_liquidation_level_CRITICAL; level > TT_liquidation_level_FAR; level--) {
        if (scaled < position->mark.d.v * levels[level].percent) {
            return (tt_liquidation_level)level;
        }
    }
    return TT_liquidation_level_FAR;
}

/* Percent of the mark; 100 x the distance cannot overflow. */
static tt_ratio percent_of(tt_dec part, tt_dec whole)
{
    tt_ratio percent = {TT_DEC_ZERO};
    tutti_status status =
        tt_dec_muldiv(part, TT_DEC_C(100, 0), whole, TT_ROUND_HALF_EVEN, &percent.d);
    bool is_told = status == TUTTI_OK && tt_dec_le(tt_dec_xabs(percent.d), TT_RATIO_MAX);
    return is_told ? percent : (tt_ratio){TT_DEC_ZERO};
}

static void publish(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    tt_dec leverage = tt_dec_from_i64(position->leverage, 0);
    tt_dec margin = tt_dec_xdiv(tt_dec_xabs(position->value.d), leverage);
    tt_dec unrealized = tt_dec_xsub(position->value.d, position->cost.d);
    tt_position_margin payload = {
        .liquidation_price = position->liquidation_price,
        .mark = position->mark,
        .distance_pct = percent_of(distance_of(position), position->mark.d),
        .margin = {margin},
        .unrealized_pnl = {unrealized},
        .position_id = position->position_id,
        .level = position->liquidation_level,
        .side = tt_dec_sign(position->qty.d) > 0 ? TT_side_BUY : TT_side_SELL,
        .position_side = tt_leg_side(trade, leg),
        .leverage = position->leverage,
    };
    if (!tt_dec_is_zero(margin)) {
        payload.margin_ratio_pct = percent_of(tt_dec_xadd(margin, unrealized), margin);
    }
    tt_trade_post post = {
        TT_TOPIC_POSITION_MARGINS, tt_leg_instrument(leg), &position->correlation, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
}

static void warn(tt_trade_module *trade, uint32_t leg, tt_liquidation_level level)
{
    const tt_position *position = tt_trade_position(trade, leg);
    tt_ratio distance = {TT_DEC_ZERO};
    tutti_status status = tt_dec_muldiv(
        distance_of(position), TT_DEC_C(100, 0), position->mark.d, TT_ROUND_HALF_EVEN, &distance.d);
    TT_ASSERT(status == TUTTI_OK);
    char price[TT_DEC_TEXT_MAX];
    tt_dec_format(position->liquidation_price.d, price);
    tt_trade_alert alert = {
        .type = TT_alert_type_LIQUIDATION_RISK,
        .severity = levels[level].severity,
        .key = tt_leg_instrument(leg),
        .subject = position->position_id,
        .correlation = &position->correlation,
        .value = percent_of(distance_of(position), position->mark.d),
        .limit = {tt_dec_from_i64(levels[level].percent, 0)},
    };
    tt_trade_raise(
        trade,
        &alert,
        "distance from liquidation at %s is %s: add margin, reduce or close",
        price,
        tt_enum_text(&tt_enum_liquidation_level, (uint8_t)level));
}

void tt_liquidation_watch(tt_trade_module *trade, uint32_t leg, bool is_told)
{
    tt_position *position = tt_trade_position(trade, leg);
    if (tt_dec_is_zero(position->liquidation_price.d) || tt_dec_is_zero(position->qty.d)) {
        return;
    }
    tt_liquidation_level level = level_of(position);
    bool is_new = level != position->liquidation_level;
    bool is_due = tt_trade_now(trade).ns - position->warned_at.ns >= REPEAT_NS;
    position->liquidation_level = (uint8_t)level;
    if (is_told) {
        publish(trade, leg);
    }
    if (level != TT_liquidation_level_FAR && (is_new || is_due)) {
        position->warned_at = tt_trade_now(trade);
        warn(trade, leg, level);
    }
}
