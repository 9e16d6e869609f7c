/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which slots of the history hold what. Messages that leave the ring while they are still the
 * latest of their (source, key) are pinned; what expires or is cleared leaves ring, pins and lists.
 */
#include "bus/bus_append.h"
#include "bus/bus_wheel.h"

/** Leaves nothing of what a slot held; what stands at the place of its number stays there. */
static void empty(struct slot_link *link)
{
    *link = (struct slot_link){.at = link->at};
}

void tt_bus_free_pin(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    tt_bus_stop_aging(bus, topic, slot);
    uint32_t place = topic->links[slot].pin_place - 1;
    uint32_t last = --topic->state->pin_count;
    *pin_at(topic, place) = *pin_at(topic, last);
    topic->links[*pin_at(topic, place)].pin_place = place + 1;
    *pin_at(topic, last) = slot;
    empty(&topic->links[slot]);
}

/** Takes a pinned message out; its slot becomes spare. */
static void unpin(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    unlink_slot(topic, slot);
    tt_bus_free_pin(bus, topic, slot);
}

/** Gives up the oldest pinned message that is not the latest of its key. There is one: more are
 * pinned than there are keys. */
static void give_up_oldest_pair(tt_bus *bus, struct topic *topic)
{
    uint32_t victim = UINT32_MAX;
    tt_seq oldest = UINT64_MAX;
    for (uint32_t i = 0; i < topic->state->pin_count; i++) {
        uint32_t slot = *pin_at(topic, i);
        const tt_msg *msg = slot_msg(topic, slot);
        if (*newest_beside(topic, topic->links[slot].pair) != slot + 1 && msg->seq < oldest) {
            victim = slot;
            oldest = msg->seq;
        }
    }
    TT_ASSERT(victim != UINT32_MAX);
    latest_of(topic)[topic->links[victim].pair] = 0;
    topic->state->latest_lost++;
    unpin(bus, topic, victim);
}

/** Keeps the message in `slot`, which is about to leave the ring, as one of the latest; returns the
 * slot that takes its place in the ring. */
static uint32_t pin(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    struct topic_state *state = topic->state;
    if (state->pin_count == topic->pin_max) {
        give_up_oldest_pair(bus, topic);
    }
    uint32_t place = state->pin_count++;
    uint32_t spare = *pin_at(topic, place);
    *pin_at(topic, place) = slot;
    topic->links[slot].pin_place = place + 1;
    if (topic->is_expiring && topic->links[slot].timer == 0) {
        tt_bus_age(bus, topic, slot); // the timer of the topic no longer reaches it
    }
    return spare;
}

/** Takes the oldest place of a full ring where more is to be done than to forget what stood there.
 */
static NOINLINE uint32_t
take_special(tt_bus *bus, struct topic *topic, uint32_t place, uint32_t slot, uint32_t pair)
{
    struct topic_state *state = topic->state;
    const struct slot_link *link = &topic->links[slot];
    if (link->pair == 0) {
        state->hole_count--;
        return slot;
    }
    if (latest_of(topic)[link->pair] == slot + 1 && link->pair != pair) {
        uint32_t spare = pin(bus, topic, slot);
        *ring_at(topic, place) = spare;
        state->next_slot = *ring_at(topic, state->ring_head); // it may be the same place
        return spare;
    }
    unlink_slot(topic, slot);
    tt_bus_stop_aging(bus, topic, slot);
    return slot;
}

/** Takes the place of the next message in the ring; keeps what stood there if it is still the
 * latest of its (source, key). */
static inline uint32_t take_slot(tt_bus *bus, struct topic *topic, uint32_t pair)
{
    struct topic_state *state = state_of(bus, topic);
    uint32_t place = state->ring_head;
    uint32_t slot = state->next_slot;
    uint32_t next = place + 1 == topic->history_max ? 0 : place + 1;
    state->ring_head = next;
    state->next_slot = *ring_at(topic, next);
    if (state->ring_count < topic->history_max) {
        state->ring_count++;
        return slot;
    }
    state->aged_count -= state->aged_count != 0;
    const struct slot_link *link = &topic->links[slot]; // the message itself has left the cache
    bool is_latest = latest_of(topic)[link->pair] == slot + 1 && link->pair != pair;
    if (UNLIKELY(link->pair == 0 || is_latest || link->timer != 0)) {
        return take_special(bus, topic, place, slot, pair);
    }
    unlink_slot(topic, slot);
    return slot;
}

/** Asks at once for all that the index will need: with many topics it is far away. */
static inline void fetch_lines(const tt_bus *bus, const struct topic *topic, uint32_t pair)
{
    const struct slot_link *link = &topic->links[state_of(bus, topic)->next_slot];
    __builtin_prefetch(link, 1);
    __builtin_prefetch(link + 1, 1);
    __builtin_prefetch(link + 4, 1);
    __builtin_prefetch(latest_of(topic) + pair, 1);
}

/** Makes the index of what is of the sole pair. */
static void index_sole(struct topic *topic)
{
    struct topic_state *state = topic->state;
    uint32_t pair = state->sole_pair;
    uint32_t newer = 0;
    for (uint32_t age = 0; age < state->ring_count; age++) {
        uint32_t slot = ring_slot(topic, age);
        struct slot_link *link = &topic->links[slot];
        link->pair = pair;
        link->newer = newer;
        link->older = age + 1 < state->ring_count ? ring_slot(topic, age + 1) + 1 : 0;
        newer = slot + 1;
    }
    if (state->ring_count > 0) {
        latest_of(topic)[pair] = ring_slot(topic, 0) + 1;
        *newest_beside(topic, pair) = ring_slot(topic, 0) + 1;
    }
}

void tt_bus_index(struct topic *topic)
{
    struct topic_state *state = topic->state;
    if (is_keyed(topic)) {
        tt_bus_index_keys(topic);
    } else {
        index_sole(topic);
    }
    state->next_slot = *ring_at(topic, state->ring_head);
    state->sole_pair = PAIR_MANY;
}

/** The first message of a topic makes its pair the sole one. Another one of that source begins its
 * keys, or else makes the index: tells whether that is to be kept. */
COLD static bool needs_index(struct topic *topic, uint32_t source, uint32_t pair, bool is_usual)
{
    if (topic->state->sole_pair == PAIR_NONE && is_usual) {
        topic->state->sole_pair = pair;
        return false;
    }
    if (is_usual && tt_bus_begin_keys(topic, source)) {
        return false;
    }
    tt_bus_index(topic);
    return true;
}

uint32_t
tt_bus_take_indexed(tt_bus *bus, struct topic *topic, uint32_t source, uint32_t key, bool is_usual)
{
    uint32_t pair = pair_index(bus, source, key);
    struct topic_state *state = state_of(bus, topic);
    if (UNLIKELY(state->sole_pair != PAIR_MANY) && !needs_index(topic, source, pair, is_usual)) {
        return is_keyed(topic) ? take_keyed(bus, topic, state, key) : take_next(topic, state);
    }
    fetch_lines(bus, topic, pair);
    uint32_t slot = take_slot(bus, topic, pair);
    uint32_t *latest = latest_of(topic) + pair;
    uint32_t *newest = latest - source;
    uint32_t former = *latest;
    if (state->pin_count > 0 && former != 0 && topic->links[former - 1].pin_place != 0) {
        unpin(bus, topic, former - 1);
    }
    uint32_t older = *newest;
    if (older != 0) {
        topic->links[older - 1].newer = slot + 1;
    }
    struct slot_link *link = &topic->links[slot];
    link->pair = pair;
    link->older = older;
    link->newer = 0; // it is not pinned and has no timer: see take_slot
    *latest = slot + 1;
    *newest = slot + 1;
    return slot;
}

/** The newest message of the same source behind `slot` in the list of its key, plus one. */
static uint32_t next_of_pair(const struct topic *topic, uint32_t slot)
{
    uint32_t pair = topic->links[slot].pair;
    uint32_t at = topic->links[slot].older;
    while (at != 0 && topic->links[at - 1].pair != pair) {
        at = topic->links[at - 1].older;
    }
    return at;
}

void tt_bus_forget(tt_bus *bus, struct topic *topic, uint32_t slot)
{
    if (!is_indexed(topic)) {
        tt_bus_forget_key(bus, topic, slot);
        return;
    }
    struct slot_link *link = &topic->links[slot];
    uint32_t *latest = &latest_of(topic)[link->pair];
    if (*latest == slot + 1) {
        *latest = next_of_pair(topic, slot);
    }
    if (link->pin_place != 0) {
        unpin(bus, topic, slot);
        return;
    }
    unlink_slot(topic, slot);
    tt_bus_stop_aging(bus, topic, slot);
    empty(link);
    topic->state->hole_count++;
}

uint32_t tt_bus_clear_history(tt_bus *bus, tt_topic topic_id)
{
    struct topic *topic = &bus->topics[known_topic(bus, (uint32_t)topic_id)];
    if (topic->history_max == 0) {
        return 0;
    }
    struct topic_state *state = topic->state;
    uint32_t cleared = state->ring_count - state->hole_count + state->pin_count;
    while (state->pin_count > 0) {
        tt_bus_forget(bus, topic, *pin_at(topic, 0));
    }
    for (uint32_t age = 0; is_indexed(topic) && age < state->ring_count; age++) {
        uint32_t slot = ring_slot(topic, age);
        if (topic->links[slot].pair != 0) {
            tt_bus_forget(bus, topic, slot);
        }
    }
    memset(topic->newest, 0, sizeof(struct topic_keys));
    state->sole_pair = is_indexed(topic) ? PAIR_MANY : PAIR_NONE;
    state->ring_count = 0;
    state->hole_count = 0;
    state->aged_count = 0;
    return cleared;
}
