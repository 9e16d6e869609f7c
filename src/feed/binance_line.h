/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One line of a raw capture of Binance streams: `<local ns> {"stream":...,"data":{...}}`, or the
 * snapshot of a book, `<local ns> {"lastUpdateId":...,"bids":...,"asks":...}`. Spot and USD-M
 * futures. Pure: no file, no state.
 */
#ifndef TT_FEED_BINANCE_LINE_H
#define TT_FEED_BINANCE_LINE_H

#include "feed/feed_source.h"

/** Levels of one line; Binance itself sends at most 5,000 a side. */
#define TT_BINANCE_LEVELS_MAX 10000

typedef enum tt_binance_kind {
    TT_BINANCE_QUOTE,    /**< bookTicker */
    TT_BINANCE_TRADE,    /**< trade */
    TT_BINANCE_DEPTH,    /**< depthUpdate */
    TT_BINANCE_SNAPSHOT, /**< the book as a REST call gives it; names no symbol */
} tt_binance_kind;

/** A decoded line. */
typedef struct tt_binance_line {
    tt_binance_kind kind;
    tt_time local_time;
    char symbol[24]; /**< As in the stream's name, such as "btcusdt"; empty in snapshots. */
    tt_quote quote;
    tt_trade trade;
    tt_time venue_time;       /**< Of depth. */
    uint64_t first_update_id; /**< Of depth and snapshots, here and below. */
    uint64_t last_update_id;
    uint64_t previous_update_id; /**< Futures only; 0 = not given. */
    uint32_t level_count;
    tt_depth_level levels[TT_BINANCE_LEVELS_MAX];
} tt_binance_line;

/** Decodes a line. `ret_line` is written only as far as its kind needs.
 * @retval TUTTI_INVALID it is none; the reason is in `refusal`. */
TUTTI_NODISCARD tutti_status
tt_binance_decode(tt_slice text, tt_binance_line *ret_line, tt_feed_refusal *refusal);

#endif
