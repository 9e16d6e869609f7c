/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Windows over counters.
 *
 * Invariant: for each of the newest 8 parts p in [first, newest], marks[p modulo 8] holds the
 * totals as they were when p began.
 */
#include "bus/bus_window.h"

#include <string.h>

static uint64_t *row_of(uint64_t *marks, uint32_t count, int64_t part)
{
    return marks + (uint64_t)part % TT_BUS_WINDOW_PARTS * count;
}

void tt_bus_window_advance(
    tt_bus_window *window, uint64_t *marks, const uint64_t *totals, uint32_t count, int64_t part)
{
    int64_t from = window->newest + 1;
    if (part - window->newest >= TT_BUS_WINDOW_PARTS) {
        from = part; // nothing changed in any part that a window at `part` covers, but in this one
        window->first = part;
    }
    for (int64_t i = from; i <= part; i++) {
        memcpy(row_of(marks, count, i), totals, count * sizeof *totals);
    }
    window->newest = part;
}

void tt_bus_window_read(
    const tt_bus_window *window,
    const uint64_t *marks,
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
    const uint64_t *mark = marks + (uint64_t)oldest % TT_BUS_WINDOW_PARTS * count;
    for (uint32_t i = 0; i < count; i++) {
        ret_growth[i] = totals[i] - mark[i];
    }
}
