/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading what was published: latest, by number, by time, newest first.
 */
#include "bus/bus_index.h"

static const struct topic *find_topic(const tt_bus *bus, tt_topic topic)
{
    uint32_t place = known_topic(bus, (uint32_t)topic);
    return place != 0 ? &bus->topics[place] : NULL;
}

static bool is_fresh(const tt_bus *bus, const tt_msg *msg, tt_dur max_age)
{
    int64_t age = bus->state->now.ns - msg->time.ns;
    return !is_expired(bus, msg) && (max_age.ns == 0 || age <= max_age.ns);
}

/** Newest message of a source (0 = any) and key, plus one; 0 if there is none. */
static uint32_t
newest_slot(const tt_bus *bus, const struct topic *topic, tt_source source, uint32_t key)
{
    uint32_t place = known_source(bus, (uint32_t)source);
    bool is_known = place != 0 || source == TT_SOURCE_NONE;
    if (!topic || !is_known || key >= topic->key_count || topic->history_max == 0) {
        return 0;
    }
    return latest_slot(topic, pair_index(bus, place, key));
}

const tt_msg *
tt_bus_latest(const tt_bus *bus, tt_topic topic_id, tt_source source, uint32_t key, tt_dur max_age)
{
    const struct topic *topic = find_topic(bus, topic_id);
    uint32_t slot = newest_slot(bus, topic, source, key);
    if (slot == 0) {
        return NULL;
    }
    const tt_msg *msg = slot_msg(topic, slot - 1);
    if (is_fresh(bus, msg, max_age)) {
        return msg;
    }
    // What expired within this millisecond has not left yet; what is behind it may be alive, but
    // not where all live as long.
    const tt_bus_latest_filter any = {.max_age = max_age};
    bool may_be = topic->is_expiring && is_indexed(topic);
    return may_be ? tt_bus_latest_where(bus, topic_id, source, key, &any) : NULL;
}

tt_bus_newest tt_bus_newest_of(const tt_bus *bus, tt_topic topic_id, uint32_t key)
{
    const struct topic *topic = find_topic(bus, topic_id);
    bool is_kept = topic != NULL && key < topic->key_count && topic->history_max != 0;
    return (tt_bus_newest){
        .topic = is_kept ? topic : NULL,
        .pair = is_kept ? pair_index(bus, 0, key) : 0,
    };
}

const tt_msg *tt_bus_newest_msg(const tt_bus_newest *newest)
{
    const struct topic *topic = newest->topic;
    uint32_t slot = topic != NULL ? latest_slot(topic, newest->pair) : 0;
    return slot != 0 ? slot_msg(topic, slot - 1) : NULL;
}

static const tt_msg *ring_msg(const struct topic *topic, uint32_t age)
{
    return slot_msg(topic, ring_slot(topic, age));
}

static bool is_hole(const struct topic *topic, uint32_t age)
{
    return topic->state->hole_count > 0 && topic->links[ring_slot(topic, age)].pair == 0;
}

/** Number of messages in the ring whose sequence number is at least `seq`. Most who ask want one of
 * the newest: in strides that double from there, the old ones are not touched. */
static uint32_t count_from(const struct topic *topic, tt_seq seq)
{
    uint32_t low = 0; // everything younger than `low` places is counted
    uint32_t high = 0;
    const uint32_t count = topic->state->ring_count;
    while (high < count && ring_msg(topic, high)->seq >= seq) {
        low = high + 1;
        high = high + low;
    }
    high = high < count ? high : count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ring_msg(topic, middle)->seq >= seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const tt_msg *find_pinned(const struct topic *topic, tt_seq seq)
{
    for (uint32_t i = 0; i < topic->state->pin_count; i++) {
        const tt_msg *msg = slot_msg(topic, *pin_at(topic, i));
        if (msg->seq == seq) {
            return msg;
        }
    }
    return NULL;
}

const tt_msg *tt_bus_find(const tt_bus *bus, tt_topic topic_id, tt_seq seq)
{
    const struct topic *topic = find_topic(bus, topic_id);
    if (!topic || seq == 0) {
        return NULL;
    }
    const struct topic_state *state = topic->state;
    if (seq == state->last_seq && state->ring_count > 0 && state->hole_count == 0) {
        return ring_msg(topic, 0); // most who ask have just been told of it
    }
    uint32_t count = count_from(topic, seq);
    if (count > 0 && ring_msg(topic, count - 1)->seq == seq) {
        return is_hole(topic, count - 1) ? NULL : ring_msg(topic, count - 1);
    }
    return find_pinned(topic, seq);
}

/** Places behind the newest of the first one from `age` on that is no hole; ring_count at the end.
 */
static uint32_t skip_holes(const struct topic *topic, uint32_t age)
{
    while (age < topic->state->ring_count && is_hole(topic, age)) {
        age++;
    }
    return age;
}

const tt_msg *tt_bus_history(const tt_bus *bus, tt_topic topic_id, const tt_msg *previous)
{
    const struct topic *topic = find_topic(bus, topic_id);
    if (!topic) {
        return NULL;
    }
    uint32_t age = skip_holes(topic, previous ? count_from(topic, previous->seq) : 0);
    return age < topic->state->ring_count ? ring_msg(topic, age) : NULL;
}

/** The next older message of the same key, slot plus one; 0: there is none. */
static uint32_t older_slot(const struct topic *topic, uint32_t slot)
{
    if (is_indexed(topic)) {
        return topic->links[slot].older;
    }
    if (slot >= topic->history_max) {
        return 0; // it is pinned: all others of its key are gone
    }
    const uint32_t key = slot_msg(topic, slot)->key;
    const uint32_t head = topic->state->ring_head;
    uint32_t age = head > slot ? head - slot : head + topic->history_max - slot;
    while (age < topic->state->ring_count && ring_msg(topic, age)->key != key) {
        age++;
    }
    return age < topic->state->ring_count ? ring_slot(topic, age) + 1 : 0;
}

const tt_msg *tt_bus_latest_where(
    const tt_bus *bus,
    tt_topic topic_id,
    tt_source source,
    uint32_t key,
    const tt_bus_latest_filter *filter)
{
    const struct topic *topic = find_topic(bus, topic_id);
    uint32_t slot = newest_slot(bus, topic, source, key);
    for (; slot != 0; slot = older_slot(topic, slot - 1)) {
        const tt_msg *msg = slot_msg(topic, slot - 1);
        bool is_young =
            filter->max_age.ns == 0 || bus->state->now.ns - msg->time.ns <= filter->max_age.ns;
        if (!is_young) {
            return NULL; // all further ones are older
        }
        bool is_from = source == TT_SOURCE_NONE || msg->source == source;
        if (is_from && is_fresh(bus, msg, filter->max_age) &&
            (!filter->fn || filter->fn(filter->ctx, msg) == TT_BUS_MATCH_YES)) {
            return msg;
        }
    }
    return NULL;
}

/** Number of messages in the ring that are at least as young as `time`. */
static uint32_t count_from_time(const struct topic *topic, tt_time time)
{
    uint32_t low = 0;
    uint32_t high = topic->state->ring_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ring_msg(topic, middle)->time.ns >= time.ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** Ages of the youngest and, plus one, of the oldest message within the bounds of a query. */
static uint32_t
find_bounds(const struct topic *topic, const tt_bus_question *question, uint32_t *ret_end)
{
    uint32_t end = topic->state->ring_count;
    uint32_t start = 0;
    if (question->since_seq != 0) {
        end = count_from(topic, question->since_seq);
    }
    if (question->since_time.ns != 0) {
        uint32_t younger = count_from_time(topic, question->since_time);
        end = younger < end ? younger : end;
    }
    if (question->until_seq != 0 && question->until_seq != UINT64_MAX) {
        start = count_from(topic, question->until_seq + 1);
    }
    if (question->until_time.ns != 0 && question->until_time.ns != INT64_MAX) {
        uint32_t later = count_from_time(topic, (tt_time){question->until_time.ns + 1});
        start = later > start ? later : start;
    }
    *ret_end = end;
    return start;
}

static bool is_wanted(const tt_bus *bus, const tt_bus_question *question, const tt_msg *msg)
{
    return (question->source == TT_SOURCE_NONE || msg->source == question->source) &&
           (!question->is_keyed || msg->key == question->key) && is_fresh(bus, msg, (tt_dur){0}) &&
           (!question->filter || question->filter(question->ctx, msg) == TT_BUS_MATCH_YES);
}

uint32_t tt_bus_query(const tt_bus *bus, const tt_bus_question *question, const tt_msg **ret_msgs)
{
    const struct topic *topic = find_topic(bus, question->topic);
    uint32_t found = 0;
    if (!topic || topic->history_max == 0) {
        return 0;
    }
    uint32_t end = 0;
    uint32_t age = find_bounds(topic, question, &end);
    for (; age < end && found < question->limit; age++) {
        const tt_msg *msg = ring_msg(topic, age);
        if (!is_hole(topic, age) && is_wanted(bus, question, msg)) {
            ret_msgs[found++] = msg;
        }
    }
    return found;
}
