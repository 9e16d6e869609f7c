/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * When a task of a symbol is due.
 *
 * Each enabled slot (task, symbol) has one timer for its next turn; turns lie one interval apart,
 * the first one interval after the start (at the start with run_on_start). Turns that the clock
 * jumped over are not made up for. A turn finds the slot
 *   idle       -> it waits for what it needs and is then asked (coord_dispatch.c),
 *   otherwise  -> the turn passes: one task of one symbol is never asked twice at once.
 *
 * A task that starts with bars has no timer: each bar of its symbol that closes is a turn, as long
 * as one interval has passed since it was last asked.
 */
#include "coord/coord_priv.h"

static tt_time now_of(const tt_coord *coord)
{
    return tt_bus_now(coord->bus);
}

/* Without a timer the slot would fall silent: each dispatch tries again. */
static void arm_turn(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_DUE, index, slot->next_due, &id);
    slot->due_timer = id;
    if (status != TUTTI_OK) {
        coord->state->is_unarmed = 1;
    }
}

void tt_coord_schedule_arm_missing(tt_coord *coord)
{
    if (!coord->state->is_unarmed) {
        return;
    }
    coord->state->is_unarmed = 0;
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        if (coord->slots[i].next_due.ns != 0 && coord->slots[i].due_timer.n == 0) {
            arm_turn(coord, i);
        }
    }
}

static void cancel_turn(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    if (slot->due_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, slot->due_timer);
        slot->due_timer.n = 0;
    }
}

/* The first turn after now on the grid that `from` lies on. */
static tt_time next_turn(tt_time from, tt_dur interval, tt_time now)
{
    if (from.ns > now.ns) {
        return from;
    }
    int64_t passed = (now.ns - from.ns) / interval.ns + 1;
    return (tt_time){from.ns + passed * interval.ns};
}

/* First turn of a slot that was just switched on. */
static tt_time first_turn(const tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    const tt_schedule_config *schedule = &coord->config.schedules[tt_coord_slot_task(coord, index)];
    tt_time now = now_of(coord);
    if (slot->last_run.ns == 0) {
        return schedule->run_on_start ? now : (tt_time){now.ns + schedule->interval.ns};
    }
    int64_t due = slot->last_run.ns + schedule->interval.ns;
    return due > now.ns ? (tt_time){due} : now;
}

static bool starts_with_bars(const tt_coord *coord, uint32_t index)
{
    tt_task task = tt_coord_slot_task(coord, index);
    return coord->config.schedules[task].start == TT_task_start_BAR;
}

/* A turn has come: the slot waits to be asked, or the turn passes. */
static void take_turn(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    bool may_run = tt_coord_schedule_is_open(coord) && slot->state == COORD_SLOT_IDLE;
    if (may_run && tt_coord_degradation_skips(coord, tt_coord_slot_task(coord, index))) {
        // When nothing else has been heard since its last turn, it runs as a probe: a level that
        // silences the only voice could never be left.
        may_run = slot->heard == coord->state->calls_ended;
    }
    slot->heard = coord->state->calls_ended;
    if (!may_run) {
        slot->skipped++;
        return;
    }
    slot->attempt = 1;
    tt_coord_dispatch_wait(coord, index, COORD_SLOT_DUE);
}

/* A call whose time is over at this moment is given up first: its timer comes second. */
static void give_up_in_time(tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    if (slot->state == COORD_SLOT_IN_FLIGHT && slot->deadline.ns <= now_of(coord).ns) {
        tt_coord_call_timeout(coord, index);
    }
}

/* Takes a turn that is due now at once, else arms it. */
static void begin_turns(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    const tt_schedule_config *schedule = &coord->config.schedules[tt_coord_slot_task(coord, index)];
    if (starts_with_bars(coord, index)) {
        if (schedule->run_on_start && slot->last_run.ns == 0) {
            take_turn(coord, index);
        }
        return;
    }
    slot->next_due = first_turn(coord, index);
    if (slot->next_due.ns <= now_of(coord).ns) {
        tt_coord_schedule_turn(coord, index);
    } else {
        arm_turn(coord, index);
    }
}

static void end_turns(tt_coord *coord, uint32_t index)
{
    cancel_turn(coord, index);
    coord->slots[index].next_due.ns = 0;
}

bool tt_coord_schedule_is_open(const tt_coord *coord)
{
    return coord->state->is_active && coord->state->state != TT_coordinator_state_HALTED;
}

void tt_coord_schedule_turn(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_task task = tt_coord_slot_task(coord, index);
    give_up_in_time(coord, index);
    slot->due_timer.n = 0;
    slot->next_due =
        next_turn(slot->next_due, coord->config.schedules[task].interval, now_of(coord));
    arm_turn(coord, index);
    take_turn(coord, index);
}

/* Tells whether a bar that closed is an interval, or more, after that of the last run. A run that
 * waited for others began a little after its bar: what counts is the bar, or every second one would
 * pass. */
static bool is_bar_due(const tt_coord *coord, uint32_t index)
{
    uint32_t key = tt_coord_slot_key(coord, index);
    const tt_instrument *instrument =
        tt_instrument_find(coord->core->instruments, (tt_instrument_id){key});
    int64_t bar = instrument->bar_interval_s * TT_NS_PER_S;
    int64_t last = coord->slots[index].last_run.ns;
    int64_t passed = tt_coord_symbol_get(coord, key)->bar_close.ns - last;
    int64_t bars = passed > 0 ? (passed + bar - 1) / bar : 0;
    tt_task task = tt_coord_slot_task(coord, index);
    return last == 0 || bars * bar >= coord->config.schedules[task].interval.ns;
}

void tt_coord_schedule_bar(tt_coord *coord, uint32_t key)
{
    for (tt_task task = 0; task < TT_task_COUNT && coord->state->is_active; task++) {
        uint32_t index = tt_coord_slot_find(coord, task, key);
        if (index == COORD_NO_SLOT || !coord->state->enabled[task] ||
            !starts_with_bars(coord, index)) {
            continue;
        }
        give_up_in_time(coord, index);
        if (is_bar_due(coord, index)) {
            take_turn(coord, index);
        }
    }
}

static bool is_slot_enabled(const tt_coord *coord, uint32_t index)
{
    return coord->state->enabled[tt_coord_slot_task(coord, index)];
}

void tt_coord_schedule_start(tt_coord *coord)
{
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        if (is_slot_enabled(coord, i)) {
            begin_turns(coord, i);
        }
    }
    tt_coord_dispatch_run(coord);
}

void tt_coord_schedule_resume(tt_coord *coord)
{
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        bool is_planned = coord->slots[i].due_timer.n != 0;
        if (is_slot_enabled(coord, i) && !is_planned) {
            begin_turns(coord, i);
        }
    }
}

void tt_coord_schedule_stop(tt_coord *coord)
{
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        end_turns(coord, i);
    }
    tt_coord_dispatch_stop(coord);
}

static void switch_slot(tt_coord *coord, uint32_t index, bool enabled)
{
    if (enabled && coord->state->is_active) {
        begin_turns(coord, index);
    } else if (!enabled) {
        end_turns(coord, index);
        if (coord->slots[index].state == COORD_SLOT_WAITING) {
            tt_coord_dispatch_remove(coord, index);
        }
    }
}

bool tt_coord_schedule_enable(tt_coord *coord, tt_task task, bool enabled)
{
    if (coord->state->enabled[task] == enabled) {
        return false;
    }
    coord->state->enabled[task] = enabled;
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        if (tt_coord_slot_task(coord, i) == task) {
            switch_slot(coord, i, enabled);
        }
    }
    tt_coord_dispatch_run(coord);
    tt_coord_health_start(coord); // What is switched on now is not missed before.
    return true;
}
