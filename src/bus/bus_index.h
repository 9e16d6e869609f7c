/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How the history of a topic is found: ring, pins, lists by key and the table of the latest, or,
 * without an index, the newest of each key. See bus_priv.h, invariants 1 to 3.
 */
#ifndef TT_BUS_BUS_INDEX_H
#define TT_BUS_BUS_INDEX_H

#include "bus/bus_priv.h"

/** Slot at a place of the ring. */
static inline uint32_t *ring_at(const struct topic *topic, uint32_t place)
{
    return &topic->links[place].at;
}

/** Slot at a place of the pins. */
static inline uint32_t *pin_at(const struct topic *topic, uint32_t place)
{
    return &topic->links[topic->history_max + place].at;
}

/** Tells whether what a topic holds is in its index. */
static inline bool is_indexed(const struct topic *topic)
{
    return topic->state->sole_pair == PAIR_MANY;
}

/** Tells whether a topic holds messages of several keys and has no index. */
static inline bool is_keyed(const struct topic *topic)
{
    return topic->state->sole_pair >= PAIR_KEYED && !is_indexed(topic);
}

/** Pinned messages for each key: the latest of any source always has one of them. */
#define PINS_PER_KEY 2u

/** The table of the latest, by pair_index: behind the links. Told by what stands in the first line
 * of the topic. */
static inline uint32_t *latest_of(const struct topic *topic)
{
    return &topic->links[topic->history_max + (size_t)PINS_PER_KEY * topic->key_count].pair;
}

/** Index of a (place of a source, key) in the table of the latest. Source 0: of any. */
static inline uint32_t pair_index(const tt_bus *bus, uint32_t source, uint32_t key)
{
    return key * bus->source_max + source;
}

/** Newest message of any source with the key of a pair, slot plus one. */
static inline uint32_t *newest_beside(const struct topic *topic, uint32_t pair)
{
    return latest_of(topic) + (pair - pair % topic->source_max);
}

/** Takes a slot out of the list of its key. */
static inline void unlink_slot(struct topic *topic, uint32_t slot)
{
    const struct slot_link *link = &topic->links[slot];
    if (link->newer != 0) {
        topic->links[link->newer - 1].older = link->older;
    } else {
        *newest_beside(topic, link->pair) = link->older;
    }
    if (link->older != 0) {
        topic->links[link->older - 1].newer = link->newer;
    }
}

/** The message that is `age` places behind the newest; age < ring_count. */
static inline uint32_t ring_slot(const struct topic *topic, uint32_t age)
{
    uint32_t head = topic->state->ring_head;
    return *ring_at(topic, head > age ? head - age - 1 : head + topic->history_max - age - 1);
}

/** Newest message of a pair (of any source, with that of source 0), slot plus one; 0: none. */
static inline uint32_t latest_slot(const struct topic *topic, uint32_t pair)
{
    uint32_t sole = topic->state->sole_pair;
    if (sole == PAIR_MANY) {
        return latest_of(topic)[pair];
    }
    if (sole >= PAIR_KEYED) {
        uint32_t key = pair / topic->source_max;
        uint32_t source = pair - key * topic->source_max;
        bool is_there = source == TT_SOURCE_NONE || source == sole - PAIR_KEYED;
        return is_there ? topic->newest[key] : 0;
    }
    bool is_it =
        topic->state->ring_count > 0 && (pair == sole || pair == sole - sole % topic->source_max);
    return is_it ? ring_slot(topic, 0) + 1 : 0;
}

/** Takes the message in a slot out of the list of its key; the slot holds none then. What was
 * before it becomes the latest, if it was. */
void tt_bus_forget(tt_bus *bus, struct topic *topic, uint32_t slot);
/** Makes the index of a topic that had none. */
void tt_bus_index(struct topic *topic);
/** Lets a topic whose sole pair is of `source` hold messages of other keys without an index; false
 * if it may not. */
bool tt_bus_begin_keys(struct topic *topic, uint32_t source);
/** The part of tt_bus_index for a topic of several keys: links, and the table of the latest. */
void tt_bus_index_keys(struct topic *topic);
/** tt_bus_forget of a pinned message where there is no index. */
void tt_bus_forget_key(tt_bus *bus, struct topic *topic, uint32_t slot);
/** Ends timer and pin of a slot, which becomes spare. */
void tt_bus_free_pin(tt_bus *bus, struct topic *topic, uint32_t slot);

#endif
