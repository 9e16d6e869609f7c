/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows over counters.
 *
 * Invariant: for each of the newest 8 parts p in [first, newest], marks[p modulo 8] holds the
 * totals as they were when p began.
 */
#include "bus/bus_window.h"

#include <string.h>

int64_t tt_bus_window_move(tt_bus_window *window, int64_t part)
{
    int64_t from = window->newest + 1;
    if (part - window->newest >= TT_BUS_WINDOW_PARTS) {
        from = part; // nothing changed in any part that a window at `part` covers, but in this one
        window->first = part;
    }
    window->newest = part;
    return from;
}

void tt_bus_window_read(
    const tt_bus_window *window,
    const uint64_t *marks,
    size_t row_words,
    const uint64_t *totals,
    uint32_t count,
    int64_t part,
    uint64_t *ret_growth)
{
    int64_t start = part - TT_BUS_WINDOW_PARTS + 1;
    if (start > window->newest) {
        memset(ret_growth, 0, count * sizeof *ret_growth);
        return;
    }
    int64_t oldest = start > window->first ? start : window->first;
    const uint64_t *mark = marks + tt_bus_window_row(oldest) * row_words;
    for (uint32_t i = 0; i < count; i++) {
        ret_growth[i] = totals[i] - mark[i];
    }
}
