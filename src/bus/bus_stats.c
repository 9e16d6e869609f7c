/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counters of the bus, by topic, in total and by subscription.
 */
#include "bus/bus_priv.h"

static const struct topic *topic_or_none(const tt_bus *bus, tt_topic topic)
{
    return &bus->topics[known_topic(bus, (uint32_t)topic)];
}

void tt_bus_add_stats(const struct topic_state *state, tt_bus_topic_stats *sum)
{
    sum->published += state->published;
    sum->delivered += state->delivered;
    sum->failed += state->failed;
    sum->filtered += state->filtered;
    sum->filter_failed += state->filter_failed;
    sum->guarded += state->guarded;
    sum->expired += state->expired;
    sum->dropped += state->dropped;
    sum->invalid += state->invalid;
    sum->dead_lettered += state->dead_lettered;
    sum->dead_unsent += state->dead_unsent;
    sum->latest_lost += state->latest_lost;
    sum->duplicates += state->duplicates;
    sum->rate_limited += state->rate_limited;
    sum->too_deep += state->too_deep;
    sum->retried += state->retried;
    sum->quarantined += state->quarantined;
    sum->aged_out += state->aged_out;
    sum->expiry_untimed += state->expiry_untimed;
    sum->history_count += state->ring_count - state->hole_count;
}

void tt_bus_topic_stats_get(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    tt_bus_add_stats(topic_or_none(bus, topic)->state, ret_stats);
    ret_stats->subscribers = topic_or_none(bus, topic)->claimed_count;
}

void tt_bus_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    for (uint32_t i = 0; i < bus->topic_count; i++) {
        tt_bus_add_stats(bus->topics[i].state, ret_stats);
    }
    ret_stats->subscribers = tt_bus_subscriber_count(bus, TT_TOPIC_NONE);
}

uint32_t tt_bus_queue_high_water(const tt_bus *bus)
{
    uint32_t in_row = row_count(bus); // is noted when the first of them is taken
    uint32_t high_water = bus->state->high_water > in_row ? bus->state->high_water : in_row;
    return bus->state->next_seq > 1 ? high_water : 0;
}

bool tt_bus_lane_stats_get(const tt_bus *bus, tt_priority priority, tt_bus_lane_stats *ret_stats)
{
    if (priority <= TT_priority_NONE || priority >= TT_priority_COUNT) {
        return false;
    }
    const struct lane *lane = &bus->lanes[priority];
    uint32_t alone = bus->lanes_alone >> (uint32_t)priority & 1;
    uint32_t depth = lane_depth(bus, (uint32_t)priority);
    uint32_t least = depth > alone ? depth : alone; // a row is noted when it is delivered
    *ret_stats = (tt_bus_lane_stats){
        .depth = depth,
        .high_water = lane->high_water > least ? lane->high_water : least,
        .max = lane->max,
    };
    return true;
}

void tt_bus_failure_stats_get(const tt_bus *bus, tt_bus_failure_stats *ret_stats)
{
    const struct bus_state *state = bus->state;
    *ret_stats = (tt_bus_failure_stats){
        .dead_lost = state->dead_lost,
        .dead_discarded = state->dead_discarded,
        .redriven = state->redriven,
        .care_refused = state->care_refused,
        .retries_refused = state->retries_refused,
        .timers_refused = state->timers_refused,
        .dead_count = tt_bus_dead_count(bus),
        .retry_count = tt_bus_retry_count(bus),
        .blocked_count = tt_bus_blocked_count(bus),
    };
}

/** Number of the topic at a place. */
static uint32_t topic_of(uint32_t place)
{
    return place < TT_TOPIC_COUNT ? place : place - TT_TOPIC_COUNT + TT_TOPIC_USER_FIRST;
}

void tt_bus_fill_subscriber(
    const struct subscription *subscription,
    const struct subscriber_counts *counts,
    tt_bus_subscriber_stats *ret_stats)
{
    *ret_stats = (tt_bus_subscriber_stats){
        .name = subscription->name,
        .pattern = subscription->pattern,
        .topic = (tt_topic)topic_of(subscription->place),
        .id = subscription->id,
        .delivered = counts->delivered,
        .failed = counts->others.failed,
        .filtered = counts->others.filtered,
        .filter_failed = counts->others.filter_failed,
        .guarded = counts->others.guarded,
        .retried = counts->others.retried,
        .quarantined = counts->others.quarantined,
    };
}

static void fill_slot(const tt_bus *bus, uint32_t slot, tt_bus_subscriber_stats *ret_stats)
{
    const struct subscriber_counts counts = subscriber_counts_of(bus, slot);
    tt_bus_fill_subscriber(&bus->subscriptions[slot], &counts, ret_stats);
}

bool tt_bus_subscriber_stats_get(
    const tt_bus *bus, tt_topic topic_id, uint32_t index, tt_bus_subscriber_stats *ret_stats)
{
    const struct topic *topic = topic_or_none(bus, topic_id);
    if (index >= topic->set->count) {
        return false;
    }
    fill_slot(bus, topic->set->slots[index], ret_stats);
    return true;
}

bool tt_bus_subscriber_next(const tt_bus *bus, uint32_t *cursor, tt_bus_subscriber_stats *ret_stats)
{
    while (*cursor < bus->slots_used) {
        uint32_t slot = (*cursor)++;
        const struct subscription *subscription = &bus->subscriptions[slot];
        if (subscription->id != 0 && !subscription->is_ended) {
            fill_slot(bus, slot, ret_stats);
            return true;
        }
    }
    return false;
}
