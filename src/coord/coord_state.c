/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The coordinator's own states.
 *
 *   RUNNING  tasks run, signals are routed
 *   PAUSED   tasks run, signals are dropped
 *   HALTED   nothing runs
 *
 * A pause never releases a halt. The way out of HALTED leads to PAUSED, so that a person still has
 * to resume: the command `release` after a halt by a person, and only a reset of risk after a halt
 * by a breaker. docs/spec/coordinator.md shows the table below; a test holds them together.
 */
#include "coord/coord_priv.h"

static const char *const state_names[] = {"running", "paused", "halted"};
static const char *const state_events[] = {"pause", "resume", "halt", "release"};
static const tt_sm_row state_rows[] = {
    {TT_coordinator_state_RUNNING, COORD_EVENT_PAUSE, TT_coordinator_state_PAUSED, 0, 0},
    {TT_coordinator_state_RUNNING, COORD_EVENT_HALT, TT_coordinator_state_HALTED, 0, 0},
    {TT_coordinator_state_PAUSED, COORD_EVENT_RESUME, TT_coordinator_state_RUNNING, 0, 0},
    {TT_coordinator_state_PAUSED, COORD_EVENT_HALT, TT_coordinator_state_HALTED, 0, 0},
    {TT_coordinator_state_HALTED, COORD_EVENT_RELEASE, TT_coordinator_state_PAUSED, 0, 0},
};
const tt_sm_def tt_coord_state_def = {
    .name = "coordinator",
    .states = state_names,
    .state_count = TT_coordinator_state_COUNT,
    .events = state_events,
    .event_count = COORD_EVENT_RELEASE + 1,
    .rows = state_rows,
    .row_count = sizeof state_rows / sizeof state_rows[0],
    .initial = TT_coordinator_state_RUNNING,
};

static tt_system_event_type event_of_state(uint8_t state)
{
    switch ((tt_coordinator_state)state) {
    case TT_coordinator_state_RUNNING:
        return TT_system_event_type_COORDINATOR_RESUMED;
    case TT_coordinator_state_PAUSED:
        return TT_system_event_type_COORDINATOR_PAUSED;
    case TT_coordinator_state_HALTED:
    case TT_coordinator_state_COUNT:
        break;
    }
    return TT_system_event_type_COORDINATOR_HALTED;
}

bool tt_coord_state_step(tt_coord *coord, uint8_t event, uint8_t cause, const char *why)
{
    uint8_t before = coord->state->state;
    bool stops = event == COORD_EVENT_PAUSE || event == COORD_EVENT_HALT;
    if (stops) {
        coord->state->causes |= cause;
    }
    tt_sm_result result = tt_sm_step(
        &coord->machines[TT_COORD_MACHINE_STATE],
        &coord->counts[TT_COORD_MACHINE_STATE],
        &coord->state->state,
        event,
        0,
        NULL);
    if (result != TT_SM_TAKEN) {
        return false;
    }
    uint8_t after = coord->state->state;
    if (!stops) {
        coord->state->causes = event == COORD_EVENT_RESUME ? 0 : cause;
    }
    const tt_coord_note note = {
        .event = event_of_state(after),
        .severity = after == TT_coordinator_state_HALTED ? TT_severity_CRITICAL : TT_severity_HIGH,
        .subject = state_names[after],
        .old_value = before,
        .new_value = after,
    };
    tt_coord_event(coord, &note, "%s -> %s: %s", state_names[before], state_names[after], why);
    if (after == TT_coordinator_state_HALTED) {
        tt_coord_dispatch_drop(coord);
    }
    return true;
}

bool tt_coord_is_running(const tt_coord *coord)
{
    return coord->state->is_active && coord->state->state == TT_coordinator_state_RUNNING;
}
