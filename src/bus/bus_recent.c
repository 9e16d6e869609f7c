/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows over the counters of topics and subscriptions (ADR 35). All of them change parts
 * together, at the first step in a new part: so neither a publish nor a delivery has to ask for the
 * time.
 */
#include "bus/bus_recent.h"

#include "bus/bus_window.h"

#include <string.h>

/** What a window is over: all counters of a topic, from the first to the last. */
#define TOPIC_COUNTERS_SIZE                                                                        \
    (offsetof(struct topic_state, quarantined) - offsetof(struct topic_state, published) +         \
     sizeof(uint64_t))
#define TOPIC_COUNTERS      ((uint32_t)(TOPIC_COUNTERS_SIZE / sizeof(uint64_t)))
#define SUBSCRIBER_COUNTERS ((uint32_t)(sizeof(struct subscriber_state) / sizeof(uint64_t)))
#define TOPIC_MARKS         (TT_BUS_WINDOW_PARTS * TOPIC_COUNTERS)
#define SUBSCRIBER_MARKS    (TT_BUS_WINDOW_PARTS * SUBSCRIBER_COUNTERS)

struct bus_recent {
    tt_bus_window window; /**< Of all. */
    int64_t part_ns;
    uint32_t window_ms;
    uint64_t *topics; /**< TOPIC_MARKS for each place. */
    uint64_t *subscribers;
};

size_t tt_bus_recent_size(uint32_t topics_max, uint32_t subscriptions_max)
{
    return sizeof(struct bus_recent) +
           ((size_t)topics_max * TOPIC_MARKS + (size_t)subscriptions_max * SUBSCRIBER_MARKS) *
               sizeof(uint64_t);
}

void tt_bus_init_recent(tt_bus *bus, uint32_t window_ms, void *memory)
{
    struct bus_recent *recent = memory;
    recent->window_ms = window_ms;
    recent->part_ns = window_ms * TT_NS_PER_MS / TT_BUS_WINDOW_PARTS;
    recent->topics = (uint64_t *)(void *)(recent + 1);
    recent->subscribers = recent->topics + (size_t)bus->topics_max * TOPIC_MARKS;
    bus->recent = recent;
}

static const uint64_t *topic_counters(const tt_bus *bus, uint32_t place)
{
    return &bus->state->topics[place].published;
}

static const uint64_t *subscriber_counters(const tt_bus *bus, uint32_t slot)
{
    return (const uint64_t *)(const void *)&bus->subscribers[slot];
}

/** Writes the totals of all topics and subscriptions down as the marks of `part`. Sizes are
 * constants: some hundred copies of a few words each, at a step that may be about a trade. */
static void mark_part(tt_bus *bus, int64_t part)
{
    struct bus_recent *recent = bus->recent;
    uint32_t row = tt_bus_window_row(part);
    uint64_t *to = recent->topics + (size_t)row * TOPIC_COUNTERS;
    for (uint32_t i = 0; i < bus->topic_count; i++, to += TOPIC_MARKS) {
        memcpy(to, topic_counters(bus, i), TOPIC_COUNTERS_SIZE);
    }
    to = recent->subscribers + (size_t)row * SUBSCRIBER_COUNTERS;
    for (uint32_t i = 0; i < bus->slots_used; i++, to += SUBSCRIBER_MARKS) {
        memcpy(to, subscriber_counters(bus, i), sizeof(struct subscriber_state));
    }
}

/** Moves all windows to `part`; they stand where `from` says, and in the end where it says then. */
static void advance(tt_bus *bus, tt_bus_window from, int64_t part)
{
    tt_bus_window window = from;
    for (int64_t i = tt_bus_window_move(&window, part); i <= part; i++) {
        mark_part(bus, i);
    }
    bus->recent->window = window;
}

void tt_bus_recent_advance(tt_bus *bus)
{
    int64_t part = tt_bus_window_part(bus->state->now, bus->recent->part_ns);
    if (part != bus->recent->window.newest) {
        advance(bus, bus->recent->window, part);
    }
    bus->window_end_ns = (part + 1) * bus->recent->part_ns;
}

void tt_bus_recent_restart(tt_bus *bus)
{
    int64_t part = tt_bus_window_part(bus->state->now, bus->recent->part_ns);
    const tt_bus_window long_ago = {.newest = part - TT_BUS_WINDOW_PARTS};
    advance(bus, long_ago, part);
    bus->window_end_ns = (part + 1) * bus->recent->part_ns;
}

void tt_bus_recent_forget(tt_bus *bus, uint32_t slot)
{
    memset(
        bus->recent->subscribers + (size_t)slot * SUBSCRIBER_MARKS,
        0,
        SUBSCRIBER_MARKS * sizeof(uint64_t));
}

/** Growth of some counters in the window that ends now. */
static void
read(const tt_bus *bus, const uint64_t *marks, const uint64_t *totals, uint32_t count, void *growth)
{
    const struct bus_recent *recent = bus->recent;
    int64_t part = tt_bus_window_part(bus->state->now, recent->part_ns);
    tt_bus_window_read(&recent->window, marks, totals, count, part, growth);
}

static void add_window(const tt_bus *bus, uint32_t place, tt_bus_topic_stats *sum)
{
    const struct topic_state *now = &bus->state->topics[place];
    struct topic_state growth = {.ring_count = now->ring_count, .hole_count = now->hole_count};
    const uint64_t *marks = bus->recent->topics + (size_t)place * TOPIC_MARKS;
    read(bus, marks, topic_counters(bus, place), TOPIC_COUNTERS, &growth.published);
    tt_bus_add_stats(&growth, sum);
}

void tt_bus_topic_window(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats)
{
    uint32_t place = known_topic(bus, (uint32_t)topic);
    *ret_stats = (tt_bus_topic_stats){.subscribers = bus->topics[place].claimed_count};
    add_window(bus, place, ret_stats);
}

uint32_t tt_bus_window_ms(const tt_bus *bus)
{
    return bus->recent->window_ms;
}

void tt_bus_window_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats)
{
    *ret_stats = (tt_bus_topic_stats){.subscribers = tt_bus_subscriber_count(bus, TT_TOPIC_NONE)};
    for (uint32_t i = 0; i < bus->topic_count; i++) {
        add_window(bus, i, ret_stats);
    }
}

bool tt_bus_subscriber_window(const tt_bus *bus, uint64_t id, tt_bus_subscriber_stats *ret_stats)
{
    const struct subscription *subscription = tt_bus_find_subscription(bus, id);
    if (!subscription) {
        return false;
    }
    uint32_t slot = (uint32_t)(id & SLOT_MASK);
    const uint64_t *marks = bus->recent->subscribers + (size_t)slot * SUBSCRIBER_MARKS;
    struct subscriber_state growth;
    read(bus, marks, subscriber_counters(bus, slot), SUBSCRIBER_COUNTERS, &growth);
    tt_bus_fill_subscriber(subscription, &growth, ret_stats);
    return true;
}
