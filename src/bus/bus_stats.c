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
    sum->delivered += state->delivered_before;
    sum->failed += state->failed_before;
    for (uint32_t i = 0; i < topic->subscription_count; i++) {
        sum->delivered += state->delivered[i];
        sum->failed += state->failed[i];
        sum->subscribers += topic->subscriptions[i].is_ended ? 0 : 1;
    }
    sum->expired += state->expired;
    sum->dropped += state->dropped;
    sum->invalid += state->invalid;
    sum->dead_lettered += state->dead_lettered;
    sum->dead_unsent += state->dead_unsent;
    sum->latest_lost += state->latest_lost;
    sum->history_count += state->ring_count;
}

void tt_bus_topic_stats_get(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    add_stats(topic_or_none(bus, topic), ret_stats);
}

void tt_bus_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){0};
    for (uint32_t i = 0; i < bus->topic_count; i++) {
        add_stats(&bus->topics[i], ret_stats);
    }
}

uint32_t tt_bus_subscriber_count(const tt_bus *bus, tt_topic topic)
{
    tt_bus_topic_stats stats;
    if (topic == TT_TOPIC_NONE) {
        tt_bus_totals(bus, &stats);
    } else {
        tt_bus_topic_stats_get(bus, topic, &stats);
    }
    return stats.subscribers;
}

uint32_t tt_bus_queue_high_water(const tt_bus *bus)
{
    return bus->state->high_water;
}

bool tt_bus_subscriber_stats_get(
    const tt_bus *bus, tt_topic topic_id, uint32_t index, tt_bus_subscriber_stats *ret_stats)
{
    const struct topic *topic = topic_or_none(bus, topic_id);
    if (index >= topic->subscription_count) {
        return false;
    }
    *ret_stats = (tt_bus_subscriber_stats){
        .name = topic->subscriptions[index].name,
        .delivered = topic->state->delivered[index],
        .failed = topic->state->failed[index],
    };
    return true;
}
