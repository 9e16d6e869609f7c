/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Degradation: the more agents fail, the less is done.
 *
 * n = failures without an answer + answers that could not be used; s = step_failures (3)
 *
 *   level       from n   effect
 *   NORMAL      0        -
 *   REDUCED     s        the sentiment task is left out
 *   LIMITED     2s       no new entries either; closes and reductions go on
 *   EMERGENCY   3s       as LIMITED; closes all positions if close_on_emergency
 *
 * n never exceeds max_failures. Each recovery_successes-th success without a failure in between
 * takes one off n: that is the hysteresis of every level. The tasks that a decision needs are asked
 * at every level, and one that is left out still runs as a probe when nothing else is heard
 * (tt_coord_schedule_turn), so that each level can be left.
 */
#include "coord/coord_priv.h"

enum {
    DEGRADATION_WORSEN,
    DEGRADATION_IMPROVE
};

static const char *const level_names[] = {"normal", "reduced", "limited", "emergency"};
static const char *const level_events[] = {"worsen", "improve"};
static const tt_sm_row level_rows[] = {
    {TT_degradation_NORMAL, DEGRADATION_WORSEN, TT_degradation_REDUCED, 0, 0},
    {TT_degradation_REDUCED, DEGRADATION_WORSEN, TT_degradation_LIMITED, 0, 0},
    {TT_degradation_LIMITED, DEGRADATION_WORSEN, TT_degradation_EMERGENCY, 0, 0},
    {TT_degradation_EMERGENCY, DEGRADATION_IMPROVE, TT_degradation_LIMITED, 0, 0},
    {TT_degradation_LIMITED, DEGRADATION_IMPROVE, TT_degradation_REDUCED, 0, 0},
    {TT_degradation_REDUCED, DEGRADATION_IMPROVE, TT_degradation_NORMAL, 0, 0},
};
const tt_sm_def tt_coord_degradation_def = {
    .name = "degradation",
    .states = level_names,
    .state_count = TT_degradation_COUNT,
    .events = level_events,
    .event_count = DEGRADATION_IMPROVE + 1,
    .rows = level_rows,
    .row_count = sizeof level_rows / sizeof level_rows[0],
    .initial = TT_degradation_NORMAL,
};

static uint8_t level_of(const tt_coord *coord)
{
    uint32_t failures = coord->state->llm_failures + coord->state->api_failures;
    uint32_t level = failures / coord->config.degradation.step_failures;
    return (uint8_t)(level < TT_degradation_EMERGENCY ? level : TT_degradation_EMERGENCY);
}

static tt_system_event_type event_of_change(uint8_t before, uint8_t after)
{
    if (after > before) {
        return TT_system_event_type_DEGRADATION_INCREASED;
    }
    return after == TT_degradation_NORMAL ? TT_system_event_type_DEGRADATION_RECOVERY
                                          : TT_system_event_type_DEGRADATION_DECREASED;
}

/* Tells of a change and does what the new level asks for. */
static void announce_level(tt_coord *coord, uint8_t before)
{
    uint8_t after = coord->state->degradation;
    const tt_coord_note note = {
        .event = event_of_change(before, after),
        .severity = TT_severity_HIGH,
        .subject = level_names[after],
        .old_value = before,
        .new_value = after,
    };
    tt_coord_event(
        coord,
        &note,
        "%s -> %s: %u unusable answers, %u calls without an answer",
        level_names[before],
        level_names[after],
        coord->state->llm_failures,
        coord->state->api_failures);
    if (after < before || after < TT_degradation_LIMITED) {
        return;
    }
    tt_coord_notify(coord, TT_severity_HIGH, "degradation %s: no new entries", level_names[after]);
    if (after == TT_degradation_EMERGENCY && coord->config.degradation.close_on_emergency) {
        tt_coord_close(coord, 0, TT_exit_reason_EMERGENCY);
    }
}

static void follow_level(tt_coord *coord)
{
    uint8_t level = level_of(coord);
    while (coord->state->degradation != level) {
        uint8_t before = coord->state->degradation;
        uint8_t event = level > before ? DEGRADATION_WORSEN : DEGRADATION_IMPROVE;
        tt_sm_result result = tt_sm_step(
            &coord->machines[TT_COORD_MACHINE_DEGRADATION],
            &coord->counts[TT_COORD_MACHINE_DEGRADATION],
            &coord->state->degradation,
            event,
            0,
            NULL);
        TT_ASSERT(result == TT_SM_TAKEN);
        announce_level(coord, before);
    }
}

void tt_coord_degradation_failure(tt_coord *coord, tt_coord_failure kind)
{
    tt_coord_state *state = coord->state;
    state->successes = 0;
    if (state->llm_failures + state->api_failures < coord->config.degradation.max_failures) {
        uint32_t *counter = kind == COORD_FAILURE_LLM ? &state->llm_failures : &state->api_failures;
        (*counter)++;
    }
    follow_level(coord);
}

void tt_coord_degradation_success(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->llm_failures + state->api_failures == 0) {
        return;
    }
    if (++state->successes < coord->config.degradation.recovery_successes) {
        return;
    }
    state->successes = 0;
    uint32_t *counter = state->api_failures > 0 ? &state->api_failures : &state->llm_failures;
    (*counter)--;
    follow_level(coord);
}

bool tt_coord_degradation_skips(const tt_coord *coord, tt_task task)
{
    return task == TT_task_SENTIMENT_ANALYSIS &&
           coord->state->degradation >= TT_degradation_REDUCED;
}
