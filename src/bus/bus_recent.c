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
#define TOPIC_COUNTERS ((uint32_t)(TOPIC_COUNTERS_SIZE / sizeof(uint64_t)))
#define OTHER_COUNTERS ((uint32_t)(sizeof(struct subscriber_state) / sizeof(uint64_t)))

/** The marks of a part lie side by side: those of all topics; of all subscriptions, as the counters
 * themselves lie, what was delivered apart from the others. A part that begins is written in runs,
 * and does not touch the places of the others. */
struct bus_recent {
    tt_bus_window window; /**< Of all. */
    int64_t part_ns;
    uint32_t window_ms;
    uint64_t *topics; /**< TT_BUS_WINDOW_PARTS rows. */
    uint64_t *delivered;
    uint64_t *others;
    size_t topic_row; /**< Words of a row. */
    size_t delivered_row;
    size_t other_row;
};

size_t tt_bus_recent_size(uint32_t topics_max, uint32_t subscriptions_max)
{
    return sizeof(struct bus_recent) + ((size_t)topics_max * TOPIC_COUNTERS +
                                        (size_t)subscriptions_max * (1 + OTHER_COUNTERS)) *
                                           TT_BUS_WINDOW_PARTS * sizeof(uint64_t);
}

void tt_bus_init_recent(tt_bus *bus, uint32_t window_ms, void *memory)
{
    struct bus_recent *recent = memory;
    recent->window_ms = window_ms;
    recent->part_ns = window_ms * TT_NS_PER_MS / TT_BUS_WINDOW_PARTS;
    recent->topics = (uint64_t *)(void *)(recent + 1);
    recent->topic_row = (size_t)bus->topics_max * TOPIC_COUNTERS;
    recent->delivered_row = bus->subscriptions_max;
    recent->other_row = (size_t)bus->subscriptions_max * OTHER_COUNTERS;
    recent->delivered = recent->topics + TT_BUS_WINDOW_PARTS * recent->topic_row;
    recent->others = recent->delivered + TT_BUS_WINDOW_PARTS * recent->delivered_row;
    bus->recent = recent;
}

static const uint64_t *topic_counters(const tt_bus *bus, uint32_t place)
{
    return &bus->state->topics[place].published;
}

/** Copies words in pieces for which the C library uses its vectors: beyond two KiB it takes a
 * string instruction, which is slower on some processors. */
static void copy_words(uint64_t *to, const void *from, size_t count)
{
    enum {
        PIECE = 128
    };
    const uint64_t *words = from;
    for (size_t at = 0; at < count; at += PIECE) {
        size_t left = count - at;
        memcpy(to + at, words + at, (left < PIECE ? left : PIECE) * sizeof *to);
    }
}

/** Writes the totals of all topics and subscriptions down as the marks of `part`, at a step that
 * may be about a trade. */
static void mark_part(tt_bus *bus, int64_t part)
{
    struct bus_recent *recent = bus->recent;
    uint32_t row = tt_bus_window_row(part);
    uint64_t *to = recent->topics + row * recent->topic_row;
    for (uint32_t i = 0; i < bus->topic_count; i++, to += TOPIC_COUNTERS) {
        memcpy(to, topic_counters(bus, i), TOPIC_COUNTERS_SIZE);
    }
    size_t used = bus->slots_used;
    copy_words(recent->delivered + row * recent->delivered_row, bus->delivered, used);
    copy_words(recent->others + row * recent->other_row, bus->subscribers, used * OTHER_COUNTERS);
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
    struct bus_recent *recent = bus->recent;
    uint64_t *delivered = recent->delivered + slot;
    uint64_t *others = recent->others + (size_t)slot * OTHER_COUNTERS;
    for (uint32_t i = 0; i < TT_BUS_WINDOW_PARTS; i++) {
        delivered[i * recent->delivered_row] = 0;
        memset(others + i * recent->other_row, 0, sizeof(struct subscriber_state));
    }
}

/** First mark of some counters, and how far apart their marks are. */
struct marks {
    const uint64_t *first;
    size_t row;
};

/** Growth of some counters in the window that ends now. */
static void
read(const tt_bus *bus, struct marks marks, const uint64_t *totals, uint32_t count, void *growth)
{
    const struct bus_recent *recent = bus->recent;
    int64_t part = tt_bus_window_part(bus->state->now, recent->part_ns);
    tt_bus_window_read(&recent->window, marks.first, marks.row, totals, count, part, growth);
}

static void add_window(const tt_bus *bus, uint32_t place, tt_bus_topic_stats *sum)
{
    const struct topic_state *now = &bus->state->topics[place];
    struct topic_state growth = {.ring_count = now->ring_count, .hole_count = now->hole_count};
    const struct marks marks = {
        bus->recent->topics + (size_t)place * TOPIC_COUNTERS, bus->recent->topic_row};
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
    const struct bus_recent *recent = bus->recent;
    const struct marks delivered = {recent->delivered + slot, recent->delivered_row};
    const struct marks others = {recent->others + (size_t)slot * OTHER_COUNTERS, recent->other_row};
    const uint64_t *now = (const uint64_t *)(const void *)&bus->subscribers[slot];
    struct subscriber_counts growth;
    read(bus, delivered, &bus->delivered[slot], 1, &growth.delivered);
    read(bus, others, now, OTHER_COUNTERS, &growth.others);
    tt_bus_fill_subscriber(subscription, &growth, ret_stats);
    return true;
}
