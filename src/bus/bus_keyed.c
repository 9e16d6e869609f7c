/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A topic of several keys and one source without an index: what happens once in a turn of its ring,
 * or less often. The rest is in bus_append.h (ADR 113).
 */
#include "bus/bus_append.h"

static uint32_t distance(const struct topic *topic, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + topic->history_max - from;
}

bool tt_bus_begin_keys(struct topic *topic, uint32_t source)
{
    struct topic_state *state = topic->state;
    uint32_t sole = state->sole_pair;
    if (sole >= PAIR_KEYED || sole % topic->source_max != source ||
        topic->key_count > KEYED_KEYS_MAX || topic->history_max > KEYED_HISTORY_MAX ||
        topic->history_max < 2 * topic->key_count) {
        return false;
    }
    uint32_t slot = ring_slot(topic, 0);
    topic->newest[sole / topic->source_max] = (uint16_t)(slot + 1);
    state->next_slot = slot;
    state->sole_pair = PAIR_KEYED | source;
    return true;
}

/** Keeps the latest message of a key, which is about to leave the ring: a spare slot gets a copy.
 */
static void pin_copy(tt_bus *bus, struct topic *topic, uint32_t slot, uint32_t key)
{
    struct topic_state *state = topic->state;
    const tt_msg *msg = slot_msg(topic, slot);
    uint32_t place = state->pin_count++;
    uint32_t spare = *pin_at(topic, place);
    memcpy(slot_msg(topic, spare), msg, tt_msg_bytes(msg));
    topic->links[spare].pin_place = place + 1;
    topic->newest[key] = (uint16_t)(spare + 1);
    if (topic->is_expiring) {
        tt_bus_age(bus, topic, spare);
    }
}

void tt_bus_pass_key(tt_bus *bus, struct topic *topic, uint32_t slot, uint32_t key)
{
    struct topic_state *state = topic->state;
    uint32_t nearest = topic->history_max; // the message that comes will be the latest of its key
    for (uint32_t i = 0; i < topic->key_count; i++) {
        uint32_t newest = topic->newest[i];
        if (i == key || newest == 0 || newest > topic->history_max) {
            continue;
        }
        uint32_t places = distance(topic, slot, newest - 1);
        if (places == 0) {
            pin_copy(bus, topic, slot, i);
        } else if (places < nearest) {
            nearest = places;
        }
    }
    uint32_t next = slot + nearest;
    state->next_slot = next < topic->history_max ? next : next - topic->history_max;
}

void tt_bus_index_keys(struct topic *topic)
{
    struct topic_state *state = topic->state;
    uint32_t source = state->sole_pair - PAIR_KEYED;
    uint32_t last[KEYED_KEYS_MAX] = {0}; // of each key, so far, plus one
    for (uint32_t age = 0; age < state->ring_count; age++) {
        uint32_t slot = ring_slot(topic, age);
        uint32_t key = slot_msg(topic, slot)->key;
        struct slot_link *link = &topic->links[slot];
        link->pair = key * topic->source_max + source;
        link->newer = last[key];
        if (last[key] != 0) {
            topic->links[last[key] - 1].older = slot + 1;
        }
        last[key] = slot + 1;
    }
    for (uint32_t i = 0; i < state->pin_count; i++) {
        uint32_t slot = *pin_at(topic, i);
        topic->links[slot].pair = slot_msg(topic, slot)->key * topic->source_max + source;
    }
    for (uint32_t key = 0; key < topic->key_count; key++) {
        uint32_t *latest = latest_of(topic) + (size_t)key * topic->source_max;
        latest[0] = topic->newest[key];
        latest[source] = topic->newest[key];
        topic->newest[key] = 0;
    }
}

void tt_bus_forget_key(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    struct topic_state *state = topic->state;
    topic->newest[slot_msg(topic, slot)->key] = 0;
    tt_bus_free_pin(bus, topic, slot);
    if (state->pin_count == 0 && state->ring_count == 0) {
        state->sole_pair = PAIR_NONE;
    }
}
