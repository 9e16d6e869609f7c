/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Feeds: where market data comes from. A feed is read one item at a time in time order.
 *
 * The same configuration, files and seed give the same items with the same feed_seq. To resume,
 * open the feed again and read until the feed_seq that was reached.
 *
 * A row that cannot be used becomes an item of feed_events (row_refused, with file, line and
 * reason) and is counted, or ends the feed (feed.on_bad_row). Depth of more than 20 levels comes in
 * several items with the same update ids and is_snapshot; the last has is_last. The end of the data
 * is TUTTI_END and no item: the driver tells the engine.
 */
#ifndef TT_FEED_FEED_H
#define TT_FEED_FEED_H

#include "base/error.h"
#include "engine/engine.h"
#include "feed/feed_config.h"

/** One market event, by value. */
typedef struct tt_feed_item {
    tt_time time; /**< When the engine may know it: the close of a bar, the local receive time of a
                     tick. */
    tt_topic topic; /**< market_data.* or feed_events. */
    uint32_t key;   /**< Instrument id; 0 for feed events that concern all. */
    uint16_t size;  /**< Valid bytes of the payload. */
    union {
        tt_bar bar;
        tt_quote quote;
        tt_trade trade;
        tt_depth depth;
        tt_feed_event event;
    } payload;
} tt_feed_item;

/** Progress of a feed. */
typedef struct tt_feed_progress {
    uint64_t items;       /**< Delivered so far. */
    uint64_t refused;     /**< Bad rows skipped. */
    uint64_t bytes_done;  /**< Of the (compressed) input. */
    uint64_t bytes_total; /**< 0 = unknown or endless. */
} tt_feed_progress;

/** A feed. Every slot is called by the owner thread only; next may read files, and may not call
 * back. */
typedef struct tt_feed {
    uint32_t version; /**< 1 */
    void *ctx;
    /** Next item. Items carry rising feed_seq from 1. @retval TUTTI_END the data ended.
     * @retval TUTTI_PARSE, TUTTI_CORRUPT, TUTTI_IO the feed cannot go on; `error` has file and
     * line. */
    tutti_status (*next)(void *ctx, tt_feed_item *ret_item, tt_error *error);
    void (*progress)(void *ctx, tt_feed_progress *ret_progress);
    void (*close)(void *ctx);
} tt_feed;

/** Opens the feed that the configuration names. */
TUTTI_NODISCARD tutti_status tt_feed_open(
    const tt_feed_module_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    tt_feed *result,
    tt_error *error);
/** Makes the input of an item. The input borrows the item's payload. */
void tt_feed_item_input(const tt_feed_item *item, tt_input *ret_input);

#endif
