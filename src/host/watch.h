/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch over the parts of a session outside the core: is the feed silent, does the venue
 * answer, is what happens durable, does the read model follow, do the workers come back, how much
 * memory is held?
 *
 * Each measure has a level by its two limits (section `health`): warn from the first, critical from
 * the second on, and back only below `clear` times the limit. A change of a level becomes one
 * health_reports message; a part with a critical measure is down, which the coordinator weighs
 * (ADR 50, 71). The feed is down when feed_down_share of its symbols are critical; a symbol that is
 * silent alone is told with its key, and the coordinator holds its entries (ADR 88).
 *
 *   measure         value                                                     by
 *   feed_age        event time since the last market data, or real time for   symbol
 *                   which the market thread has not come round, the longer
 *   venue_answer    the shorter of event and real time that the venue takes   the slower of the
 *                   for its first word on an order                            last answered and the
 *                                                                             longest waiting one
 *   venue_failures  orders and cancels in a row that could not be sent
 *   journal_lag     real time for which a message is not durable
 *   journal_flush   real time of the last commit
 *   store_lag       real time for which a durable message is not stored
 *   pool_wait       real time that a worker has had its call
 *   memory          resident bytes
 *
 * Arithmetic on numbers that it is given: no clock, no file, no thread. One owner.
 */
#ifndef TT_HOST_WATCH_H
#define TT_HOST_WATCH_H

#include "api/api.h"
#include "engine/engine.h"

/** Orders whose first answer is waited for; beyond them the oldest is no longer watched. */
#define TT_WATCH_ORDERS_MAX 64
/** Real time for which a slow answer and failed sends count when nothing newer comes: at a level at
 * which nothing is sent there is no success that could end it. */
#define TT_WATCH_KEPT_NS (60 * TT_NS_PER_S)

/** What the host sees at a moment. */
typedef struct tt_watch_sample {
    tt_time now;        /**< Event time up to which market data has been stepped. */
    int64_t mono_ns;    /**< Real time. */
    int64_t market_ns;  /**< Real time when the market thread came round last. */
    bool has_ended;     /**< The feed has no more data. */
    tt_seq last_seq;    /**< Newest message. */
    tt_seq durable_seq; /**< Newest durable one. */
    int64_t flush_ns;   /**< Real time of the last commit. */
    bool has_store;     /**< There is a read model. */
    bool is_store_down; /**< It cannot be written; told by its own thread. */
    tt_seq stored_seq;  /**< Newest message in it. */
    int64_t pool_ns;    /**< Longest time that a worker has had its call. */
    int64_t resident_bytes;
} tt_watch_sample;

/** A number that is to catch up with another: since when it has not. */
typedef struct tt_watch_mark {
    tt_seq seq; /**< What it had to reach when it was marked. */
    int64_t since_ns;
} tt_watch_mark;

/** An order that the venue has not said anything about. */
typedef struct tt_watch_order {
    tt_seq id;
    int64_t event_ns;
    int64_t mono_ns;
} tt_watch_order;

/** One measure of one thing. */
typedef struct tt_watch_row {
    tt_health_row now;
    uint8_t told; /**< Level that was told last; COUNT = none, it must be told. */
} tt_watch_row;

typedef struct tt_watch {
    const tt_health_config *config;
    const tt_instruments *instruments;
    int64_t clear_ppm;
    uint32_t feeds_down; /**< So many critical symbols are a feed that is down. */
    tt_watch_row rows[TT_health_measure_COUNT]; /**< feed_age: unused. */
    tt_watch_row feeds[TT_INSTRUMENTS_MAX];     /**< feed_age, by key - 1. */
    tt_time seen[TT_INSTRUMENTS_MAX];           /**< Last market data. */
    tt_watch_order orders[TT_WATCH_ORDERS_MAX]; /**< From the oldest. */
    uint32_t order_count;
    int64_t answer_ns;   /**< What the last answered order took. */
    int64_t answered_ns; /**< Real time of that answer. */
    uint64_t failures;   /**< Sends in a row that failed. */
    int64_t failed_ns;   /**< Real time of the last one. */
    tt_watch_mark durable;
    tt_watch_mark stored;
    bool is_store_down;
} tt_watch;

/** Starts: everything is well, every symbol was seen just now. After a restart (`is_recovered`) the
 * first look tells it: what was told before the end may have been something else.
 * @borrows{while it lives} */
void tt_watch_init(
    tt_watch *watch,
    const tt_health_config *config,
    const tt_instruments *instruments,
    bool is_recovered,
    tt_time now,
    int64_t mono_ns);
/** Notes an input that came from the market thread. `now` is event time. */
void tt_watch_input(tt_watch *watch, const tt_input *input, tt_time now, int64_t mono_ns);
/** Notes an order that leaves for the venue. */
void tt_watch_sent(tt_watch *watch, tt_seq order_id, tt_time now, int64_t mono_ns);
/** Judges. What has changed is then told by tt_watch_next. */
void tt_watch_look(tt_watch *watch, const tt_watch_sample *sample);
/** Gives the next change that has not been told; false at the end. `ret_key`: its symbol, or 0. */
bool tt_watch_next(tt_watch *watch, tt_health_report *ret_report, uint32_t *ret_key);
/** Writes the rows of a status; of the feed that of the symbol which is worst. */
void tt_watch_rows(const tt_watch *watch, tt_health_row rows[TT_health_measure_COUNT]);

#endif
