/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Builds a bus: bounds, memory, regions.
 */
#include "bus/bus_care.h"
#include "bus/bus_limit.h"
#include "bus/bus_recent.h"
#include "bus/bus_seen.h"
#include "bus/bus_timing.h"
#include "bus/core.h"

#define OUTBOX_BYTES_DEFAULT   (4u << 20)
#define OUTBOX_BYTES_MIN       (sizeof(tt_msg) + TT_PAYLOAD_MAX)
#define OUTBOX_BYTES_MAX       (1u << 30)
#define QUEUE_MESSAGES_DEFAULT 8192u
#define QUEUE_MESSAGES_MAX     (1u << 20)
#define DEPTH_DEFAULT          64u
#define DEPTH_MAX              10000u
#define HISTORY_SCALE_MAX      10000u
#define KEY_MAX                65535u
#define TOPIC_BYTES_DEFAULT    (32u << 10)
#define TOPIC_BYTES_MAX        (1u << 30)
#define TTL_DEFAULT_MS         300000u
#define SUBSCRIPTIONS_DEFAULT  1024u
#define SUBSCRIPTIONS_MAX      65535u
#define REQUESTS_DEFAULT       256u
#define REQUESTS_MAX           65535u
#define BLOCKED_DEFAULT        256u
#define BLOCKED_MAX            65535u
#define SLOT_LISTS             4u
#define EXPIRY_DEFAULT         8192u
#define EXPIRY_MAX             (1u << 20)
#define DEAD_DEFAULT           256u
#define DEAD_MAX               16384u
#define DEAD_BYTES_DEFAULT     (1u << 20)
#define DEAD_BYTES_MIN         TT_PAYLOAD_MAX /* any message can be kept */
#define DEAD_BYTES_MAX         (256u << 20)
#define IDEMPOTENCY_DEFAULT    4096u
#define IDEMPOTENCY_MAX        (1u << 24)
#define LIMITS_DEFAULT         16u
#define LIMITS_MAX             4096u
#define RETRIES_DEFAULT        64u
#define RETRIES_MAX            16384u
#define RETRY_BYTES_DEFAULT    (256u << 10)
#define CARES_DEFAULT          64u
#define CARES_MAX              4096u
#define WINDOW_DEFAULT_MS      10000u
#define WINDOW_MIN_MS          100u
#define WINDOW_MAX_MS          86400000u
#define TIMINGS_DEFAULT        64u
#define TIMINGS_MAX            4096u
/** The arena rounds each of 32 blocks up to 64 bytes; the registry counts its own. */
#define ALIGNMENT_SLACK 2048u

static uint32_t value_or(uint32_t value, uint32_t default_value)
{
    return value != 0 ? value : default_value;
}

static bool failure_options_fit(const tt_bus_options *options)
{
    bool bytes_fit = options->dead_bytes == 0 || options->dead_bytes >= DEAD_BYTES_MIN;
    return bytes_fit && options->dead_bytes <= DEAD_BYTES_MAX && options->dead_max <= DEAD_MAX &&
           options->idempotency_max <= IDEMPOTENCY_MAX && options->limits_max <= LIMITS_MAX &&
           options->retries_max <= RETRIES_MAX && options->cares_max <= CARES_MAX &&
           options->retry_bytes <= DEAD_BYTES_MAX &&
           (options->retry_bytes == 0 || options->retry_bytes >= DEAD_BYTES_MIN);
}

static bool measure_options_fit(const tt_bus_options *options)
{
    return (options->window_ms == 0 || options->window_ms >= WINDOW_MIN_MS) &&
           options->window_ms <= WINDOW_MAX_MS && options->timings_max <= TIMINGS_MAX;
}

static bool options_fit(const tt_bus_options *options)
{
    bool outbox_fits = options->outbox_bytes == 0 || options->outbox_bytes >= OUTBOX_BYTES_MIN;
    return outbox_fits && options->outbox_bytes <= OUTBOX_BYTES_MAX &&
           options->queue_messages <= QUEUE_MESSAGES_MAX && options->depth_max <= DEPTH_MAX &&
           options->history_scale_pct <= HISTORY_SCALE_MAX && options->key_max <= KEY_MAX &&
           options->topics_max <= TT_TOPICS_USER_MAX &&
           options->sources_max <= TT_SOURCES_USER_MAX && options->topic_bytes <= TOPIC_BYTES_MAX &&
           options->subscriptions_max <= SUBSCRIPTIONS_MAX &&
           options->requests_max <= REQUESTS_MAX && options->blocked_max <= BLOCKED_MAX &&
           options->expiry_max <= EXPIRY_MAX && failure_options_fit(options) &&
           measure_options_fit(options);
}

static uint32_t power_of_two_from(uint32_t value)
{
    uint32_t power = 1;
    while (power < value) {
        power *= 2;
    }
    return power;
}

/** Entries of a lane: each message set aside is queued at most once, and always finds room. */
static uint32_t lane_capacity(const tt_bus_options *full)
{
    return power_of_two_from(
        full->queue_messages + DEAD_RESERVE_MESSAGES + full->dead_max + full->retries_max);
}

static tutti_status init_lanes(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    // Lane 0 is the priority "none", which no message has.
    for (uint32_t i = TT_priority_LOW; i < LANE_COUNT; i++) {
        struct lane *lane = &bus->lanes[i];
        uint32_t capacity = lane_capacity(full);
        lane->entries = tt_arena_alloc(arena, capacity, sizeof *lane->entries);
        lane->mask = capacity - 1;
        lane->max = full->queue_messages;
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

/** Messages that a built-in topic keeps. */
static uint64_t scaled_history(const tt_topic_info *info, uint32_t scale_pct)
{
    uint64_t history = (uint64_t)info->history * scale_pct / 100;
    return history == 0 ? 1 : history;
}

static tutti_status init_topics(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    size_t numbers = 0;
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        struct topic *topic = &bus->topics[i];
        const tt_topic_info *info = tt_topic_info_get(i);
        tt_bus_init_topic(
            topic, info, full->key_max + 1, scaled_history(info, full->history_scale_pct));
        topic->is_expiring = !full->keep_expired;
        topic->special |= (uint16_t)(i == TT_TOPIC_DEAD_LETTERS ? TOPIC_BURIES : 0);
        numbers += tt_bus_index_count(topic, bus->source_max);
        bus->history.size += slot_count(topic) * topic->stride;
    }
    bus->index.size = numbers * sizeof(uint32_t);
    bus->index.data = tt_arena_alloc(arena, numbers, sizeof(uint32_t));
    bus->history.data = tt_arena_alloc(arena, bus->history.size, 1);
    if (!bus->index.data || !bus->history.data) {
        return TUTTI_NO_MEMORY;
    }
    struct topic_memory memory = {.numbers = bus->index.data, .slots = bus->history.data};
    bus->states_gap = (uintptr_t)bus->state->topics - (uintptr_t)bus->topics;
    for (uint32_t i = 0; i < bus->topics_max; i++) {
        bus->topics[i].state = &bus->state->topics[i];
        bus->topics[i].newest = newest_of(bus, &bus->topics[i]);
    }
    for (uint32_t i = 1; i < TT_TOPIC_COUNT; i++) {
        tt_bus_place_topic(&bus->topics[i], bus->source_max, &memory, true);
    }
    bus->topic_count = TT_TOPIC_COUNT;
    return TUTTI_OK;
}

static size_t state_size(const tt_bus_options *full)
{
    return sizeof(struct bus_state) +
           (TT_TOPIC_COUNT + full->topics_max) * sizeof(struct topic_state);
}

/** Memory whose size the number of topics and sources decides. */
static tutti_status init_tables(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    bus->topics_max = TT_TOPIC_COUNT + full->topics_max;
    bus->source_count = TT_SOURCE_COUNT;
    bus->source_max = TT_SOURCE_COUNT + full->sources_max;
    bus->ttl_default_ms = full->ttl_default_ms;
    bus->state = tt_arena_alloc(arena, 1, state_size(full));
    bus->keys = tt_arena_alloc(arena, bus->topics_max, sizeof *bus->keys);
    bus->topics = tt_arena_alloc(arena, bus->topics_max, sizeof *bus->topics);
    struct handler_set *sets = tt_arena_alloc(arena, bus->topics_max, sizeof *sets);
    bus->pool.size = full->topic_bytes;
    bus->pool.data = tt_arena_alloc(arena, full->topic_bytes, 1);
    if (!bus->state || !bus->keys || !bus->topics || !sets || !bus->pool.data) {
        return TUTTI_NO_MEMORY;
    }
    if (bus->pool.size >= FAR_POOL_BYTES) {
        tt_arena_prefer_large_pages(bus->pool.data, bus->pool.size);
    }
    for (uint32_t i = 0; i < bus->topics_max; i++) {
        bus->topics[i].set = &sets[i];
    }
    return tt_registry_new(full->topics_max, full->sources_max, arena, &bus->registry);
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
        .topics_max = options->topics_max,
        .sources_max = options->sources_max,
        .topic_bytes = value_or(options->topic_bytes, options->topics_max * TOPIC_BYTES_DEFAULT),
        .ttl_default_ms = value_or(options->ttl_default_ms, TTL_DEFAULT_MS),
        .timers = options->timers,
        .requests_max = value_or(options->requests_max, REQUESTS_DEFAULT),
        .blocked_max = value_or(options->blocked_max, BLOCKED_DEFAULT),
        .subscriptions_max = value_or(options->subscriptions_max, SUBSCRIPTIONS_DEFAULT),
        .keep_expired = options->keep_expired,
        .expiry_max = value_or(options->expiry_max, EXPIRY_DEFAULT),
        .dead_max = value_or(options->dead_max, DEAD_DEFAULT),
        .dead_bytes = value_or(options->dead_bytes, DEAD_BYTES_DEFAULT),
        .idempotency_max = value_or(options->idempotency_max, IDEMPOTENCY_DEFAULT),
        .limits_max = value_or(options->limits_max, LIMITS_DEFAULT),
        .retries_max = value_or(options->retries_max, RETRIES_DEFAULT),
        .retry_bytes = value_or(options->retry_bytes, RETRY_BYTES_DEFAULT),
        .cares_max = value_or(options->cares_max, CARES_DEFAULT),
        .quarantine_after = options->quarantine_after,
        .probe_ms = options->probe_ms,
        .window_ms = value_or(options->window_ms, WINDOW_DEFAULT_MS),
        .timings_max = value_or(options->timings_max, TIMINGS_DEFAULT),
    };
}

/** Counters of the subscriptions. */
static size_t subscribers_size(uint32_t max)
{
    return max * (sizeof(uint64_t) + sizeof(struct subscriber_state));
}

/** The pool of subscriptions, all free. */
static tutti_status init_subscriptions(tt_bus *bus, uint32_t max, tt_arena *arena)
{
    bus->subscriptions_max = max;
    bus->next_order = 1;
    bus->subscriptions = tt_arena_alloc(arena, max, sizeof *bus->subscriptions);
    bus->delivered = tt_arena_alloc(arena, 1, subscribers_size(max));
    bus->subscribers = (struct subscriber_state *)(void *)(bus->delivered + max);
    bus->scratch = tt_arena_alloc(arena, 1, sizeof(tt_msg) + TT_PAYLOAD_MAX);
    uint16_t *slots = tt_arena_alloc(arena, (size_t)SLOT_LISTS * max, sizeof *slots);
    if (!bus->subscriptions || !bus->delivered || !bus->scratch || !slots) {
        return TUTTI_NO_MEMORY;
    }
    struct slot_list *lists[SLOT_LISTS] = {&bus->free, &bus->patterned, &bus->waiting, &bus->ended};
    for (uint32_t i = 0; i < SLOT_LISTS; i++) {
        lists[i]->slots = slots + (size_t)i * max;
    }
    for (uint32_t i = 0; i < max; i++) {
        bus->free.slots[i] = (uint16_t)(max - 1 - i);
    }
    bus->free.count = max;
    return TUTTI_OK;
}

static size_t subscriptions_size(uint32_t max)
{
    size_t each = sizeof(struct subscription) + SLOT_LISTS * sizeof(uint16_t);
    return max * each + subscribers_size(max) + sizeof(tt_msg) + TT_PAYLOAD_MAX;
}

static size_t failures_size(const tt_bus_options *full)
{
    uint32_t source_max = TT_SOURCE_COUNT + full->sources_max;
    return 2 * TT_MSG_BYTES_MAX + source_max * sizeof(bool) +
           tt_bus_store_size(full->dead_max, full->dead_bytes) +
           tt_bus_seen_size(full->idempotency_max) + tt_bus_care_size(full) +
           full->cares_max * sizeof(struct care_policy) +
           full->limits_max * tt_bus_limits_row_size(source_max);
}

static size_t expiry_size(const tt_bus_options *full)
{
    return full->keep_expired
               ? 0
               : tt_bus_expiry_size(TT_TOPIC_COUNT + full->topics_max, full->expiry_max);
}

static size_t measures_size(const tt_bus_options *full)
{
    return tt_bus_timing_size(full->timings_max, lane_capacity(full)) +
           tt_bus_recent_size(TT_TOPIC_COUNT + full->topics_max, full->subscriptions_max);
}

size_t tt_bus_memory(const tt_bus_options *options)
{
    if (!options_fit(options)) {
        return 0; // what follows is only for numbers within their bounds
    }
    const tt_bus_options full = complete(options);
    uint32_t source_max = TT_SOURCE_COUNT + full.sources_max;
    size_t lane = lane_capacity(&full);
    size_t bytes =
        sizeof(tt_bus) + state_size(&full) + full.outbox_bytes + DEAD_RESERVE_BYTES +
        (LANE_COUNT - TT_priority_LOW) * lane * sizeof(uint64_t) +
        (TT_TOPIC_COUNT + full.topics_max) *
            (sizeof(struct topic) + sizeof(struct handler_set) + sizeof(struct topic_keys)) +
        full.topic_bytes + tt_registry_memory(full.topics_max, full.sources_max) +
        subscriptions_size(full.subscriptions_max) + tt_bus_requests_size(full.requests_max) +
        tt_map_size(full.requests_max) + tt_bus_blocked_size(full.blocked_max);
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        struct topic topic = {0};
        const tt_topic_info *info = tt_topic_info_get(i);
        tt_bus_init_topic(
            &topic, info, full.key_max + 1, scaled_history(info, full.history_scale_pct));
        bytes += tt_bus_index_count(&topic, source_max) * sizeof(uint32_t);
        bytes += (size_t)slot_count(&topic) * topic.stride;
    }
    return bytes + expiry_size(&full) + failures_size(&full) + measures_size(&full) +
           ALIGNMENT_SLACK;
}

/** Takes memory for a region that may be empty. */
static tutti_status take_region(struct region *region, size_t size, tt_arena *arena)
{
    region->size = size;
    region->data = size != 0 ? tt_arena_alloc(arena, 1, size) : NULL;
    return size == 0 || region->data ? TUTTI_OK : TUTTI_NO_MEMORY;
}

static tutti_status init_expiry(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    TUTTI_TRY(take_region(&bus->expiry, expiry_size(full), arena));
    bus->quiet_ns = bus->expiry.size != 0 ? INT64_MIN : INT64_MAX;
    if (bus->expiry.size != 0) {
        tt_bus_init_expiry(bus, bus->expiry.data, full->expiry_max);
    }
    return TUTTI_OK;
}

/** What failures and limits need. */
static tutti_status init_failures(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    bus->dead_max = full->dead_max;
    bus->limits_max = full->limits_max;
    bus->again = tt_arena_alloc(arena, 1, TT_MSG_BYTES_MAX);
    bus->refused = tt_arena_alloc(arena, 1, TT_MSG_BYTES_MAX);
    bus->is_exempt = tt_arena_alloc(arena, bus->source_max, sizeof *bus->is_exempt);
    if (!bus->again || !bus->refused || !bus->is_exempt) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(take_region(
        &bus->dead_letters, tt_bus_store_size(full->dead_max, full->dead_bytes), arena));
    TUTTI_TRY(take_region(&bus->seen_keys, tt_bus_seen_size(full->idempotency_max), arena));
    TUTTI_TRY(take_region(
        &bus->limits, full->limits_max * tt_bus_limits_row_size(bus->source_max), arena));
    bus->dead = tt_bus_store_init(bus->dead_letters.data, full->dead_max, full->dead_bytes);
    bus->seen = tt_bus_seen_init(bus->seen_keys.data, full->idempotency_max);
    bus->policies = tt_arena_alloc(arena, full->cares_max, sizeof *bus->policies);
    if (!bus->policies) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(take_region(&bus->care, tt_bus_care_size(full), arena));
    tt_bus_init_care(bus, full, bus->care.data);
    return TUTTI_OK;
}

/** Times and windows. */
static tutti_status init_measures(tt_bus *bus, const tt_bus_options *full, tt_arena *arena)
{
    uint32_t capacity = lane_capacity(full);
    void *timing = tt_arena_alloc(arena, 1, tt_bus_timing_size(full->timings_max, capacity));
    void *recent =
        tt_arena_alloc(arena, 1, tt_bus_recent_size(bus->topics_max, full->subscriptions_max));
    if (!timing || !recent) {
        return TUTTI_NO_MEMORY;
    }
    tt_bus_init_timing(bus, full->timings_max, capacity, timing);
    tt_bus_init_recent(bus, full->window_ms, recent);
    return TUTTI_OK;
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
    const tt_bus_options full = complete(options);
    bus->depth_max = full.depth_max;
    TUTTI_TRY(init_tables(bus, &full, arena));
    bus->state->next_seq = 1;
    bus->state->high_water = 1; // what a message queued alone would make of it
    bus->fresh_ns = INT64_MIN;  // no step is so early
    bus->due_ns = INT64_MIN;
    TUTTI_TRY(init_subscriptions(bus, full.subscriptions_max, arena));
    bus->timers = full.timers;
    TUTTI_TRY(tt_bus_init_requests(bus, full.requests_max, arena));
    TUTTI_TRY(tt_bus_init_blocked(bus, full.blocked_max, arena));
    TUTTI_TRY(init_outbox(bus, full.outbox_bytes, arena));
    TUTTI_TRY(init_lanes(bus, &full, arena));
    TUTTI_TRY(init_topics(bus, &full, arena));
    set_child_depth(bus, 1);
    TUTTI_TRY(init_expiry(bus, &full, arena));
    TUTTI_TRY(init_failures(bus, &full, arena));
    TUTTI_TRY(init_measures(bus, &full, arena));
    *result = bus;
    return TUTTI_OK;
}

/** Registers memory that may be empty. */
static tutti_status add_region(struct tt_core *core, const char *name, void *data, size_t size)
{
    return size != 0 ? tt_core_add_region(core, name, data, size) : TUTTI_OK;
}

tutti_status tt_bus_register(tt_bus *bus, struct tt_core *core)
{
    size_t size = sizeof *bus->state + bus->topics_max * sizeof(struct topic_state);
    TUTTI_TRY(add_region(core, "bus", bus->state, size));
    TUTTI_TRY(add_region(core, "bus.newest", bus->keys, bus->topics_max * sizeof *bus->keys));
    TUTTI_TRY(add_region(core, "bus.index", bus->index.data, bus->index.size));
    TUTTI_TRY(add_region(core, "bus.history", bus->history.data, bus->history.size));
    size_t counters = subscribers_size(bus->subscriptions_max);
    TUTTI_TRY(add_region(core, "bus.subscribers", bus->delivered, counters));
    size_t requests = tt_bus_requests_size(bus->requests_max);
    TUTTI_TRY(add_region(core, "bus.requests", bus->requests, requests));
    size_t map = tt_map_size(bus->requests_max);
    TUTTI_TRY(add_region(core, "bus.request_map", bus->request_map, map));
    size_t blocked = tt_bus_blocked_size(bus->blocked_max);
    TUTTI_TRY(add_region(core, "bus.blocked", bus->blocked, blocked));
    void *records = tt_registry_state(bus->registry, &size);
    TUTTI_TRY(add_region(core, "bus.declared", records, size));
    TUTTI_TRY(add_region(core, "bus.pool", bus->pool.data, bus->pool.size));
    TUTTI_TRY(add_region(core, "bus.expiry", bus->expiry.data, bus->expiry.size));
    TUTTI_TRY(add_region(core, "bus.dead", bus->dead_letters.data, bus->dead_letters.size));
    TUTTI_TRY(add_region(core, "bus.keys", bus->seen_keys.data, bus->seen_keys.size));
    TUTTI_TRY(add_region(core, "bus.care", bus->care.data, bus->care.size));
    return add_region(core, "bus.limits", bus->limits.data, bus->limits.size);
}
