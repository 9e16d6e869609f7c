/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The health check: do the agents that trading rests on still answer?
 *
 * Every `interval` each required task that is enabled is looked at, symbol by symbol: when it has
 * not succeeded for max_missed of its own intervals (or bars) and one timeout, it is missing. The
 * first one that is missing makes the part `agents` down (coord_health.c), the last one that
 * answers brings it back. What could not run yet is not missed: time counts from the start, from a
 * restart, and from the moment the indicators became warm.
 *
 * Risk needs no check: it is a part of the core and judges in the step of the proposal.
 */
#include "coord/coord_priv.h"

static bool is_required(const tt_coord *coord, tt_task task)
{
    return (coord->required >> task & 1) && coord->state->enabled[task];
}

static bool has_required(const tt_coord *coord)
{
    for (tt_task task = 0; task < TT_task_COUNT; task++) {
        if (is_required(coord, task)) {
            return true;
        }
    }
    return false;
}

static void arm_check(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    int64_t interval = coord->config.health_check.interval.ns;
    if (interval == 0 || state->health_timer.n != 0 || !state->is_active || !has_required(coord)) {
        return;
    }
    tt_time next = {tt_bus_now(coord->bus).ns + interval};
    tt_timer_id id = {0};
    tutti_status status =
        tt_timers_arm(coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_HEALTH, 0, next, &id);
    // Without a timer the next switch of a task, or start, tries again.
    state->health_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

void tt_coord_health_start(tt_coord *coord)
{
    coord->state->healthy_from = tt_bus_now(coord->bus);
    arm_check(coord);
}

void tt_coord_health_stop(tt_coord *coord)
{
    if (coord->state->health_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, coord->state->health_timer);
        coord->state->health_timer.n = 0;
    }
}

/* When a slot last was well, or could not have been asked before. */
static tt_time well_until(const tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    uint32_t key = tt_coord_slot_key(coord, index);
    int64_t time = coord->state->healthy_from.ns;
    if (slot->last_success.ns > time) {
        time = slot->last_success.ns;
    }
    if (key != 0 && tt_coord_symbol_get(coord, key)->warm_from.ns > time) {
        time = tt_coord_symbol_get(coord, key)->warm_from.ns;
    }
    return (tt_time){time};
}

/* Time between two turns of a slot: the interval, or the bars of its symbol where they start it and
 * are longer. */
static int64_t pace_ns(const tt_coord *coord, uint32_t index)
{
    const tt_schedule_config *schedule = &coord->config.schedules[tt_coord_slot_task(coord, index)];
    uint32_t key = tt_coord_slot_key(coord, index);
    if (schedule->start != TT_task_start_BAR) {
        return schedule->interval.ns;
    }
    const tt_instrument *instrument =
        tt_instrument_find(coord->core->instruments, (tt_instrument_id){key});
    int64_t bar = instrument->bar_interval_s * TT_NS_PER_S;
    return bar > schedule->interval.ns ? bar : schedule->interval.ns;
}

/* Until when a slot can have been asked: what bars start misses nothing while there are none, be it
 * a night, a weekend or a feed that is down, which is another part's to tell. */
static int64_t asked_until(const tt_coord *coord, uint32_t index)
{
    const tt_schedule_config *schedule = &coord->config.schedules[tt_coord_slot_task(coord, index)];
    return schedule->start == TT_task_start_BAR
               ? tt_coord_symbol_get(coord, tt_coord_slot_key(coord, index))->bar_close.ns
               : tt_bus_now(coord->bus).ns;
}

static bool is_missing(const tt_coord *coord, uint32_t index)
{
    tt_task task = tt_coord_slot_task(coord, index);
    uint32_t key = tt_coord_slot_key(coord, index);
    bool is_cold = tt_coord_task_get(task)->needs_indicators && key != 0 &&
                   !tt_coord_symbol_get(coord, key)->is_warm;
    if (!is_required(coord, task) || is_cold) {
        return false;
    }
    const tt_schedule_config *schedule = &coord->config.schedules[task];
    int64_t longest =
        pace_ns(coord, index) * coord->config.health_check.max_missed + schedule->timeout.ns;
    return asked_until(coord, index) - well_until(coord, index).ns > longest;
}

static void check_slot(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    bool was_missing = slot->is_missing;
    slot->is_missing = is_missing(coord, index);
    if (slot->is_missing == was_missing) {
        return;
    }
    const char *name = tt_enum_text(&tt_enum_task, (uint8_t)tt_coord_slot_task(coord, index));
    uint32_t key = tt_coord_slot_key(coord, index);
    const tt_coord_note note = {
        .event = was_missing ? TT_system_event_type_HEALTH_CHECK_PASSED
                             : TT_system_event_type_HEALTH_CHECK_FAILED,
        .severity = was_missing ? TT_severity_INFO : TT_severity_HIGH,
        .key = key,
        .subject = name,
        .old_value = was_missing,
        .new_value = slot->is_missing,
    };
    tt_coord_event(
        coord,
        &note,
        was_missing ? "%s of %s is well again" : "%s of %s has not succeeded for %lld s",
        name,
        tt_coord_key_text(coord, key),
        (long long)((tt_bus_now(coord->bus).ns - well_until(coord, index).ns) / TT_NS_PER_S));
}

void tt_coord_health_check(tt_coord *coord)
{
    coord->state->health_timer.n = 0;
    if (tt_coord_is_recovering(coord)) {
        return; // The crash was late, not the agents; the restart begins anew.
    }
    uint32_t missing = 0;
    bool is_open = tt_coord_schedule_is_open(coord);
    for (uint32_t i = 0; i < coord->slot_count && is_open; i++) {
        check_slot(coord, i);
        missing += coord->slots[i].is_missing;
    }
    if (is_open) {
        tt_coord_outage_set(
            coord,
            TT_part_AGENTS,
            missing > 0,
            missing,
            "a required task has not succeeded in time");
    } else {
        coord->state->healthy_from = tt_bus_now(coord->bus); // Halted: nothing is asked.
    }
    arm_check(coord);
}
