/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Subscriptions begin and end.
 */
#include "bus/bus_priv.h"

#include <string.h>

tutti_status tt_bus_subscribe(
    tt_bus *bus, tt_topic topic, const char *name, tt_bus_handler_fn handler, void *ctx)
{
    return tt_bus_subscribe_filtered(bus, topic, name, handler, NULL, ctx);
}

tutti_status tt_bus_subscribe_filtered(
    tt_bus *bus,
    tt_topic topic_id,
    const char *name,
    tt_bus_handler_fn handler,
    tt_bus_filter_fn filter,
    void *ctx)
{
    uint32_t place = known_topic(bus, (uint32_t)topic_id);
    if (place == 0 || !name || !handler) {
        return TUTTI_INVALID;
    }
    struct topic *topic = &bus->topics[place];
    if (topic->subscription_count == TT_BUS_SUBSCRIBERS_MAX) {
        return TUTTI_LIMIT;
    }
    topic->subscriptions[topic->subscription_count++] =
        (struct subscription){.handler = handler, .filter = filter, .ctx = ctx, .name = name};
    return TUTTI_OK;
}

void tt_bus_remove_ended(struct topic *topic)
{
    struct topic_state *state = topic->state;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < topic->subscription_count; i++) {
        if (topic->subscriptions[i].is_ended) {
            state->delivered_before += state->delivered[i];
            state->failed_before += state->failed[i];
            continue;
        }
        topic->subscriptions[kept] = topic->subscriptions[i];
        state->delivered[kept] = state->delivered[i];
        state->failed[kept] = state->failed[i];
        kept++;
    }
    for (uint32_t i = kept; i < topic->subscription_count; i++) {
        state->delivered[i] = 0;
        state->failed[i] = 0;
    }
    topic->subscription_count = kept;
    topic->has_ended_subscription = false;
}

static uint32_t end_subscriptions(tt_bus *bus, struct topic *topic, const char *name)
{
    uint32_t ended = 0;
    for (uint32_t i = 0; i < topic->subscription_count; i++) {
        struct subscription *subscription = &topic->subscriptions[i];
        if (!subscription->is_ended && strcmp(subscription->name, name) == 0) {
            subscription->is_ended = true;
            topic->has_ended_subscription = true;
            ended++;
        }
    }
    // A delivery walks the list by place; it removes the ended ones itself when it is through.
    bool is_in_delivery = bus->current && topic == &bus->topics[topic_place(bus->current->topic)];
    if (ended > 0 && !is_in_delivery) {
        tt_bus_remove_ended(topic);
    }
    return ended;
}

uint32_t tt_bus_unsubscribe(tt_bus *bus, tt_topic topic, const char *name)
{
    if (topic != TT_TOPIC_NONE) {
        uint32_t place = known_topic(bus, (uint32_t)topic);
        return place != 0 ? end_subscriptions(bus, &bus->topics[place], name) : 0;
    }
    uint32_t ended = 0;
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        ended += end_subscriptions(bus, &bus->topics[i], name);
    }
    return ended;
}
