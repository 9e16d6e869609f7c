/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * For those who operate a bus: who subscribes and how that goes, quarantines, blocked correlations,
 * what waits where, limits of rate by source, and a watch that tells when something is wrong.
 *
 * What changes how messages are delivered (a release, a block) is, outside of handlers, a command
 * that the journal has.
 */
#ifndef TUTTI_OPERATE_H
#define TUTTI_OPERATE_H

#include <tutti/bus.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- subscribers -------------------------------------------------------------------------- */

/** One subscription. Texts are lent until it ends. */
typedef struct tutti_subscriber {
    uint64_t id;
    const char *name;
    const char *pattern; /**< NULL: of one topic. */
    tutti_topic topic;   /**< 0: by pattern. */
    uint64_t delivered;  /**< By pattern: over all topics. */
    uint64_t failed;
    uint64_t filtered;
    uint64_t filter_failed;
    uint64_t guarded;
    uint64_t retried;
    uint64_t quarantined;     /**< Messages that a quarantine kept away. */
    uint32_t failures_in_row; /**< Now, of all subscriptions of the name. */
    bool is_quarantined;      /**< The name is in quarantine. */
} tutti_subscriber;
/** Walks all subscriptions: `cursor` begins with 0. False at the end. @thread{owner} */
bool tutti_bus_subscriber_next(
    const tutti_bus *bus, uint32_t *cursor, tutti_subscriber *ret_subscriber);
/** Ends the quarantine of a subscriber: it gets messages again. What it missed stands in the
 * history. @retval TUTTI_NOT_FOUND it is in none. @thread{owner} */
tutti_status tutti_bus_release(tutti_bus *bus, const char *name);

/** Keeps all messages of a correlation from all handlers and mailboxes, for a workflow that has
 * failed. The same again is fine. @retval TUTTI_LIMIT `blocked_max` are blocked. @retval
 * TUTTI_INVALID it is zero. @thread{owner} */
tutti_status tutti_bus_block(tutti_bus *bus, const uint8_t correlation[16]);
/** Lets them through again. @retval TUTTI_NOT_FOUND they were not blocked. @thread{owner} */
tutti_status tutti_bus_unblock(tutti_bus *bus, const uint8_t correlation[16]);
bool tutti_bus_is_blocked(const tutti_bus *bus, const uint8_t correlation[16]);

/* ---- limits of rate ----------------------------------------------------------------------- */

/** A token bucket: `per_s` a second (0 = no limit), `burst` at once (0 = those of one second). */
typedef struct tutti_rate {
    uint32_t per_s;
    uint32_t burst;
} tutti_rate;
/** Limits what is published on a topic from now on, in place of the limit it was declared with; a
 * refusal is TUTTI_LIMIT, and a dead letter. It is recorded (on "bus_commands", if it changes
 * anything), and holds after a restart and in a replay. `all`: of all sources together; `each`: of
 * each of them. @retval TUTTI_INVALID no such topic, or more than a million. @retval TUTTI_STATE
 * the bus has stopped. @thread{owner} */
TUTTI_NODISCARD tutti_status
tutti_bus_limit(tutti_bus *bus, tutti_topic topic, tutti_rate all, tutti_rate each);
/** Lets a source publish past all of these limits, or no longer; recorded as they are. @retval
 * TUTTI_INVALID no such source. @retval TUTTI_STATE the bus has stopped. @thread{owner} */
TUTTI_NODISCARD tutti_status tutti_bus_exempt(tutti_bus *bus, tutti_source source, bool is_exempt);

/* ---- what waits, what failed -------------------------------------------------------------- */

/** A bus as a whole. */
typedef struct tutti_bus_state {
    uint64_t next_seq;        /**< Number that the next message gets. */
    uint64_t steps;           /**< Posts, calls and timers worked off. */
    uint64_t posts_refused;   /**< Posts of other threads that could not be published. */
    uint64_t clock_back;      /**< Times that the clock of the machine stood before bus time. */
    uint64_t dead_lost;       /**< Dead letters dropped, or not kept, for lack of room. */
    uint64_t dead_discarded;  /**< Forgotten by request. */
    uint64_t redriven;        /**< Delivered again, and it went well. */
    uint64_t retries_refused; /**< Retries that had no room to wait: dead letters at once. */
    uint64_t requested;       /**< Requests published. */
    uint64_t answered;        /**< Those that got an answer. */
    uint64_t timed_out;       /**< Those that got none in time. */
    uint64_t late_answers;    /**< Answers that nobody waited for any more. */
    uint32_t dead_count;      /**< Dead letters kept now. */
    uint32_t retry_count;     /**< Failed deliveries that wait for a retry. */
    uint32_t request_count;   /**< Requests that wait for an answer. */
    uint32_t blocked_count;   /**< Correlations blocked. */
} tutti_bus_state;
/** @thread{owner} */
void tutti_bus_state_get(const tutti_bus *bus, tutti_bus_state *ret_state);

/** What waits to be delivered in one priority. */
typedef struct tutti_lane {
    uint32_t depth;       /**< Messages queued now: within a handler, not 0. */
    uint32_t high_water;  /**< Most that were queued at once. */
    uint32_t max;         /**< Where a publish is refused. */
    uint64_t inbox_bytes; /**< Posts of other threads that wait, rings of publishers included. */
} tutti_lane;
/** @retval TUTTI_INVALID no such priority. @thread{owner} */
TUTTI_NODISCARD tutti_status
tutti_bus_lane(const tutti_bus *bus, uint8_t priority, tutti_lane *ret_lane);

/* ---- the watch ---------------------------------------------------------------------------- */

/** When a bus is in trouble; zero = default. A limit as large as its type is never reached. */
typedef struct tutti_watch_options {
    int64_t every_ns;             /**< Between two looks; default 1 s. */
    int64_t window_ns;            /**< What counts as lately; default 60 s. */
    uint32_t success_ppm_min;     /**< Deliveries that succeed, in a million; default 950,000. */
    uint32_t queue_pct_max;       /**< Of inbox and mailboxes, the fullest; default 90. */
    int64_t handler_mean_ns_max;  /**< Time of handlers, as `timing_every` measures it; 100 ms. */
    int64_t handler_max_ns_max;   /**< Default 500 ms. */
    int64_t silence_ns_max;       /**< Without a publish; default 300 s. */
    uint64_t failures_in_row_max; /**< Of one topic, so many raise it; default 5. */
    uint64_t failures_max;        /**< In the window, so many raise it; default 10. */
    uint64_t overflows_max;       /**< At full mailboxes, so many raise it; default 1. */
} tutti_watch_options;

/** What an alert is about. */
typedef enum tutti_alert_kind {
    TUTTI_ALERT_QUARANTINE, /**< A subscriber fails too often; also without a watch. */
    TUTTI_ALERT_SUCCESS_RATE,
    TUTTI_ALERT_HANDLER_TIME_MEAN,
    TUTTI_ALERT_HANDLER_TIME_MAX,
    TUTTI_ALERT_CONSECUTIVE_FAILURES,
    TUTTI_ALERT_FAILURE_RATE,
    TUTTI_ALERT_QUEUE_FILL,
    TUTTI_ALERT_INACTIVITY,
    TUTTI_ALERT_DEAD_LETTERS_FULL, /**< The oldest dead letter was dropped; without a watch, too. */
    TUTTI_ALERT_MAILBOX_OVERFLOW
} tutti_alert_kind;

/** A message on the topic "bus_alerts". */
typedef struct tutti_alert {
    tutti_alert_kind kind;
    bool is_raised;      /**< It begins; false: it has passed. */
    const char *name;    /**< Such as "queue_fill". */
    const char *subject; /**< Subscriber, or "bus". @lends{as long as the message} */
    int64_t value;       /**< What was measured: nanoseconds, per cent, a number. */
    int64_t limit;       /**< What it is compared with. */
} tutti_alert;

/** Begins to watch the bus: alerts come as messages on "bus_alerts", once when a limit is passed
 * and once when that is over, and are recorded as inputs. Looks between two turns of the thread
 * that owns the bus: of one that is not started only in tutti_bus_turn. Times are those of the
 * steady clock: setting the clock of the machine raises nothing. What alerts, their handlers and
 * their mailboxes do is left out of what is measured, so that none causes another. Again: with
 * these limits, from now on, and what stood is told anew. `options` may be NULL.
 * @retval TUTTI_INVALID an option is negative, or a window shorter than every_ns. @retval
 * TUTTI_NO_MEMORY. @retval TUTTI_LIMIT no publisher is left. @retval TUTTI_STATE stopped.
 * @thread{owner} @alloc{the first time} */
TUTTI_NODISCARD tutti_status
tutti_bus_watch(tutti_bus *bus, const tutti_watch_options *options, tutti_error *error);
/** Alerts of the watch that stand: bit k = tutti_alert_kind k. 0 without one. @thread{owner} */
uint32_t tutti_bus_alerts(const tutti_bus *bus);
/** Reads an alert; false if the message is none. @thread{any} */
bool tutti_alert_read(const tutti_message *message, tutti_alert *ret_alert);

#ifdef __cplusplus
}
#endif

#endif
