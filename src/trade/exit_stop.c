/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Exit rules that move the stop, and the guard behind it.
 *
 *  - Break-even: from a profit of break_even_at_pct the stop stands at the entry and a buffer.
 *  - Trailing: from a profit of trailing_activation_pct the stop stands behind the best mark, from
 *    that very mark on, and moves with each new best.
 *
 *  - Tightening: a breaker asks for it (position_commands); once, and again for what still fills of
 *    entries that were on their way then.
 *
 * A stop only ever comes closer to the price, and never so close that it would act at once. Of two
 * rules the one that is closer counts. A level is rounded to the tick: trailing away from the
 * price, break-even towards it, so that neither promises less than it says. The order at the venue
 * follows (protect.c): the new one is placed before the old one is cancelled.
 *
 * The guard: a price beyond the stop means that the venue should have closed the position. If no
 * stop works there, the position is closed at once; if one does, it has stop_guard_delay. A stop
 * without a limit that has begun to fill is left to the venue. All orders are reduce-only, so both
 * may act.
 */
#include "trade/trade_priv.h"

/* A stop that a rule asks for. */
typedef struct wish {
    tt_price level; /* 0 = none. */
    tt_exit_reason reason;
    tt_exit_action action;
    tt_ratio value;
    tt_ratio limit;
} wish;

static bool is_long(const tt_position *position)
{
    return tt_dec_sign(position->qty.d) > 0;
}

/* Tells whether a stop at `level` is closer to the price than one at `other`; 0 is the farthest. */
static bool is_tighter(const tt_position *position, tt_price level, tt_price other)
{
    if (tt_dec_is_zero(other.d)) {
        return true;
    }
    return is_long(position) ? tt_dec_lt(other.d, level.d) : tt_dec_lt(level.d, other.d);
}

/* Tells whether a price has gained at least `pct` percent over the entry. */
static bool has_gained(const tt_position *position, tt_price entry, tt_ratio pct)
{
    tt_price from = tt_exit_shifted(entry, pct, is_long(position));
    return is_long(position) ? tt_dec_le(from.d, position->mark.d)
                             : tt_dec_le(position->mark.d, from.d);
}

static tt_ratio gain_pct(const tt_position *position, tt_price entry)
{
    tt_dec gain = tt_dec_xsub(position->mark.d, entry.d);
    tt_dec pct = TT_DEC_ZERO;
    gain = is_long(position) ? gain : tt_dec_xneg(gain);
    bool is_known =
        tt_dec_muldiv(gain, tt_dec_from_i64(100, 0), entry.d, TT_ROUND_HALF_EVEN, &pct) == TUTTI_OK;
    return (tt_ratio){is_known && tt_dec_le(tt_dec_xabs(pct), TT_RATIO_MAX) ? pct : TT_RATIO_MAX};
}

/* A level on the tick; 0 if there is none above zero. */
static tt_price
on_tick(const tt_trade_module *trade, uint32_t instrument, tt_price level, bool is_up)
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(instrument) - 1];
    tt_dec rounded = TT_DEC_ZERO;
    tt_round round = is_up ? TT_ROUND_CEILING : TT_ROUND_FLOOR;
    bool is_usable =
        tt_dec_sign(level.d) > 0 &&
        tt_dec_quantize(level.d, info->price_increment.d, round, &rounded) == TUTTI_OK &&
        tt_dec_sign(rounded) > 0 && tt_dec_le(rounded, TT_PRICE_MAX);
    return (tt_price){is_usable ? rounded : TT_DEC_ZERO};
}

static wish
break_even_wish(const tt_trade_module *trade, uint32_t instrument, const tt_position *position)
{
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    tt_price entry = trade->exits[instrument - 1].entry;
    if (!config->break_even || !has_gained(position, entry, config->break_even_at_pct)) {
        return (wish){0};
    }
    tt_price level = tt_exit_shifted(entry, config->break_even_buffer_pct, is_long(position));
    return (wish){
        .level = on_tick(trade, instrument, level, is_long(position)),
        .reason = TT_exit_reason_BREAK_EVEN,
        .action = TT_exit_action_STOP_MOVED,
        .value = gain_pct(position, entry),
        .limit = config->break_even_at_pct,
    };
}

static tt_price
trailing_level(const tt_exits_config *config, const tt_exit *exit, const tt_position *position)
{
    tt_dec distance = TT_DEC_ZERO;
    bool has_atr =
        tt_dec_sign(config->trailing_atr_multiple.d) > 0 && tt_dec_sign(exit->atr.d) > 0 &&
        tt_dec_mul(exit->atr.d, config->trailing_atr_multiple.d, TT_ROUND_HALF_EVEN, &distance) ==
            TUTTI_OK &&
        tt_dec_le(distance, TT_PRICE_MAX);
    if (!has_atr) {
        return tt_exit_shifted(exit->best, config->trailing_distance_pct, !is_long(position));
    }
    return (tt_price){
        is_long(position) ? tt_dec_xsub(exit->best.d, distance)
                          : tt_dec_xadd(exit->best.d, distance)};
}

/* Tells whether the mark starts the trailing stop, or is a new best; notes it. */
static bool note_best(
    const tt_exits_config *config, tt_exit *exit, const tt_position *position, bool *ret_starts)
{
    tt_ratio activation = config->trailing_activation_pct;
    *ret_starts = !exit->is_trailing && has_gained(position, exit->entry, activation);
    bool is_best = exit->is_trailing && is_tighter(position, position->mark, exit->best);
    if (*ret_starts || is_best) {
        exit->is_trailing = 1;
        exit->best = position->mark;
    }
    return *ret_starts || is_best;
}

static bool
is_large_step(const tt_exits_config *config, const tt_position *position, tt_price level)
{
    tt_price from = position->stop_loss;
    if (tt_dec_is_zero(from.d)) {
        return true;
    }
    tt_price least = tt_exit_shifted(position->mark, config->trailing_step_pct, true);
    tt_dec step = tt_dec_xsub(least.d, position->mark.d);
    return tt_dec_le(step, tt_dec_xabs(tt_dec_xsub(level.d, from.d)));
}

static wish trailing_wish(tt_trade_module *trade, uint32_t instrument, const tt_position *position)
{
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    tt_exit *exit = &trade->exits[instrument - 1];
    bool starts = false;
    bool is_due = config->trailing_stop && note_best(config, exit, position, &starts);
    if (!is_due && !exit->is_late) {
        return (wish){0};
    }
    tt_price level = trailing_level(config, exit, position);
    level = on_tick(trade, instrument, level, !is_long(position));
    if (!starts && !is_large_step(config, position, level)) {
        return (wish){0};
    }
    /* An order and a cancel. The first stop does not wait. */
    exit->is_late = !starts && (!tt_trade_rate_has(trade, TT_SEND_ORDERS, 1) ||
                                !tt_trade_rate_has(trade, TT_SEND_REQUESTS, 2));
    if (exit->is_late) {
        return (wish){0};
    }
    return (wish){
        .level = level,
        .reason = TT_exit_reason_TRAILING_STOP,
        .action = starts ? TT_exit_action_TRAILING_STARTED : TT_exit_action_STOP_MOVED,
        .value = gain_pct(position, exit->entry),
        .limit = config->trailing_activation_pct,
    };
}

/* Takes a wish whose level is closer than the stop in force; false if it is not. */
static bool take_wish(tt_exit *exit, tt_position *position, const wish *asked)
{
    bool is_placeable =
        !tt_dec_is_zero(asked->level.d) && is_tighter(position, position->mark, asked->level);
    if (!is_placeable || !is_tighter(position, asked->level, position->stop_loss)) {
        return false;
    }
    exit->level = asked->level;
    exit->level_reason = (uint8_t)asked->reason;
    position->stop_loss = asked->level;
    return true;
}

static const char *text_of(const wish *asked, bool is_moved)
{
    if (asked->reason == TT_exit_reason_LOSS_BREAKER) {
        return "a breaker of losses tightens the stop";
    }
    if (asked->action == TT_exit_action_TRAILING_STARTED) {
        return is_moved ? "the trailing stop starts"
                        : "the trailing stop starts; the stop in force is closer";
    }
    return asked->reason == TT_exit_reason_BREAK_EVEN ? "the stop moves to break even"
                                                      : "the stop follows the price";
}

static void carry_out(tt_trade_module *trade, uint32_t instrument, const wish *asked)
{
    tt_position *position = tt_trade_position(trade, instrument);
    tt_price before = position->stop_loss;
    bool is_moved = take_wish(&trade->exits[instrument - 1], position, asked);
    if (!is_moved && asked->action != TT_exit_action_TRAILING_STARTED) {
        return;
    }
    tt_exit_decision decision = {
        .action = asked->action,
        .reason = asked->reason,
        .stop_before = before,
        .value = asked->value,
        .limit = asked->limit,
        .message = text_of(asked, is_moved),
    };
    tt_exit_decide(trade, instrument, &decision);
}

void tt_exit_move_stop(tt_trade_module *trade, uint32_t instrument)
{
    const tt_position *position = tt_trade_position(trade, instrument);
    if (tt_close_is_of_all(trade, instrument)) {
        return;
    }
    wish even = break_even_wish(trade, instrument, position);
    wish trail = trailing_wish(trade, instrument, position);
    bool has_even = !tt_dec_is_zero(even.level.d);
    bool is_even_closer =
        has_even && (trail.action == TT_exit_action_NONE || tt_dec_is_zero(trail.level.d) ||
                     is_tighter(position, even.level, trail.level));
    if (is_even_closer) {
        carry_out(trade, instrument, &even);
    }
    if (trail.action != TT_exit_action_NONE) {
        carry_out(trade, instrument, &trail);
    }
}

/* Distance of the stop in force from the price, in percent of it; 0 = there is none. */
static tt_ratio distance_pct(const tt_position *position)
{
    tt_dec distance = tt_dec_xabs(tt_dec_xsub(position->mark.d, position->stop_loss.d));
    tt_dec pct = TT_DEC_ZERO;
    bool is_known =
        !tt_dec_is_zero(position->stop_loss.d) &&
        tt_dec_muldiv(
            distance, tt_dec_from_i64(100, 0), position->mark.d, TT_ROUND_HALF_EVEN, &pct) ==
            TUTTI_OK;
    return (tt_ratio){is_known ? tt_dec_min(pct, TT_RATIO_MAX) : TT_DEC_ZERO};
}

/* A tick that is coarser than the distance leaves the next one that does not act at once. */
static tt_price tightened_level(
    const tt_trade_module *trade, uint32_t leg, const tt_position *position, tt_ratio stop_pct)
{
    tt_price exact = tt_exit_shifted(position->mark, stop_pct, !is_long(position));
    tt_price level = on_tick(trade, leg, exact, is_long(position));
    bool is_placeable = is_tighter(position, position->mark, level);
    return is_placeable ? level : on_tick(trade, leg, exact, !is_long(position));
}

static void tighten_now(tt_trade_module *trade, uint32_t leg, tt_ratio stop_pct)
{
    const tt_position *position = tt_trade_position(trade, leg);
    if (tt_exit_is_over(trade, leg) || tt_close_is_of_all(trade, leg)) {
        return;
    }
    const wish asked = {
        .level = tightened_level(trade, leg, position, stop_pct),
        .reason = TT_exit_reason_LOSS_BREAKER,
        .action = TT_exit_action_STOP_MOVED,
        .value = distance_pct(position),
        .limit = stop_pct,
    };
    carry_out(trade, leg, &asked);
}

static bool has_entry(tt_trade_module *trade, uint32_t leg)
{
    for (const tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (order->intent.role == TT_order_role_ENTRY) {
            return true;
        }
    }
    return false;
}

void tt_exit_tighten(tt_trade_module *trade, uint32_t leg, tt_ratio stop_pct)
{
    tt_exits_follow(trade, leg);
    tighten_now(trade, leg, stop_pct);
    trade->exits[leg - 1].tighten_pct = stop_pct;
    tt_exit_tighten_late(trade, leg, false);
}

void tt_exit_tighten_late(tt_trade_module *trade, uint32_t leg, bool has_grown)
{
    tt_exit *exit = &trade->exits[leg - 1];
    if (has_grown) {
        tighten_now(trade, leg, exit->tighten_pct);
    }
    if (!has_entry(trade, leg)) {
        exit->tighten_pct.d = TT_DEC_ZERO;
    }
}

void tt_exit_keep_stop(tt_trade_module *trade, uint32_t instrument)
{
    tt_position *position = tt_trade_position(trade, instrument);
    const tt_exit *exit = &trade->exits[instrument - 1];
    if (!tt_dec_is_zero(exit->level.d) && is_tighter(position, exit->level, position->stop_loss)) {
        position->stop_loss = exit->level;
    }
}

/* --- the guard --- */

typedef enum stop_state {
    STOP_MISSING,
    STOP_WORKS,
    STOP_FILLS
} stop_state;

/* That of the other side of the instrument does not count. */
static stop_state look_at_stop(tt_trade_module *trade, uint32_t leg)
{
    stop_state found = STOP_MISSING;
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (order->intent.role != TT_order_role_STOP_LOSS) {
            continue;
        }
        bool has_limit = order->intent.type == TT_order_type_STOP_LIMIT;
        if (order->state == TT_order_state_PARTIALLY_FILLED && !has_limit) {
            return STOP_FILLS;
        }
        bool is_kept = order->cancel_reason == TT_CANCEL_NONE;
        if (is_kept && order->state != TT_order_state_UNKNOWN) {
            found = STOP_WORKS;
        }
    }
    return found;
}

static bool is_beyond_stop(const tt_position *position)
{
    if (tt_dec_is_zero(position->stop_loss.d) || tt_dec_is_zero(position->qty.d)) {
        return false;
    }
    return is_long(position) ? tt_dec_le(position->mark.d, position->stop_loss.d)
                             : tt_dec_le(position->stop_loss.d, position->mark.d);
}

static void close_by_guard(tt_trade_module *trade, uint32_t instrument, const char *message)
{
    const tt_position *position = tt_trade_position(trade, instrument);
    tt_exit_decision decision = {
        .action = TT_exit_action_CLOSE,
        .reason = TT_exit_reason_STOP_GUARD,
        .stop_before = position->stop_loss,
        .value = {position->mark.d},
        .limit = {position->stop_loss.d},
        .due = trade->exits[instrument - 1].guard_at,
        .message = message,
    };
    tt_exit_decide(trade, instrument, &decision);
}

void tt_exit_watch_stop(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = &trade->exits[instrument - 1];
    const tt_exits_config *config = &tt_leg_rules(trade, instrument)->exits;
    bool is_at_risk = config->stop_guard && !tt_close_is_of_all(trade, instrument) &&
                      is_beyond_stop(tt_trade_position(trade, instrument));
    if (!is_at_risk) {
        exit->guard_at = (tt_time){0};
        tt_exit_arm(trade, instrument);
        return;
    }
    if (look_at_stop(trade, instrument) == STOP_MISSING) {
        close_by_guard(trade, instrument, "the price is beyond the stop and none works");
        return;
    }
    if (exit->guard_at.ns == 0) {
        exit->guard_at.ns = tt_trade_now(trade).ns + config->stop_guard_delay.ns;
        tt_exit_arm(trade, instrument);
    }
}

void tt_exit_guard_due(tt_trade_module *trade, uint32_t instrument)
{
    tt_exit *exit = &trade->exits[instrument - 1];
    bool is_needed = !tt_close_is_of_all(trade, instrument) &&
                     is_beyond_stop(tt_trade_position(trade, instrument)) &&
                     look_at_stop(trade, instrument) != STOP_FILLS;
    if (is_needed) {
        close_by_guard(trade, instrument, "the price is beyond the stop and it did not act");
    }
    exit->guard_at = (tt_time){0};
}
