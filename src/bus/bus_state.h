/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the bus: what it consists of. State lies in regions, wiring is made anew at each start.
 * The invariants are in bus_priv.h.
 */
#ifndef TT_BUS_BUS_STATE_H
#define TT_BUS_BUS_STATE_H

#include "base/map.h"
#include "bus/bus.h"
#include "bus/bus_rate.h"
#include "bus/timers.h"

#include <stddef.h>

/** Dead letters get room of their own, so that one can still stand for what found no room. */
#define DEAD_RESERVE_MESSAGES 256u
#define DEAD_RESERVE_BYTES    (DEAD_RESERVE_MESSAGES * (sizeof(tt_msg) + sizeof(tt_dead_letter)))

#define LANE_COUNT TT_priority_COUNT

/** A pool of the declared topics of that size does not stay in the cache. */
#define FAR_POOL_BYTES ((size_t)8 << 20)
/** In such a pool a slot comes from memory after that many bytes of slots. */
#define FAR_BYTES   ((uint64_t)1 << 20)
#define FAR_GAP_MIN 64u              /* what came so lately may be wanted soon */
#define FAR_GAP_MAX ((1u << 31) - 1) /* after so many messages any slot has left the cache */

/** `sole_pair` of a topic that holds nothing, of one that holds messages of several keys and one
 * source, whose place is added, and of one that has an index. */
#define PAIR_NONE  0u
#define PAIR_KEYED (UINT32_C(1) << 31)
#define PAIR_MANY  UINT32_MAX
/** A topic that keeps more than that has its index from the start: to make it later would take long
 * for the one publish that needs it. */
#define SOLE_HISTORY_MAX 1024u
/** Keys, from 0 on, for which a topic can do without an index: as many slots fill a line. */
#define KEYED_KEYS_MAX 32u
/** A topic that keeps more than that does not: to make the index later, all heads are read. */
#define KEYED_HISTORY_MAX 256u

/** An entry of a lane whose message is measured. */
#define LANE_TIMED (UINT64_C(1) << 61)
#define ROW_NONE   SIZE_MAX
/** The path of a message that asks for nothing special is one function; the rest stands aside. */
#define HOT_INLINE  __attribute__((always_inline)) static inline
#define COLD        __attribute__((cold, noinline))
#define NOINLINE    __attribute__((noinline))
#define LIKELY(x)   __builtin_expect((x), 1)
#define UNLIKELY(x) __builtin_expect((x), 0)

/** An entry of a lane that is no offset in the outbox, but the number of a message set aside that
 * is to be delivered again: a dead letter, or a retry. */
#define LANE_DEAD  (UINT64_C(1) << 62)
#define LANE_RETRY (UINT64_C(1) << 63)

/** State of one topic; part of a region. What each message changes is in its first line. Windows
 * are over all counters, from `published` to the end. */
struct topic_state {
    _Alignas(64) uint32_t ring_head; /**< Place of the next message. */
    uint32_t next_slot; /**< What stands there: so that a publish need not wait for the ring. Of
                             several keys without an index: no latest message of a key stands on the
                             way from there to this slot. */
    uint32_t ring_count;
    uint32_t pin_count;
    uint32_t hole_count; /**< Holes in the ring. */
    uint32_t aged_count; /**< Places at the old end that the topic's timer has passed. */
    uint32_t is_aging;   /**< The topic's timer is armed. */
    uint32_t sole_pair;  /**< The pair of all that the ring holds, while there is no index of it. */
    tt_seq last_seq;     /**< Of the newest message that was kept. */
    uint64_t published;
    uint64_t delivered;
    uint64_t expired;
    uint64_t filtered;
    uint64_t dropped;
    uint64_t invalid;
    uint64_t dead_lettered;
    uint64_t dead_unsent;
    uint64_t latest_lost;
    uint64_t failed;
    uint64_t filter_failed;
    uint64_t guarded;
    uint64_t aged_out;       /**< Messages that left the history because they expired. */
    uint64_t expiry_untimed; /**< Messages for whose age no node of the wheel was left. */
    uint64_t duplicates;
    uint64_t rate_limited; /**< Part of `dropped`. */
    uint64_t too_deep;     /**< Part of `dropped`. */
    uint64_t retried;
    uint64_t quarantined; /**< The last counter. */
};

/** The newest messages of a topic by key, slot plus one, 0 = none: while there are several keys and
 * no index. Part of a region. */
struct topic_keys {
    _Alignas(64) uint16_t newest[KEYED_KEYS_MAX];
};

/** What leaves the history by a timer of its own. */
struct expiry_node {
    uint32_t topic;
    uint32_t slot;
    uint32_t next_free; /**< Plus one; 0 = the last. */
};

/** State of the bus; a region. */
struct bus_state {
    tt_seq next_seq;
    tt_time now;
    uint64_t dead_lost; /**< Dead letters dropped, or not kept, for lack of room. */
    uint64_t dead_discarded;
    uint64_t redriven;
    uint64_t care_refused;    /**< Subscribers for which there was no record. */
    uint64_t retries_refused; /**< Messages for which there was no room to wait. */
    uint64_t timers_refused;  /**< Retries and trials for which there was no timer. */
    uint32_t is_dead_full;    /**< The alert has been raised. */
    uint32_t dead_leaving;    /**< Dead letters that go to their handler outside after this step. */
    uint32_t high_water;
    uint32_t free_node;          /**< Of the wheel, plus one; 0 = none. */
    struct topic_state topics[]; /**< By place. */
};

/** What a slot holds, and its place in the list of its key. All zero: nothing. What stands at the
 * place of that number in the ring is no matter of the slot, but is needed with it: most slots
 * stand at the place of their own number. */
struct slot_link {
    uint32_t pair;
    uint32_t older;
    uint32_t newer;
    uint32_t pin_place;
    uint32_t timer; /**< Its node of the wheel plus one, 0 = none. */
    uint32_t at;    /**< Slot at the place of that number: in the ring, behind it in the pins. */
};
#define LINK_NUMBERS (sizeof(struct slot_link) / sizeof(uint32_t))

/** Counters of one subscription, but for what was delivered to it. That stands apart, side by side
 * for all subscriptions: it is the only one that each message changes. */
struct subscriber_state {
    uint64_t failed;
    uint64_t filtered;
    uint64_t filter_failed;
    uint64_t guarded;
    uint64_t retried;
    uint64_t quarantined;
};

/** All counters of one subscription, side by side. */
struct subscriber_counts {
    uint64_t delivered;
    struct subscriber_state others;
};

/** Wiring of one subscription. What a delivery reads is in its first line. */
struct subscription {
    _Alignas(64) tt_bus_handler_fn handler;
    void *ctx;
    tt_bus_filter_fn filter;
    struct subscriber_state *state;
    uint32_t key;
    uint16_t source;
    uint16_t address;
    uint8_t min_priority;
    bool is_picky;   /**< Wants not all that is for everybody. */
    bool is_special; /**< Is picky, or has a record. */
    bool is_waiting; /**< For a quiet bus, to replay; it is in no set yet. */
    bool is_ended;   /**< The slot becomes free when the delivery in progress has ended. */
    uint32_t place;  /**< Of its topic; 0: by pattern. */
    uint32_t care;   /**< Number of its record plus one, 0 = none. */
    uint32_t timing; /**< Number of its histogram plus one, 0 = none yet. */
    uint64_t id;     /**< Order of subscription above the slot; 0: the slot is free. */
    const char *name;
    const char *pattern;
    tt_bus_reply_fn reply;
};
#define SLOT_BITS 16u
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)

/** A list of slots. */
struct slot_list {
    uint16_t *slots;
    uint32_t count;
};

/** Who gets the messages of a topic: slots in order of delivery. */
struct handler_set {
    uint32_t count;
    uint32_t wrap_count;
    uint16_t slots[TT_BUS_SUBSCRIBERS_MAX];
    uint8_t wraps[TT_BUS_TOPIC_WRAPS_MAX]; /**< Interceptors, the outermost first. */
};

/** An interceptor; without a name the slot is free, or is kept for the delivery in progress. */
struct wrap {
    const char *name;
    const char *pattern;
    tt_bus_wrap_fn fn; /**< NULL: the slot is free. */
    void *ctx;
};

/** Blocked correlations, a region: open addressing, all zero = free. */
struct blocked {
    uint32_t count;
    uint32_t reserved[3];
    tt_uuid slots[];
};

/** A request that waits for its answer. */
struct request {
    tt_uuid correlation;
    tt_seq seq; /**< 0: the slot is free. */
    uint64_t tag;
    uint64_t subscription;
    uint64_t timer;
    uint32_t key;
    uint32_t next_free; /**< Slot plus one. */
    uint16_t topic;
    uint16_t address;
    uint32_t reserved;
};

/** Requests, a region. */
struct requests {
    uint64_t requested;
    uint64_t answered;
    uint64_t timed_out;
    uint64_t late;
    uint64_t unclaimed;
    uint32_t pending;
    uint32_t free_head; /**< Slot plus one; 0: none. */
    struct request slots[];
};

/** What timers of the bus are for. */
enum bus_timer {
    BUS_TIMER_REQUEST, /**< Subject: slot of the request. */
    BUS_TIMER_RETRY,   /**< Subject: id of the message that waits. */
    BUS_TIMER_PROBE,   /**< Subject: number of the record plus one. */
};

/** What a topic and its sources may publish; the rates are wiring, the buckets state. */
struct limit_rates {
    tt_bus_rate topic;
    tt_bus_rate source;
};

/** What a publish on a topic must look at beyond the head: `special` of a topic. */
enum topic_special {
    TOPIC_LISTED = 1 << 0, /**< The payload ends with a list: its size varies. */
    TOPIC_SHAPED = 1 << 1, /**< A payload is not copied as it stands: it has a list or gaps. */
    TOPIC_LIMITED = 1 << 2,
    TOPIC_BURIES = 1 << 3, /**< It is the topic of the dead letters. */
    TOPIC_NEW = 1 << 4,    /**< No message of its priority yet: `lanes_alone` may not know it. */
};

/** Wiring of one topic. Slots, links and the table of the latest lie in the regions. The first line
 * is all that a plain message needs that has one handler, with history or without: with many topics
 * in turn each line comes from far (ADR 91). */
struct topic {
    _Alignas(64) tt_bus_handler_fn only; /**< Of its only subscription, which takes all, or NULL:
                                              look closer. */
    void *only_ctx;
    uint64_t head_word; /**< Of a message: topic, source 1, size, kind and priority. A post adds
                           what its source is more than 1. */
    unsigned char *slots;
    struct slot_link *links; /**< Of each slot, and what stands in ring and pins. */
    uint32_t far_gap : 31;   /**< After more messages of others its next slot has left the cache. */
    bool is_expiring : 1;    /**< Expired messages leave the history. */
    uint32_t key_count;
    uint32_t history_max; /**< 0: nothing is kept. */
    uint32_t ttl_ms;
    uint16_t stride;    /**< Bytes of a slot. */
    uint16_t only_slot; /**< Of the subscription whose handler is `only`. */
    uint16_t number;    /**< Number of the topic; */
    uint16_t special;   /**< beside it, so that one look tells whether both are as they should. */
    _Alignas(64) struct topic_state *state;
    uint16_t *newest; /**< See struct topic_keys. */
    struct handler_set *set;
    const tt_layout *layout;
    const char *name;
    uint32_t place;
    uint32_t pin_max;
    uint32_t source_max;  /**< Numbers of a key in the table of the latest. */
    uint32_t fixed_size;  /**< Payload bytes; 0 for topic 0, which is none. */
    uint32_t struct_size; /**< Bytes that a publisher's struct has, at most fixed_size. */
    uint8_t kind;
    uint8_t priority;
    uint32_t claimed_count; /**< Subscriptions of the set, and those that wait to join it. */
    uint32_t limit;         /**< Number of its row of limits plus one, 0 = no limit. */
    struct limit_rates rates;
    uint16_t gap_start; /**< Bytes of a payload that are no field and lie together, */
    uint16_t gap_end;   /**< up to here. 0: there are none, or, with a start, see the layout. */
};

_Static_assert(
    sizeof(struct topic) == sizeof(struct topic_state) &&
        sizeof(struct topic) % sizeof(struct topic_keys) == 0,
    "how far a topic lies from the first one tells where its state and keys are");
_Static_assert(
    sizeof(tt_msg) + TT_PAYLOAD_MAX <= UINT16_MAX &&
        TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX <= UINT16_MAX,
    "stride and number are small");
_Static_assert(
    offsetof(struct topic, special) == offsetof(struct topic, number) + sizeof(uint16_t) &&
        offsetof(struct topic, number) % sizeof(uint32_t) == 0,
    "number and special are one word");
_Static_assert(
    offsetof(struct topic, ttl_ms) == offsetof(struct topic, history_max) + sizeof(uint32_t),
    "of a topic that keeps nothing both are the upper half of a word of the head");
_Static_assert(offsetof(struct topic, state) == 64, "what each message needs is one line");

#endif
