/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pauses after trades, rebalances, spikes and unusual moves of the price. Several run at once, each
 * with its own end (risk_locks.c); none cuts another short, and a win ends none of them.
 *
 * A trade is a position from open to flat; its result is after fees. One that ends exactly even
 * neither breaks nor continues a row of losses.
 */
#include "base/error.h"
#include "risk/risk_priv.h"

/* Of the cooldowns that one message begins, the one that ends last. */
typedef struct longest {
    tt_time until;
    uint8_t reason;
} longest;

static void
start(tt_risk *risk, const tt_msg *msg, tt_lock_reason reason, tt_dur length, longest *last)
{
    tt_risk_lock lock = {
        .until.ns = msg->time.ns + length.ns,
        .subject_seq = msg->seq,
        .reason = (uint8_t)reason,
    };
    (void)tt_risk_lock_begin(&risk->state->locks, &lock, msg->time);
    if (lock.until.ns > last->until.ns) {
        *last = (longest){.until = lock.until, .reason = (uint8_t)reason};
    }
}

static longest start_after_loss(tt_risk *risk, const tt_msg *msg)
{
    const tt_cooldowns_config *config = &risk->config.cooldowns;
    uint32_t losses = risk->state->consecutive_losses;
    longest last = {0};
    start(risk, msg, TT_lock_reason_POST_LOSS, config->post_loss, &last);
    if (losses >= TT_RISK_LOSSES_LOW) {
        tt_dur length = config->consecutive_losses_3;
        start(risk, msg, TT_lock_reason_CONSECUTIVE_LOSSES_3, length, &last);
    }
    if (losses >= TT_RISK_LOSSES_HIGH) {
        tt_dur length = config->consecutive_losses_5;
        start(risk, msg, TT_lock_reason_CONSECUTIVE_LOSSES_5, length, &last);
    }
    return last;
}

static tutti_status raise_cooldown(tt_risk *risk, const tt_msg *msg, const longest *last)
{
    if (last->until.ns <= msg->time.ns) {
        return TUTTI_OK; // A length of zero switches a cooldown off.
    }
    uint32_t losses = risk->state->consecutive_losses;
    tt_risk_alert alert = {
        .value = tt_risk_number(losses),
        .subject_seq = msg->seq,
        .until = last->until,
        .alert_type = TT_alert_type_COOLDOWN,
        .severity = TT_severity_INFO,
        .code = TT_risk_code_IN_COOLDOWN,
        .lock = last->reason,
    };
    int64_t seconds = (last->until.ns - msg->time.ns) / TT_NS_PER_S;
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "no entries for %lld s after a closed trade (losses in a row: %u)",
        (long long)seconds,
        losses);
    return tt_risk_raise(risk, 0, &alert);
}

/* Once a row: at its fifth loss, and not again until a win has broken it. */
static tutti_status raise_losses(tt_risk *risk, const tt_msg *msg, const longest *last)
{
    tt_risk_state *state = risk->state;
    bool is_breach = state->consecutive_losses >= TT_RISK_LOSSES_HIGH;
    if (!is_breach || state->breached[TT_breach_type_CONSECUTIVE_LOSSES]) {
        return TUTTI_OK;
    }
    state->breached[TT_breach_type_CONSECUTIVE_LOSSES] = true;
    tt_risk_alert alert = {
        .value = tt_risk_number(state->consecutive_losses),
        .limit = tt_risk_number(TT_RISK_LOSSES_HIGH),
        .subject_seq = msg->seq,
        .until = last->until,
        .alert_type = TT_alert_type_CIRCUIT_BREAKER,
        .severity = TT_severity_WARNING,
        .breach_type = TT_breach_type_CONSECUTIVE_LOSSES,
        .code = TT_risk_code_IN_COOLDOWN,
        .lock = last->reason,
    };
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "%u losses in a row: entries pause, then are smaller and without leverage until a win",
        state->consecutive_losses);
    return tt_risk_raise(risk, 0, &alert);
}

tutti_status
tt_risk_cooldowns_closed(tt_risk *risk, const tt_msg *msg, const tt_position_update *update)
{
    tt_risk_state *state = risk->state;
    int result = tt_dec_cmp(update->realized_pnl.d, update->fees.d);
    state->trades_today++;
    if (result >= 0) {
        if (result > 0) {
            state->consecutive_losses = 0;
            state->breached[TT_breach_type_CONSECUTIVE_LOSSES] = false;
        }
        longest last = {0};
        start(risk, msg, TT_lock_reason_POST_TRADE, risk->config.cooldowns.post_trade, &last);
        return raise_cooldown(risk, msg, &last);
    }
    state->consecutive_losses++;
    longest last = start_after_loss(risk, msg);
    TUTTI_TRY(raise_cooldown(risk, msg, &last));
    return raise_losses(risk, msg, &last);
}

tutti_status tt_risk_cooldowns_rebalance(tt_risk *risk, const tt_msg *msg)
{
    tt_risk_lock lock = {
        .until.ns = msg->time.ns + risk->config.cooldowns.post_rebalance.ns,
        .subject_seq = msg->seq,
        .reason = TT_lock_reason_POST_REBALANCE,
    };
    if (!tt_risk_lock_begin(&risk->state->locks, &lock, msg->time)) {
        return TUTTI_OK; // Off, or in force since an earlier trade of the rebalance.
    }
    tt_risk_alert alert = {
        .subject_seq = msg->seq,
        .until = lock.until,
        .alert_type = TT_alert_type_COOLDOWN,
        .severity = TT_severity_INFO,
        .code = TT_risk_code_IN_COOLDOWN,
        .lock = lock.reason,
    };
    TT_TEXT_SET(alert.message, "no entries for a while after a rebalance");
    return tt_risk_raise(risk, 0, &alert);
}

/* Holds entries on the symbol of `msg` back and says so, unless that is so already. */
static tutti_status
rest_symbol(tt_risk *risk, const tt_msg *msg, tt_dur length, tt_risk_alert *alert)
{
    tt_risk_lock lock = {
        .until.ns = msg->time.ns + length.ns,
        .subject_seq = msg->seq,
        .key = msg->key,
        .reason = alert->lock,
    };
    (void)tt_risk_lock_begin(&risk->state->locks, &lock, msg->time);
    alert->subject_seq = msg->seq;
    alert->until = lock.until;
    alert->severity = TT_severity_WARNING;
    return tt_risk_raise(risk, msg->key, alert);
}

tutti_status
tt_risk_cooldowns_volatility(tt_risk *risk, const tt_msg *msg, const tt_indicators *indicators)
{
    tt_risk_symbol *symbol = &risk->state->symbols[msg->key - 1];
    bool was_spike = symbol->is_spike;
    tt_dec average = indicators->atr_avg_20.d;
    symbol->atr = indicators->atr_14;
    symbol->atr_limit.d = TT_DEC_ZERO;
    symbol->is_spike = false;
    if (tt_dec_sign(average) <= 0) {
        return TUTTI_OK; // No average, no spike.
    }
    symbol->atr_limit.d = tt_dec_xmul(average, risk->config.volatility.spike_ratio.d);
    symbol->is_spike = tt_dec_lt(symbol->atr_limit.d, symbol->atr.d);
    if (!symbol->is_spike || was_spike) {
        return TUTTI_OK;
    }
    tt_risk_alert alert = {
        .value = symbol->atr,
        .limit = symbol->atr_limit,
        .alert_type = TT_alert_type_VOLATILITY_SPIKE,
        .code = TT_risk_code_VOLATILITY_SPIKE,
        .lock = TT_lock_reason_VOLATILITY_SPIKE,
    };
    TT_TEXT_SET(
        alert.message,
        "the average true range has jumped: entries on the symbol pause, then are smaller while it "
        "lasts");
    return rest_symbol(risk, msg, risk->config.cooldowns.volatility_spike, &alert);
}

tutti_status tt_risk_cooldowns_movement(tt_risk *risk, const tt_msg *msg, tt_price before)
{
    tt_price close = risk->state->symbols[msg->key - 1].bar_close;
    if (tt_dec_sign(before.d) <= 0) {
        return TUTTI_OK; // The first bar.
    }
    tt_dec move = tt_dec_xabs(tt_dec_xsub(close.d, before.d));
    // Rounded up: a move of exactly the share is unusual, one just below it is not.
    if (tt_dec_lt(move, tt_dec_xmul(before.d, risk->tables->shares.unusual_move.d))) {
        return TUTTI_OK;
    }
    tt_risk_alert alert = {
        .limit = risk->config.volatility.unusual_move_pct,
        .alert_type = TT_alert_type_UNUSUAL_MOVEMENT,
        .code = TT_risk_code_IN_COOLDOWN,
        .lock = TT_lock_reason_UNUSUAL_MOVEMENT,
    };
    if (tt_dec_muldiv(move, TT_DEC_C(100, 0), before.d, TT_ROUND_DOWN, &alert.value.d) !=
        TUTTI_OK) {
        alert.value.d = TT_RATIO_MAX;
    }
    TT_TEXT_SET(
        alert.message, "the price has moved unusually far in one bar: entries on the symbol pause");
    return rest_symbol(risk, msg, risk->config.cooldowns.unusual_movement, &alert);
}
