/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading what was published: latest, by number, newest first. And the cold side of writing
 * history: messages that leave the ring while they are still the latest of their (source, key) are
 * pinned.
 */
#include "bus/bus_priv.h"

/** Gives up the oldest pinned message that is not the latest of its key. There is one: more are
 * pinned than there are keys. */
static void give_up_oldest_pair(struct topic *topic)
{
    uint32_t victim = UINT32_MAX;
    tt_seq oldest = UINT64_MAX;
    for (uint32_t i = 0; i < topic->state->pin_count; i++) {
        const tt_msg *msg = slot_msg(topic, topic->pins[i]);
        if (topic->any[msg->key] != topic->pins[i] + 1 && msg->seq < oldest) {
            victim = topic->pins[i];
            oldest = msg->seq;
        }
    }
    TT_ASSERT(victim != UINT32_MAX);
    topic->pair[topic->slot_pair[victim]] = 0;
    topic->state->latest_lost++;
    tt_bus_unpin(topic, victim);
}

uint32_t tt_bus_pin(struct topic *topic, uint32_t slot)
{
    struct topic_state *state = topic->state;
    if (state->pin_count == topic->pin_max) {
        give_up_oldest_pair(topic);
    }
    uint32_t place = state->pin_count++;
    uint32_t spare = topic->pins[place];
    topic->pins[place] = slot;
    topic->pin_place[slot] = place + 1;
    return spare;
}

void tt_bus_unpin(struct topic *topic, uint32_t slot)
{
    uint32_t place = topic->pin_place[slot] - 1;
    uint32_t last = --topic->state->pin_count;
    topic->pins[place] = topic->pins[last];
    topic->pin_place[topic->pins[last]] = place + 1;
    topic->pins[last] = slot;
    topic->pin_place[slot] = 0;
}

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

const tt_msg *
tt_bus_latest(const tt_bus *bus, tt_topic topic_id, tt_source source, uint32_t key, tt_dur max_age)
{
    const struct topic *topic = find_topic(bus, topic_id);
    uint32_t place = known_source(bus, (uint32_t)source);
    bool is_known = place != 0 || source == TT_SOURCE_NONE;
    if (!topic || !is_known || key >= topic->key_count || topic->history_max == 0) {
        return NULL;
    }
    uint32_t slot = place == 0 ? topic->any[key] : topic->pair[pair_index(topic, place, key)];
    if (slot == 0) {
        return NULL;
    }
    const tt_msg *msg = slot_msg(topic, slot - 1);
    return is_fresh(bus, msg, max_age) ? msg : NULL;
}

/** The message that is `age` places behind the newest; age < ring_count. */
static const tt_msg *ring_msg(const struct topic *topic, uint32_t age)
{
    uint32_t head = topic->state->ring_head;
    uint32_t place = head > age ? head - age - 1 : head + topic->history_max - age - 1;
    return slot_msg(topic, topic->ring[place]);
}

/** Number of messages in the ring whose sequence number is at least `seq`. */
static uint32_t count_from(const struct topic *topic, tt_seq seq)
{
    uint32_t low = 0; // everything younger than `low` places is counted
    uint32_t high = topic->state->ring_count;
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
        const tt_msg *msg = slot_msg(topic, topic->pins[i]);
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
    uint32_t count = count_from(topic, seq);
    if (count > 0 && ring_msg(topic, count - 1)->seq == seq) {
        return ring_msg(topic, count - 1);
    }
    return find_pinned(topic, seq);
}

const tt_msg *tt_bus_history(const tt_bus *bus, tt_topic topic_id, const tt_msg *previous)
{
    const struct topic *topic = find_topic(bus, topic_id);
    if (!topic) {
        return NULL;
    }
    uint32_t age = previous ? count_from(topic, previous->seq) : 0;
    return age < topic->state->ring_count ? ring_msg(topic, age) : NULL;
}
