/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Interceptors: functions around the handlers of topics.
 *
 * Each topic's set names its interceptors by slot. One that is taken away within a delivery keeps
 * its slot, without a name, until the delivery has ended.
 */
#include "bus/bus_priv.h"
#include "bus/pattern.h"

#include <string.h>

struct tt_bus_next {
    const struct subscription *subscription;
    uint32_t index; /**< Of the next interceptor in the set. */
};

static bool fits(const char *text, const char *name)
{
    tt_pattern pattern;
    return tt_pattern_compile(text, &pattern) == TUTTI_OK &&
           tt_pattern_matches(&pattern, name, strlen(name));
}

/** Slot of an interceptor by name; TT_BUS_WRAPS_MAX if there is none. */
static uint32_t find(const tt_bus *bus, const char *name)
{
    for (uint32_t i = 0; i < TT_BUS_WRAPS_MAX; i++) {
        if (bus->wraps[i].name && strcmp(bus->wraps[i].name, name) == 0) {
            return i;
        }
    }
    return TT_BUS_WRAPS_MAX;
}

static uint32_t find_free(const tt_bus *bus)
{
    uint32_t slot = 0;
    while (slot < TT_BUS_WRAPS_MAX && bus->wraps[slot].fn) {
        slot++;
    }
    return slot;
}

static bool has_room(const tt_bus *bus, const char *pattern)
{
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        const struct topic *topic = &bus->topics[i];
        if (topic->set->wrap_count == TT_BUS_TOPIC_WRAPS_MAX && fits(pattern, topic->name)) {
            return false;
        }
    }
    return true;
}

static void add(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    tt_bus_freeze(bus, topic);
    topic->set->wraps[topic->set->wrap_count++] = (uint8_t)slot;
    tt_bus_find_only(bus, topic);
}

tutti_status
tt_bus_wrap(tt_bus *bus, const char *pattern, const char *name, tt_bus_wrap_fn fn, void *ctx)
{
    tt_pattern checked;
    if (!name || !fn) {
        return TUTTI_INVALID;
    }
    TUTTI_TRY(tt_pattern_compile(pattern, &checked));
    if (find(bus, name) != TT_BUS_WRAPS_MAX) {
        return TUTTI_EXISTS;
    }
    uint32_t slot = find_free(bus);
    if (slot == TT_BUS_WRAPS_MAX || !has_room(bus, pattern)) {
        return TUTTI_LIMIT;
    }
    bus->wraps[slot] = (struct wrap){.name = name, .pattern = pattern, .fn = fn, .ctx = ctx};
    bus->wrap_order[bus->wrap_count++] = (uint8_t)slot;
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        if (tt_pattern_matches(&checked, bus->topics[i].name, strlen(bus->topics[i].name))) {
            add(bus, &bus->topics[i], slot);
        }
    }
    return TUTTI_OK;
}

/** Takes a slot out of a list of slots; returns how many are left. */
static uint32_t take_out(uint8_t *slots, uint32_t count, uint32_t slot)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i] != slot) {
            slots[kept++] = slots[i];
        }
    }
    return kept;
}

void tt_bus_free_wraps(tt_bus *bus)
{
    for (uint32_t i = 0; i < TT_BUS_WRAPS_MAX; i++) {
        if (!bus->wraps[i].name) {
            bus->wraps[i] = (struct wrap){0};
        }
    }
    bus->has_ended_wrap = false;
}

bool tt_bus_unwrap(tt_bus *bus, const char *name)
{
    uint32_t slot = find(bus, name);
    if (slot == TT_BUS_WRAPS_MAX) {
        return false;
    }
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        struct topic *topic = &bus->topics[i];
        if (fits(bus->wraps[slot].pattern, topic->name)) {
            tt_bus_freeze(bus, topic);
            topic->set->wrap_count = take_out(topic->set->wraps, topic->set->wrap_count, slot);
            tt_bus_find_only(bus, topic);
        }
    }
    bus->wrap_count = take_out(bus->wrap_order, bus->wrap_count, slot);
    bus->wraps[slot].name = NULL;
    bus->has_ended_wrap = true;
    if (is_delivering(bus)) {
        bus->pending |= PENDING_ENDED;
    } else {
        tt_bus_free_wraps(bus);
    }
    return true;
}

bool tt_bus_can_wrap(const tt_bus *bus, const char *name)
{
    uint32_t matching = 0;
    for (uint32_t i = 0; i < bus->wrap_count; i++) {
        matching += fits(bus->wraps[bus->wrap_order[i]].pattern, name);
    }
    return matching <= TT_BUS_TOPIC_WRAPS_MAX;
}

void tt_bus_wrap_topic(tt_bus *bus, struct topic *topic)
{
    for (uint32_t i = 0; i < bus->wrap_count; i++) {
        if (fits(bus->wraps[bus->wrap_order[i]].pattern, topic->name)) {
            add(bus, topic, bus->wrap_order[i]);
        }
    }
}

tutti_status
tt_bus_call_wrapped(tt_bus *bus, const struct subscription *subscription, const tt_msg *msg)
{
    const tt_bus_next outermost = {.subscription = subscription};
    return tt_bus_proceed(&outermost, bus, msg);
}

tutti_status tt_bus_proceed(const tt_bus_next *next, tt_bus *bus, const tt_msg *msg)
{
    const struct subscription *subscription = next->subscription;
    if (next->index == bus->set->wrap_count) {
        return subscription->handler(subscription->ctx, bus, msg);
    }
    const struct wrap *wrap = &bus->wraps[bus->set->wraps[next->index]];
    const tt_bus_next inner = {.subscription = subscription, .index = next->index + 1};
    return wrap->fn(wrap->ctx, bus, msg, &inner);
}

const char *tt_bus_next_name(const tt_bus_next *next)
{
    return next->subscription->name;
}
