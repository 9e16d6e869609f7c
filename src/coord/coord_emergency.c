/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the breakers of risk set in motion: for each one the action that coordinator.emergency
 * names.
 *
 *   action             what it does
 *   pause_trading      PAUSED, working entries are cancelled
 *   reduce_positions   every position shrinks by reduce_pct, working entries are cancelled
 *   halt_all           HALTED, working entries are cancelled
 *   none               nothing here
 *
 * With close_positions everything is closed as well, and kept closed while halted. Otherwise
 * tighten_stops_pct brings every stop that near to the price. As delivered: a daily loss pauses and
 * tightens to 1 %, a weekly loss reduces by half, a drawdown halts and closes, losses in a row are
 * left to the cooldown of risk. A breaker that has no section of its own halts if its alert is
 * high or critical, and pauses otherwise; nothing is closed then.
 *
 * Each is told as a system event, as severe as the alert itself, and to a person (notify).
 *
 * A pause by the daily loss alone ends with the UTC day if resume_next_day says so.
 */
#include "coord/coord_priv.h"

void tt_coord_breach_defaults(tt_breach_type breach, tt_breach_config *ret_breach)
{
    static const tt_emergency_action actions[TT_COORD_BREACHES] = {
        [TT_breach_type_DAILY_LOSS] = TT_emergency_action_PAUSE_TRADING,
        [TT_breach_type_WEEKLY_LOSS] = TT_emergency_action_REDUCE_POSITIONS,
        [TT_breach_type_MAX_DRAWDOWN] = TT_emergency_action_HALT_ALL,
        [TT_breach_type_CONSECUTIVE_LOSSES] = TT_emergency_action_NONE,
    };
    TT_ASSERT((unsigned)breach < TT_COORD_BREACHES);
    *ret_breach = (tt_breach_config){
        .action = actions[breach],
        .reduce_pct.d = TT_DEC_C(50, 0),
        .tighten_stops_pct.d = breach == TT_breach_type_DAILY_LOSS ? TT_DEC_C(1, 0) : TT_DEC_ZERO,
        .close_positions = breach == TT_breach_type_MAX_DRAWDOWN,
        .notify = true,
    };
}

/* What is done for a breaker; by its severity if it has no section of its own. */
static tt_breach_config reaction_to(const tt_coord *coord, const tt_risk_alert *alert)
{
    if (alert->breach_type != TT_breach_type_NONE && alert->breach_type < TT_COORD_BREACHES) {
        return coord->config.breaches[alert->breach_type];
    }
    bool is_grave = alert->severity >= TT_severity_HIGH;
    return (tt_breach_config){
        .action = is_grave ? TT_emergency_action_HALT_ALL : TT_emergency_action_PAUSE_TRADING,
        .notify = true,
    };
}

static void cancel_entries(tt_coord *coord)
{
    tt_coord_command_positions(
        coord, 0, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_EMERGENCY);
}

/* What is to be closed needs no better stop. */
static bool tightens(const tt_breach_config *reaction)
{
    return !reaction->close_positions && tt_dec_sign(reaction->tighten_stops_pct.d) > 0;
}

static void close_or_cancel(tt_coord *coord, const tt_breach_config *reaction)
{
    if (tightens(reaction)) {
        tt_coord_command_tighten(coord, reaction->tighten_stops_pct);
    }
    if (reaction->close_positions) {
        tt_coord_close(coord, 0, TT_exit_reason_EMERGENCY);
    } else if (reaction->action == TT_emergency_action_REDUCE_POSITIONS) {
        tt_coord_reduce(coord, reaction->reduce_pct);
    } else if (reaction->action != TT_emergency_action_NONE) {
        cancel_entries(coord);
    }
}

/* ---- the end of the day ---- */

#define DAY_NS (86400 * TT_NS_PER_S)

static void arm_day(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (!coord->config.emergency.resume_next_day || state->day_timer.n != 0) {
        return;
    }
    int64_t now = tt_bus_now(coord->bus).ns;
    tt_time midnight = {(now / DAY_NS + 1) * DAY_NS};
    tt_timer_id id = {0};
    tutti_status status =
        tt_timers_arm(coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_DAY, 0, midnight, &id);
    // Without a timer a person resumes.
    state->day_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

void tt_coord_day_over(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    state->day_timer.n = 0;
    if (state->state == TT_coordinator_state_PAUSED && state->causes == COORD_CAUSE_DAY) {
        (void)tt_coord_state_step(
            coord, COORD_EVENT_RESUME, 0, "the day of the loss is over (resume_next_day)");
    }
}

/* ---- breakers ---- */

static void
change_state(tt_coord *coord, const tt_risk_alert *alert, const tt_breach_config *reaction)
{
    bool is_daily = alert->breach_type == TT_breach_type_DAILY_LOSS;
    uint8_t cause = is_daily ? COORD_CAUSE_DAY : COORD_CAUSE_BREAKER;
    switch (reaction->action) {
    case TT_emergency_action_PAUSE_TRADING:
        // Halted stays halted.
        (void)tt_coord_state_step(coord, COORD_EVENT_PAUSE, cause, alert->message);
        if (is_daily) {
            arm_day(coord);
        }
        return;
    case TT_emergency_action_HALT_ALL:
        // May be halted already.
        (void)tt_coord_state_step(coord, COORD_EVENT_HALT, COORD_CAUSE_BREAKER, alert->message);
        coord->state->is_watching |= reaction->close_positions;
        return;
    case TT_emergency_action_REDUCE_POSITIONS:
    case TT_emergency_action_NONE:
    case TT_emergency_action_COUNT:
        return;
    }
}

/* ", stops to 1 %"; "" if they stay. */
static void describe_stops(const tt_breach_config *reaction, char *text, size_t size)
{
    char pct[TT_DEC_TEXT_MAX];
    text[0] = '\0';
    if (tightens(reaction)) {
        tt_dec_format(reaction->tighten_stops_pct.d, pct);
        tt_text_format(text, size, ", stops to %s %%", pct);
    }
}

static void handle_breach(tt_coord *coord, const tt_risk_alert *alert)
{
    const char *breach = tt_enum_text(&tt_enum_breach_type, alert->breach_type);
    const tt_breach_config reaction = reaction_to(coord, alert);
    bool is_cooldown = alert->breach_type == TT_breach_type_CONSECUTIVE_LOSSES &&
                       reaction.action == TT_emergency_action_NONE;
    // Risk has done it: no entries for a time, then smaller ones.
    const char *action = is_cooldown
                             ? "cooldown"
                             : tt_enum_text(&tt_enum_emergency_action, (uint8_t)reaction.action);
    change_state(coord, alert, &reaction);
    close_or_cancel(coord, &reaction);
    const tt_coord_note note = {
        .event = TT_system_event_type_EMERGENCY_ACTION,
        .severity = (tt_severity)alert->severity,
        .subject = action,
        .old_value = alert->breach_type,
        .new_value = coord->state->state,
    };
    char stops[64];
    describe_stops(&reaction, stops, sizeof stops);
    tt_coord_event(coord, &note, "%s: %s%s: %s", breach, action, stops, alert->message);
    if (reaction.notify) {
        tt_coord_notify(
            coord,
            (tt_severity)alert->severity,
            "circuit breaker %s: %s%s: %s",
            breach,
            action,
            stops,
            alert->message);
    }
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
