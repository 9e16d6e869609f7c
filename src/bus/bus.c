/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing of what asks for nothing special. This is half of the hot path (ADR 60, 79): a publish
 * writes head and payload once, to the outbox and to the history in one pass, and touches nothing
 * else that is far away.
 */
#include "bus/bus_append.h"
#include "bus/bus_timing.h"

/** Tells whether the source of a post is there: most are built in. */
HOT_INLINE bool is_source(const tt_bus *bus, uint64_t where)
{
    return where < (uint64_t)(TT_SOURCE_COUNT - 1) << 32 ||
           known_source(bus, source_of(where)) != 0;
}

/** Number of a topic that asks for nothing special; of no topic for all others. */
HOT_INLINE uint32_t number_if_usual(const struct topic *topic)
{
    uint32_t number;
    memcpy(&number, &topic->number, sizeof number);
    return number;
}

/** Tells whether a plain post is right, and nothing has to be asked or counted. */
HOT_INLINE bool is_right(const tt_bus *bus, const struct topic *topic, uint64_t where, uint64_t key)
{
    return number_if_usual(topic) == (uint32_t)where && key < topic->key_count &&
           is_source(bus, where);
}

/** Tells whether the next message is to be measured. */
HOT_INLINE bool is_sample(const tt_bus *bus)
{
    return bus->state->next_seq >= bus->sample_seq;
}

/** How a message is queued. */
enum queueing {
    QUEUE_ALONE,
    QUEUE_ROW,     /**< In a row, as those before: for that nothing has to be done. */
    QUEUE_BEHIND,  /**< Behind what is queued. */
    QUEUE_MEASURED /**< The same, and its time there and in handlers is measured. */
};

/** Tells whether a message is queued by being written: behind a row, and as those before. */
HOT_INLINE bool fits_row(const tt_bus *bus, const struct topic *topic)
{
    return is_row_queued(bus) && bus->row.priority == plain_priority(topic) &&
           bus->state->next_seq < bus->row.full_seq;
}

HOT_INLINE bool has_plain_room(tt_bus *bus, const struct topic *topic, enum queueing queueing)
{
    bool has_lane = queueing == QUEUE_ALONE || queueing == QUEUE_ROW;
    return has_outbox_room(bus, plain_size(topic), 0) &&
           (has_lane || has_lane_room(bus, plain_priority(topic), 0));
}

/** Publishes a plain post that is right. */
HOT_INLINE tutti_status publish_right(
    tt_bus *bus,
    struct topic *topic,
    const void *payload,
    uint64_t where,
    uint64_t key,
    uint64_t flags,
    enum keeping keeping,
    enum queueing queueing)
{
    const bool is_checked = keeping == KEEP_NONE && queueing == QUEUE_ALONE;
    if (!is_checked && UNLIKELY(!has_plain_room(bus, topic, queueing))) {
        return tt_bus_publish_other(bus, payload, where, key, flags);
    }
    const struct checked checked = {
        .topic = topic,
        .payload = payload,
        .where = where,
        .key = key,
        .flags = flags,
        .source = keeping != KEEP_NONE ? known_source(bus, source_of(where)) : 0,
        .timed = queueing == QUEUE_MEASURED ? tt_bus_timing_queued(bus, plain_priority(topic)) : 0,
        .is_alone = queueing == QUEUE_ALONE,
        .is_in_row = queueing == QUEUE_ROW,
    };
    (void)append(bus, &checked, keeping);
    return TUTTI_OK;
}

/* A function for each case: so the shortest has to save the fewest registers. */

#define PUBLISH_CASE(name_, keeping_, queueing_)                                                   \
    static NOINLINE tutti_status name_(                                                            \
        tt_bus *bus,                                                                               \
        const void *payload,                                                                       \
        uint64_t where,                                                                            \
        uint64_t key,                                                                              \
        uint64_t flags,                                                                            \
        struct topic *topic)                                                                       \
    {                                                                                              \
        return publish_right(bus, topic, payload, where, key, flags, keeping_, queueing_);         \
    }

PUBLISH_CASE(publish_queued, KEEP_NONE, QUEUE_BEHIND)
PUBLISH_CASE(publish_measured, KEEP_NONE, QUEUE_MEASURED)
PUBLISH_CASE(publish_kept, KEEP_NEAR, QUEUE_ALONE)
PUBLISH_CASE(publish_kept_row, KEEP_NEAR, QUEUE_ROW)
PUBLISH_CASE(publish_kept_queued, KEEP_NEAR, QUEUE_BEHIND)
PUBLISH_CASE(publish_kept_measured, KEEP_NEAR, QUEUE_MEASURED)
PUBLISH_CASE(publish_far, KEEP_FAR, QUEUE_ALONE)
PUBLISH_CASE(publish_far_row, KEEP_FAR, QUEUE_ROW)
PUBLISH_CASE(publish_far_queued, KEEP_FAR, QUEUE_BEHIND)
PUBLISH_CASE(publish_far_measured, KEEP_FAR, QUEUE_MEASURED)

/** Publishes what is kept and queued behind others. */
static NOINLINE tutti_status publish_kept_behind(
    tt_bus *bus,
    const void *payload,
    uint64_t where,
    uint64_t key,
    uint64_t flags,
    struct topic *topic)
{
    const bool is_in_row = fits_row(bus, topic);
    if (is_far(bus, topic)) {
        return is_in_row ? publish_far_row(bus, payload, where, key, flags, topic)
                         : publish_far_queued(bus, payload, where, key, flags, topic);
    }
    return is_in_row ? publish_kept_row(bus, payload, where, key, flags, topic)
                     : publish_kept_queued(bus, payload, where, key, flags, topic);
}

/** Publishes what is queued behind others. */
static NOINLINE tutti_status publish_behind(
    tt_bus *bus,
    const void *payload,
    uint64_t where,
    uint64_t key,
    uint64_t flags,
    struct topic *topic)
{
    if (topic->history_max != 0) {
        return publish_kept_behind(bus, payload, where, key, flags, topic);
    }
    if (UNLIKELY(!fits_row(bus, topic))) {
        return publish_queued(bus, payload, where, key, flags, topic);
    }
    return publish_right(bus, topic, payload, where, key, flags, KEEP_NONE, QUEUE_ROW);
}

/** Publishes what is measured: always by a lane. */
COLD static tutti_status publish_sample(
    tt_bus *bus,
    const void *payload,
    uint64_t where,
    uint64_t key,
    uint64_t flags,
    struct topic *topic)
{
    if (topic->history_max == 0) {
        return publish_measured(bus, payload, where, key, flags, topic);
    }
    return is_far(bus, topic) ? publish_far_measured(bus, payload, where, key, flags, topic)
                              : publish_kept_measured(bus, payload, where, key, flags, topic);
}

tutti_status
tt_bus_publish_plain(tt_bus *bus, const void *payload, uint64_t where, uint64_t key, uint64_t flags)
{
    uint32_t place = numbered_place((uint32_t)where);
    if (UNLIKELY(place >= bus->plain_count)) {
        return tt_bus_publish_other(bus, payload, where, key, flags);
    }
    struct topic *topic = &bus->topics[place];
    if (UNLIKELY(!is_right(bus, topic, where, key))) {
        return tt_bus_publish_other(bus, payload, where, key, flags);
    }
    if (UNLIKELY(is_sample(bus))) {
        return publish_sample(bus, payload, where, key, flags, topic);
    }
    if (has_queued(bus)) {
        return publish_behind(bus, payload, where, key, flags, topic);
    }
    if (topic->history_max != 0) {
        return is_far(bus, topic) ? publish_far(bus, payload, where, key, flags, topic)
                                  : publish_kept(bus, payload, where, key, flags, topic);
    }
    if (UNLIKELY(!has_outbox_room(bus, plain_size(topic), 0))) {
        return tt_bus_publish_other(bus, payload, where, key, flags);
    }
    return publish_right(bus, topic, payload, where, key, flags, KEEP_NONE, QUEUE_ALONE);
}

tutti_status tt_bus_publish_post(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
    // Each field is read as wide as a publisher writes it.
    const uint64_t asked[] = {
        load_word(&post->idempotency),
        load_word((const unsigned char *)&post->idempotency + sizeof(uint64_t)),
        load_word(&post->correlation),
        load_word((const unsigned char *)&post->correlation + sizeof(uint64_t)),
        post->cause,
    };
    if ((asked[0] | asked[1] | asked[2] | asked[3] | asked[4] | tt_bus_asked(post)) != 0) {
        return tt_bus_publish_any(bus, post, ret_seq);
    }
    tutti_status status =
        tt_bus_publish_plain(bus, post->payload, tt_bus_where(post), post->key, post->flags);
    if (ret_seq && status == TUTTI_OK) {
        *ret_seq = tt_bus_next_seq(bus) - 1;
    }
    return status;
}
