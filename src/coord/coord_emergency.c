/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What alerts of risk and trade set in motion.
 *
 *   breaker              action
 *   daily_loss           pause_trading: PAUSED, working entries are cancelled
 *   weekly_loss          reduce_positions by weekly_reduce_pct, working entries are cancelled
 *   max_drawdown         halt_all: HALTED, everything is closed (close_on_drawdown)
 *   consecutive_losses   cooldown: nothing here; risk holds entries back for a time
 *   other                halt_all without a close if the alert is high or critical, else
 *                        pause_trading
 *
 * Each is told as a system event and to a person, as severe as the alert itself.
 *
 * A close is not believed before it is seen: every position in its scope is asked for again, at
 * doubling intervals, until position_updates says that it is flat. While halted with a close,
 * whatever opens after all (an entry that was on its way) is closed as well.
 */
#include "coord/coord_priv.h"

static void arm_check(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->closing_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, state->closing_timer);
    }
    tt_time deadline = {tt_bus_now(coord->bus).ns + state->closing_delay.ns};
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_CLOSING, 0, deadline, &id);
    // Without a timer the next update of a closing position tries again (tt_coord_close_watch).
    state->closing_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

void tt_coord_close(tt_coord *coord, uint32_t key, tt_exit_reason reason)
{
    for (uint32_t i = 1; i <= coord->symbol_count; i++) {
        if (key == 0 || key == i) {
            // Flat ones too: an entry may fill before its cancel arrives.
            tt_coord_symbol_get(coord, i)->closing = (uint8_t)reason;
        }
    }
    // A close or a reduction cancels the working entries of its scope as well.
    tt_coord_command_positions(coord, key, TT_position_command_type_CLOSE, reason);
    coord->state->closing_delay = coord->config.emergency.close_retry;
    arm_check(coord);
}

/* Asks again for what is still open; returns how many positions that are. */
static uint32_t close_again(tt_coord *coord)
{
    uint32_t open = 0;
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
        if (symbol->closing == 0) {
            continue;
        }
        if (tt_dec_is_zero(symbol->position_qty.d)) {
            symbol->closing = 0;
            continue;
        }
        open++;
        coord->state->close_requests++;
        tt_coord_command_positions(
            coord, key, TT_position_command_type_CLOSE, (tt_exit_reason)symbol->closing);
    }
    return open;
}

void tt_coord_close_check(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    state->closing_timer.n = 0;
    uint32_t open = close_again(coord);
    const tt_coord_note note = {
        .event = TT_system_event_type_EMERGENCY_ACTION,
        .severity = open == 0 ? TT_severity_INFO : TT_severity_CRITICAL,
        .subject = "close_positions",
        .new_value = open,
    };
    if (open == 0) {
        tt_coord_event(coord, &note, "everything that had to be closed is flat");
        return;
    }
    tt_coord_event(coord, &note, "%u positions are still open; closing them again", open);
    tt_coord_notify(
        coord,
        TT_severity_CRITICAL,
        "%u positions are still open after a close; trying again",
        open);
    int64_t longest = coord->config.emergency.close_retry_max.ns;
    int64_t delay = state->closing_delay.ns * 2;
    state->closing_delay.ns = delay < longest ? delay : longest;
    arm_check(coord);
}

void tt_coord_close_watch(tt_coord *coord, uint32_t key)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    bool is_open = !tt_dec_is_zero(symbol->position_qty.d);
    if (coord->state->is_watching && is_open && symbol->closing == 0) {
        tt_coord_close(coord, key, TT_exit_reason_EMERGENCY);
    } else if (symbol->closing != 0 && coord->state->closing_timer.n == 0) {
        arm_check(coord);
    }
}

static void cancel_entries(tt_coord *coord)
{
    tt_coord_command_positions(
        coord, 0, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_EMERGENCY);
}

static const char *pause_trading(tt_coord *coord, const char *why)
{
    (void)tt_coord_state_step(
        coord, COORD_EVENT_PAUSE, COORD_CAUSE_BREAKER, why); // Halted stays halted.
    cancel_entries(coord);
    return "pause_trading";
}

static const char *reduce_positions(tt_coord *coord)
{
    tt_coord_command_positions(coord, 0, TT_position_command_type_REDUCE, TT_exit_reason_REDUCED);
    return "reduce_positions";
}

static const char *halt_all(tt_coord *coord, const char *why, bool close)
{
    (void)tt_coord_state_step(
        coord, COORD_EVENT_HALT, COORD_CAUSE_BREAKER, why); // May be halted already.
    if (close) {
        coord->state->is_watching = 1;
        tt_coord_close(coord, 0, TT_exit_reason_EMERGENCY);
    } else {
        cancel_entries(coord);
    }
    return "halt_all";
}

/* Does what the breaker asks for; returns the name of the action. */
static const char *act_on_breach(tt_coord *coord, const tt_risk_alert *alert)
{
    switch ((tt_breach_type)alert->breach_type) {
    case TT_breach_type_DAILY_LOSS:
        return pause_trading(coord, alert->message);
    case TT_breach_type_WEEKLY_LOSS:
        return reduce_positions(coord);
    case TT_breach_type_MAX_DRAWDOWN:
        return halt_all(coord, alert->message, coord->config.emergency.close_on_drawdown);
    case TT_breach_type_CONSECUTIVE_LOSSES:
        return "cooldown"; // Risk has done it: no entries for a time, then smaller ones.
    case TT_breach_type_NONE:
    case TT_breach_type_COUNT:
        break;
    }
    bool is_grave = alert->severity >= TT_severity_HIGH;
    return is_grave ? halt_all(coord, alert->message, false) : pause_trading(coord, alert->message);
}

static void handle_breach(tt_coord *coord, const tt_risk_alert *alert)
{
    const char *breach = tt_enum_text(&tt_enum_breach_type, alert->breach_type);
    const char *action = act_on_breach(coord, alert);
    const tt_coord_note note = {
        .event = TT_system_event_type_EMERGENCY_ACTION,
        .severity = (tt_severity)alert->severity,
        .subject = action,
        .old_value = alert->breach_type,
        .new_value = coord->state->state,
    };
    tt_coord_event(coord, &note, "%s: %s: %s", breach, action, alert->message);
    tt_coord_notify(
        coord,
        (tt_severity)alert->severity,
        "circuit breaker %s: %s: %s",
        breach,
        action,
        alert->message);
}

tutti_status tt_coord_on_alert(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_risk_alert *alert = TT_PAYLOAD(msg, RISK_ALERTS, risk_alert);
    if (alert->alert_type == TT_alert_type_CIRCUIT_BREAKER) {
        handle_breach(coord, alert);
    } else if (alert->severity == TT_severity_CRITICAL) {
        tt_coord_notify(
            coord,
            TT_severity_CRITICAL,
            "%s: %s",
            tt_enum_text(&tt_enum_alert_type, alert->alert_type),
            alert->message);
    }
    return TUTTI_OK;
}
