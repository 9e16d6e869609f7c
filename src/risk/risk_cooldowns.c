/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pauses after trades and spikes. Several run at once, each with its own end; none cuts another
 * short, and a win ends none of them.
 *
 * A trade is a position from open to flat; its result is after fees. One that ends exactly even
 * neither breaks nor continues a row of losses.
 */
#include "base/error.h"
#include "risk/risk_priv.h"

/* Starts (or renews) a cooldown and returns its end. */
static tt_time start(tt_risk *risk, tt_risk_cooldown cooldown, tt_dur length, tt_time now)
{
    tt_time *until = &risk->state->cooldown_until[cooldown];
    until->ns = now.ns + length.ns; // Of one kind, a later start never ends earlier.
    return *until;
}

static tt_time later(tt_time a, tt_time b)
{
    return a.ns > b.ns ? a : b;
}

static tt_time start_after_loss(tt_risk *risk, tt_time now)
{
    const tt_cooldowns_config *config = &risk->config.cooldowns;
    uint32_t losses = risk->state->consecutive_losses;
    tt_time until = start(risk, TT_RISK_COOLDOWN_POST_LOSS, config->post_loss, now);
    if (losses >= TT_RISK_LOSSES_LOW) {
        tt_dur length = config->consecutive_losses_3;
        until = later(until, start(risk, TT_RISK_COOLDOWN_LOSSES_3, length, now));
    }
    if (losses >= TT_RISK_LOSSES_HIGH) {
        tt_dur length = config->consecutive_losses_5;
        until = later(until, start(risk, TT_RISK_COOLDOWN_LOSSES_5, length, now));
    }
    return until;
}

static tutti_status raise_cooldown(tt_risk *risk, const tt_msg *msg, tt_time until)
{
    if (until.ns <= msg->time.ns) {
        return TUTTI_OK; // A length of zero switches a cooldown off.
    }
    uint32_t losses = risk->state->consecutive_losses;
    tt_risk_alert alert = {
        .value = tt_risk_number(losses),
        .subject_seq = msg->seq,
        .until = until,
        .alert_type = TT_alert_type_COOLDOWN,
        .severity = TT_severity_INFO,
        .code = TT_risk_code_IN_COOLDOWN,
    };
    int64_t seconds = (until.ns - msg->time.ns) / TT_NS_PER_S;
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "no entries for %lld s after a closed trade (losses in a row: %u)",
        (long long)seconds,
        losses);
    return tt_risk_raise(risk, 0, &alert);
}

/* Once a row: at its fifth loss, and not again until a win has broken it. */
static tutti_status raise_losses(tt_risk *risk, const tt_msg *msg, tt_time until)
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
        .until = until,
        .alert_type = TT_alert_type_CIRCUIT_BREAKER,
        .severity = TT_severity_WARNING,
        .breach_type = TT_breach_type_CONSECUTIVE_LOSSES,
        .code = TT_risk_code_IN_COOLDOWN,
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
    if (result >= 0) {
        if (result > 0) {
            state->consecutive_losses = 0;
            state->breached[TT_breach_type_CONSECUTIVE_LOSSES] = false;
        }
        tt_dur length = risk->config.cooldowns.post_trade;
        tt_time until = start(risk, TT_RISK_COOLDOWN_POST_TRADE, length, msg->time);
        return raise_cooldown(risk, msg, until);
    }
    state->consecutive_losses++;
    tt_time until = start_after_loss(risk, msg->time);
    TUTTI_TRY(raise_cooldown(risk, msg, until));
    return raise_losses(risk, msg, until);
}

static tutti_status raise_spike(tt_risk *risk, const tt_msg *msg, const tt_risk_symbol *symbol)
{
    tt_risk_alert alert = {
        .value = symbol->atr,
        .limit = symbol->atr_limit,
        .subject_seq = msg->seq,
        .until = symbol->spike_until,
        .alert_type = TT_alert_type_VOLATILITY_SPIKE,
        .severity = TT_severity_WARNING,
        .code = TT_risk_code_VOLATILITY_SPIKE,
    };
    TT_TEXT_SET(
        alert.message,
        "the average true range has jumped: entries on the symbol pause, then are smaller while it "
        "lasts");
    return tt_risk_raise(risk, msg->key, &alert);
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
    symbol->spike_until.ns = msg->time.ns + risk->config.cooldowns.volatility_spike.ns;
    return raise_spike(risk, msg, symbol);
}
