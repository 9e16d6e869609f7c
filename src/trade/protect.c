/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Protective orders: a stop and targets for every open position that has levels. With the entry
 * they are the bracket: they are placed when it fills (one triggers the others), sized by what is
 * held, and what fills of one is taken off the others (one cancels the other).
 *
 * tt_protect_sync looks at the position and at the live orders and does what is missing; it may be
 * called at any time and twice. The rules:
 *  - Flat: every protective order is cancelled (so one that fills cancels the other).
 *  - Open: one live stop for exactly the quantity held, less what the portfolio has allocated of it
 * if positions are seen by their parts (sub_parts.c), at the level in force; the same for the
 * target, or for the steps of the ladder together (ladder.c). When the quantity or the level
 * changes, the new order is placed first and the old one is cancelled when the venue has
 * acknowledged the new one: the position is never without a stop. Both are reduce-only, so the
 * venue cannot fill more than is held.
 *  - At most TT_PROTECT_LIVE_MAX orders of a kind are live; beyond that a change waits for an
 * answer, and what works but is not right makes room, but for the best one.
 *  - While the position is being closed, a stop that covers what is held stays as it is.
 *
 * A stop that the venue rejects cannot be had: critical alert, and the position is closed. A stop
 * that was lost in another way is placed again, TT_STOP_ATTEMPTS_MAX times for a position. A target
 * that is lost is given up with an alert: it protects profit, not capital.
 */
#include "trade/trade_priv.h"

/* The live orders of one role, seen from the position: which of them are wanted. */
typedef struct survey {
    tt_order_role role;
    tt_target wants[TT_LADDER_MAX];
    tt_order *found[TT_LADDER_MAX]; /* Newest with the quantity and level of a want; or NULL. */
    uint32_t want_count;
    uint32_t count; /* Live, also those being cancelled. */
    uint32_t kept;  /* Of them for this position and not being cancelled. */
    tt_dec covered; /* Sum over those of them that the venue has acknowledged. */
} survey;

static tt_price level_of(const tt_order *order)
{
    bool is_stop = order->intent.role == TT_order_role_STOP_LOSS;
    return is_stop ? order->intent.trigger_price : order->intent.price;
}

static bool is_acknowledged(const tt_order *order)
{
    return order->state == TT_order_state_SUBMITTED ||
           order->state == TT_order_state_PARTIALLY_FILLED;
}

/* What belongs to another position was cancelled by cancel_stale before anyone asks. */
static bool is_kept(const tt_order *order)
{
    return order->cancel_reason == TT_CANCEL_NONE;
}

static bool is_wanted(const tt_order *order, const tt_target *want)
{
    return tt_dec_eq(tt_order_remaining(order).d, want->qty.d) &&
           tt_dec_eq(level_of(order).d, want->level.d);
}

static void note_order(survey *seen, tt_order *order)
{
    seen->count++;
    if (!is_kept(order)) {
        return;
    }
    seen->kept++;
    if (is_acknowledged(order)) {
        seen->covered = tt_dec_xadd(seen->covered, tt_order_remaining(order).d);
    }
    for (uint32_t i = 0; i < seen->want_count; i++) {
        if (is_wanted(order, &seen->wants[i])) {
            seen->found[i] = order;
        }
    }
}

/* Looks for the orders of a role that stand for what is wanted of it. */
static void look(tt_trade_module *trade, uint32_t leg, survey *seen)
{
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        if (order->intent.role == seen->role) {
            note_order(seen, order);
        }
    }
}

/* One stop for everything, at the level in force. */
static survey stop_wanted(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    survey seen = {.role = TT_order_role_STOP_LOSS};
    if (!tt_dec_is_zero(position->stop_loss.d)) {
        tt_qty traded = tt_sub_traded(trade, leg);
        seen.wants[seen.want_count++] = (tt_target){position->stop_loss, traded};
    }
    return seen;
}

static survey targets_wanted(tt_trade_module *trade, uint32_t leg)
{
    survey seen = {.role = TT_order_role_TAKE_PROFIT};
    seen.want_count = tt_ladder_targets(trade, leg, seen.wants);
    return seen;
}

static bool is_protective(const tt_order *order)
{
    return order->intent.role == TT_order_role_STOP_LOSS ||
           order->intent.role == TT_order_role_TAKE_PROFIT;
}

/* Cancels what belongs to a position that is no more. */
static void cancel_stale(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_flat = tt_dec_is_zero(tt_sub_traded(trade, leg).d);
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        bool is_stale = is_flat || order->intent.position_id != position->position_id;
        if (is_protective(order) && is_stale) {
            tt_order_request_cancel(trade, order, TT_CANCEL_FLAT);
        }
    }
}

static bool is_found(const survey *seen, const tt_order *order)
{
    for (uint32_t i = 0; i < seen->want_count; i++) {
        if (seen->found[i] == order) {
            return true;
        }
    }
    return false;
}

/* Cancels the orders of a role that are not wanted; `only_working`: those that the venue has not
 * acknowledged are left. */
static void
cancel_others(tt_trade_module *trade, uint32_t leg, const survey *seen, bool only_working)
{
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        bool is_spared = only_working && !is_acknowledged(order);
        if (order->intent.role == seen->role && !is_spared && !is_found(seen, order)) {
            tt_order_request_cancel(trade, order, TT_CANCEL_REPLACED);
        }
    }
}

/* Tells whether an order protects better than another: more of the position, else closer to the
 * price. */
static bool is_better(const tt_order *order, const tt_order *other)
{
    int more = tt_dec_cmp(tt_order_remaining(order).d, tt_order_remaining(other).d);
    int higher = tt_dec_cmp(level_of(order).d, level_of(other).d);
    return more > 0 || (more == 0 && (order->intent.side == TT_side_SELL ? higher : -higher) > 0);
}

/* The stop that protects best of those that work. */
static tt_order *best_stop(tt_trade_module *trade, uint32_t leg)
{
    tt_order *best = NULL;
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        bool is_candidate = order->intent.role == TT_order_role_STOP_LOSS && is_kept(order) &&
                            is_acknowledged(order);
        if (is_candidate && (best == NULL || is_better(order, best))) {
            best = order;
        }
    }
    return best;
}

/* All places are taken, and something is missing: what works but is not wanted goes, but for the
 * best stop, so that the missing can be placed when it is gone. */
static void make_room(tt_trade_module *trade, uint32_t leg, const survey *seen)
{
    survey kept = *seen;
    if (seen->role == TT_order_role_STOP_LOSS) {
        kept.found[0] = best_stop(trade, leg);
    }
    cancel_others(trade, leg, &kept, true);
}

/* Limit of a stop, on the tick; 0 = it has none. */
static tt_price
stop_limit(const tt_trade_module *trade, uint32_t leg, tt_price trigger, bool is_long)
{
    const tt_instrument *info = &trade->core->instruments->list[tt_leg_instrument(leg) - 1];
    tt_ratio pct = tt_leg_rules(trade, leg)->exits.stop_limit_pct;
    if (tt_dec_is_zero(pct.d)) {
        return (tt_price){TT_DEC_ZERO};
    }
    tt_price away = tt_exit_shifted(trigger, pct, !is_long);
    tt_round round = is_long ? TT_ROUND_FLOOR : TT_ROUND_CEILING;
    tt_dec level = TT_DEC_ZERO;
    bool is_usable = tt_dec_quantize(away.d, info->price_increment.d, round, &level) == TUTTI_OK &&
                     tt_dec_sign(level) > 0 && tt_dec_le(level, TT_PRICE_MAX);
    return (tt_price){is_usable ? level : TT_DEC_ZERO};
}

static tt_order_intent
protective_intent(tt_trade_module *trade, uint32_t leg, tt_order_role role, const tt_target *want)
{
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_stop = role == TT_order_role_STOP_LOSS;
    tt_exit_reason reason =
        is_stop ? tt_exits_reason_of_stop(trade, leg, want->level) : TT_exit_reason_TAKE_PROFIT;
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    tt_price none = {TT_DEC_ZERO};
    tt_price limit = is_stop ? stop_limit(trade, leg, want->level, is_long) : want->level;
    bool has_limit = !tt_dec_is_zero(limit.d);
    tt_order_type stop_type = has_limit ? TT_order_type_STOP_LIMIT : TT_order_type_STOP;
    return (tt_order_intent){
        .qty = want->qty,
        .price = limit,
        .trigger_price = is_stop ? want->level : none,
        .reference_price = want->level,
        .parent_order_id = position->opened_by,
        .position_id = position->position_id,
        .side = is_long ? TT_side_SELL : TT_side_BUY,
        .type = (uint8_t)(is_stop ? stop_type : TT_order_type_LIMIT),
        .tif = TT_tif_GTC,
        .role = (uint8_t)role,
        .reduce_only = 1,
        .leverage = position->leverage,
        .exit_reason = (uint8_t)reason,
    };
}

static void close_unprotected(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    tt_close_request request = {
        .role = TT_order_role_CLOSE,
        .reason = TT_exit_reason_STOP_FAILED,
        .correlation = position->correlation,
        .spares_allocation = true,
    };
    tt_close_begin(trade, leg, &request);
}

static void raise_loss(
    tt_trade_module *trade, uint32_t leg, tt_seq subject, tt_severity severity, const char *what)
{
    const tt_position *position = tt_trade_position(trade, leg);
    tt_trade_alert alert = {
        .type = TT_alert_type_CONTINGENT_ORDER_FAILURE,
        .severity = severity,
        .key = tt_leg_instrument(leg),
        .subject = subject,
        .correlation = &position->correlation,
    };
    tt_trade_raise(trade, &alert, "%s", what);
}

static bool place(tt_trade_module *trade, uint32_t leg, tt_order_role role, const tt_target *want)
{
    tt_position *position = tt_trade_position(trade, leg);
    tt_order_intent intent = protective_intent(trade, leg, role, want);
    if (tt_order_submit(trade, &intent, tt_leg_instrument(leg), &position->correlation) != NULL) {
        return true;
    }
    if (role == TT_order_role_TAKE_PROFIT) {
        position->target_failed = 1;
        raise_loss(trade, leg, 0, TT_severity_HIGH, "the target could not be placed");
        return false;
    }
    raise_loss(trade, leg, 0, TT_severity_CRITICAL, "the stop could not be placed");
    close_unprotected(trade, leg);
    return false;
}

/* Tells whether everything wanted stands at the venue. */
static bool all_work(const survey *seen)
{
    for (uint32_t i = 0; i < seen->want_count; i++) {
        if (seen->found[i] == NULL || !is_acknowledged(seen->found[i])) {
            return false;
        }
    }
    return true;
}

/* Places what is wanted and missing, as far as there is room. */
static void place_missing(tt_trade_module *trade, uint32_t leg, const survey *seen)
{
    bool is_stop = seen->role == TT_order_role_STOP_LOSS;
    uint32_t bound = is_stop ? TT_PROTECT_LIVE_MAX : TT_TARGETS_LIVE_MAX;
    uint32_t count = seen->count;
    for (uint32_t i = 0; i < seen->want_count; i++) {
        if (seen->found[i] != NULL) {
            continue;
        }
        if (seen->kept > 0 && count >= bound) {
            make_room(trade, leg, seen);
            return;
        }
        if (!place(trade, leg, seen->role, &seen->wants[i])) {
            return;
        }
        count++;
    }
}

static void sync_role(tt_trade_module *trade, uint32_t leg, survey seen)
{
    look(trade, leg, &seen);
    if (all_work(&seen)) {
        cancel_others(trade, leg, &seen, false);
        return;
    }
    tt_dec traded = tt_sub_traded(trade, leg).d;
    bool can_wait = tt_close_is_active(trade, leg) && tt_dec_le(traded, seen.covered);
    if (!can_wait) {
        place_missing(trade, leg, &seen);
    }
}

/* What is left is allocated: the next trade brings levels of its own. */
static void forget_levels(tt_position *position)
{
    position->stop_loss.d = TT_DEC_ZERO;
    position->take_profit.d = TT_DEC_ZERO;
    position->stop_attempts = 0;
    position->target_failed = 0;
}

void tt_protect_sync(tt_trade_module *trade, uint32_t leg)
{
    tt_position *position = tt_trade_position(trade, leg);
    cancel_stale(trade, leg);
    if (tt_dec_is_zero(position->qty.d)) {
        return;
    }
    if (tt_dec_is_zero(tt_sub_traded(trade, leg).d)) {
        forget_levels(position);
        return;
    }
    bool is_given_up =
        tt_close_is_of_all(trade, leg) && position->stop_attempts > TT_STOP_ATTEMPTS_MAX;
    if (!is_given_up) {
        sync_role(trade, leg, stop_wanted(trade, leg));
    }
    if (position->target_failed == 0) {
        sync_role(trade, leg, targets_wanted(trade, leg));
    }
}

static void on_stop_lost(tt_trade_module *trade, const tt_order *order, tt_position *position)
{
    uint32_t leg = tt_order_leg(trade, order);
    tt_seq subject = order->intent.order_id;
    position->stop_attempts++;
    bool is_hopeless =
        order->state == TT_order_state_REJECTED || position->stop_attempts > TT_STOP_ATTEMPTS_MAX;
    if (!is_hopeless) {
        raise_loss(trade, leg, subject, TT_severity_HIGH, "a stop was lost; placed again");
        return;
    }
    position->stop_attempts = TT_STOP_ATTEMPTS_MAX + 1;
    raise_loss(
        trade,
        leg,
        subject,
        TT_severity_CRITICAL,
        "the stop failed; the position is closed at the market");
    close_unprotected(trade, leg);
}

void tt_protect_on_end(tt_trade_module *trade, const tt_order *order)
{
    tt_position *position = tt_trade_position(trade, tt_order_leg(trade, order));
    bool is_expected = order->state == TT_order_state_FILLED || !is_kept(order) ||
                       tt_dec_is_zero(tt_sub_traded(trade, tt_order_leg(trade, order)).d);
    if (is_expected) {
        return;
    }
    if (order->intent.role == TT_order_role_STOP_LOSS) {
        on_stop_lost(trade, order, position);
        return;
    }
    position->target_failed = 1;
    raise_loss(
        trade,
        tt_order_leg(trade, order),
        order->intent.order_id,
        TT_severity_HIGH,
        "the target was lost; the stop stays");
}

void tt_protect_check(tt_trade_module *trade, uint32_t leg)
{
    const tt_position *position = tt_trade_position(trade, leg);
    bool is_flat = tt_dec_is_zero(tt_sub_traded(trade, leg).d);
    bool has_stop = false;
    for (tt_order *order = tt_leg_first(trade, leg); order != NULL;
         order = tt_leg_after(trade, leg, order)) {
        bool is_gone = is_flat || order->intent.position_id != position->position_id;
        bool is_working = is_protective(order) && order->cancel_reason == TT_CANCEL_NONE;
        TT_ASSERT(!is_gone || !is_working);
        has_stop |= is_working && order->intent.role == TT_order_role_STOP_LOSS;
    }
    if (is_flat || tt_dec_is_zero(position->stop_loss.d) || tt_close_is_active(trade, leg)) {
        return;
    }
    survey seen = stop_wanted(trade, leg);
    look(trade, leg, &seen);
    TT_ASSERT(has_stop);
    TT_ASSERT(seen.found[0] != NULL || seen.count >= TT_PROTECT_LIVE_MAX);
}
