/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the bus.
 *
 * Invariants:
 * 1. Between publishes, the ring of a topic (`at` of its first history_max links) holds the slots
 * of its newest `ring_count` messages in sequence order; ring_count <= history_max. A message that
 * left by its age may leave a hole: a slot that holds none, whose head still says which number and
 * time stood there. The oldest `aged_count` places of the ring are holes or messages with a time to
 * live of their own. `next_slot` is what stands at ring_head.
 * 2. The pins (`at` of the other pin_max links) are a permutation of pin_max slots: the first
 * pin_count hold messages that left the ring but are still the latest of their (source, key); the
 * others are spare. `pin_place` of a pinned slot is its place among the pins plus one, of any other
 * slot 0. So every slot is in the ring, pinned or spare, and none is lost.
 * 3. The messages of a key, in the ring or pinned, form a list from newest to oldest: `older` and
 *    `newer` of a slot's link lead on (all slot plus one, 0 = none). The table of the latest has a
 *    row for each key: number 0 of it, which is no source, is the first of the list; the number of
 * a source is the newest of the list with that source, and is never given up while it is the first.
 *    `pair` of a link is the index of (key, source) in the table, 0 = the slot holds no message.
 *    A topic whose messages are all of one source and have its own time to live needs no index:
 *    the table is as it was made, and so are the links but for those of pins, the ring holds each
 *    slot at the place of its number, there are no holes, and `aged_count` is 0. Of one key:
 *    `sole_pair` is the pair, there are no pins, and `next_slot` means nothing. Of several:
 *    `sole_pair` is PAIR_KEYED and the source, `newest` of a key is its newest message (slot plus
 *    one, 0 = none); a pinned one, which is the only one of its key, has been copied to where it
 *    is. On the way from ring_head up to `next_slot` the ring holds none that is the newest of its
 *    key. In all other topics `newest` is 0. The first message that is not so makes the index
 *    (tt_bus_index), which is kept from then on: `sole_pair` is PAIR_MANY.
 * 4. A queued message is whole in the outbox at its offset until it is delivered.
 * 5. `topics` holds the built-in topics under their numbers, then the declared ones; `topic_count`
 *    is the end. The index and the history of a declared topic lie in `pool`, in the order of
 *    declaration, so that the declarations alone say where. A topic with history_max 0 has
 *    neither, nor a latest message.
 * 6. `alone` is a message that is queued alone, all lanes being empty. So it comes before all that
 *    is queued later only until that is: then it goes into its lane, as it does when a step begins.
 *    Outside of deliveries `child_depth` is 1. So the length of its chain of causes is known
 *    without being kept (alone_depth).
 *    A second message makes a row of both: what lies in the outbox from `row.next` on, all of one
 *    priority, the lanes being empty. It grows with the outbox, so nothing is written for a message
 *    more. Chains of causes grow towards its end by one at most, from `row.turn` on. What fits no
 *    row sends all of it to the lanes.
 * 7. `pending` is all that begins and ends a step by a look: flags, which are bits of its lowest
 * byte, QUEUED_ALONE or QUEUED_ROW while a message is queued alone or there is a row, and else
 * QUEUED_ONE for each message in the lanes. It is 0 when nothing is queued, in delivery, or to be
 * heeded, and is read and written as one word.
 *    `only` of a topic, `is_special` of a subscription and the cautions among the flags tell when a
 * delivery has to ask for more than one handler.
 * 8. `due_ns` is not later than `window_end_ns`, `quiet_ns`, and, while there are letters that
 * leave with the step or a caution that ends with it, any time: a step before it has nothing to
 * catch up with.
 * 9. What is reachable from `struct tt_bus` only by pointer into the regions survives a
 *    restart; everything else is wiring or empty between steps.
 */
#ifndef TT_BUS_BUS_PRIV_H
#define TT_BUS_BUS_PRIV_H

#include "bus/bus_state.h"

#include <string.h>

/** Queued messages of one priority. An entry is the offset of a message in the outbox, above bit 32
 * the length of its chain of causes, and above bit 48 the place of its topic: one word, so that it
 * can be read back at once, and never 0. The three highest bits say whether it is LANE_TIMED,
 * LANE_DEAD or LANE_RETRY; the latter two have no place. */
struct lane {
    uint64_t *entries;
    uint32_t head;
    uint32_t tail;
    uint32_t mask;
    uint32_t max;
    uint32_t high_water;
};

/** A message that comes back from outside, while its letter is published. */
struct returning {
    const tt_msg *msg;
    bool has_dropped; /**< Older letters had to go for it. */
};

struct region {
    void *data;
    size_t size;
};

/** In `pending` of the bus: why deliveries must look closer, what goes on, and what is queued. */
enum pending {
    CAUTION_WARY = 1 << 0,     /**< There is a guard, or a correlation is blocked. */
    CAUTION_LEFT = 1 << 1,     /**< Something is queued since an earlier step: it may be too old. */
    CAUTION_DIRECTED = 1 << 2, /**< A message of this step is not for all. */
    CAUTION_ANY = CAUTION_WARY | CAUTION_LEFT | CAUTION_DIRECTED,
    PENDING_REPLAY = 1 << 3,     /**< Subscriptions wait for a quiet bus, to replay. */
    PENDING_ENDED = 1 << 4,      /**< Subscriptions or interceptors end with the delivery. */
    PENDING_DELIVERING = 1 << 5, /**< `chain.parent` is in delivery. */
    QUEUED_ALONE = 1 << 8,
    QUEUED_ROW = 1 << 9,
    QUEUED_ONE = 1 << 10
};

/** A message that is queued alone; what an earlier one was while none is. */
struct alone {
    const tt_msg *msg;
    struct topic *topic;
};

/** Messages that are queued one behind the other in the outbox, up to its end. Places are offsets;
 * ROW_NONE: there is no such one. */
struct row {
    size_t next;         /**< The first of them. */
    size_t stop;         /**< The first that is not as those before: `turn` or `timed`. */
    size_t turn;         /**< From here on the chains of causes are `tail_depth` long. */
    size_t timed;        /**< It is measured. */
    tt_seq full_seq;     /**< Before that number its lane would have room, and chains of causes
                              are `tail_depth` long. 0: that has to be looked up. */
    uint32_t depth;      /**< Length of the chains of causes, */
    uint32_t tail_depth; /**< and at the end. */
    uint32_t priority;
};

/** What a publish inherits from. Both are NULL when a step begins. */
struct chain {
    const tt_msg *parent; /**< The message in delivery, or the input of the step. */
    const tt_msg *root;   /**< Input of the step. */
};

/** What of the outbox is used. */
struct used {
    size_t end;
    size_t start; /**< First byte of this step. */
};

/** What each message needs stands first. */
struct tt_bus {
    _Alignas(64) struct bus_state *state;
    unsigned char *outbox;
    size_t outbox_limit;  /**< Bytes for messages that are no dead letters. */
    struct topic *topics; /**< By place. */
    struct used used;
    struct chain chain;
    uint32_t child_depth; /**< Depth of what a parent causes now. Without a parent it is 1. */
    uint32_t depth_max;
    uint32_t plain_count; /**< Of the topics, to which plain posts are taken: all, or none while the
                               chain of causes is too long, or only inputs are taken. */
    uint64_t pending;     /**< See enum pending. */
    uintptr_t states_gap; /**< From a topic to its state, which lie as far from each other. */
    uint32_t topic_count;
    uint32_t source_count; /**< Built-in and declared. */
    struct alone alone;
    struct row row;
    tt_seq sample_seq;       /**< The next message that is measured is not before it. */
    int64_t due_ns;          /**< Before that time a step has nothing to catch up with. */
    uint32_t busy_lanes;     /**< Bit p: lane p is not empty. */
    uint8_t lanes_alone;     /**< Bit p: a message of priority p has been queued alone. */
    bool is_timed;           /**< The message in delivery is measured. */
    bool has_ended_wrap;     /**< Slots without a name become free after the delivery. */
    int64_t fresh_ns;        /**< The millisecond in which correlations were made last. */
    uint64_t fresh_high;     /**< First half of them, but for the fraction of the millisecond. */
    struct topic_keys *keys; /**< By place; a region. */
    const struct handler_set *set;      /**< Of the delivery in progress. */
    struct topic *delivering;           /**< Topic of the delivery in progress, or NULL: of that of
                                             `only`, too, for which no set is needed. */
    struct subscription *subscriptions; /**< By slot. */
    tt_bus_guard_fn guard;
    struct blocked *blocked;
    int64_t quiet_ns;       /**< Before that time nothing in the history can expire. */
    struct slot_list ended; /**< To become free. */
    struct lane lanes[LANE_COUNT];
    uint32_t topics_max; /**< Places, built-in ones included. */
    uint32_t not_inputs; /**< Refused since tt_bus_inputs_begin. */
    bool inputs_only;    /**< A step is being made: what begins it is an input. */
    uint32_t source_max;
    uint32_t ttl_default_ms;
    tt_registry *registry;
    struct region index;                  /**< Rings, pins and tables of the built-in topics. */
    struct region history;                /**< Slots of the built-in topics. */
    struct region pool;                   /**< Both, of the declared topics. */
    size_t pool_index;                    /**< Bytes from its start that are used for indexes. */
    size_t pool_slots;                    /**< Bytes before its end that are used for slots. */
    struct handler_set frozen;            /**< Copy of its set, once the set changes. */
    uint64_t *delivered;                  /**< By slot of a subscription; a region. */
    struct subscriber_state *subscribers; /**< By slot; behind it in the region. */
    uint32_t subscriptions_max;
    uint32_t slots_used;        /**< Slots from here on were never taken. */
    uint64_t next_order;        /**< Of subscriptions. */
    struct slot_list free;      /**< The last one is taken first. */
    struct slot_list patterned; /**< By pattern, in order of subscription. */
    struct slot_list waiting;   /**< To replay, in order of subscription. */
    struct wrap wraps[TT_BUS_WRAPS_MAX];
    uint8_t wrap_order[TT_BUS_WRAPS_MAX]; /**< Slots in order of wrapping. */
    uint32_t wrap_count;
    void *guard_ctx;
    uint32_t blocked_mask; /**< Places of its table less one. */
    tt_timers *timers;     /**< May be NULL. */
    struct requests *requests;
    tt_map *request_map; /**< From a word of the correlation to the slot; a region. */
    uint32_t requests_max;
    uint32_t blocked_max;
    unsigned char *scratch; /**< Message that is being replayed. */
    struct region dead_letters;
    struct tt_bus_store *dead;
    uint32_t dead_max;
    const struct returning *returning; /**< What the letter being published is about, or NULL. */
    tt_bus_outlet_fn outlet;
    void *outlet_ctx;
    void *again;   /**< Copy of the message that is delivered again. */
    void *refused; /**< Copy of a post that is refused. */
    struct region care;
    struct care_state *cares;
    struct care_policy *policies;
    struct tt_bus_store *retries;
    uint32_t care_max;
    uint32_t quarantine_after;
    int64_t probe_ns; /**< 0 = no trial. */
    struct region seen_keys;
    struct tt_bus_seen *seen;
    struct region limits; /**< Buckets by topic and source. */
    uint32_t limits_max;
    bool *is_exempt; /**< By place of a source. */
    struct region expiry;
    struct expiry_node *nodes;  /**< Own timers of messages; they and the wheel are one region. */
    struct tt_bus_wheel *wheel; /**< NULL: expired messages keep their place. */
    struct bus_timing *timing;
    struct bus_recent *recent;
    int64_t window_end_ns; /**< First time that belongs to the next part of the windows. */
};

static inline bool is_delivering(const tt_bus *bus)
{
    return (bus->pending & PENDING_DELIVERING) != 0;
}

/** Messages in the lanes. */
static inline uint32_t queued_count(const tt_bus *bus)
{
    return (uint32_t)(bus->pending / QUEUED_ONE);
}

static inline bool has_queued(const tt_bus *bus)
{
    return bus->pending >= QUEUED_ALONE;
}

static inline bool is_alone_queued(const tt_bus *bus)
{
    return (bus->pending & QUEUED_ALONE) != 0;
}

static inline bool is_row_queued(const tt_bus *bus)
{
    return (bus->pending & QUEUED_ROW) != 0;
}

/** Sets or clears a flag of `pending`. */
static inline void set_pending(tt_bus *bus, enum pending flag, bool is_set)
{
    bus->pending = (bus->pending & ~(uint64_t)flag) | (is_set ? (uint64_t)flag : 0);
}

/** Lets the deliveries of this step look closer. */
static inline void be_cautious(tt_bus *bus, enum pending why)
{
    bus->pending |= why;
    bus->due_ns = INT64_MIN; // it ends with the step
}

static inline void note_high_water(uint32_t *high_water, uint32_t count)
{
    if (UNLIKELY(count > *high_water)) {
        *high_water = count;
    }
}

static inline void put_in_lane(tt_bus *bus, uint32_t priority, uint64_t entry)
{
    struct lane *lane = &bus->lanes[priority];
    lane->entries[lane->tail++ & lane->mask] = entry;
    bus->busy_lanes |= 1u << priority;
    bus->pending += QUEUED_ONE;
    note_high_water(&lane->high_water, lane->tail - lane->head);
}

/** The message in delivery, or NULL. */
static inline const tt_msg *current_msg(const tt_bus *bus)
{
    return is_delivering(bus) ? bus->chain.parent : NULL;
}

/** What a parent causes now is of that depth. */
static inline void set_child_depth(tt_bus *bus, uint32_t depth)
{
    bus->child_depth = depth;
    bus->row.full_seq = 0;
    bus->plain_count = depth <= bus->depth_max && !bus->inputs_only ? bus->topic_count : 0;
}

/** Length of the chain of causes of what is published now. */
static inline uint32_t own_depth(const tt_bus *bus)
{
    return bus->chain.parent ? bus->child_depth : 0;
}

/** The same of the message that is queued alone: since it was published nothing else was, and only
 * the input of a step has become a parent by that. */
static inline uint32_t alone_depth(const tt_bus *bus)
{
    return bus->alone.msg == bus->chain.root ? 0 : own_depth(bus);
}

/** Entry of a lane for a message in the outbox. */
static inline uint64_t
lane_entry(const tt_bus *bus, const struct topic *topic, const tt_msg *msg, uint32_t depth)
{
    uint64_t offset = (uint64_t)((const unsigned char *)msg - bus->outbox);
    return offset | (uint64_t)depth << 32 | (uint64_t)(topic - bus->topics) << 48;
}

/** Messages in the row. */
static inline uint32_t row_count(const tt_bus *bus)
{
    const tt_msg *first = (const tt_msg *)(const void *)(bus->outbox + bus->row.next);
    return is_row_queued(bus) ? (uint32_t)(bus->state->next_seq - first->seq) : 0;
}

/** Messages in a lane, also if they are queued alone or in a row. */
static inline uint32_t lane_depth(const tt_bus *bus, uint32_t priority)
{
    return bus->lanes[priority].tail - bus->lanes[priority].head +
           (is_alone_queued(bus) && bus->alone.msg->priority == priority) +
           (bus->row.priority == priority ? row_count(bus) : 0);
}

/** Lets the message that is queued alone, or the row, go to its lane: all that lies before `end` in
 * the outbox. */
void tt_bus_use_lanes(tt_bus *bus, size_t end);
/** Queues in a lane; `end` is that of all that is queued before. */
static inline void push(tt_bus *bus, size_t end, uint32_t priority, uint64_t entry)
{
    tt_bus_use_lanes(bus, end);
    put_in_lane(bus, priority, entry);
    note_high_water(&bus->state->high_water, queued_count(bus));
}

/** Place of a topic in `topics`: 0, which is none, for a number that no topic can have. */
static inline uint32_t topic_place(uint32_t topic)
{
    if (topic < TT_TOPIC_COUNT) {
        return topic;
    }
    return topic >= TT_TOPIC_USER_FIRST ? topic - TT_TOPIC_USER_FIRST + TT_TOPIC_COUNT : 0;
}

/** Place of a topic of that number; of another one, or none that is there, if there is none. */
static inline uint32_t numbered_place(uint32_t topic)
{
    return topic < TT_TOPIC_USER_FIRST ? topic : topic - TT_TOPIC_USER_FIRST + TT_TOPIC_COUNT;
}

/** Place of a topic that is there; 0 for all others. */
static inline uint32_t known_topic(const tt_bus *bus, uint32_t topic)
{
    uint32_t place = topic_place(topic);
    return place < bus->topic_count ? place : 0;
}

/** The source of a post, from where it goes to (tt_bus_where). */
static inline uint32_t source_of(uint64_t where)
{
    return (uint32_t)(where >> 32) + 1;
}

/** In the word of a head: what tt_bus_where leaves out. */
#define FIRST_SOURCE (UINT64_C(1) << 16)

/** Place of a source that is there; 0 for all others. Declared ones follow the built-in ones. */
static inline uint32_t known_source(const tt_bus *bus, uint32_t source)
{
    if (source < TT_SOURCE_COUNT) {
        return source;
    }
    uint32_t place = source - TT_SOURCE_USER_FIRST + TT_SOURCE_COUNT;
    return source >= TT_SOURCE_USER_FIRST && place < bus->source_count ? place : 0;
}

/** The message in a slot. */
static inline tt_msg *slot_msg(const struct topic *topic, uint32_t slot)
{
    return (tt_msg *)(void *)(topic->slots + (size_t)slot * topic->stride);
}

/** Strictly older than its time to live. Within one step nothing ages; what an earlier step left
 * queued may. */
static inline bool is_expired(const tt_bus *bus, const tt_msg *msg)
{
    return msg->ttl_ms != 0 &&
           bus->state->now.ns - msg->time.ns > (int64_t)msg->ttl_ms * TT_NS_PER_MS;
}

/** State of a topic, which is asked for before the topic itself has come. */
static inline struct topic_state *state_of(const tt_bus *bus, const struct topic *topic)
{
    return (struct topic_state *)((uintptr_t)topic + bus->states_gap);
}

/** `newest` of a topic, told in the same way. These lines lie closer to each other than states do:
 * what each message needs of many topics is to spread over all of the cache. */
static inline uint16_t *newest_of(const tt_bus *bus, const struct topic *topic)
{
    uintptr_t offset = (uintptr_t)topic - (uintptr_t)bus->topics;
    const uintptr_t ratio = sizeof(struct topic) / sizeof(struct topic_keys);
    return ((struct topic_keys *)((uintptr_t)bus->keys + offset / ratio))->newest;
}

/** Tells whether the next slot of a topic can be expected to have left the cache. */
static inline bool is_far(const tt_bus *bus, const struct topic *topic)
{
    return bus->state->next_seq - state_of(bus, topic)->last_seq > topic->far_gap;
}

static inline uint64_t slot_count(const struct topic *topic)
{
    return (uint64_t)topic->history_max + topic->pin_max;
}

/** Memory of topics under construction: what is left of the two regions. */
struct topic_memory {
    uint32_t *numbers;
    unsigned char *slots;
};

/** Bounds and defaults of a topic, from its row; `history` is the number of messages kept. */
void tt_bus_init_topic(
    struct topic *topic, const tt_topic_info *info, uint32_t key_count, uint64_t history);
/** Numbers that a topic needs in the index. */
uint64_t tt_bus_index_count(const struct topic *topic, uint32_t source_max);
/** Gives a topic its memory; with `is_new`, writes the first state of the index. */
void tt_bus_place_topic(
    struct topic *topic, uint32_t source_max, struct topic_memory *memory, bool is_new);

/** Called for a message that has just come into a topic whose expired messages leave: sees to it
 * that a timer will take it out. */
void tt_bus_age(tt_bus *bus, struct topic *topic, uint32_t slot);
/** Ends the timer of a slot. */
void tt_bus_stop_aging(tt_bus *bus, struct topic *topic, uint32_t slot);
/** Takes out what has expired at the time of the bus. */
void tt_bus_expire(tt_bus *bus);
/** Bytes of the nodes and the wheel. */
size_t tt_bus_expiry_size(uint32_t topics_max, uint32_t nodes_max);
/** Gives the bus nodes and a wheel in zeroed memory of that size. */
void tt_bus_init_expiry(tt_bus *bus, void *memory, uint32_t nodes_max);
/** Tells whether a new topic has room for the subscriptions whose pattern fits its name. */
bool tt_bus_can_attach(const tt_bus *bus, const char *name);
/** Lets them have a new topic. */
void tt_bus_attach(tt_bus *bus, struct topic *topic);
/** Lets a subscription that has waited join the sets of its topics. */
void tt_bus_join(tt_bus *bus, struct subscription *subscription);
/** Puts the set of the delivery in progress aside before it changes. */
void tt_bus_freeze(tt_bus *bus, const struct topic *topic);
/** Finds out after a change whether one handler is all that a delivery on a topic must call. */
void tt_bus_find_only(const tt_bus *bus, struct topic *topic);
/** The history has something to do from the next step on, whatever its time. */
static inline void wake_expiry(tt_bus *bus)
{
    bus->quiet_ns = INT64_MIN;
    bus->due_ns = INT64_MIN;
}
/** Tells whether a new topic has room for the interceptors whose pattern fits its name. */
bool tt_bus_can_wrap(const tt_bus *bus, const char *name);
/** Lets them stand around a new topic. */
void tt_bus_wrap_topic(tt_bus *bus, struct topic *topic);
/** Calls the handler of a subscription through the interceptors of the delivery in progress. */
tutti_status
tt_bus_call_wrapped(tt_bus *bus, const struct subscription *subscription, const tt_msg *msg);
/** Frees the slots of interceptors that were taken away. Not within a delivery. */
void tt_bus_free_wraps(tt_bus *bus);
/** Finds a subscription that has not ended; NULL if there is none of that id. */
struct subscription *tt_bus_find_subscription(const tt_bus *bus, uint64_t id);
/** Memory of blocked correlations and of requests. */
size_t tt_bus_blocked_size(uint32_t blocked_max);
size_t tt_bus_requests_size(uint32_t requests_max);
TUTTI_NODISCARD tutti_status
tt_bus_init_blocked(tt_bus *bus, uint32_t blocked_max, tt_arena *arena);
TUTTI_NODISCARD tutti_status
tt_bus_init_requests(tt_bus *bus, uint32_t requests_max, tt_arena *arena);
/** Finds out whether anything may be kept from handlers. */
void tt_bus_watch(tt_bus *bus);
/** Ends the request that a directed response answers. */
void tt_bus_settle(tt_bus *bus, const tt_msg *msg);
/** A fresh correlation id for the message `seq`. */
tt_uuid tt_bus_new_correlation(tt_time now, tt_seq seq);
/** Takes a slot out of a list, keeping the order of the others. */
void tt_bus_list_remove(struct slot_list *list, uint16_t slot);
/** Adds the counters of a topic. */
void tt_bus_add_stats(const struct topic_state *state, tt_bus_topic_stats *sum);
/** Counters of the subscription in a slot. */
static inline struct subscriber_counts subscriber_counts_of(const tt_bus *bus, uint32_t slot)
{
    return (struct subscriber_counts){bus->delivered[slot], bus->subscribers[slot]};
}
/** Tells the counters of a subscription. */
void tt_bus_fill_subscriber(
    const struct subscription *subscription,
    const struct subscriber_counts *counts,
    tt_bus_subscriber_stats *ret_stats);
/** Frees the slots of subscriptions that have ended. Not within a delivery. */
void tt_bus_free_ended(tt_bus *bus);
/** Counts a dead letter for the topic that it is about. */
void tt_bus_count_dead(tt_bus *bus, const tt_dead_letter *letter);
/** Publishes between tt_bus_inputs_begin and its end. */
tutti_status tt_bus_publish_input(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq);
/** Publishes any post: finds out what it asks for, and what is wrong with it. */
tutti_status tt_bus_publish_any(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq);
/** Publishes a plain post (tt_bus_publish_plain) to a topic that asks for more, or is none. */
tutti_status tt_bus_publish_other(
    tt_bus *bus, const void *payload, uint64_t where, uint64_t key, uint64_t flags);
/** Publishes a dead letter past the bounds for others; false when its reserve is used up, too. */
bool tt_bus_publish_dead(tt_bus *bus, const tt_bus_post *post);
/** Counts a refused message and publishes the dead letter that stands for it; returns `status`. Its
 * payload lies behind it, as its size says. */
tutti_status tt_bus_refuse(
    tt_bus *bus,
    const tt_msg *refused,
    tutti_status status,
    tt_dead_reason reason,
    const char *text);
/** Tells whether one topic more can have a limit. */
bool tt_bus_has_limit_room(const tt_bus *bus);
/** Tells whether topic and source may publish one message more now, and counts it. */
bool tt_bus_admit(tt_bus *bus, struct topic *topic, uint32_t source);

#endif
