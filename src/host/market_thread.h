/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The market thread: paces the feed by the paper clock and owns the simulated exchange.
 */
#ifndef TT_HOST_MARKET_THREAD_H
#define TT_HOST_MARKET_THREAD_H

#include "feed/feed.h"
#include "host/hub.h"
#include "host/send_failure.h"
#include "venue/venue.h"

typedef struct tt_market_thread {
    tt_hub *hub;
    tt_feed *feed;
    tt_venue *venue;
    /* Owned by the thread while it runs. */
    tt_feed_item item; /**< Next item; valid while `has_item`. */
    bool has_item;
    bool has_ended;
    tt_msg_copy effect;
    tt_send_failure failure;
    tt_error error; /**< Why it failed; read after the join. */
    bool has_failed;
} tt_market_thread;

/** Gives the exchange what the core has sent. @thread{market; main when it is joined} */
TUTTI_NODISCARD tutti_status tt_market_thread_send(tt_market_thread *market, bool *ret_worked);
/** Body of the thread; returns when the hub says stop_market, or after a failure. */
void *tt_market_thread_run(void *market);

#endif
