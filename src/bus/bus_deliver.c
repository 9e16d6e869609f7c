/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Delivery: takes messages from the lanes and calls the handlers. The other half of the hot path.
 */
#include "bus/bus_priv.h"

/** Strictly older than its time to live. Within one step nothing ages; what an earlier step left
 * queued may. */
static bool is_expired(const tt_bus *bus, const tt_msg *msg)
{
    return msg->ttl_ms != 0 &&
           bus->state->now.ns - msg->time.ns > (int64_t)msg->ttl_ms * TT_NS_PER_MS;
}

static void deliver_to(tt_bus *bus, struct topic *topic, uint32_t place, const tt_msg *msg)
{
    const struct subscription *subscription = &topic->subscriptions[place];
    if (subscription->filter && !subscription->filter(subscription->ctx, msg)) {
        return;
    }
    // Hook: what keeps a message from a handler, such as a quarantine, stands here.
    tutti_status status = subscription->handler(subscription->ctx, bus, msg);
    // Hook: what follows from how the handler ended, such as a retry, stands here.
    if (status == TUTTI_OK) {
        topic->state->delivered[place]++;
        return;
    }
    topic->state->failed[place]++;
    tt_bus_dead_letter(
        bus, msg, TT_dead_reason_HANDLER_FAILED, subscription->name, tutti_status_text(status));
}

static void deliver(tt_bus *bus, const tt_msg *msg, uint32_t depth)
{
    struct topic *topic = &bus->topics[topic_place(msg->topic)];
    bus->current = msg;
    bus->parent = msg;
    bus->child_depth = depth + 1;
    if (is_expired(bus, msg)) {
        topic->state->expired++;
        tt_bus_dead_letter(bus, msg, TT_dead_reason_EXPIRED, "", "not delivered: too old");
        return;
    }
    uint32_t count = topic->subscription_count; // the set is fixed now
    for (uint32_t i = 0; i < count; i++) {
        deliver_to(bus, topic, i, msg);
    }
    if (topic->has_ended_subscription) {
        tt_bus_remove_ended(topic);
    }
}

/** Takes the oldest message of the highest lane that is not empty. */
static uint64_t dequeue(tt_bus *bus)
{
    uint32_t priority = 31u - (uint32_t)__builtin_clz(bus->busy_lanes);
    struct lane *lane = &bus->lanes[priority];
    uint64_t queued = lane->entries[lane->head++ & lane->mask];
    bus->queued_count--;
    if (lane->head == lane->tail) {
        lane->head = 0; // an empty lane starts over in memory that is warm
        lane->tail = 0;
        bus->busy_lanes &= ~(1u << priority);
    }
    return queued;
}

void tt_bus_run(tt_bus *bus)
{
    if (bus->current) {
        return;
    }
    while (bus->busy_lanes != 0) {
        uint64_t queued = dequeue(bus);
        const unsigned char *msg = bus->outbox + (uint32_t)queued;
        deliver(bus, (const tt_msg *)(const void *)msg, (uint32_t)(queued >> 32));
    }
    bus->current = NULL;
    bus->parent = bus->root;
    bus->child_depth = bus->root ? 1 : 0;
}
