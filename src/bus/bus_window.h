/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How much counters grew in the recent past. A window has 8 parts of equal length on engine time.
 * Nothing is counted twice: at the first change in a new part the totals are written down, and what
 * a window holds is the difference. A part without a change costs nothing.
 *
 * A window over counters that nobody touches needs no work either: the reader sees by its number
 * that the newest part is old. All functions: @thread{owner} @blocks{never} @alloc{never}
 */
#ifndef TT_BUS_BUS_WINDOW_H
#define TT_BUS_BUS_WINDOW_H

#include "base/types.h"

#include <stddef.h>

#define TT_BUS_WINDOW_PARTS 8

/** Which parts have a mark of their own; all zero = counters of zero before part 0. */
typedef struct tt_bus_window {
    int64_t newest; /**< Part of the latest change. */
    int64_t first;  /**< Part in which the latest change after a long silence was: the totals were
                       the same when it began as in the 8 parts before. */
} tt_bus_window;

/** Number of the part that a time belongs to; both are not negative. */
static inline int64_t tt_bus_window_part(tt_time now, int64_t part_ns)
{
    return now.ns / part_ns;
}

/** Moves a window to `part`, which is later than `newest`, before the first change of its counters
 * in it. Returns the first part whose mark must be written: the totals as they are, into the rows
 * of all parts from there to `part`. `marks` holds TT_BUS_WINDOW_PARTS rows. */
int64_t tt_bus_window_move(tt_bus_window *window, int64_t part);
/** Row of the mark of a part. */
static inline uint32_t tt_bus_window_row(int64_t part)
{
    return (uint32_t)((uint64_t)part % TT_BUS_WINDOW_PARTS);
}
/** Growth of `count` counters in the 8 parts that end with `part`, at least `newest`. `marks` is
 * their first row; the rows lie `row_words` apart. */
void tt_bus_window_read(
    const tt_bus_window *window,
    const uint64_t *marks,
    size_t row_words,
    const uint64_t *totals,
    uint32_t count,
    int64_t part,
    uint64_t *ret_growth);

#endif
