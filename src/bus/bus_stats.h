/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the bus counts and measures: by topic, by lane, by subscription. Part of bus.h.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}.
 */
#ifndef TT_BUS_BUS_STATS_H
#define TT_BUS_BUS_STATS_H

#include "base/histogram.h"
#include "model/message.h"

typedef struct tt_bus tt_bus;

/** Counters of one topic; totals over all topics are in tt_bus_totals. */
typedef struct tt_bus_topic_stats {
    uint64_t published;
    uint64_t delivered;     /**< Handlers that returned TUTTI_OK. */
    uint64_t failed;        /**< Handlers that returned something else. */
    uint64_t expired;       /**< Not delivered because of their age. */
    uint64_t filtered;      /**< Times that a subscription did not want a message. */
    uint64_t filter_failed; /**< Times that a filter could not tell. */
    uint64_t guarded;       /**< Times that the guard kept a message from a handler. */
    uint64_t dropped;       /**< Refused at a bound. */
    uint64_t invalid;       /**< Refused because topic, source, key or list was wrong. */
    uint64_t dead_lettered; /**< Dead letters about messages of this topic. */
    uint64_t dead_unsent;   /**< Dead letters about this topic that could only be counted. */
    uint64_t latest_lost;   /**< Latest messages of a (source, key) given up for lack of room. */
    uint64_t duplicates;    /**< Not published: the idempotency key had come before. */
    uint64_t rate_limited;  /**< Part of `dropped`: refused by a limit of rate. */
    uint64_t too_deep;      /**< Part of `dropped`: the chain of causes was too long. The rest found
                               no room in its lane or in the outbox. */
    uint64_t retried;       /**< Deliveries tried again after a failure. */
    uint64_t quarantined;   /**< Times that a quarantine kept a message from a handler. */
    uint64_t aged_out;      /**< Messages that left the history because they had expired. */
    uint64_t expiry_untimed; /**< Messages that leave it later, because all timers were in use. */
    uint32_t history_count;
    uint32_t subscribers;
} tt_bus_topic_stats;
/** Counters of a topic; those of TT_TOPIC_NONE are about messages without a known topic. */
void tt_bus_topic_stats_get(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats);
void tt_bus_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats);
/** Growth of the counters of a topic within the window that ends now: the current part and the 7
 * parts before it, each an eighth of `window_ms` of engine time. What is no counter is as now.
 * After a restart the windows are empty. */
void tt_bus_topic_window(const tt_bus *bus, tt_topic topic, tt_bus_topic_stats *ret_stats);
void tt_bus_window_totals(const tt_bus *bus, tt_bus_topic_stats *ret_stats);
/** Length of the windows, as in the options. */
uint32_t tt_bus_window_ms(const tt_bus *bus);
/** Largest number of messages ever queued at once. */
uint32_t tt_bus_queue_high_water(const tt_bus *bus);
/** What waits in the lane of a priority. */
typedef struct tt_bus_lane_stats {
    uint32_t depth;      /**< Messages queued now. */
    uint32_t high_water; /**< Most that were queued at once in the life of this process. */
    uint32_t max;        /**< Where a publish is refused. */
} tt_bus_lane_stats;
/** False if there is no lane of that priority. */
bool tt_bus_lane_stats_get(const tt_bus *bus, tt_priority priority, tt_bus_lane_stats *ret_stats);
/** What became of failures. */
typedef struct tt_bus_failure_stats {
    uint64_t dead_lost;       /**< Dead letters dropped, or not kept, for lack of room. */
    uint64_t dead_discarded;  /**< Thrown away. */
    uint64_t redriven;        /**< Delivered again, and it went well. */
    uint64_t care_refused;    /**< Subscribers without quarantine: no record was free. */
    uint64_t retries_refused; /**< Retries that had no room to wait. */
    uint64_t timers_refused;  /**< Retries and trials that had no timer. */
    uint32_t dead_count;      /**< Dead letters kept now. */
    uint32_t retry_count;     /**< Messages that wait for a retry now. */
    uint32_t blocked_count;   /**< Correlations blocked now. */
} tt_bus_failure_stats;
void tt_bus_failure_stats_get(const tt_bus *bus, tt_bus_failure_stats *ret_stats);

/** Counters of one subscription; by pattern: over all topics. */
typedef struct tt_bus_subscriber_stats {
    const char *name;
    const char *pattern; /**< NULL: of one topic. */
    tt_topic topic;      /**< TT_TOPIC_NONE: by pattern, or for replies only. */
    uint64_t id;
    uint64_t delivered;
    uint64_t failed;
    uint64_t filtered;
    uint64_t filter_failed;
    uint64_t guarded;
    uint64_t retried;
    uint64_t quarantined; /**< Messages that it did not get because of a quarantine. */
} tt_bus_subscriber_stats;
/** Counters of the subscription at `index` of a topic, in order of delivery; false if there is
 * none. */
bool tt_bus_subscriber_stats_get(
    const tt_bus *bus, tt_topic topic, uint32_t index, tt_bus_subscriber_stats *ret_stats);

/** Walks all subscriptions: `cursor` begins with 0. False at the end. */
bool tt_bus_subscriber_next(
    const tt_bus *bus, uint32_t *cursor, tt_bus_subscriber_stats *ret_stats);
/** Growth of the counters of one subscription within the window; false if there is none of that
 * id. */
bool tt_bus_subscriber_window(const tt_bus *bus, uint64_t id, tt_bus_subscriber_stats *ret_stats);

/** Tells the time in nanoseconds since some moment. */
typedef uint64_t (*tt_bus_stopwatch_fn)(void *ctx);
/**
 * Lends the bus a stopwatch, NULL = none. It then measures one message in `sample_every` (0 = every
 * one) that is published: how long it waits in its lane, and how long each of its handlers takes,
 * with the interceptors around it. What is delivered again is not measured. Times never reach a
 * message or the state. Not from a handler.
 */
void tt_bus_set_stopwatch(tt_bus *bus, tt_bus_stopwatch_fn fn, void *ctx, uint32_t sample_every);
/** How long the handler of a subscription took. NULL: none of that id, never measured, or all
 * `timings_max` histograms are in use. Id 0: all those without one of their own, together.
 * @lends{until the bus runs, or a subscription ends} */
const tt_histogram *tt_bus_handler_times(const tt_bus *bus, uint64_t id);
/** How long messages waited in the lane of a priority; NULL if there is none. @lends{as above} */
const tt_histogram *tt_bus_queue_delays(const tt_bus *bus, tt_priority priority);
/** Tells whether a message is an alert about a bus, or the dead letter of one: what is measured to
 * raise alerts leaves those out, so that none causes another. */
bool tt_bus_is_about_alerts(const tt_msg *msg);
/** What all handlers that were measured took since the last take, but for what is about alerts. */
typedef struct tt_bus_recent_times {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
} tt_bus_recent_times;
/** Takes them: the next take begins with nothing. One reader, on the thread of the bus. */
tt_bus_recent_times tt_bus_take_recent_times(tt_bus *bus);
/** Forgets all times. */
void tt_bus_reset_times(tt_bus *bus);

#endif
