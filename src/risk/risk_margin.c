/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The free margin, in percent of the equity: alerts when little of it is left. A level is told at
 * once when it gets worse, and the same one again not before a minute, so that a price that swings
 * around a level makes no flood.
 */
#include "base/error.h"
#include "risk/risk_priv.h"

#define REPEAT_NS (60 * TT_NS_PER_S)

static tt_risk_margin_level level_of(const tt_risk *risk, const tt_account_update *update)
{
    bool is_used =
        !tt_dec_is_zero(update->margin_used.d) || !tt_dec_is_zero(update->pending_exposure.d);
    tt_dec free = update->margin_available.d;
    if (is_used && tt_dec_sign(update->equity.d) <= 0) {
        return TT_RISK_MARGIN_CRITICAL;
    }
    // Thresholds are at most half of the equity.
    if (!is_used || tt_dec_lt(update->equity.d, tt_dec_xadd(free, free))) {
        return TT_RISK_MARGIN_FINE;
    }
    const tt_risk_shares *shares = &risk->tables->shares;
    if (tt_dec_le(free, tt_risk_share_of(update->equity, shares->margin_critical).d)) {
        return TT_RISK_MARGIN_CRITICAL;
    }
    bool is_low = tt_dec_le(free, tt_risk_share_of(update->equity, shares->margin_warn).d);
    return is_low ? TT_RISK_MARGIN_LOW : TT_RISK_MARGIN_FINE;
}

static tutti_status raise_level(
    tt_risk *risk, const tt_msg *msg, const tt_account_update *update, tt_risk_margin_level level)
{
    bool is_critical = level == TT_RISK_MARGIN_CRITICAL;
    const tt_risk_config *limits = &risk->config.limits;
    char value[TT_DEC_TEXT_MAX];
    tt_risk_alert alert = {
        .limit = is_critical ? limits->margin_critical_pct : limits->margin_warn_pct,
        .subject_seq = msg->seq,
        .alert_type = TT_alert_type_MARGIN_LOW,
        .severity = is_critical ? TT_severity_CRITICAL : TT_severity_WARNING,
    };
    tt_dec part = TT_DEC_ZERO; // Stays 0 where there is no equity to be a part of.
    if (tt_dec_sign(update->equity.d) > 0 &&
        tt_dec_muldiv(
            update->margin_available.d, TT_DEC_C(100, 0), update->equity.d, TT_ROUND_DOWN, &part) ==
            TUTTI_OK) {
        alert.value.d = part;
    }
    (void)tt_dec_format_fixed(part, 2, value);
    tt_text_format(
        alert.message, sizeof alert.message, "only %s %% of the equity is free margin", value);
    return tt_risk_raise(risk, 0, &alert);
}

tutti_status tt_risk_margin_watch(tt_risk *risk, const tt_msg *msg)
{
    tt_risk_state *state = risk->state;
    const tt_account_update *update = TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update);
    tt_risk_margin_level level = level_of(risk, update);
    if (level == state->margin_level) {
        return TUTTI_OK;
    }
    bool is_worse = level > state->margin_level;
    bool is_quiet = msg->time.ns - state->margin_told_at.ns < REPEAT_NS;
    if (!is_worse && is_quiet) {
        return TUTTI_OK; // What was told stands for a minute at least.
    }
    state->margin_level = (uint8_t)level;
    if (!is_worse) {
        return TUTTI_OK;
    }
    state->margin_told_at = msg->time;
    return raise_level(risk, msg, update, level);
}
