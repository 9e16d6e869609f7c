/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The call in flight: made, answered, failed, given up, dropped by a restart.
 *
 * Each call starts a correlation of its own; everything that follows from the answer - signal,
 * consensus, proposal, verdict, order, fill - carries it on.
 */
#include "coord/coord_priv.h"

/* Unique in a run because the sequence number is; the seed keeps runs apart. */
static tt_uuid make_correlation(const tt_coord *coord)
{
    uint64_t unix_ms = (uint64_t)(tt_bus_now(coord->bus).ns / TT_NS_PER_MS);
    return tt_uuid_make(
        unix_ms, (uint32_t)(coord->core->seed & 0xfff), tt_bus_next_seq(coord->bus));
}

/* Notes what the call shows, so that the answer is tied to exactly that. */
static void take_references(tt_coord *coord, uint32_t index, tt_agent_call *call)
{
    tt_coord_slot *slot = &coord->slots[index];
    uint32_t key = tt_coord_slot_key(coord, index);
    call->account_seq = coord->state->account_seq;
    if (key == 0) {
        return;
    }
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    call->indicators_seq = slot->indicators_seq = symbol->indicators_seq;
    call->ta_seq = slot->ta_seq = symbol->ta_seq;
    call->regime_seq = slot->regime_seq = symbol->regime_seq;
    call->sentiment_seq = slot->sentiment_seq = symbol->sentiment_seq;
    call->position_seq = symbol->position_seq;
}

/* Publishes the call; 0 if the bus has no room. */
static tt_seq publish_call(tt_coord *coord, uint32_t index, tt_time deadline)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_task task = tt_coord_slot_task(coord, index);
    tt_agent_call call = {
        .deadline = deadline,
        .attempt = slot->attempt,
        .budget = coord->config.schedules[task].call_budget,
        .agent = (uint8_t)tt_coord_task_get(task)->agent,
        .task = (uint8_t)task,
    };
    take_references(coord, index, &call);
    slot->correlation = make_correlation(coord);
    const tt_bus_post post = {
        .topic = TT_TOPIC_AGENT_CALLS,
        .source = TT_SOURCE_COORDINATOR,
        .key = tt_coord_slot_key(coord, index),
        .payload = &call,
        .correlation = slot->correlation,
    };
    tt_seq seq = 0;
    return tt_bus_publish(coord->bus, &post, &seq) == TUTTI_OK ? seq : 0;
}

/* Account of the task of a slot. */
static uint32_t account_of(const tt_coord *coord, uint32_t index)
{
    return COORD_ACCOUNT_TASK + (uint32_t)tt_coord_slot_task(coord, index);
}

bool tt_coord_call_is_affordable(const tt_coord *coord, uint32_t index)
{
    tt_task task = tt_coord_slot_task(coord, index);
    return tt_coord_budget_has(
        coord, account_of(coord, index), coord->config.schedules[task].call_budget);
}

bool tt_coord_call_reserve(tt_coord *coord, uint32_t index)
{
    tt_task task = tt_coord_slot_task(coord, index);
    tt_money amount = coord->config.schedules[task].call_budget;
    if (!tt_coord_budget_reserve(coord, account_of(coord, index), amount)) {
        return false;
    }
    coord->slots[index].held = amount;
    return true;
}

void tt_coord_call_settle(tt_coord *coord, uint32_t index, tt_money cost)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_coord_budget_settle(coord, account_of(coord, index), slot->held, cost);
    slot->held.d = TT_DEC_ZERO;
}

void tt_coord_call_settle_late(tt_coord *coord, uint32_t index, tt_money cost)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_coord_budget_correct(coord, account_of(coord, index), slot->given_up_charge, cost);
    slot->given_up_charge.d = TT_DEC_ZERO;
}

/* A call that ends without an answer is charged with all that it may have cost. */
static void charge_whole(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    slot->given_up_charge = slot->held;
    tt_coord_call_settle(coord, index, slot->held);
}

bool tt_coord_call(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_time now = tt_bus_now(coord->bus);
    tt_dur timeout = coord->config.schedules[tt_coord_slot_task(coord, index)].timeout;
    tt_time deadline = {now.ns + timeout.ns};
    tt_timer_id timer = {0};
    // The timer first: a call that cannot time out must not be made.
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_TIMEOUT, index, deadline, &timer);
    tt_seq seq = status == TUTTI_OK ? publish_call(coord, index, deadline) : 0;
    if (seq == 0) {
        if (status == TUTTI_OK) {
            (void)tt_timers_cancel(coord->core->timers, timer);
        }
        tt_coord_call_settle(coord, index, (tt_money){TT_DEC_ZERO});
        coord->state->calls_deferred++;
        return false;
    }
    bool is_allowed = tt_coord_slot_step(coord, index, COORD_SLOT_CALL);
    TT_ASSERT(is_allowed);
    slot->call_seq = seq;
    slot->timeout_timer = timer;
    slot->deadline = deadline;
    slot->prior_run = slot->last_run;
    if (!slot->is_forced) {
        slot->last_run = now;
    }
    coord->state->in_flight++;
    coord->state->flights[tt_coord_slot_task(coord, index)]++;
    tt_coord_depends_release(coord, index);
    return true;
}

uint32_t tt_coord_call_find(const tt_coord *coord, tt_seq call_seq)
{
    for (uint32_t i = 0; i < coord->slot_count && call_seq != 0; i++) {
        if (coord->slots[i].call_seq == call_seq) {
            return i;
        }
    }
    return COORD_NO_SLOT;
}

/* The slot has no call any more. */
static void release_call(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    if (slot->timeout_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, slot->timeout_timer);
        slot->timeout_timer.n = 0;
    }
    if (slot->given_up_seq == slot->call_seq) {
        charge_whole(coord, index);
    }
    slot->call_seq = 0;
    slot->is_forced = 0;
    uint32_t *flights = &coord->state->flights[tt_coord_slot_task(coord, index)];
    TT_ASSERT(coord->state->in_flight > 0 && *flights > 0);
    coord->state->in_flight--;
    (*flights)--;
}

static void end_call(tt_coord *coord, uint32_t index, uint8_t event)
{
    bool is_allowed = tt_coord_slot_step(coord, index, event);
    TT_ASSERT(is_allowed);
    release_call(coord, index);
    coord->slots[index].last_end = tt_bus_now(coord->bus);
    coord->state->calls_ended++;
}

void tt_coord_call_succeed(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    end_call(coord, index, COORD_SLOT_ANSWER);
    slot->last_success = tt_bus_now(coord->bus);
    slot->runs++;
    coord->state->task_runs++;
    tt_coord_degradation_success(coord);
    tt_coord_dispatch_run(coord);
}

void tt_coord_call_fail(
    tt_coord *coord, uint32_t index, uint8_t event, tt_coord_failure kind, const char *why)
{
    tt_coord_slot *slot = &coord->slots[index];
    const tt_coord_note note = {
        .event = TT_system_event_type_TASK_ERROR,
        .severity = TT_severity_HIGH,
        .key = tt_coord_slot_key(coord, index),
        .subject = tt_enum_text(&tt_enum_task, (uint8_t)tt_coord_slot_task(coord, index)),
        .old_value = slot->attempt,
        .new_value = (int64_t)slot->errors + 1,
        .correlation = &slot->correlation,
    };
    tt_coord_event(coord, &note, "%s: %s", tt_coord_key_text(coord, note.key), why);
    slot->given_up_seq = slot->call_seq;
    end_call(coord, index, event);
    slot->errors++;
    tt_coord_degradation_failure(coord, kind);
    tt_coord_dispatch_run(coord);
}

void tt_coord_call_timeout(tt_coord *coord, uint32_t index)
{
    if (tt_coord_is_recovering(coord)) {
        return; // The crash was late, not the agent: the restart drops this call.
    }
    char why[64];
    tt_dur timeout = coord->config.schedules[tt_coord_slot_task(coord, index)].timeout;
    char seconds[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(tt_dec_from_i64(timeout.ns, 9), seconds);
    tt_text_format(why, sizeof why, "no answer within %s s", seconds);
    tt_coord_call_fail(coord, index, COORD_SLOT_TIMEOUT, COORD_FAILURE_API, why);
}

uint32_t tt_coord_call_recover(tt_coord *coord)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        tt_coord_slot *slot = &coord->slots[i];
        if (slot->state != COORD_SLOT_IN_FLIGHT) {
            continue;
        }
        uint8_t was_forced = slot->is_forced;
        slot->given_up_seq = slot->call_seq;
        release_call(coord, i);
        tt_coord_dispatch_wait(coord, i, COORD_SLOT_RECOVER);
        slot->is_forced = was_forced;
        slot->last_run = slot->prior_run; // The run that was cut off asks nothing of others.
        slot->attempt++;
        count++;
    }
    return count;
}
