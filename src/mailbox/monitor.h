/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Watches a bus: compares what has happened in the last minute with thresholds, and posts an alert
 * when one is crossed and again when it has passed, as inputs of `bus_alerts`.
 *
 * Three parts: the judgement, which is arithmetic on numbers that it is given (tt_monitor), the
 * handler times of the window (tt_monitor_times), and the watch over a bus with a loop, which reads
 * its statistics and posts (tt_bus_monitor); a session has a watch of its own
 * (src/host/bus_watch.h). What the alerts themselves do on the bus is left out of the numbers, so
 * an alert never causes another (ADR 99).
 *
 * Moments are those of a clock that never goes back: a wall clock that is set must raise nothing.
 */
#ifndef TT_MAILBOX_MONITOR_H
#define TT_MAILBOX_MONITOR_H

#include "mailbox/loop.h"

/** Thresholds; zero = default. */
typedef struct tt_monitor_limits {
    uint32_t success_ppm_min;    /**< Deliveries that succeed, in a million; default
                                      950,000; above a million: never raised. */
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

/** Length of a window that is not told. */
#define TT_MONITOR_WINDOW_NS (60 * TT_NS_PER_S)
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

/** Handler times of a part of the window. */
typedef struct tt_monitor_times_part {
    int64_t begin_ns;
    tt_bus_recent_times times;
} tt_monitor_times_part;

/** Handler times of the window. Plain data. */
typedef struct tt_monitor_times {
    int64_t window_ns;
    tt_monitor_times_part parts[TT_MONITOR_PARTS]; /**< A ring. */
    uint32_t part;                                 /**< The newest one. */
} tt_monitor_times;

/** Starts at `now` with nothing; `window_ns`: 0 = default. */
void tt_monitor_times_init(tt_monitor_times *times, int64_t window_ns, tt_time now);
/** Adds what handlers took since the last look, and writes what they took in the window to the
 * sample: the parts of the window that began in it. */
void tt_monitor_times_add(
    tt_monitor_times *times,
    const tt_bus_recent_times *recent,
    tt_time now,
    tt_monitor_sample *sample);

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
    tt_bus *bus; /**< Its recent handler times are taken: the monitor is their one reader. */
    const tt_inbox *inbox;
    const tt_bus_loop *loop; /**< Its mailboxes are watched, too; may be NULL. */
    tt_publisher *publisher; /**< Its source is HOST or none; its own ring is not watched. */
    tt_monitor_limits limits;
} tt_bus_monitor_options;

size_t tt_bus_monitor_memory(void);
/** @retval TUTTI_INVALID a part is missing. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_bus_monitor_new(const tt_bus_monitor_options *options, tt_arena *arena, tt_bus_monitor **result);
/** Looks once, and posts what has changed; to be the `look` of a loop, on whose steady clock `now`
 * is. The first look begins the windows. @thread{owner} @blocks{never} */
void tt_bus_monitor_look(void *monitor, tt_time now);
/** Alerts that stand: bit a = tt_bus_alert_type a. @thread{owner} */
uint32_t tt_bus_monitor_raised(const tt_bus_monitor *monitor);

#endif
