/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Expired messages leave the history when a step begins. A topic has one timer, for its oldest
 * message with the time to live of the topic: those expire in the order of the ring, so each is
 * looked at once. Messages with a time to live of their own, and pinned ones, have a node of the
 * wheel each. When no node is left a message keeps its place until the ring takes it (counted);
 * readers look at the age in any case.
 */
#include "bus/bus_index.h"
#include "bus/bus_wheel.h"

/** Whole milliseconds that bring every time above zero: the wheel knows none below. */
#define OFFSET_NS UINT64_C(9223372036855000000)

static uint64_t wheel_ms(tt_time time)
{
    return ((uint64_t)time.ns + OFFSET_NS) / (uint64_t)TT_NS_PER_MS;
}

/** First millisecond at which a message is strictly older than its time to live. */
static uint64_t expiry_ms(const tt_msg *msg)
{
    return wheel_ms(msg->time) + msg->ttl_ms + 1;
}

static bool has_expired(const tt_bus *bus, const tt_msg *msg)
{
    return bus->state->now.ns - msg->time.ns > (int64_t)msg->ttl_ms * TT_NS_PER_MS;
}

/** Sets a timer for a message. It may be due already: the next step must look. */
static void arm(tt_bus *bus, uint32_t item, const tt_msg *msg)
{
    tt_bus_wheel_arm(bus->wheel, item, expiry_ms(msg));
    wake_expiry(bus);
}

static void take_node(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    struct bus_state *state = bus->state;
    if (state->free_node == 0) {
        topic->state->expiry_untimed++;
        return;
    }
    uint32_t node = state->free_node - 1;
    state->free_node = bus->nodes[node].next_free;
    bus->nodes[node] = (struct expiry_node){
        .topic = (uint32_t)(topic - bus->topics),
        .slot = slot,
    };
    topic->links[slot].timer = node + 1;
    arm(bus, bus->topics_max + node, slot_msg(topic, slot));
}

static void free_node(tt_bus *bus, uint32_t node)
{
    bus->nodes[node] = (struct expiry_node){.next_free = bus->state->free_node};
    bus->state->free_node = node + 1;
}

void tt_bus_age(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    const tt_msg *msg = slot_msg(topic, slot);
    if (msg->ttl_ms == 0) {
        return;
    }
    if (msg->ttl_ms != topic->ttl_ms || topic->links[slot].pin_place != 0) {
        take_node(bus, topic, slot);
    } else {
        topic->state->is_aging = 1;
        arm(bus, (uint32_t)(topic - bus->topics), msg);
    }
}

void tt_bus_stop_aging(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    uint32_t timer = topic->links[slot].timer;
    if (timer != 0) {
        tt_bus_wheel_disarm(bus->wheel, bus->topics_max + timer - 1);
        free_node(bus, timer - 1);
        topic->links[slot].timer = 0;
    }
}

/** Holes at the old end of the ring are no places any more. */
static void trim(struct topic *topic)
{
    struct topic_state *state = topic->state;
    while (state->hole_count > 0 &&
           topic->links[ring_slot(topic, state->ring_count - 1)].pair == 0) {
        state->ring_count--;
        state->hole_count--;
        state->aged_count -= state->aged_count != 0;
    }
}

/** The same where there is no index: a place of the ring becomes free, and of several keys one may
 * have no message any more. */
static void expire_plainly(tt_bus *bus, struct topic *topic)
{
    struct topic_state *state = topic->state;
    for (; state->ring_count > 0; state->ring_count--) {
        uint32_t slot = ring_slot(topic, state->ring_count - 1);
        const tt_msg *msg = slot_msg(topic, slot);
        if (!has_expired(bus, msg)) {
            tt_bus_age(bus, topic, slot);
            return;
        }
        state->aged_out++;
        if (is_keyed(topic) && topic->newest[msg->key] == slot + 1) {
            topic->newest[msg->key] = 0;
        }
    }
    if (state->pin_count == 0) {
        state->sole_pair = PAIR_NONE;
    }
}

/** Takes out the oldest messages as far as they have expired, and sets the timer for the next. */
static void expire_topic(tt_bus *bus, struct topic *topic)
{
    struct topic_state *state = topic->state;
    state->is_aging = 0;
    if (!is_indexed(topic)) {
        expire_plainly(bus, topic);
        return;
    }
    for (; state->aged_count < state->ring_count; state->aged_count++) {
        uint32_t slot = ring_slot(topic, state->ring_count - 1 - state->aged_count);
        const tt_msg *msg = slot_msg(topic, slot);
        if (topic->links[slot].pair == 0 || msg->ttl_ms != topic->ttl_ms) {
            continue;
        }
        if (!has_expired(bus, msg)) {
            tt_bus_age(bus, topic, slot);
            break;
        }
        tt_bus_forget(bus, topic, slot);
        state->aged_out++;
    }
    trim(topic);
}

static void expire_node(tt_bus *bus, uint32_t node)
{
    struct topic *topic = &bus->topics[bus->nodes[node].topic];
    uint32_t slot = bus->nodes[node].slot;
    tt_bus_forget(bus, topic, slot); // frees the node
    topic->state->aged_out++;
    trim(topic);
}

void tt_bus_expire(tt_bus *bus)
{
    uint64_t now_ms = wheel_ms(bus->state->now);
    for (;;) {
        uint32_t item = tt_bus_wheel_take(bus->wheel, now_ms);
        if (item == TT_BUS_WHEEL_NONE) {
            break;
        }
        if (item < bus->topics_max) {
            expire_topic(bus, &bus->topics[item]);
        } else {
            expire_node(bus, item - bus->topics_max);
        }
    }
    bus->quiet_ns = (int64_t)((now_ms + 1) * (uint64_t)TT_NS_PER_MS - OFFSET_NS);
}

size_t tt_bus_expiry_size(uint32_t topics_max, uint32_t nodes_max)
{
    return nodes_max * sizeof(struct expiry_node) + tt_bus_wheel_size(topics_max + nodes_max);
}

void tt_bus_init_expiry(tt_bus *bus, void *memory, uint32_t nodes_max)
{
    bus->nodes = memory;
    bus->wheel = tt_bus_wheel_init(bus->nodes + nodes_max, bus->topics_max + nodes_max);
    for (uint32_t i = 0; i < nodes_max; i++) {
        bus->nodes[i].next_free = i + 1 < nodes_max ? i + 2 : 0;
    }
    bus->state->free_node = 1;
}
