/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Topics and sources declared at run time. The registry keeps the declarations, as state; here they
 * get their place in the bus.
 */
#include "bus/bus_care.h"
#include "bus/bus_recent.h"

#include <string.h>

#define POOL_UNIT 64u /* parts of the pool begin at whole cache lines */

/** End of the pool. */
static size_t pool_end(const tt_bus *bus)
{
    return bus->pool.size / POOL_UNIT * POOL_UNIT;
}

static size_t round_up(uint64_t bytes)
{
    return (size_t)((bytes + POOL_UNIT - 1) / POOL_UNIT * POOL_UNIT);
}

/** Messages kept: bounded by number and by bytes. */
static uint64_t history_of(const tt_topic_declaration *record, const tt_layout *layout)
{
    uint64_t fitting = record->history_bytes / (sizeof(tt_msg) + layout->size);
    bool is_bytes = record->history_bytes != 0 && fitting < record->history_count;
    uint64_t history = is_bytes ? fitting : record->history_count;
    return history == 0 && record->history_count != 0 ? 1 : history;
}

/** Bounds of a declared topic; it has no memory yet. */
static void
init_declared(struct topic *topic, const tt_topic_declaration *record, const tt_schema *schema)
{
    const tt_topic_info info = {
        .name = record->name,
        .layout = &schema->layout,
        .topic = (tt_topic)record->topic_id,
        .ttl_ms = record->ttl_ms,
        .kind = record->kind,
        .priority = record->priority,
    };
    tt_bus_init_topic(topic, &info, record->key_max + 1, history_of(record, info.layout));
    if (schema->layout.item_size == 0) {
        topic->struct_size = schema->struct_size;
        topic->special |= (uint16_t)(schema->has_gaps ? TOPIC_SHAPED : 0);
    }
}

/** What a topic takes of the pool; 0 when that is beyond any pool. */
static bool
measure(const tt_bus *bus, const struct topic *topic, size_t *ret_numbers, size_t *ret_slots)
{
    uint64_t numbers = tt_bus_index_count(topic, bus->source_max) * sizeof(uint32_t);
    uint64_t slots = slot_count(topic) * topic->stride;
    if (numbers > bus->pool.size || slots > bus->pool.size) {
        return false;
    }
    *ret_numbers = round_up(numbers);
    *ret_slots = round_up(slots);
    return bus->pool_index + bus->pool_slots + *ret_numbers + *ret_slots <= pool_end(bus);
}

/** Without a burst, the messages of one second may come at once. */
static tt_bus_rate declared_rate(const tt_topic_declaration *record)
{
    uint32_t burst = record->burst != 0 ? record->burst : record->rate_per_s;
    return (tt_bus_rate){.per_s = record->rate_per_s, .burst = record->rate_per_s ? burst : 0};
}

/** Messages of others after which the next slot of a topic has left the cache: it was written when
 * the ring was there the last time. */
static uint32_t far_gap(const struct topic *topic)
{
    uint64_t gap = FAR_BYTES / ((uint64_t)topic->history_max * topic->stride);
    gap = gap > FAR_GAP_MIN ? gap : FAR_GAP_MIN;
    return (uint32_t)(gap < FAR_GAP_MAX ? gap : FAR_GAP_MAX);
}

/** Gives the next place to the topic of a record; false when the pool, or the room for limits, is
 * used up. */
static bool wire_topic(tt_bus *bus, uint32_t id, bool is_new)
{
    const tt_topic_declaration *record = tt_registry_declaration(bus->registry, (uint16_t)id);
    if (!record) {
        return false;
    }
    struct topic *topic = &bus->topics[bus->topic_count];
    size_t numbers = 0;
    size_t slots = 0;
    init_declared(topic, record, tt_registry_schema(bus->registry, record->topic_id));
    topic->is_expiring = bus->wheel != NULL && topic->history_max != 0;
    if (bus->pool.size >= FAR_POOL_BYTES && topic->history_max != 0) {
        topic->far_gap = far_gap(topic) & FAR_GAP_MAX;
    }
    if (!measure(bus, topic, &numbers, &slots) || !tt_bus_can_attach(bus, record->name)) {
        return false;
    }
    // Indexes from the start, slots from the end: so what each message needs of many topics is
    // near.
    unsigned char *pool = bus->pool.data;
    bus->pool_slots += slots;
    struct topic_memory memory = {
        .numbers = (uint32_t *)(void *)(pool + bus->pool_index),
        .slots = pool + pool_end(bus) - bus->pool_slots,
    };
    bus->pool_index += numbers;
    tt_bus_place_topic(topic, bus->source_max, &memory, is_new);
    bus->topic_count++;
    set_child_depth(bus, bus->child_depth); // plain posts go there, too
    tt_bus_attach(bus, topic);
    tt_bus_wrap_topic(bus, topic);
    const tt_bus_limits limits = {.topic = declared_rate(record)};
    return limits.topic.per_s == 0 ||
           tt_bus_limit(bus, (tt_topic)record->topic_id, &limits) == TUTTI_OK;
}

static tutti_status
refuse_declaration(const char *name, tutti_status status, const char *hint, tt_error *error)
{
    tt_error_set(error, status, "\"%s\" cannot be declared: %s", name, tutti_status_text(status));
    tt_error_hint(error, "%s", hint);
    return status;
}

/** Tells a topic that is declared already whether this is the same. */
static tutti_status
compare_topic(const tt_bus *bus, tt_topic topic, tt_topic_declaration *record, tt_error *error)
{
    const tt_topic_declaration *there = tt_registry_declaration(bus->registry, (uint16_t)topic);
    record->topic_id = (uint16_t)topic;
    if (there && memcmp(there, record, sizeof *record) == 0) {
        return TUTTI_OK;
    }
    return refuse_declaration(
        record->name, TUTTI_EXISTS, "use another name, or the declaration that is there", error);
}

static tutti_status check_room(const tt_bus *bus, tt_topic_declaration *record, tt_error *error)
{
    tt_schema schema;
    struct topic topic = {0};
    size_t numbers = 0;
    size_t slots = 0;
    if (bus->topic_count == bus->topics_max) {
        return refuse_declaration(record->name, TUTTI_LIMIT, "raise topics_max", error);
    }
    if (!tt_bus_rate_is_valid(declared_rate(record))) {
        return refuse_declaration(record->name, TUTTI_INVALID, "a rate is at most 1000000", error);
    }
    if (record->rate_per_s != 0 && !tt_bus_has_limit_room(bus)) {
        return refuse_declaration(record->name, TUTTI_LIMIT, "raise limits_max", error);
    }
    TUTTI_TRY(
        tt_schema_parse(record->name, record->schema, strlen(record->schema), &schema, error));
    init_declared(&topic, record, &schema);
    if (!measure(bus, &topic, &numbers, &slots)) {
        return refuse_declaration(
            record->name, TUTTI_LIMIT, "raise topic_bytes, or keep fewer messages or keys", error);
    }
    if (!tt_bus_can_attach(bus, record->name) || !tt_bus_can_wrap(bus, record->name)) {
        return refuse_declaration(
            record->name, TUTTI_LIMIT, "too many patterns match it: end some", error);
    }
    return TUTTI_OK;
}

/** Tells what is about to be declared. Nothing is declared unless this was told. */
static tutti_status
announce(tt_bus *bus, tt_topic topic, const void *record, const char *name, tt_error *error)
{
    const tt_bus_post post = {
        .topic = topic,
        .source = TT_SOURCE_BUS,
        .payload = record,
        .flags = bus->inputs_only ? TT_MSG_INPUT : 0,
    };
    tutti_status status = tt_bus_publish(bus, &post, NULL);
    return status == TUTTI_OK
               ? TUTTI_OK
               : refuse_declaration(name, status, "begin a step with fewer messages", error);
}

tutti_status
tt_bus_declare(tt_bus *bus, const tt_bus_topic_decl *decl, tt_topic *ret_topic, tt_error *error)
{
    tt_topic_declaration record;
    TUTTI_TRY(tt_registry_prepare(decl, bus->ttl_default_ms, &record, error));
    tt_topic there = tt_registry_find_topic(bus->registry, record.name, strlen(record.name));
    if (there != TT_TOPIC_NONE) {
        TUTTI_TRY(compare_topic(bus, there, &record, error));
        *ret_topic = there;
        return TUTTI_OK;
    }
    TUTTI_TRY(check_room(bus, &record, error));
    record.topic_id = (uint16_t)(TT_TOPIC_USER_FIRST + bus->topic_count - TT_TOPIC_COUNT);
    TUTTI_TRY(announce(bus, TT_TOPIC_TOPIC_DECLARATIONS, &record, record.name, error));
    tutti_status status = tt_registry_add_topic(bus->registry, &record, error);
    TT_ASSERT(status == TUTTI_OK); // all has been checked
    bool is_wired = wire_topic(bus, record.topic_id, true);
    TT_ASSERT(is_wired);
    *ret_topic = (tt_topic)record.topic_id;
    return TUTTI_OK;
}

tutti_status
tt_bus_declare_source(tt_bus *bus, const char *name, tt_source *ret_source, tt_error *error)
{
    tt_source_declaration record = {0};
    uint16_t there = TT_SOURCE_NONE;
    size_t length = name ? strnlen(name, TT_SOURCE_NAME_MAX) : 0;
    if (length > 0 && tt_registry_find_source(bus->registry, name, length, &there)) {
        *ret_source = (tt_source)there;
        return there >= TT_SOURCE_USER_FIRST
                   ? TUTTI_OK
                   : refuse_declaration(name, TUTTI_EXISTS, "the source is built in", error);
    }
    record.source_id = (uint16_t)(TT_SOURCE_USER_FIRST + bus->source_count - TT_SOURCE_COUNT);
    TUTTI_TRY(tt_registry_check_source(name, error));
    if (bus->source_count == bus->source_max) {
        return refuse_declaration(name, TUTTI_LIMIT, "raise sources_max", error);
    }
    TT_TEXT_SET(record.name, name);
    TUTTI_TRY(announce(bus, TT_TOPIC_SOURCE_DECLARATIONS, &record, name, error));
    tutti_status status = tt_registry_add_source(bus->registry, &record, error);
    TT_ASSERT(status == TUTTI_OK); // all has been checked
    bus->source_count++;
    *ret_source = (tt_source)record.source_id;
    return TUTTI_OK;
}

const tt_registry *tt_bus_registry(const tt_bus *bus)
{
    return bus->registry;
}

tutti_status tt_bus_restore(tt_bus *bus, tt_error *error)
{
    TUTTI_TRY(tt_registry_restore(bus->registry, error));
    uint32_t topics = TT_TOPIC_COUNT + tt_registry_topic_count(bus->registry);
    uint32_t sources = tt_registry_source_count(bus->registry);
    while (bus->topic_count < topics) {
        uint32_t topic = TT_TOPIC_USER_FIRST + bus->topic_count - TT_TOPIC_COUNT;
        if (!wire_topic(bus, topic, false)) {
            return tt_error_set(error, TUTTI_CORRUPT, "bus: the declared topics are damaged");
        }
    }
    bus->source_count = TT_SOURCE_COUNT + sources;
    tt_bus_link_cares(bus);
    tt_bus_recent_restart(bus);
    tt_bus_watch(bus);
    bus->quiet_ns = bus->wheel ? INT64_MIN : INT64_MAX;
    bus->due_ns = INT64_MIN;
    return TUTTI_OK;
}
