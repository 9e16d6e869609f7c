/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stopwatch: sampling, and where the times go.
 *
 * Invariant: the starts of a lane between head and tail belong, in this order, to the entries of
 * that lane that have LANE_TIMED.
 */
#include "bus/bus_timing.h"

/** Start of a message that was queued under another stopwatch. */
#define START_VOID UINT64_MAX

/** Starts of the measured messages that wait in a lane. */
struct starts {
    uint64_t *times;
    uint32_t head;
    uint32_t tail;
};

struct bus_timing {
    tt_bus_stopwatch_fn fn;
    void *ctx;
    uint32_t sample_every;
    uint32_t timings_max;
    uint32_t mask;
    struct starts starts[LANE_COUNT];
    tt_histogram lanes[LANE_COUNT];
    tt_histogram *handlers; /**< The last one is for all that have none of their own. */
    tt_bus_recent_times recent;
    uint64_t *owners; /**< Id of the subscription that a histogram belongs to; 0 = free. */
};

size_t tt_bus_timing_size(uint32_t timings_max, uint32_t lane_capacity)
{
    return sizeof(struct bus_timing) + LANE_COUNT * lane_capacity * sizeof(uint64_t) +
           (timings_max + 1) * sizeof(tt_histogram) + timings_max * sizeof(uint64_t);
}

void tt_bus_init_timing(tt_bus *bus, uint32_t timings_max, uint32_t lane_capacity, void *memory)
{
    struct bus_timing *timing = memory;
    timing->timings_max = timings_max;
    timing->mask = lane_capacity - 1;
    timing->handlers = (tt_histogram *)(void *)(timing + 1);
    uint64_t *words = (uint64_t *)(void *)(timing->handlers + timings_max + 1);
    timing->owners = words;
    for (uint32_t i = 0; i < LANE_COUNT; i++) {
        timing->starts[i].times = words + timings_max + (size_t)i * lane_capacity;
    }
    bus->timing = timing;
}

void tt_bus_set_stopwatch(tt_bus *bus, tt_bus_stopwatch_fn fn, void *ctx, uint32_t sample_every)
{
    struct bus_timing *timing = bus->timing;
    TT_ASSERT(!is_delivering(bus));
    for (uint32_t i = 0; i < LANE_COUNT; i++) {
        struct starts *starts = &timing->starts[i];
        for (uint32_t at = starts->head; at != starts->tail; at++) {
            starts->times[at & timing->mask] = START_VOID;
        }
    }
    timing->fn = fn;
    timing->ctx = ctx;
    timing->sample_every = sample_every != 0 ? sample_every : 1;
    bus->sample_seq = 0;
}

uint64_t tt_bus_timing_now(const tt_bus *bus)
{
    return bus->timing->fn(bus->timing->ctx);
}

/** A stopwatch that goes back has measured nothing. */
static void record(tt_histogram *histogram, uint64_t start, uint64_t end)
{
    tt_histogram_record(histogram, end > start ? end - start : 0);
}

uint64_t tt_bus_timing_queued(tt_bus *bus, uint32_t priority)
{
    struct bus_timing *timing = bus->timing;
    if (!timing->fn) {
        bus->sample_seq = UINT64_MAX;
        return 0;
    }
    struct starts *starts = &timing->starts[priority];
    bus->sample_seq = bus->state->next_seq + timing->sample_every;
    starts->times[starts->tail++ & timing->mask] = tt_bus_timing_now(bus);
    return LANE_TIMED;
}

bool tt_bus_timing_taken(tt_bus *bus, uint32_t priority)
{
    struct bus_timing *timing = bus->timing;
    struct starts *starts = &timing->starts[priority];
    uint64_t start = starts->times[starts->head++ & timing->mask];
    if (!timing->fn || start == START_VOID) {
        return false;
    }
    record(&timing->lanes[priority], start, tt_bus_timing_now(bus));
    return true;
}

/** Number of the histogram of a subscription plus one; the last one when no other is free. */
static uint32_t histogram_of(struct bus_timing *timing, struct subscription *subscription)
{
    for (uint32_t i = 0; subscription->timing == 0 && i < timing->timings_max; i++) {
        if (timing->owners[i] == 0) {
            timing->owners[i] = subscription->id;
            subscription->timing = i + 1;
        }
    }
    if (subscription->timing == 0) {
        subscription->timing = timing->timings_max + 1;
    }
    return subscription->timing;
}

bool tt_bus_is_about_alerts(const tt_msg *msg)
{
    if (msg->topic != TT_TOPIC_DEAD_LETTERS) {
        return msg->topic == TT_TOPIC_BUS_ALERTS;
    }
    return TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter)->dead_topic == TT_TOPIC_BUS_ALERTS;
}

void tt_bus_timing_handled(
    tt_bus *bus, struct subscription *subscription, const tt_msg *msg, uint64_t start)
{
    uint64_t end = tt_bus_timing_now(bus);
    tt_bus_recent_times *recent = &bus->timing->recent;
    uint64_t took = end > start ? end - start : 0;
    record(&bus->timing->handlers[histogram_of(bus->timing, subscription) - 1], start, end);
    if (tt_bus_is_about_alerts(msg)) {
        return;
    }
    recent->count++;
    recent->sum_ns += took;
    recent->max_ns = took > recent->max_ns ? took : recent->max_ns;
}

tt_bus_recent_times tt_bus_take_recent_times(tt_bus *bus)
{
    tt_bus_recent_times recent = bus->timing->recent;
    bus->timing->recent = (tt_bus_recent_times){0};
    return recent;
}

void tt_bus_timing_forget(tt_bus *bus, struct subscription *subscription)
{
    struct bus_timing *timing = bus->timing;
    uint32_t number = subscription->timing;
    if (number != 0 && number <= timing->timings_max) {
        timing->owners[number - 1] = 0;
        tt_histogram_reset(&timing->handlers[number - 1]);
    }
}

const tt_histogram *tt_bus_handler_times(const tt_bus *bus, uint64_t id)
{
    const struct bus_timing *timing = bus->timing;
    if (id == 0) {
        return &timing->handlers[timing->timings_max];
    }
    const struct subscription *subscription = tt_bus_find_subscription(bus, id);
    bool is_own =
        subscription && subscription->timing != 0 && subscription->timing <= timing->timings_max;
    return is_own ? &timing->handlers[subscription->timing - 1] : NULL;
}

const tt_histogram *tt_bus_queue_delays(const tt_bus *bus, tt_priority lane)
{
    return (uint32_t)lane < LANE_COUNT ? &bus->timing->lanes[lane] : NULL;
}

void tt_bus_reset_times(tt_bus *bus)
{
    for (uint32_t i = 0; i < LANE_COUNT; i++) {
        tt_histogram_reset(&bus->timing->lanes[i]);
    }
    for (uint32_t i = 0; i <= bus->timing->timings_max; i++) {
        tt_histogram_reset(&bus->timing->handlers[i]);
    }
}
