/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Builds a bus: bounds, memory, regions, subscriptions.
 */
#include "bus/bus_priv.h"
#include "bus/core.h"

#include <string.h>

#define OUTBOX_BYTES_DEFAULT   (4u << 20)
#define OUTBOX_BYTES_MIN       (sizeof(tt_msg) + TT_PAYLOAD_MAX)
#define OUTBOX_BYTES_MAX       (1u << 30)
#define QUEUE_MESSAGES_DEFAULT 8192u
#define QUEUE_MESSAGES_MAX     (1u << 20)
#define DEPTH_DEFAULT          64u
#define DEPTH_MAX              10000u
#define HISTORY_SCALE_MAX      10000u
#define KEY_MAX                65535u
/** The arena rounds each of about ten blocks up to 64 bytes. */
#define ALIGNMENT_SLACK 1024u

/** Pinned messages for each key: the latest of any source always has one of them. */
#define PINS_PER_KEY 2u

static uint32_t value_or(uint32_t value, uint32_t default_value)
{
    return value != 0 ? value : default_value;
}

static bool options_fit(const tt_bus_options *options)
{
    bool outbox_fits = options->outbox_bytes == 0 || options->outbox_bytes >= OUTBOX_BYTES_MIN;
    return outbox_fits && options->outbox_bytes <= OUTBOX_BYTES_MAX &&
           options->queue_messages <= QUEUE_MESSAGES_MAX && options->depth_max <= DEPTH_MAX &&
           options->history_scale_pct <= HISTORY_SCALE_MAX && options->key_max <= KEY_MAX;
}

static uint32_t power_of_two_from(uint32_t value)
{
    uint32_t power = 1;
    while (power < value) {
        power *= 2;
    }
    return power;
}

static tutti_status init_lanes(tt_bus *bus, uint32_t queue_max, tt_arena *arena)
{
    // Lane 0 is the priority "none", which no message has.
    for (uint32_t i = TT_priority_LOW; i < LANE_COUNT; i++) {
        struct lane *lane = &bus->lanes[i];
        uint32_t capacity = power_of_two_from(queue_max + DEAD_RESERVE_MESSAGES);
        lane->entries = tt_arena_alloc(arena, capacity, sizeof *lane->entries);
        lane->mask = capacity - 1;
        lane->max = queue_max;
        if (!lane->entries) {
            return TUTTI_NO_MEMORY;
        }
    }
    return TUTTI_OK;
}

static tutti_status init_outbox(tt_bus *bus, uint32_t bytes, tt_arena *arena)
{
    bus->outbox = tt_arena_alloc(arena, bytes + DEAD_RESERVE_BYTES, 1);
    bus->outbox_limit = bytes;
    return bus->outbox ? TUTTI_OK : TUTTI_NO_MEMORY;
}

static void
init_topic(struct topic *topic, const tt_topic_info *info, uint32_t key_count, uint32_t scale_pct)
{
    uint64_t history = (uint64_t)info->history * scale_pct / 100;
    topic->layout = info->layout;
    topic->history_max = history == 0 ? 1 : (uint32_t)history;
    topic->pin_max = PINS_PER_KEY * key_count;
    topic->stride = (uint32_t)sizeof(tt_msg) + info->layout->size;
    topic->ttl_ms = info->ttl_ms;
    topic->fixed_size = info->layout->fixed_size;
    topic->kind = info->kind;
    topic->priority = info->priority;
}

static uint32_t slot_count(const struct topic *topic)
{
    return topic->history_max + topic->pin_max;
}

/** Numbers in the index region: ring, pins, two for each slot, pair, any. */
static size_t index_count(const struct topic *topic, uint32_t key_count)
{
    return (size_t)topic->history_max + topic->pin_max + 2 * (size_t)slot_count(topic) +
           (size_t)TT_SOURCE_COUNT * key_count + key_count;
}

static uint32_t *take_numbers(uint32_t **next, size_t count)
{
    uint32_t *numbers = *next;
    *next += count;
    return numbers;
}

static void init_indexes(struct topic *topic, uint32_t key_count, uint32_t **next)
{
    topic->ring = take_numbers(next, topic->history_max);
    topic->pins = take_numbers(next, topic->pin_max);
    topic->pin_place = take_numbers(next, slot_count(topic));
    topic->slot_pair = take_numbers(next, slot_count(topic));
    topic->pair = take_numbers(next, (size_t)TT_SOURCE_COUNT * key_count);
    topic->any = take_numbers(next, key_count);
    for (uint32_t i = 0; i < topic->history_max; i++) {
        topic->ring[i] = i;
    }
    for (uint32_t i = 0; i < topic->pin_max; i++) {
        topic->pins[i] = topic->history_max + i;
    }
}

static tutti_status init_topics(tt_bus *bus, uint32_t scale_pct, tt_arena *arena)
{
    size_t numbers = 0;
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        struct topic *topic = &bus->topics[i];
        init_topic(topic, tt_topic_info_get(i), bus->key_count, scale_pct);
        numbers += index_count(topic, bus->key_count);
        bus->history.size += (size_t)slot_count(topic) * topic->stride;
    }
    bus->index.size = numbers * sizeof(uint32_t);
    bus->index.data = tt_arena_alloc(arena, numbers, sizeof(uint32_t));
    bus->history.data = tt_arena_alloc(arena, bus->history.size, 1);
    if (!bus->index.data || !bus->history.data) {
        return TUTTI_NO_MEMORY;
    }
    uint32_t *next_number = bus->index.data;
    unsigned char *next_slot = bus->history.data;
    for (uint32_t i = 0; i < TT_TOPIC_COUNT; i++) {
        struct topic *topic = &bus->topics[i];
        topic->state = &bus->state->topics[i];
        topic->slots = next_slot;
        next_slot += (size_t)slot_count(topic) * topic->stride;
        if (i != TT_TOPIC_NONE) {
            init_indexes(topic, bus->key_count, &next_number);
        }
    }
    return TUTTI_OK;
}

/** Options with every default filled in. */
static tt_bus_options complete(const tt_bus_options *options)
{
    return (tt_bus_options){
        .outbox_bytes = value_or(options->outbox_bytes, OUTBOX_BYTES_DEFAULT),
        .queue_messages = value_or(options->queue_messages, QUEUE_MESSAGES_DEFAULT),
        .depth_max = value_or(options->depth_max, DEPTH_DEFAULT),
        .history_scale_pct = value_or(options->history_scale_pct, 100),
        .key_max = value_or(options->key_max, TT_INSTRUMENTS_MAX),
    };
}

size_t tt_bus_memory(const tt_bus_options *options)
{
    const tt_bus_options full = complete(options);
    size_t lane = power_of_two_from(full.queue_messages + DEAD_RESERVE_MESSAGES);
    size_t bytes = sizeof(tt_bus) + sizeof(struct bus_state) + full.outbox_bytes +
                   DEAD_RESERVE_BYTES + (LANE_COUNT - TT_priority_LOW) * lane * sizeof(uint64_t);
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        struct topic topic = {0};
        init_topic(&topic, tt_topic_info_get(i), full.key_max + 1, full.history_scale_pct);
        bytes += index_count(&topic, full.key_max + 1) * sizeof(uint32_t);
        bytes += (size_t)slot_count(&topic) * topic.stride;
    }
    return bytes + ALIGNMENT_SLACK;
}

tutti_status tt_bus_new(const tt_bus_options *options, tt_arena *arena, tt_bus **result)
{
    if (!options_fit(options)) {
        return TUTTI_INVALID;
    }
    tt_bus *bus = tt_arena_alloc(arena, 1, sizeof *bus);
    if (!bus) {
        return TUTTI_NO_MEMORY;
    }
    bus->state = tt_arena_alloc(arena, 1, sizeof *bus->state);
    if (!bus->state) {
        return TUTTI_NO_MEMORY;
    }
    const tt_bus_options full = complete(options);
    bus->state->next_seq = 1;
    bus->depth_max = full.depth_max;
    bus->key_count = full.key_max + 1;
    TUTTI_TRY(init_outbox(bus, full.outbox_bytes, arena));
    TUTTI_TRY(init_lanes(bus, full.queue_messages, arena));
    TUTTI_TRY(init_topics(bus, full.history_scale_pct, arena));
    *result = bus;
    return TUTTI_OK;
}

tutti_status tt_bus_register(tt_bus *bus, struct tt_core *core)
{
    TUTTI_TRY(tt_core_add_region(core, "bus", bus->state, sizeof *bus->state));
    TUTTI_TRY(tt_core_add_region(core, "bus.index", bus->index.data, bus->index.size));
    return tt_core_add_region(core, "bus.history", bus->history.data, bus->history.size);
}

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
    if (!tt_topic_info_get((uint16_t)topic_id) || !name || !handler) {
        return TUTTI_INVALID;
    }
    struct topic *topic = &bus->topics[topic_id];
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
    bool is_in_delivery = bus->current && topic == &bus->topics[bus->current->topic];
    if (ended > 0 && !is_in_delivery) {
        tt_bus_remove_ended(topic);
    }
    return ended;
}

uint32_t tt_bus_unsubscribe(tt_bus *bus, tt_topic topic, const char *name)
{
    if (topic != TT_TOPIC_NONE) {
        bool is_known = tt_topic_info_get((uint16_t)topic) != NULL;
        return is_known ? end_subscriptions(bus, &bus->topics[topic], name) : 0;
    }
    uint32_t ended = 0;
    for (uint32_t i = 1; i < TT_TOPIC_COUNT; i++) {
        ended += end_subscriptions(bus, &bus->topics[i], name);
    }
    return ended;
}
