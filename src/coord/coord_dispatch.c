/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The waiting list: who is due and not asked yet, in the order in which they came due.
 *
 * A waiting slot is asked when (tt_coord_dispatch_reason)
 *   1. the indicators of its symbol are warm, if it needs them,
 *   2. no bar of its symbol is about to close: agents must not be asked about the bar before, only
 *      because the timer was a little faster than the feed. The wait is bounded by bar_grace,
 *   3. no task that it builds on keeps it waiting (coord_depend.c),
 *   4. there is room: max_parallel calls of its task, max_concurrent_tasks tasks, and
 *      max_concurrent_calls in all; of those that there is room for, who came due first goes first.
 * A forced run needs 1 and 4 alone.
 */
#include "coord/coord_priv.h"

static tt_time now_of(const tt_coord *coord)
{
    return tt_bus_now(coord->bus);
}

void tt_coord_dispatch_wait(tt_coord *coord, uint32_t index, uint8_t event)
{
    bool was_waiting = coord->slots[index].state == COORD_SLOT_WAITING;
    bool is_allowed = tt_coord_slot_step(coord, index, event);
    TT_ASSERT(is_allowed);
    if (!was_waiting) {
        TT_ASSERT(coord->state->waiting_count < coord->slot_count);
        coord->waiting[coord->state->waiting_count++] = (uint16_t)index;
    }
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

/* Tells whether the bounds on calls leave no room for one more of a task. */
static bool is_full(const tt_coord *coord, tt_task task)
{
    const tt_coord_state *state = coord->state;
    uint32_t tasks = 0;
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        tasks += state->flights[i] > 0 && i != (uint32_t)task;
    }
    return state->in_flight >= coord->config.coordinator.max_concurrent_calls ||
           tasks >= coord->config.coordinator.max_concurrent_tasks ||
           state->flights[task] >= coord->config.schedules[task].max_parallel;
}

tt_coord_wait tt_coord_dispatch_reason(const tt_coord *coord, uint32_t index)
{
    const tt_coord_slot *slot = &coord->slots[index];
    tt_task task = tt_coord_slot_task(coord, index);
    const tt_coord_task *facts = tt_coord_task_get(task);
    uint32_t key = tt_coord_slot_key(coord, index);
    tt_time until;
    if (facts->needs_indicators && !tt_coord_symbol_get(coord, key)->is_warm) {
        return TT_COORD_WAIT_INDICATORS;
    }
    if (!slot->is_forced && facts->needs_indicators && awaits_bar(coord, key, &until)) {
        return TT_COORD_WAIT_BAR;
    }
    if (!slot->is_forced && tt_coord_depends_awaits(coord, index)) {
        return TT_COORD_WAIT_DEPENDENCY;
    }
    return is_full(coord, task) ? TT_COORD_WAIT_CAPACITY : TT_COORD_WAIT_NONE;
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

/* Makes a waiting slot idle; the list is the caller's. */
static void leave_waiting(tt_coord *coord, uint32_t index)
{
    bool is_allowed = tt_coord_slot_step(coord, index, COORD_SLOT_DROP);
    TT_ASSERT(is_allowed);
    coord->slots[index].is_forced = 0;
    tt_coord_depends_release(coord, index);
}

/* Asks the slot if it is ready, or gives its turn up when the budget is spent; false if it goes on
 * waiting. */
static bool try_call(tt_coord *coord, uint32_t index)
{
    tt_coord_wait reason = tt_coord_dispatch_reason(coord, index);
    if (reason == TT_COORD_WAIT_BAR) {
        arm_grace(coord, tt_coord_slot_key(coord, index));
    } else if (reason == TT_COORD_WAIT_DEPENDENCY) {
        tt_coord_depends_arm(coord, index);
    }
    if (reason != TT_COORD_WAIT_NONE) {
        return false;
    }
    if (!tt_coord_call_reserve(coord, index)) {
        leave_waiting(coord, index);
        coord->slots[index].skipped++;
        return true;
    }
    return tt_coord_call(coord, index);
}

void tt_coord_dispatch_run(tt_coord *coord)
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
    tt_coord_schedule_arm_missing(coord);
}

void tt_coord_dispatch_drop(tt_coord *coord)
{
    for (uint32_t i = 0; i < coord->state->waiting_count; i++) {
        leave_waiting(coord, coord->waiting[i]);
        coord->slots[coord->waiting[i]].skipped++;
    }
    coord->state->waiting_count = 0;
}

void tt_coord_dispatch_remove(tt_coord *coord, uint32_t index)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < coord->state->waiting_count; i++) {
        if (coord->waiting[i] != index) {
            coord->waiting[kept++] = coord->waiting[i];
        }
    }
    coord->state->waiting_count = kept;
    leave_waiting(coord, index);
}

void tt_coord_dispatch_force(tt_coord *coord, uint32_t index)
{
    coord->slots[index].attempt = 1;
    coord->slots[index].is_forced = 1;
    tt_coord_dispatch_wait(coord, index, COORD_SLOT_FORCE);
    tt_coord_dispatch_run(coord);
}

void tt_coord_dispatch_bar(tt_coord *coord, uint32_t key)
{
    cancel_grace(coord, key);
    tt_coord_dispatch_run(coord);
}

void tt_coord_dispatch_stop(tt_coord *coord)
{
    for (uint32_t key = 1; key <= coord->symbol_count; key++) {
        cancel_grace(coord, key);
    }
    tt_coord_dispatch_drop(coord);
}
