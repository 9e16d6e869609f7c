/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader in front of every source; its functions are the slots of tt_feed.
 */
#ifndef TT_FEED_FEED_READER_H
#define TT_FEED_FEED_READER_H

#include "feed/feed_source.h"

/** Refused rows in front of the first good one. */
#define TT_FEED_PENDING_MAX 64

/** A feed that is open. */
typedef struct tt_feed_reader {
    tt_feed_module_config config;
    tt_instruments instruments;
    tt_feed_setup setup;
    tt_feed_source source;
    uint64_t seq; /**< Of the last item. */
    uint64_t refused;
    uint64_t usable; /**< Items of market data. */
    tt_time last_time;
    bool has_time;
    bool has_held;          /**< `held` waits for the refusals in front of it. */
    uint32_t pending_count; /**< Refusals without a time, ... */
    uint32_t pending_next;  /**< ... and the next of them to hand out. */
    tutti_status final;     /**< Once it has ended or failed: how. */
    tt_error final_error;
    tt_feed_item held;
    tt_feed_refusal first_refusal;
    tt_feed_refusal pending[TT_FEED_PENDING_MAX];
} tt_feed_reader;

/** Slots of tt_feed; `ctx` is a tt_feed_reader from calloc, which close frees. @thread{owner} */
tutti_status tt_feed_reader_next(void *ctx, tt_feed_item *ret_item, tt_error *error);
void tt_feed_reader_progress(void *ctx, tt_feed_progress *ret_progress);
void tt_feed_reader_close(void *ctx);

#endif
