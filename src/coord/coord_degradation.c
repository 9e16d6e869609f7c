/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Degradation: the more fails, the less is done.
 *
 * n = calls without an answer + answers that could not be used + orders that failed + what the
 * outages of the moment count as (coord_health.c); s = step_failures (3)
 *
 *   level       from n   effect
 *   NORMAL      0        -
 *   REDUCED     s        the sentiment task is left out; of the chain of arbiters only the first
 *                        one and the rules are asked
 *   LIMITED     2s       no language model is asked, neither as an agent nor as an arbiter; no new
 *                        entries; closes and reductions go on
 *   EMERGENCY   3s       as LIMITED, and nothing but closes goes on; closes all positions if
 *                        close_on_emergency
 *
 * The counted failures never exceed max_failures. Each recovery_successes-th success without a
 * failure in between takes one off, and so does each quiet_time without a failure; an outage stops
 * to count outage_hold after its end: that is the hysteresis of every level, and the way out of
 * each. The tasks that a decision needs are asked at every level unless a model answers them, and
 * one that is left out still runs as a probe when nothing else is heard (coord_schedule.c).
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

static uint32_t failures_of(const tt_coord *coord)
{
    const tt_coord_state *state = coord->state;
    return state->llm_failures + state->api_failures + state->order_failures;
}

static uint8_t level_of(const tt_coord *coord)
{
    uint32_t sum = failures_of(coord) + tt_coord_outage_weight(coord);
    uint32_t level = sum / coord->config.degradation.step_failures;
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
        "%s -> %s: %u unusable answers, %u calls without an answer, %u failed orders, outages "
        "count as %u",
        level_names[before],
        level_names[after],
        coord->state->llm_failures,
        coord->state->api_failures,
        coord->state->order_failures,
        tt_coord_outage_weight(coord));
    if (after < before || after < TT_degradation_LIMITED) {
        return;
    }
    tt_coord_notify(coord, TT_severity_HIGH, "degradation %s: no new entries", level_names[after]);
    if (after == TT_degradation_EMERGENCY && coord->config.degradation.close_on_emergency) {
        tt_coord_close(coord, 0, TT_exit_reason_EMERGENCY);
    }
}

void tt_coord_degradation_follow(tt_coord *coord)
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

static void arm_quiet(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->quiet_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, state->quiet_timer);
    }
    tt_time until = {tt_bus_now(coord->bus).ns + coord->config.degradation.quiet_time.ns};
    tt_timer_id id = {0};
    tutti_status status = TUTTI_LIMIT;
    if (failures_of(coord) > 0) {
        status = tt_timers_arm(
            coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_QUIET, 0, until, &id);
    }
    // Without a timer the next failure arms it, and successes count as ever.
    state->quiet_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

/* Takes one failure off: of calls first, since orders have successes of their own. */
static void take_off(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->api_failures > 0) {
        state->api_failures--;
    } else if (state->llm_failures > 0) {
        state->llm_failures--;
    } else if (state->order_failures > 0) {
        state->order_failures--;
    }
}

void tt_coord_degradation_failure(tt_coord *coord, tt_coord_failure kind)
{
    tt_coord_state *state = coord->state;
    uint32_t *counter = kind == COORD_FAILURE_LLM   ? &state->llm_failures
                        : kind == COORD_FAILURE_API ? &state->api_failures
                                                    : &state->order_failures;
    if (kind == COORD_FAILURE_ORDER) {
        state->order_successes = 0;
    } else {
        state->successes = 0;
    }
    if (failures_of(coord) < coord->config.degradation.max_failures) {
        (*counter)++;
    }
    arm_quiet(coord);
    tt_coord_degradation_follow(coord);
}

void tt_coord_degradation_success(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (failures_of(coord) == 0) {
        return;
    }
    if (++state->successes < coord->config.degradation.recovery_successes) {
        return;
    }
    state->successes = 0;
    take_off(coord);
    tt_coord_degradation_follow(coord);
}

void tt_coord_degradation_order(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (state->order_failures == 0 ||
        ++state->order_successes < coord->config.degradation.recovery_successes) {
        return;
    }
    state->order_successes = 0;
    state->order_failures--;
    tt_coord_degradation_follow(coord);
}

void tt_coord_degradation_quiet(tt_coord *coord)
{
    coord->state->quiet_timer.n = 0;
    if (!tt_coord_is_recovering(coord)) { // While the process was down nothing could fail.
        take_off(coord);
    }
    arm_quiet(coord);
    tt_coord_degradation_follow(coord);
}

bool tt_coord_degradation_skips(const tt_coord *coord, tt_task task)
{
    uint8_t level = coord->state->degradation;
    bool is_optional = tt_coord_task_get(task)->is_optional && level >= TT_degradation_REDUCED;
    return is_optional || (coord->config.is_model[task] && level >= TT_degradation_LIMITED);
}

const char *tt_coord_degradation_bars(const tt_coord *coord, uint8_t arbiter)
{
    if (coord->state->degradation >= TT_degradation_LIMITED) {
        return "no language model is asked at this degradation level";
    }
    if (coord->state->degradation >= TT_degradation_REDUCED && arbiter > 0) {
        return "only the first arbiter is asked at this degradation level";
    }
    return NULL;
}
