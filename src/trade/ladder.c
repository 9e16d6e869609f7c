/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The ladder of targets: a position is sold in up to three steps on the way from its entry to its
 * target, and what is left at the target. Without a ladder the target is the only step.
 *
 * The steps follow from what was held at most and what is held now, with nothing to remember: each
 * step has its share of the most; what has gone, in whatever way, was taken off the nearest steps.
 * So a step that fills is gone, a reduction by other means shortens the ladder from below, and the
 * quantities of the steps always are together what is held: no two of them can sell the same.
 *
 * A share is rounded down to the lot; a step that could not be ordered (too small, or worth too
 * little) goes to the next one. Levels are rounded to the tick away from the entry.
 */
#include "trade/trade_priv.h"

#define HUNDRED (tt_dec_from_i64(100, 0))
#define STEPS   3u

typedef struct step {
    tt_ratio share_pct;
    tt_ratio at_pct;
} step;

static void list_steps(const tt_ladder_config *config, step ret_steps[STEPS])
{
    ret_steps[0] = (step){config->share_1_pct, config->at_1_pct};
    ret_steps[1] = (step){config->share_2_pct, config->at_2_pct};
    ret_steps[2] = (step){config->share_3_pct, config->at_3_pct};
}

tutti_status
tt_ladder_config_check(const tt_ladder_config *config, const char *prefix, tt_error *error)
{
    step steps[STEPS];
    tt_dec sum = TT_DEC_ZERO;
    tt_dec at = TT_DEC_ZERO;
    list_steps(config, steps);
    for (uint32_t i = 0; config->enabled && i < STEPS; i++) {
        if (tt_dec_is_zero(steps[i].share_pct.d)) {
            continue;
        }
        sum = tt_dec_xadd(sum, steps[i].share_pct.d);
        if (tt_dec_le(steps[i].at_pct.d, at)) {
            (void)tt_error_set(
                error, TUTTI_INVALID, "%sat_%u_pct is not above the step before", prefix, i + 1);
            tt_error_hint(error, "each step lies farther on the way to the target");
            return TUTTI_INVALID;
        }
        at = steps[i].at_pct.d;
    }
    if (tt_dec_lt(HUNDRED, sum)) {
        (void)tt_error_set(
            error,
            TUTTI_INVALID,
            "%sshare_1_pct, share_2_pct and share_3_pct are more than 100 together",
            prefix);
        tt_error_hint(error, "what they leave of 100 is sold at the target");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

/* A level on the way from the entry to the target, on the tick. */
static tt_price level_at(
    const tt_trade_module *trade, uint32_t instrument, const tt_position *position, tt_ratio at_pct)
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(instrument) - 1];
    tt_price entry = trade->exits[instrument - 1].entry;
    tt_dec way = tt_dec_xsub(position->take_profit.d, entry.d);
    tt_dec part = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(way, at_pct.d, HUNDRED, TT_ROUND_HALF_EVEN, &part);
    TT_ASSERT(status == TUTTI_OK);
    tt_round round = tt_dec_sign(position->qty.d) > 0 ? TT_ROUND_CEILING : TT_ROUND_FLOOR;
    tt_dec level = TT_DEC_ZERO;
    status = tt_dec_quantize(tt_dec_xadd(entry.d, part), info->price_increment.d, round, &level);
    bool is_usable = status == TUTTI_OK && tt_dec_sign(level) > 0;
    return is_usable ? (tt_price){level} : position->take_profit;
}

static bool can_be_ordered(const tt_instrument *info, tt_qty qty, tt_price level)
{
    tt_dec value = TT_DEC_ZERO;
    return tt_dec_sign(qty.d) > 0 && tt_dec_le(info->min_qty.d, qty.d) &&
           tt_dec_mul(qty.d, level.d, TT_ROUND_HALF_EVEN, &value) == TUTTI_OK &&
           tt_dec_le(info->min_notional.d, value);
}

/* The most that was held; by parts what is traded now, since nobody knows the most of it. */
static tt_dec
max_traded(const tt_trade_module *trade, uint32_t instrument, const tt_position *position)
{
    bool is_whole = tt_dec_is_zero(tt_sub_allocated(trade, instrument).d);
    return is_whole ? position->max_qty.d : tt_sub_traded(trade, instrument).d;
}

/* Shares of the most that was held; the last target takes what is left. */
static uint32_t share_out(
    const tt_trade_module *trade,
    uint32_t instrument,
    const tt_position *position,
    tt_target targets[TT_LADDER_MAX])
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(instrument) - 1];
    tt_dec most = max_traded(trade, instrument, position);
    tt_dec left = most;
    tt_dec carried = TT_DEC_ZERO;
    uint32_t count = 0;
    step steps[STEPS];
    const tt_ladder_config *config = &tt_leg_rules(trade, instrument)->ladder;
    list_steps(config, steps);
    for (uint32_t i = 0; config->enabled && i < STEPS; i++) {
        tt_dec part = TT_DEC_ZERO;
        tutti_status status =
            tt_dec_muldiv(most, steps[i].share_pct.d, HUNDRED, TT_ROUND_FLOOR, &part);
        TT_ASSERT(status == TUTTI_OK);
        status = tt_dec_quantize(
            tt_dec_xadd(part, carried), info->qty_increment.d, TT_ROUND_FLOOR, &part);
        TT_ASSERT(status == TUTTI_OK);
        tt_price level = level_at(trade, instrument, position, steps[i].at_pct);
        bool is_step = can_be_ordered(info, (tt_qty){part}, level);
        carried = is_step ? TT_DEC_ZERO : part;
        if (is_step) {
            targets[count++] = (tt_target){level, {part}};
            left = tt_dec_xsub(left, part);
        }
    }
    if (count == 0 || can_be_ordered(info, (tt_qty){left}, position->take_profit)) {
        targets[count++] = (tt_target){position->take_profit, {left}};
    } else {
        targets[count - 1].qty.d = tt_dec_xadd(targets[count - 1].qty.d, left);
    }
    return count;
}

uint32_t tt_ladder_targets(
    const tt_trade_module *trade, uint32_t instrument, tt_target ret_targets[TT_LADDER_MAX])
{
    const tt_position *position = &trade->books->positions[instrument - 1];
    if (tt_dec_is_zero(position->take_profit.d)) {
        return 0;
    }
    tt_target all[TT_LADDER_MAX];
    uint32_t count = share_out(trade, instrument, position, all);
    tt_dec held = tt_sub_traded(trade, instrument).d;
    uint32_t first = count;
    /* From the farthest: the nearest ones are gone first. */
    while (first > 0 && tt_dec_sign(held) > 0) {
        first--;
        all[first].qty.d = tt_dec_min(all[first].qty.d, held);
        held = tt_dec_xsub(held, all[first].qty.d);
    }
    TT_ASSERT(tt_dec_is_zero(held));
    for (uint32_t i = first; i < count; i++) {
        ret_targets[i - first] = all[i];
    }
    return count - first;
}
