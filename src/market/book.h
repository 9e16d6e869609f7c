/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One instrument's order book by price level (L2). A plain value: no pointer, no allocation, no
 * clock; it may lie in a state region and be copied.
 *
 * The book keeps the TT_BOOK_LEVELS_MAX best levels of a side. A full side drops its worst level
 * for a better one and refuses a worse one; both are counted in `dropped_levels`. What was dropped
 * comes back only with an update of that level or a snapshot, so the deep end of a full side is a
 * lower bound of the venue's depth.
 */
#ifndef TT_MARKET_BOOK_H
#define TT_MARKET_BOOK_H

#include "base/error.h"
#include "model/payloads.h"

#define TT_BOOK_LEVELS_MAX 256

/** One price level; quantity > 0. */
typedef struct tt_book_level {
    tt_price price;
    tt_qty qty;
} tt_book_level;

/** One side, sorted from the worst level to the best, so that changes near the touch move little.
 */
typedef struct tt_book_side {
    tt_book_level levels[TT_BOOK_LEVELS_MAX];
    uint32_t count;
    uint32_t reserved[3];
} tt_book_side;

/** A book. Zeroed memory is an empty book. */
typedef struct tt_book {
    tt_book_side bids;
    tt_book_side asks;
    uint64_t last_update_id; /**< Of the last update that was applied; 0 = the venue gives none. */
    uint64_t stale_updates;  /**< Updates ignored because the book was already newer. */
    uint64_t dropped_levels; /**< Levels not kept because a side was full. */
    uint8_t is_partial;      /**< More parts of the last update must follow. */
    uint8_t in_snapshot;     /**< The partial update is a snapshot. */
    uint8_t reserved[6];
} tt_book;

/** Empties the book and its counters. @thread{owner} @alloc{never} */
void tt_book_reset(tt_book *book);

/**
 * Sets the resting quantity at one price; zero removes the level. Removing an absent level is fine.
 *
 * @retval TUTTI_INVALID  side is neither buy nor sell, price is not in (0, TT_PRICE_MAX], or
 * quantity is not in [0, TT_QTY_MAX]; nothing is changed.
 * @thread{owner} @alloc{never}
 */
TUTTI_NODISCARD tutti_status
tt_book_set_level(tt_book *book, tt_side side, tt_price price, tt_qty qty);

/**
 * Applies one depth message: a snapshot replaces the book, an update changes the levels it names.
 * A snapshot or update in several parts (`is_last` 0) is applied part by part. An update whose
 * last_update_id is not above the book's is ignored and counted in `stale_updates`; gaps between
 * updates are the feed's business, because each venue numbers in its own way.
 *
 * @retval TUTTI_INVALID  a level is not valid or the count is too large; nothing is changed.
 * @thread{owner} @alloc{never}
 */
TUTTI_NODISCARD tutti_status tt_book_apply(tt_book *book, const tt_depth *depth);

/** Returns level `index` of a side, 0 = best; NULL if there is none. @lends{until the next change}
 */
const tt_book_level *tt_book_level_at(const tt_book *book, tt_side side, uint32_t index);
/** Returns the best level of a side; NULL if it is empty. @lends{until the next change} */
const tt_book_level *tt_book_best(const tt_book *book, tt_side side);
/** Returns the number of levels of a side. */
uint32_t tt_book_count(const tt_book *book, tt_side side);
/** Finds the quantity resting at exactly `price`; zero if there is no such level. */
tt_qty tt_book_qty_at(const tt_book *book, tt_side side, tt_price price);
/** Tells whether both sides have a level and the best bid is below the best ask. */
bool tt_book_is_usable(const tt_book *book);
/** Tells whether the best bid is at or above the best ask; false if a side is empty. */
bool tt_book_is_crossed(const tt_book *book);

#endif
