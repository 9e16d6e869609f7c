/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * When a task of a symbol is due, and when it may be asked.
 *
 * A slot (task, symbol) is IDLE, WAITING or IN_FLIGHT. Each enabled slot has one timer for its next
 * turn; turns lie one interval apart, the first one interval after the start (at the start with
 * run_on_start). Turns that the clock jumped over are not made up for. A turn finds the slot
 *   idle       -> it waits for what it needs and is then asked,
 *   otherwise  -> the turn passes: one task of one symbol is never asked twice at once.
 *
 * A waiting slot is asked when (tt_coord_schedule_reason)
 *   1. the indicators of its symbol are warm, if it needs them,
 *   2. no bar of its symbol is about to close: agents must not be asked about the bar before, only
 *      because the timer was a little faster than the feed. The wait is bounded by bar_grace,
 *   3. each enabled task that it builds on is not waiting, in flight or due at this moment, and has
 *      succeeded (the sentiment: was tried) at or after the slot's own last run,
 *   4. fewer than max_concurrent_calls are in flight; who came due first goes first.
 * A forced run needs 1 and 4 alone.
 */
#include "coord/coord_priv.h"

static const char *const slot_states[] = {"idle", "waiting", "in_flight"};
static const char *const slot_events[] = {
    "due", "force", "call", "drop", "answer", "fail", "timeout", "recover"};
static const tt_sm_row slot_rows[] = {
    {COORD_SLOT_IDLE, COORD_SLOT_DUE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_IDLE, COORD_SLOT_FORCE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_FORCE, COORD_SLOT_WAITING, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_CALL, COORD_SLOT_IN_FLIGHT, 0, 0},
    {COORD_SLOT_WAITING, COORD_SLOT_DROP, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_ANSWER, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_FAIL, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_TIMEOUT, COORD_SLOT_IDLE, 0, 0},
    {COORD_SLOT_IN_FLIGHT, COORD_SLOT_RECOVER, COORD_SLOT_WAITING, 0, 0},
};
const tt_sm_def tt_coord_task_def = {
    .name = "task",
    .states = slot_states,
    .state_count = COORD_SLOT_IN_FLIGHT + 1,
    .events = slot_events,
    .event_count = COORD_SLOT_RECOVER + 1,
    .rows = slot_rows,
    .row_count = sizeof slot_rows / sizeof slot_rows[0],
    .initial = COORD_SLOT_IDLE,
};

bool tt_coord_slot_step(tt_coord *coord, uint32_t slot, uint8_t event)
{
    return tt_sm_step(
               &coord->machines[TT_COORD_MACHINE_TASK],
               &coord->counts[TT_COORD_MACHINE_TASK],
               &coord->slots[slot].state,
               event,
               0,
               NULL) == TT_SM_TAKEN;
}

static tt_time now_of(const tt_coord *coord)
{
    return tt_bus_now(coord->bus);
}

/* Without a timer the slot would fall silent: arm_missing tries again at each dispatch. */
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

static void arm_missing(tt_coord *coord)
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

/* Takes a turn that is due now at once, else arms it. */
static void begin_turns(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
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

void tt_coord_schedule_wait(tt_coord *coord, uint32_t index, uint8_t event)
{
    bool was_waiting = coord->slots[index].state == COORD_SLOT_WAITING;
    TT_ASSERT(tt_coord_slot_step(coord, index, event));
    if (!was_waiting) {
        TT_ASSERT(coord->state->waiting_count < coord->slot_count);
        coord->waiting[coord->state->waiting_count++] = (uint16_t)index;
    }
}

void tt_coord_schedule_turn(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_task task = tt_coord_slot_task(coord, index);
    if (slot->state == COORD_SLOT_IN_FLIGHT && slot->deadline.ns <= now_of(coord).ns) {
        tt_coord_call_timeout(coord, index); // Its timer is of this moment and comes second.
    }
    slot->due_timer.n = 0;
    slot->next_due =
        next_turn(slot->next_due, coord->config.schedules[task].interval, now_of(coord));
    arm_turn(coord, index);
    bool may_run = tt_coord_schedule_is_open(coord) && slot->state == COORD_SLOT_IDLE;
    if (may_run && tt_coord_degradation_skips(coord, task)) {
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
    tt_coord_schedule_wait(coord, index, COORD_SLOT_DUE);
}

/* Tells whether a bar of the symbol ends at this moment and is not here yet. */
static bool awaits_bar(const tt_coord *coord, uint32_t key, tt_time *ret_until)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    const tt_instrument *instrument =
        tt_instrument_find(coord->core->instruments, (tt_instrument_id){key});
    int64_t expected = symbol->bar_close.ns + instrument->bar_interval_s * TT_NS_PER_S;
    ret_until->ns = expected + coord->config.coordinator.bar_grace.ns;
    int64_t now = now_of(coord).ns;
    return expected <= now && now < ret_until->ns;
}

/* Tells whether a task that the slot builds on keeps it waiting. */
static bool awaits_task(
    const tt_coord *coord, const tt_coord_slot *slot, tt_task on, uint32_t key, bool success)
{
    bool counts = coord->state->enabled[on] && !tt_coord_degradation_skips(coord, on);
    if (!counts) {
        return false;
    }
    const tt_coord_slot *other = &coord->slots[tt_coord_slot_find(coord, on, key)];
    bool is_coming = other->next_due.ns != 0 && other->next_due.ns <= now_of(coord).ns;
    if (other->state != COORD_SLOT_IDLE || is_coming) {
        return true;
    }
    tt_time last = success ? other->last_success : other->last_end;
    return last.ns == 0 || last.ns < slot->last_run.ns;
}

static bool awaits_dependency(const tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    const tt_coord_task *facts = tt_coord_task_get(tt_coord_slot_task(coord, index));
    uint32_t key = tt_coord_slot_key(coord, index);
    for (tt_task on = 0; on < TT_task_COUNT; on++) {
        bool success = facts->needs_success >> on & 1;
        bool attempt = facts->needs_attempt >> on & 1;
        if ((success || attempt) && awaits_task(coord, slot, on, key, success)) {
            return true;
        }
    }
    return false;
}

tt_coord_wait tt_coord_schedule_reason(const tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    const tt_coord_task *facts = tt_coord_task_get(tt_coord_slot_task(coord, index));
    uint32_t key = tt_coord_slot_key(coord, index);
    tt_time until;
    if (facts->needs_indicators && !tt_coord_symbol_get(coord, key)->is_warm) {
        return TT_COORD_WAIT_INDICATORS;
    }
    if (!slot->is_forced && facts->needs_indicators && awaits_bar(coord, key, &until)) {
        return TT_COORD_WAIT_BAR;
    }
    if (!slot->is_forced && awaits_dependency(coord, index)) {
        return TT_COORD_WAIT_DEPENDENCY;
    }
    bool is_full = coord->state->in_flight >= coord->config.coordinator.max_concurrent_calls;
    return is_full ? TT_COORD_WAIT_CAPACITY : TT_COORD_WAIT_NONE;
}

/* Wakes the slots of a symbol when the bar that they wait for does not come. */
static void arm_grace(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_time until;
    if (symbol->grace_timer.n != 0 || !awaits_bar(coord, key, &until)) {
        return;
    }
    tt_timer_id id = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_GRACE, key, until, &id);
    // Without a timer the next bar, answer or turn wakes them.
    symbol->grace_timer = status == TUTTI_OK ? id : (tt_timer_id){0};
}

static void cancel_grace(tt_coord *coord, uint32_t key)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    if (symbol->grace_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, symbol->grace_timer);
        symbol->grace_timer.n = 0;
    }
}

/* Asks the slot if it is ready; false if it goes on waiting. */
static bool try_call(tt_coord *coord, uint32_t index)
{
    tt_coord_wait reason = tt_coord_schedule_reason(coord, index);
    if (reason == TT_COORD_WAIT_BAR) {
        arm_grace(coord, tt_coord_slot_key(coord, index));
    }
    return reason == TT_COORD_WAIT_NONE && tt_coord_call(coord, index);
}

void tt_coord_schedule_dispatch(tt_coord *coord)
{
    tt_coord_state *state = coord->state;
    if (!tt_coord_schedule_is_open(coord) || tt_coord_is_recovering(coord)) {
        return;
    }
    // One pass is enough: a call can only make others wait longer, never make them ready.
    uint32_t kept = 0;
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        uint16_t slot = coord->waiting[i];
        if (!try_call(coord, slot)) {
            coord->waiting[kept++] = slot;
        }
    }
    state->waiting_count = kept;
    arm_missing(coord);
}

void tt_coord_schedule_drop(tt_coord *coord)
{
    for (uint32_t i = 0; i < coord->state->waiting_count; i++) {
        tt_coord_slot *slot = &coord->slots[coord->waiting[i]];
        TT_ASSERT(tt_coord_slot_step(coord, coord->waiting[i], COORD_SLOT_DROP));
        slot->is_forced = 0;
        slot->skipped++;
    }
    coord->state->waiting_count = 0;
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
    tt_coord_schedule_dispatch(coord);
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
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        cancel_grace(coord, key);
    }
    tt_coord_schedule_drop(coord);
}

/* Takes a slot out of the waiting list. */
static void drop_waiting(tt_coord *coord, uint32_t index)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < coord->state->waiting_count; i++) {
        if (coord->waiting[i] != index) {
            coord->waiting[kept++] = coord->waiting[i];
        }
    }
    coord->state->waiting_count = kept;
    TT_ASSERT(tt_coord_slot_step(coord, index, COORD_SLOT_DROP));
    coord->slots[index].is_forced = 0;
}

static void switch_slot(tt_coord *coord, uint32_t index, bool enabled)
{
    if (enabled && coord->state->is_active) {
        begin_turns(coord, index);
    } else if (!enabled) {
        end_turns(coord, index);
        if (coord->slots[index].state == COORD_SLOT_WAITING) {
            drop_waiting(coord, index);
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
    tt_coord_schedule_dispatch(coord);
    return true;
}

void tt_coord_schedule_force(tt_coord *coord, uint32_t index)
{
    coord->slots[index].attempt = 1;
    coord->slots[index].is_forced = 1;
    tt_coord_schedule_wait(coord, index, COORD_SLOT_FORCE);
    tt_coord_schedule_dispatch(coord);
}
