/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counters of the bus, by topic, in total and by subscription.
 */
#include "bus/bus_priv.h"

static const struct topic *topic_or_none(const tt_bus *bus, tt_topic topic)
{
    return &bus->topics[known_topic(bus, (uint32_t)topic)];
}

static void add_stats(const struct topic *topic, tt_bus_topic_stats *sum)
{
    const struct topic_state *state = topic->state;
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
    sum->aged_out += state->aged_out;
    sum->expiry_untimed += state->expiry_untimed;
    sum->history_count += state->ring_count - state->hole_count;
}

void tt_bus_topic_stats_get(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    add_stats(topic_or_none(bus, topic), ret_stats);
    ret_stats->subscribers = topic_or_none(bus, topic)->claimed_count;
}

void tt_bus_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    for (uint32_t i = 0; i < bus->topic_count; i++) {
        add_stats(&bus->topics[i], ret_stats);
    }
    ret_stats->subscribers = tt_bus_subscriber_count(bus, TT_TOPIC_NONE);
}

uint32_t tt_bus_queue_high_water(const tt_bus *bus)
{
    return bus->state->high_water;
}

bool tt_bus_subscriber_stats_get(
    const tt_bus *bus, tt_topic topic_id, uint32_t index, tt_bus_subscriber_stats *ret_stats)
{
    const struct topic *topic = topic_or_none(bus, topic_id);
    if (index >= topic->set.count) {
        return false;
    }
    const struct subscription *subscription = &bus->subscriptions[topic->set.slots[index]];
    *ret_stats = (tt_bus_subscriber_stats){
        .name = subscription->name,
        .id = subscription->id,
        .delivered = subscription->state->delivered,
        .failed = subscription->state->failed,
        .filtered = subscription->state->filtered,
        .filter_failed = subscription->state->filter_failed,
    };
    return true;
}
