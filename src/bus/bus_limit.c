/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Limits of what a topic, and each source on a topic, may publish: token buckets on engine time.
 * The rates are wiring, set at the start; the buckets are state.
 */
#include "bus/bus_limit.h"

static struct limit_row *row_at(const tt_bus *bus, uint32_t row)
{
    unsigned char *rows = bus->limits.data;
    return (struct limit_row *)(void *)(rows + row * tt_bus_limits_row_size(bus->source_max));
}

size_t tt_bus_limits_row_size(uint32_t source_max)
{
    return sizeof(struct limit_row) + source_max * sizeof(tt_bus_bucket);
}

/** Row of a topic plus one: the one it has, or a free one; 0 when there is none. */
static uint32_t find_row(const tt_bus *bus, uint32_t place)
{
    for (uint32_t i = 0; i < bus->limits_max; i++) {
        uint32_t owner = row_at(bus, i)->topic;
        if (owner == place || owner == TT_TOPIC_NONE) {
            return i + 1;
        }
    }
    return 0;
}

bool tt_bus_has_limit_room(const tt_bus *bus)
{
    return find_row(bus, UINT32_MAX) != 0; // no topic has that place: a free row
}

tutti_status tt_bus_limit(tt_bus *bus, tt_topic topic_id, const tt_bus_limits *limits)
{
    uint32_t place = known_topic(bus, (uint32_t)topic_id);
    if (place == 0 || place == TT_TOPIC_DEAD_LETTERS || !tt_bus_rate_is_valid(limits->topic) ||
        !tt_bus_rate_is_valid(limits->source)) {
        return TUTTI_INVALID;
    }
    uint32_t row = find_row(bus, place);
    if (row == 0) {
        return TUTTI_LIMIT;
    }
    row_at(bus, row - 1)->topic = place;
    bus->topics[place].limit = row;
    bus->topics[place].special |= TOPIC_LIMITED;
    bus->topics[place].rates =
        (struct limit_rates){.topic = limits->topic, .source = limits->source};
    return TUTTI_OK;
}

tt_bus_limits tt_bus_limits_get(const tt_bus *bus, tt_topic topic_id)
{
    const struct limit_rates *rates = &bus->topics[known_topic(bus, (uint32_t)topic_id)].rates;
    return (tt_bus_limits){.topic = rates->topic, .source = rates->source};
}

tutti_status tt_bus_exempt(tt_bus *bus, tt_source source, bool is_exempt)
{
    uint32_t place = known_source(bus, (uint32_t)source);
    if (place == 0) {
        return TUTTI_INVALID;
    }
    bus->is_exempt[place] = is_exempt;
    return TUTTI_OK;
}

bool tt_bus_is_exempt(const tt_bus *bus, tt_source source)
{
    return bus->is_exempt[known_source(bus, (uint32_t)source)];
}

bool tt_bus_admit(tt_bus *bus, struct topic *topic, uint32_t source)
{
    if (bus->is_exempt[source]) {
        return true;
    }
    struct limit_row *row = row_at(bus, topic->limit - 1);
    tt_time now = bus->state->now;
    bool is_topic_limited = topic->rates.topic.per_s != 0;
    bool is_source_limited = topic->rates.source.per_s != 0;
    // Both are asked before one is taken from: what one refuses must not cost a token of the other.
    if ((is_topic_limited && !tt_bus_bucket_has(&row->whole, topic->rates.topic, now)) ||
        (is_source_limited &&
         !tt_bus_bucket_has(&row->sources[source], topic->rates.source, now))) {
        topic->state->rate_limited++;
        return false;
    }
    if (is_topic_limited) {
        tt_bus_bucket_take(&row->whole);
    }
    if (is_source_limited) {
        tt_bus_bucket_take(&row->sources[source]);
    }
    return true;
}

/** Asks a copy of a bucket. */
static bool would_have(tt_bus_bucket bucket, tt_bus_rate rate, tt_time now)
{
    return rate.per_s == 0 || tt_bus_bucket_has(&bucket, rate, now);
}

bool tt_bus_would_limit(const tt_bus *bus, tt_topic topic_id, tt_source source, tt_time now)
{
    const struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)topic_id)];
    uint32_t place = known_source(bus, (uint32_t)source);
    if (topic->limit == 0 || bus->is_exempt[place]) {
        return false;
    }
    const struct limit_row *row = row_at(bus, topic->limit - 1);
    return !would_have(row->whole, topic->rates.topic, now) ||
           !would_have(row->sources[place], topic->rates.source, now);
}
