/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The message bus of the core: topics, subscriptions, priority lanes, history, dead letters,
 * statistics. Pure and single-threaded; no allocation after tt_bus_new.
 *
 * Life of a message: tt_bus_publish copies it into the outbox of the current step, gives it the next
 * sequence number, appends it to the history of its topic and queues it in the lane of its priority.
 * tt_bus_run delivers until the lanes are empty: highest lane first, sequence order within a lane;
 * to the handlers in the order of their subscription. A handler that publishes only queues: there is
 * no recursion and no lock, so nothing can deadlock. Causation and correlation are inherited from the
 * message being delivered. A message is immutable from the moment it is published.
 *
 * The outbox holds all messages of a step in sequence order, head and payload back to back: it is
 * what the journal stores and where the host finds the effects. It is emptied by tt_bus_begin.
 */
#ifndef TT_BUS_BUS_H
#define TT_BUS_BUS_H

#include "base/arena.h"
#include "model/message.h"

typedef struct tt_bus tt_bus;

/** Handles one delivered message. `msg` is lent until the handler returns. Returns TUTTI_OK, or a
 * status that is counted as a failed delivery, and dead-lettered; other handlers still get it. */
typedef tutti_status (*tt_bus_handler_fn)(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Tells whether a subscription wants a message. Must not publish. */
typedef bool (*tt_bus_filter_fn)(void *ctx, const tt_msg *msg);

/** What to publish. Zero = default: kind, priority and ttl of the topic; cause and correlation
 * inherited from the message in delivery. */
typedef struct tt_bus_post {
    tt_topic topic;
    tt_source source;
    uint32_t key;
    const void *payload;     /**< Struct of the topic; only the used items of a list are copied. */
    uint8_t priority;        /**< TT_priority_NONE = the topic's. */
    uint8_t flags;           /**< TT_MSG_INPUT for inputs; the engine sets it. */
    tt_seq cause;            /**< 0 = inherit. */
    tt_uuid correlation;     /**< All zero = inherit; an input without one starts a new one. */
} tt_bus_post;

/** Sizes of a bus; zero = default. */
typedef struct tt_bus_options {
    uint32_t outbox_bytes;        /**< Messages of one step; default 4 MiB. */
    uint32_t queue_messages;      /**< Messages queued per lane in one step; default 8192. */
    uint32_t depth_max;           /**< Longest chain of causes within one step; default 64. */
    uint32_t history_scale_pct;   /**< Scales each topic's history; default 100; at least 1 message. */
} tt_bus_options;

/** Creates a bus in `arena`. @retval TUTTI_NO_MEMORY the arena is too small. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_new(
    const tt_bus_options *options, tt_arena *arena, tt_bus **result);

/** Subscribes `handler` to a topic; delivery in order of subscription. `name` (lent for ever) names it
 * in statistics and dead letters. @retval TUTTI_LIMIT too many. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_bus_subscribe(
    tt_bus *bus, tt_topic topic, const char *name, tt_bus_handler_fn handler, void *ctx);

/** Starts a step at `now`: empties the outbox. */
void tt_bus_begin(tt_bus *bus, tt_time now);
/** Publishes; `ret_seq` (may be NULL) gets the sequence number.
 * @retval TUTTI_INVALID  unknown topic, bad list count.  @retval TUTTI_LIMIT  depth, queue or outbox
 * bound reached: the message is dropped, counted, and a dead letter stands for it. */
tutti_status tt_bus_publish(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq);
/** Delivers until nothing is queued. */
void tt_bus_run(tt_bus *bus);

/** The sequence number that the next publish will get. */
tt_seq tt_bus_next_seq(const tt_bus *bus);
/** Sets the number of the next message; used by recovery. @thread{setup} */
void tt_bus_set_next_seq(tt_bus *bus, tt_seq next);
tt_time tt_bus_now(const tt_bus *bus);
/** The message being delivered, or NULL. */
const tt_msg *tt_bus_current(const tt_bus *bus);

/** First byte and length of the outbox: whole messages, in sequence order.
 * @lends{until the next tt_bus_begin} */
const void *tt_bus_outbox(const tt_bus *bus, size_t *ret_bytes);
/** Next message after `msg` in the outbox (`msg` NULL: the first), or NULL. */
const tt_msg *tt_bus_outbox_next(const tt_bus *bus, const tt_msg *msg);

/** Latest message of (topic, source, key) not older than `max_age` and not expired, or NULL. O(1) for
 * a topic with key (source TT_SOURCE_NONE = any). `max_age.ns` 0 = any age.
 * @lends{until the next publish on that topic} */
const tt_msg *tt_bus_latest(
    const tt_bus *bus, tt_topic topic, tt_source source, uint32_t key, tt_dur max_age);
/** Finds a message by number in the history of its topic, or NULL if it is no longer kept. */
const tt_msg *tt_bus_find(const tt_bus *bus, tt_topic topic, tt_seq seq);
/** Walks a topic's history newest first: `previous` NULL = newest. NULL at the end. */
const tt_msg *tt_bus_history(const tt_bus *bus, tt_topic topic, const tt_msg *previous);

/** Publishes a dead letter for something that never became a message, or for `msg`. */
void tt_bus_dead_letter(tt_bus *bus, const tt_msg *msg, tt_dead_reason reason, const char *handler,
                        const char *text);

/** Counters of one topic; totals over all topics are in tt_bus_totals. */
typedef struct tt_bus_topic_stats {
    uint64_t published;
    uint64_t delivered;
    uint64_t failed;
    uint64_t expired;
    uint64_t dropped;       /**< Refused at a bound. */
    uint64_t dead_lettered;
    uint32_t history_count;
    uint32_t subscribers;
} tt_bus_topic_stats;
void tt_bus_topic_stats_get(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats);
void tt_bus_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats);
/** Largest number of messages ever queued at once. */
uint32_t tt_bus_queue_high_water(const tt_bus *bus);

#endif
