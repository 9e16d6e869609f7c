/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Order book by price level.
 *
 * Invariants: (1) levels[0 .. count-1] of a side are strictly sorted, worst first: bids rise, asks
 * fall; (2) every kept quantity is positive; (3) count <= TT_BOOK_LEVELS_MAX. Whether the two sides
 * cross is not an invariant: a venue may publish a crossed book, and the reader asks.
 */
#include "market/book.h"

#include "model/limits.h"

#include <string.h>

void tt_book_reset(tt_book *book)
{
    memset(book, 0, sizeof *book);
}

static tt_book_side *side_of(tt_book *book, tt_side side)
{
    return side == TT_side_BUY ? &book->bids : &book->asks;
}

static const tt_book_side *const_side_of(const tt_book *book, tt_side side)
{
    TT_ASSERT(side == TT_side_BUY || side == TT_side_SELL);
    return side == TT_side_BUY ? &book->bids : &book->asks;
}

/** Tells whether price `a` stands before `b` in the array of a side, that is, is worse. */
static bool is_worse(tt_side side, tt_price a, tt_price b)
{
    return side == TT_side_BUY ? tt_dec_lt(a.d, b.d) : tt_dec_lt(b.d, a.d);
}

/** Index of the first level that is not worse than `price`; count if all are. */
static uint32_t lower_bound(const tt_book_side *levels, tt_side side, tt_price price)
{
    uint32_t low = 0;
    uint32_t high = levels->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_worse(side, levels->levels[middle].price, price)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const tt_book_side *levels, uint32_t index, tt_price price)
{
    return index < levels->count && tt_dec_eq(levels->levels[index].price.d, price.d);
}

static bool is_valid_level(tt_side side, tt_price price, tt_qty qty)
{
    return (side == TT_side_BUY || side == TT_side_SELL) && tt_dec_sign(price.d) > 0 &&
           tt_dec_le(price.d, TT_PRICE_MAX) && tt_dec_sign(qty.d) >= 0 &&
           tt_dec_le(qty.d, TT_QTY_MAX);
}

static void remove_level(tt_book_side *levels, uint32_t index)
{
    memmove(
        &levels->levels[index],
        &levels->levels[index + 1],
        (levels->count - index - 1) * sizeof levels->levels[0]);
    levels->count--;
    // Freed slots are zero, so that equal books have equal bytes.
    memset(&levels->levels[levels->count], 0, sizeof levels->levels[0]);
}

/** Makes room before `index`; a full side gives up its worst level. Returns where the hole is. */
static uint32_t open_hole(tt_book_side *levels, uint32_t index)
{
    if (levels->count == TT_BOOK_LEVELS_MAX) {
        memmove(&levels->levels[0], &levels->levels[1], (index - 1) * sizeof levels->levels[0]);
        return index - 1;
    }
    memmove(
        &levels->levels[index + 1],
        &levels->levels[index],
        (levels->count - index) * sizeof levels->levels[0]);
    levels->count++;
    return index;
}

static void set_valid_level(tt_book *book, tt_side side, tt_price price, tt_qty qty)
{
    tt_book_side *levels = side_of(book, side);
    uint32_t index = lower_bound(levels, side, price);
    bool exists = is_at(levels, index, price);
    if (tt_dec_is_zero(qty.d)) {
        if (exists) {
            remove_level(levels, index);
        }
        return;
    }
    if (!exists && levels->count == TT_BOOK_LEVELS_MAX) {
        book->dropped_levels++;
        if (index == 0) {
            return;
        }
    }
    if (!exists) {
        index = open_hole(levels, index);
    }
    levels->levels[index] = (tt_book_level){.price = price, .qty = qty};
}

tutti_status tt_book_set_level(tt_book *book, tt_side side, tt_price price, tt_qty qty)
{
    if (!is_valid_level(side, price, qty)) {
        return TUTTI_INVALID;
    }
    set_valid_level(book, side, price, qty);
    return TUTTI_OK;
}

static bool are_levels_valid(const tt_depth *depth)
{
    if (depth->count > TT_MAX_depth_level) {
        return false;
    }
    for (uint32_t i = 0; i < depth->count; i++) {
        const tt_depth_level *level = &depth->levels[i];
        if (!is_valid_level((tt_side)level->side, level->price, level->qty)) {
            return false;
        }
    }
    return true;
}

/** Tells whether the message goes on with the update whose first parts were applied. */
static bool is_next_part(const tt_book *book, const tt_depth *depth)
{
    return book->is_partial && book->in_snapshot == depth->is_snapshot &&
           book->last_update_id == depth->last_update_id;
}

static bool is_stale(const tt_book *book, const tt_depth *depth)
{
    return !depth->is_snapshot && depth->last_update_id != 0 &&
           depth->last_update_id <= book->last_update_id && !is_next_part(book, depth);
}

static void empty_levels(tt_book *book)
{
    memset(&book->bids, 0, sizeof book->bids);
    memset(&book->asks, 0, sizeof book->asks);
}

tutti_status tt_book_apply(tt_book *book, const tt_depth *depth)
{
    if (!are_levels_valid(depth)) {
        return TUTTI_INVALID;
    }
    if (is_stale(book, depth)) {
        book->stale_updates++;
        return TUTTI_OK;
    }
    if (depth->is_snapshot && !is_next_part(book, depth)) {
        empty_levels(book);
    }
    for (uint32_t i = 0; i < depth->count; i++) {
        const tt_depth_level *level = &depth->levels[i];
        set_valid_level(book, (tt_side)level->side, level->price, level->qty);
    }
    book->last_update_id = depth->last_update_id;
    book->is_partial = depth->is_last ? 0 : 1;
    book->in_snapshot = depth->is_snapshot;
    return TUTTI_OK;
}

const tt_book_level *tt_book_level_at(const tt_book *book, tt_side side, uint32_t index)
{
    const tt_book_side *levels = const_side_of(book, side);
    return index < levels->count ? &levels->levels[levels->count - 1 - index] : NULL;
}

const tt_book_level *tt_book_best(const tt_book *book, tt_side side)
{
    return tt_book_level_at(book, side, 0);
}

uint32_t tt_book_count(const tt_book *book, tt_side side)
{
    return const_side_of(book, side)->count;
}

tt_qty tt_book_qty_at(const tt_book *book, tt_side side, tt_price price)
{
    const tt_book_side *levels = const_side_of(book, side);
    uint32_t index = lower_bound(levels, side, price);
    return is_at(levels, index, price) ? levels->levels[index].qty : (tt_qty){TT_DEC_ZERO};
}

bool tt_book_is_crossed(const tt_book *book)
{
    const tt_book_level *bid = tt_book_best(book, TT_side_BUY);
    const tt_book_level *ask = tt_book_best(book, TT_side_SELL);
    return bid != NULL && ask != NULL && tt_dec_le(ask->price.d, bid->price.d);
}

bool tt_book_is_usable(const tt_book *book)
{
    return book->bids.count > 0 && book->asks.count > 0 && !tt_book_is_crossed(book);
}
