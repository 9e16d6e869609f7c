/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Watches a bus: compares what has happened in the last minute with thresholds, and posts an alert
 * when one is crossed and again when it has passed, as inputs of `bus_alerts`.
 *
 * Two parts: the judgement, which is arithmetic on numbers that it is given (tt_monitor), and the
 * watch, which reads the statistics of a bus and posts (tt_bus_monitor). What the alerts themselves
 * do on the bus is left out of the numbers, so an alert never causes another.
 */
#ifndef TT_MAILBOX_MONITOR_H
#define TT_MAILBOX_MONITOR_H

#include "mailbox/loop.h"

/** Thresholds; zero = default. */
typedef struct tt_monitor_limits {
    uint32_t success_ppm_min;    /**< Deliveries that succeed, in a million; default 950,000. */
    int64_t handler_mean_ns_max; /**< Default 100 ms. */
    int64_t handler_max_ns_max;  /**< Default 500 ms. */
    uint64_t in_row_max;         /**< Failures one after the other raise it; default 5. */
    uint64_t failures_max;       /**< Failures in a window raise it; default 10. */
    uint32_t queue_pct_max;      /**< Default 90. */
    uint64_t overflows_max;      /**< Messages at full mailboxes in a window; default 1. */
    int64_t silence_ns_max;      /**< Time without a publish; default 300 s. */
    int64_t window_ns;           /**< Default 60 s. */
} tt_monitor_limits;

/** What is known at a moment; counters since the start. */
typedef struct tt_monitor_sample {
    uint64_t published;
    uint64_t delivered;
    uint64_t failed;
    uint64_t in_row;         /**< Failures since the last success, of the topic that has most. */
    uint64_t overflowed;     /**< Messages that a full mailbox dropped or refused. */
    uint64_t queue_used;     /**< Of the queue that is fullest. */
    uint64_t queue_size;     /**< 0 = no queue. */
    int64_t handler_mean_ns; /**< In the window; 0 = not measured. */
    int64_t handler_max_ns;
} tt_monitor_sample;

/** One change. */
typedef struct tt_monitor_change {
    tt_bus_alert_type alert;
    bool is_raised;
    int64_t value;
    int64_t limit;
} tt_monitor_change;

/** Parts of a window. */
#define TT_MONITOR_PARTS       12
#define TT_MONITOR_CHANGES_MAX 8

/** Counters at the beginning of a part. */
typedef struct tt_monitor_mark {
    int64_t at_ns;
    uint64_t delivered;
    uint64_t failed;
    uint64_t overflowed;
} tt_monitor_mark;

/** The judgement. Plain data. */
typedef struct tt_monitor {
    tt_monitor_limits limits;
    tt_monitor_mark marks[TT_MONITOR_PARTS + 1]; /**< A ring. */
    uint32_t mark_first;
    uint32_t mark_count;
    uint64_t published;
    int64_t published_ns; /**< When `published` last grew. */
    uint32_t raised;      /**< Bit a: alert a stands. */
} tt_monitor;

/** Starts at `now`; everything before does not count. */
void tt_monitor_init(
    tt_monitor *monitor,
    const tt_monitor_limits *limits,
    tt_time now,
    const tt_monitor_sample *sample);
/** Judges a sample; writes what has changed, and returns how many. `now` never goes back. */
uint32_t tt_monitor_judge(
    tt_monitor *monitor,
    tt_time now,
    const tt_monitor_sample *sample,
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX]);
/** Forgets a change that could not be told: the next judgement finds it again. */
void tt_monitor_forget(tt_monitor *monitor, const tt_monitor_change *change);

/** What a topic had at the last look, and its failures since the last success. */
typedef struct tt_monitor_topic {
    uint64_t delivered;
    uint64_t failed;
    uint64_t in_row;
} tt_monitor_topic;

/** The topics of a bus from one look to the next; zero = before the first. */
typedef struct tt_monitor_topics {
    tt_monitor_topic seen[TT_TOPIC_COUNT + TT_TOPICS_USER_MAX];
} tt_monitor_topics;

/** Adds what the topics of a bus have done. Alerts and the dead letters that they may cause are
 * left out; that time passes is no activity. */
void tt_monitor_add_topics(tt_monitor_topics *topics, const tt_bus *bus, tt_monitor_sample *sample);
/** Adds a queue; the fullest one counts. */
void tt_monitor_add_queue(tt_monitor_sample *sample, uint64_t used, uint64_t size);

/** The watch over one bus. */
typedef struct tt_bus_monitor tt_bus_monitor;

/** Its parts, lent until it is gone. */
typedef struct tt_bus_monitor_options {
    const tt_bus *bus;
    const tt_inbox *inbox;
    const tt_bus_loop *loop; /**< Its mailboxes are watched, too; may be NULL. */
    tt_publisher *publisher; /**< Its source is HOST or none. */
    tt_monitor_limits limits;
    /** Adds handler times of the last window to a sample; may be NULL. */
    void (*measure)(void *ctx, tt_monitor_sample *sample);
    void *measure_ctx;
} tt_bus_monitor_options;

size_t tt_bus_monitor_memory(void);
/** @retval TUTTI_INVALID a part is missing. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_bus_monitor_new(const tt_bus_monitor_options *options, tt_arena *arena, tt_bus_monitor **result);
/** Looks once, and posts what has changed; to be the `look` of a loop. @thread{owner}
 * @blocks{never} */
void tt_bus_monitor_look(void *monitor, tt_time now);
/** Alerts that stand: bit a = tt_bus_alert_type a. @thread{owner} */
uint32_t tt_bus_monitor_raised(const tt_bus_monitor *monitor);

#endif
