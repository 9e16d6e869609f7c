/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The way into a core: any thread posts, the thread that owns the bus takes.
 *
 * A thread posts through a publisher, a handle with an identity, a rate limit and counters. A post
 * goes into the lane of its priority; the owner takes from the highest lane that has something, so
 * an urgent post overtakes all that waits in the lanes below. Within one lane, the posts of one
 * publisher keep their order. All lanes are bounded rings without locks. What a full ring means is
 * told to the caller, who chose how long to wait.
 *
 * A publisher may have a ring of its own (`ring_bytes`): then one thread at a time may use it, and
 * posting costs what a ring for one producer costs. Without it the posts of a priority share one
 * ring for several producers.
 *
 * After tt_inbox_close every post is refused; what was accepted before can still be taken: nothing
 * falls between.
 *
 *     | call                                   | who                                           |
 *     | new, set_topic_rate before start       | setup                                         |
 *     | open                                   | any thread                                    |
 *     | post_try, _timed, _wait, post_dead     | the thread of the publisher; any, if shared   |
 *     | peek, release, wait, settle,           | the owner of the bus                          |
 *     | has_record, is_drained                 |                                               |
 *     | close, stats, publisher_stats          | any thread                                    |
 */
#ifndef TT_MAILBOX_INBOX_H
#define TT_MAILBOX_INBOX_H

#include "base/arena.h"
#include "base/ring.h"
#include "bus/bus.h"
#include "mailbox/idle.h"

typedef struct tt_inbox tt_inbox;
typedef struct tt_publisher tt_publisher;

#define TT_INBOX_NAME_MAX 32

/** Sizes and rules of an inbox; zero = default. */
typedef struct tt_inbox_options {
    uint32_t lane_bytes[TT_priority_COUNT]; /**< Powers of two from 16 KiB; default 1 MiB for
                                               `normal`, 256 KiB for the others; [0] is not used. */
    uint32_t publishers_max;                /**< Default 64, at most 1024. */
    uint32_t topics_max;  /**< Largest topic number plus one; default TT_TOPIC_COUNT. */
    uint32_t ring_bytes;  /**< For rings of publishers, in all; default 0. */
    bool is_unchecked;    /**< Payloads of built-in topics are not looked into. */
    tt_idle_options idle; /**< How publishers wait for room; its clock is that of the limits. */
} tt_inbox_options;

/** Who posts. */
typedef struct tt_publisher_options {
    const char *name;    /**< Required; shorter than TT_INBOX_NAME_MAX. */
    uint16_t source;     /**< Stands in every post; TT_SOURCE_NONE: each post names its own. */
    uint32_t rate_per_s; /**< Posts a second; 0 = without limit. */
    uint32_t burst;      /**< Posts at once; 0 = 1. */
    uint32_t ring_bytes; /**< Power of two from 16 KiB: a ring of its own; 0 = none. */
    uint8_t ring_lane;   /**< Priority of the posts that go into that ring; default `normal`. */
    bool is_trusted;     /**< Exempt from the limits of rate. */
    bool is_shared;      /**< Several threads post at the same time; no ring of its own. */
} tt_publisher_options;

/** Counters of a publisher. */
typedef struct tt_publisher_stats {
    char name[TT_INBOX_NAME_MAX];
    uint64_t posted;
    uint64_t refused;      /**< Told TUTTI_LIMIT: no room. */
    uint64_t timed_out;    /**< Told TUTTI_TIMEOUT: no room in time. */
    uint64_t waited;       /**< Posts that had to wait for room. */
    uint64_t rate_limited; /**< Told TUTTI_LIMIT by a limit of rate. */
    uint64_t invalid;      /**< Told TUTTI_INVALID. */
    uint64_t after_stop;   /**< Told TUTTI_STATE. */
} tt_publisher_stats;

/** Counters of an inbox. */
typedef struct tt_inbox_stats {
    tt_ring_stats lanes[TT_priority_COUNT]; /**< Rings of publishers are counted in their lane. */
    uint64_t parks;                         /**< Times that the owner slept. */
    uint64_t wakes;                         /**< System calls that publishers made to wake it. */
} tt_inbox_stats;

/** What a record is. */
typedef enum tt_inbox_kind {
    TT_INBOX_POST,
    TT_INBOX_DEAD
} tt_inbox_kind;

/** What is known of a message that somebody outside of the core could not handle. */
typedef struct tt_dead_report {
    tt_dead_reason reason;
    uint32_t attempts; /**< Deliveries tried. */
    char handler[32];
    char text[160];
} tt_dead_report;

/** One record of the inbox, lent to the owner. */
typedef struct tt_inbox_record {
    tt_inbox_kind kind;
    uint32_t payload_size;
    tt_bus_post post;           /**< For TT_INBOX_POST; the payload lies in the inbox. */
    tt_dead_report dead_report; /**< For TT_INBOX_DEAD. */
    const tt_msg *dead;         /**< The message of a dead report, whole. */
} tt_inbox_record;

/** Bytes of an arena that suffice. @thread{any} */
size_t tt_inbox_memory(const tt_inbox_options *options);
/** @retval TUTTI_INVALID an option is beyond its bound. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_inbox_new(const tt_inbox_options *options, tt_arena *arena, tt_inbox **result);
/** Limits the posts of a topic by all publishers that are not trusted: `per_s` a second (0 = no
 * limit), `burst` at once. @retval TUTTI_INVALID no such topic, or beyond the bounds of rate.h.
 * @thread{any} */
TUTTI_NODISCARD tutti_status
tt_inbox_set_topic_rate(tt_inbox *inbox, uint16_t topic, uint32_t per_s, uint32_t burst);
/** Names the priority of posts of a topic that name none; needed for declared topics only.
 * @retval TUTTI_INVALID. @thread{any} */
TUTTI_NODISCARD tutti_status
tt_inbox_set_topic_priority(tt_inbox *inbox, uint16_t topic, uint8_t priority);

/** Opens a publisher; it lives as long as the inbox. @retval TUTTI_INVALID options. @retval
 * TUTTI_LIMIT publishers_max, or no room for its ring. @retval TUTTI_STATE closed. @thread{any} */
TUTTI_NODISCARD tutti_status
tt_inbox_open(tt_inbox *inbox, const tt_publisher_options *options, tt_publisher **ret_publisher);
void tt_publisher_stats_get(const tt_publisher *publisher, tt_publisher_stats *ret_stats);

/**
 * Posts a copy. The payload of a built-in topic may have `payload_size` 0: it is then known.
 * Whether the owner's bus takes the message is not known yet when this returns. Dead letters are
 * posted by tt_inbox_post_dead alone.
 *
 * @retval TUTTI_LIMIT   no room, or more than a limit of rate allows.
 * @retval TUTTI_STATE   the inbox is closed.
 * @retval TUTTI_INVALID topic that may not come from outside, source, priority, size or content.
 * @blocks{never}
 */
TUTTI_NODISCARD tutti_status
tt_inbox_post_try(tt_publisher *publisher, const tt_bus_post *post, uint32_t payload_size);
/** As tt_inbox_post_try, but waits for room. A limit of rate is told at once.
 * @retval TUTTI_TIMEOUT no room in time. @blocks{up to the limit} */
TUTTI_NODISCARD tutti_status tt_inbox_post_timed(
    tt_publisher *publisher, const tt_bus_post *post, uint32_t payload_size, tt_dur limit);
/** As tt_inbox_post_timed without a limit of time. @blocks{until there is room or the inbox is
 * closed} */
TUTTI_NODISCARD tutti_status
tt_inbox_post_wait(tt_publisher *publisher, const tt_bus_post *post, uint32_t payload_size);
/** Hands back a message that could not be handled, whole. No limit of rate. @retval TUTTI_LIMIT.
 * @retval TUTTI_STATE. @blocks{never} */
TUTTI_NODISCARD tutti_status
tt_inbox_post_dead(tt_publisher *publisher, const tt_msg *msg, const tt_dead_report *report);

/** Shows the oldest record of the highest lane that has one; false when there is none.
 * @lends{until its release} @thread{owner} */
bool tt_inbox_peek(tt_inbox *inbox, tt_inbox_record *ret_record);
/** Gives the room of the record that was last peeked back. @thread{owner} */
void tt_inbox_release(tt_inbox *inbox);
/** Wakes publishers that wait for room, where at least half of a lane is free again: call it once
 * a batch. @thread{owner} */
void tt_inbox_settle(tt_inbox *inbox);
/** Waits for a record; false when `limit` has passed or the inbox is closed. @thread{owner} */
bool tt_inbox_wait(tt_inbox *inbox, const tt_idle_options *idle, tt_dur limit);
/** Tells whether there is a record. @thread{owner} */
bool tt_inbox_has_record(tt_inbox *inbox);
/** Where the owner sleeps, for an owner that waits for other things, too; who brings those wakes
 * it with tt_park_wake. @thread{any} */
tt_park *tt_inbox_park(tt_inbox *inbox);

/** Refuses all posts from now on, and releases who waits for room. @thread{any} */
void tt_inbox_close(tt_inbox *inbox);
/** Tells whether the inbox is closed. @thread{any} */
bool tt_inbox_is_closed(const tt_inbox *inbox);
/** Tells that the inbox is closed and that no record is in it or on its way. @thread{owner} */
bool tt_inbox_is_drained(tt_inbox *inbox);
void tt_inbox_stats_get(const tt_inbox *inbox, tt_inbox_stats *ret_stats);
/** Publisher at an index, or NULL behind the last. @thread{any} */
const tt_publisher *tt_inbox_publisher(const tt_inbox *inbox, uint32_t index);

#endif
