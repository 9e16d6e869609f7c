/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retries and quarantine.
 *
 * A retry waits as a whole message in a store of its own; a timer puts it into the lane of its
 * priority. A subscriber that failed too often in a row gets nothing until a person, or a trial
 * that goes well, brings it back.
 */
#include "bus/bus_care.h"

#include "bus/timers.h"

#include <string.h>

static bool is_of(const struct care_state *state, const char *name)
{
    return state->is_used && strncmp(state->name, name, sizeof state->name - 1) == 0;
}

uint32_t tt_bus_find_care(const tt_bus *bus, const char *name)
{
    for (uint32_t i = 0; i < bus->care_max; i++) {
        if (is_of(&bus->cares[i], name)) {
            return i + 1;
        }
    }
    return 0;
}

/** Lets the subscriptions of a record know it. */
static void link_care(tt_bus *bus, uint32_t care)
{
    for (uint32_t i = 0; i < bus->subscriptions_max; i++) {
        struct subscription *subscription = &bus->subscriptions[i];
        if (subscription->id != 0 && is_of(&bus->cares[care - 1], subscription->name)) {
            subscription->care = care;
            subscription->is_special = true;
        }
    }
    for (uint32_t i = 0; i < bus->topic_count; i++) {
        tt_bus_find_only(bus, &bus->topics[i]);
    }
}

/** Makes a record for a subscriber; 0 when all are in use (counted). */
static uint32_t make_care(tt_bus *bus, const char *name)
{
    for (uint32_t i = 0; i < bus->care_max; i++) {
        struct care_state *state = &bus->cares[i];
        if (!state->is_used) {
            state->is_used = 1;
            TT_TEXT_SET(state->name, name);
            link_care(bus, i + 1);
            return i + 1;
        }
    }
    bus->state->care_refused++;
    return 0;
}

void tt_bus_link_cares(tt_bus *bus)
{
    for (uint32_t i = 0; i < bus->care_max; i++) {
        if (bus->cares[i].is_used) {
            link_care(bus, i + 1);
        }
    }
}

static bool is_valid(const tt_bus_care *care)
{
    const tt_bus_retry *retry = care->retry;
    for (uint32_t i = 0; retry && retry->count <= TT_BUS_RETRIES_MAX && i < retry->count; i++) {
        if (retry->delay_ns[i] <= 0 || retry->delay_ns[i] > TT_DUR_MAX.ns) {
            return false;
        }
    }
    return (!retry || retry->count <= TT_BUS_RETRIES_MAX) && care->probe_ns >= 0 &&
           care->probe_ns <= TT_DUR_MAX.ns;
}

tutti_status tt_bus_set_care(tt_bus *bus, const char *name, const tt_bus_care *care)
{
    if (!name || !is_valid(care)) {
        return TUTTI_INVALID;
    }
    bool needs_timers = (care->retry && care->retry->count > 0) || care->probe_ns > 0;
    if (needs_timers && !bus->timers) {
        return TUTTI_STATE;
    }
    uint32_t number = tt_bus_find_care(bus, name);
    number = number != 0 ? number : make_care(bus, name);
    if (number == 0) {
        return TUTTI_LIMIT;
    }
    bus->policies[number - 1] = (struct care_policy){
        .retry = care->retry ? *care->retry : (tt_bus_retry){0},
        .quarantine_after = care->quarantine_after,
        .probe_ns = care->probe_ns,
    };
    return TUTTI_OK;
}

bool tt_bus_may_deliver(tt_bus *bus, uint32_t care)
{
    struct care_state *state = &bus->cares[care - 1];
    if (!state->is_quarantined) {
        return true;
    }
    if (state->is_probing) {
        state->is_probing = 0; // one trial
        return true;
    }
    state->skipped++;
    return false;
}

static void tell_quarantine(tt_bus *bus, const struct care_state *state, uint32_t limit)
{
    tt_bus_alert alert = {
        .value = state->failure_count,
        .limit = limit,
        .alert = TT_bus_alert_type_QUARANTINE,
        .is_raised = state->is_quarantined != 0,
    };
    TT_TEXT_SET(alert.subject, state->name);
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_ALERTS, .source = TT_SOURCE_BUS, .payload = &alert};
    (void)tt_bus_publish(bus, &post, NULL); // a refusal is dead-lettered
}

static void arm_probe(tt_bus *bus, uint32_t care)
{
    int64_t own = bus->policies[care - 1].probe_ns;
    int64_t probe_ns = own != 0 ? own : bus->probe_ns;
    if (probe_ns == 0 || !bus->timers) {
        return;
    }
    const tt_time at = {bus->state->now.ns + probe_ns};
    tutti_status status = tt_timers_arm(bus->timers, TT_TIMER_BUS, BUS_TIMER_PROBE, care, at, NULL);
    bus->state->timers_refused += status != TUTTI_OK;
}

static uint32_t limit_of(const tt_bus *bus, uint32_t care)
{
    uint32_t own = bus->policies[care - 1].quarantine_after;
    return own != 0 ? own : bus->quarantine_after;
}

static void end_quarantine(tt_bus *bus, uint32_t care)
{
    struct care_state *state = &bus->cares[care - 1];
    state->is_quarantined = 0;
    state->is_probing = 0;
    state->failure_count = 0;
    tell_quarantine(bus, state, limit_of(bus, care));
}

tutti_status tt_bus_release(tt_bus *bus, const char *name)
{
    tutti_status status = TUTTI_NOT_FOUND;
    for (uint32_t i = 0; i < bus->care_max; i++) {
        const struct care_state *state = &bus->cares[i];
        if (state->is_quarantined && is_of(state, name)) {
            end_quarantine(bus, i + 1);
            status = TUTTI_OK;
        }
    }
    return status;
}

void tt_bus_care_success(tt_bus *bus, uint32_t care)
{
    struct care_state *state = &bus->cares[care - 1];
    state->failure_count = 0;
    if (state->is_quarantined) {
        end_quarantine(bus, care); // the trial went well
    }
}

/** Counts a failure in a row; too many begin, or go on with, a quarantine. */
static void count_failure(tt_bus *bus, uint32_t care)
{
    struct care_state *state = &bus->cares[care - 1];
    uint32_t limit = limit_of(bus, care);
    state->failure_count++;
    if (state->is_quarantined) {
        arm_probe(bus, care);
    } else if (limit != 0 && state->failure_count >= limit) {
        state->is_quarantined = 1;
        tell_quarantine(bus, state, limit);
        arm_probe(bus, care);
    }
}

void tt_bus_care_trial(tt_bus *bus, uint32_t care, bool has_succeeded)
{
    if (has_succeeded) {
        tt_bus_care_success(bus, care);
    } else {
        count_failure(bus, care);
    }
}

/** Arms the timer of the next attempt; false when there is none. */
static bool arm_retry(tt_bus *bus, uint32_t care, tt_bus_stored *stored)
{
    const tt_bus_retry *retry = &bus->policies[care - 1].retry;
    if (stored->attempts > retry->count) {
        return false;
    }
    const tt_time at = {bus->state->now.ns + retry->delay_ns[stored->attempts - 1]};
    if (tt_timers_arm(bus->timers, TT_TIMER_BUS, BUS_TIMER_RETRY, stored->id, at, NULL) !=
        TUTTI_OK) {
        bus->state->timers_refused++;
        return false;
    }
    bus->cares[care - 1].retried++;
    return true;
}

/** Sets a message aside for its next attempt; false when it must be buried. */
static bool wait_for_retry(tt_bus *bus, uint32_t care, const tt_bus_failure *failure)
{
    if (bus->policies[care - 1].retry.count == 0) {
        return false;
    }
    const tt_msg *msg = failure->msg;
    tt_bus_stored *stored = tt_bus_store_add(bus->retries, msg, msg + 1, msg->size);
    if (!stored) {
        bus->state->retries_refused++;
        return false;
    }
    stored->attempts = 1;
    stored->subscription = failure->subscription;
    stored->first_failure = bus->state->now;
    TT_TEXT_SET(stored->handler, failure->handler);
    if (!arm_retry(bus, care, stored)) {
        tt_bus_store_remove(bus->retries, stored);
        return false;
    }
    return true;
}

void tt_bus_care_failure(tt_bus *bus, uint32_t care, tt_bus_failure *failure)
{
    if (care == 0 && bus->quarantine_after != 0) {
        care = make_care(bus, failure->handler);
    }
    if (care == 0) {
        tt_bus_bury(bus, failure);
        return;
    }
    if (!wait_for_retry(bus, care, failure)) {
        tt_bus_bury(bus, failure);
    }
    count_failure(bus, care);
}

/** Gives a retry up. */
static void bury_retry(
    tt_bus *bus, tt_bus_stored *stored, const tt_msg *msg, tt_dead_reason reason, const char *text)
{
    const tt_bus_failure failure = {
        .msg = msg,
        .reason = reason,
        .handler = stored->handler,
        .text = text,
        .attempts = stored->attempts,
        .subscription = stored->subscription,
        .first_failure = stored->first_failure,
    };
    tt_bus_bury(bus, &failure);
    tt_bus_store_remove(bus->retries, stored);
}

/** Why a message is not tried again. */
struct obstacle {
    tt_dead_reason reason;
    const char *text; /**< NULL = there is none. */
};

static struct obstacle
find_obstacle(tt_bus *bus, uint32_t care, struct subscription *target, const tt_msg *msg)
{
    if (is_expired(bus, msg)) {
        return (struct obstacle){TT_dead_reason_EXPIRED, "too old for another attempt"};
    }
    if (!target) {
        return (struct obstacle){TT_dead_reason_HANDLER_FAILED, "the subscription has ended"};
    }
    if (tt_bus_is_kept_away(bus, target, msg)) {
        return (struct obstacle){TT_dead_reason_HANDLER_FAILED, "kept from another attempt"};
    }
    if (care != 0 && !tt_bus_may_deliver(bus, care)) {
        bus->delivering->state->quarantined++;
        target->state->quarantined++;
        return (struct obstacle){TT_dead_reason_QUARANTINED, "the subscriber is in quarantine"};
    }
    return (struct obstacle){TT_dead_reason_NONE, NULL};
}

void tt_bus_retry_queued(tt_bus *bus, uint32_t number)
{
    tt_bus_stored *stored = tt_bus_store_at(bus->retries, number);
    tt_bus_store_read(bus->retries, stored, bus->again);
    const tt_msg *msg = bus->again;
    tt_bus_enter_again(bus, msg);
    uint32_t care = tt_bus_find_care(bus, stored->handler);
    struct subscription *target = tt_bus_target(bus, stored);
    const struct obstacle obstacle = find_obstacle(bus, care, target, msg);
    if (obstacle.text) {
        bury_retry(bus, stored, msg, obstacle.reason, obstacle.text);
        return;
    }
    stored->is_queued = 0;
    bus->delivering->state->retried++;
    target->state->retried++;
    tutti_status status = tt_bus_deliver_again(bus, target, msg);
    if (status == TUTTI_OK) {
        tt_bus_store_remove(bus->retries, stored);
        if (care != 0) {
            tt_bus_care_success(bus, care);
        }
        return;
    }
    stored->attempts++;
    if (care == 0 || !arm_retry(bus, care, stored)) {
        bury_retry(bus, stored, msg, TT_dead_reason_HANDLER_FAILED, tutti_status_text(status));
    }
    if (care != 0) {
        count_failure(bus, care);
    }
}

void tt_bus_care_timer(tt_bus *bus, uint32_t kind, uint64_t subject)
{
    if (kind == BUS_TIMER_RETRY) {
        tt_bus_stored *stored = tt_bus_store_find(bus->retries, subject);
        if (stored) {
            tt_bus_enqueue_again(bus, stored, LANE_RETRY);
        }
        return;
    }
    struct care_state *state = &bus->cares[subject - 1];
    state->is_probing = state->is_quarantined;
}

uint32_t tt_bus_retry_count(const tt_bus *bus)
{
    return tt_bus_store_count(bus->retries);
}

const char *tt_bus_care_at(const tt_bus *bus, uint32_t i, tt_bus_care_stats *ret_stats)
{
    if (i >= bus->care_max || !bus->cares[i].is_used) { // records are used from the first on
        return NULL;
    }
    const struct care_state *state = &bus->cares[i];
    *ret_stats = (tt_bus_care_stats){
        .retried = state->retried,
        .skipped = state->skipped,
        .failures_in_a_row = state->failure_count,
        .is_quarantined = state->is_quarantined != 0,
    };
    return state->name;
}

bool tt_bus_care_get(const tt_bus *bus, const char *name, tt_bus_care_stats *ret_stats)
{
    uint32_t care = tt_bus_find_care(bus, name);
    return care != 0 && tt_bus_care_at(bus, care - 1, ret_stats) != NULL;
}

size_t tt_bus_care_size(const tt_bus_options *full)
{
    return full->cares_max * sizeof(struct care_state) +
           tt_bus_store_size(full->retries_max, full->retry_bytes);
}

void tt_bus_init_care(tt_bus *bus, const tt_bus_options *full, void *memory)
{
    bus->cares = memory;
    bus->care_max = full->cares_max;
    bus->quarantine_after = full->quarantine_after;
    bus->probe_ns = (int64_t)full->probe_ms * TT_NS_PER_MS;
    bus->retries =
        tt_bus_store_init(bus->cares + full->cares_max, full->retries_max, full->retry_bytes);
}
