/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The venue interface: what carries orders out and reports back. One table of functions; the
 * simulated exchange is the first implementation, live venues follow.
 *
 * Time is an argument. Reports leave through poll, as values, in the order of their time.
 */
#ifndef TT_VENUE_VENUE_H
#define TT_VENUE_VENUE_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/message.h"

/** Something that is due: becomes an input of `topic`, with `cause` and `correlation` of what it
 * answers. */
typedef struct tt_venue_output {
    tt_time time;
    uint32_t key;   /**< Instrument. */
    tt_topic topic; /**< NONE = VENUE_REPORTS, or VENUE_TRADES, FUNDING_PAYMENTS,
                         VENUE_POSITIONS, VENUE_BALANCES, VENUE_TRANSFERS. */
    tt_seq cause;   /**< order_intents, order_amends, order_cancels or order_queries message that it
                       belongs to; 0 = none. */
    tt_uuid correlation;
    union {
        tt_venue_report report;
        tt_venue_trade trade;
        tt_funding_payment funding;
        tt_venue_position position;
        tt_venue_balance balance;
        tt_venue_transfer transfer;
    };
} tt_venue_output;

typedef struct tt_venue {
    uint32_t version; /**< 1 */
    void *ctx;
    /** Takes an effect: a message of order_intents, order_amends, order_cancels, order_queries or
     * venue_queries. A client order id that was seen before is never executed again: the state of
     * the known order is reported. An amend keeps the order or replaces it, as the venue can; its
     * report says the values in force and, if that has become another, the venue's id. */
    tutti_status (*effect)(void *ctx, tt_time now, const tt_msg *msg, tt_error *error);
    /** Market data passes (simulated venues only; NULL for live ones): topic, key and payload of
     * market_data.* or feed_events, item by item, each before the engine sees it.
     * @retval TUTTI_LIMIT too much is under way: poll first; nothing is changed. */
    tutti_status (*market)(
        void *ctx,
        tt_time time,
        tt_topic topic,
        uint32_t key,
        const void *payload,
        tt_error *error);
    /** Earliest time at which poll may have something, or something happens at the venue;
     * TT_TIME_NEVER. Calling poll with that time always moves on. */
    tt_time (*next)(void *ctx);
    /** Hands out the next report with time <= now. False if there is none. */
    bool (*poll)(void *ctx, tt_time now, tt_venue_output *ret_output);
    void (*close)(void *ctx);
} tt_venue;

#endif
