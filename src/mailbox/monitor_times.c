/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What handlers took in the window: a ring of its parts. Pure.
 */
#include "mailbox/monitor.h"

void tt_monitor_times_init(tt_monitor_times *times, int64_t window_ns, tt_time now)
{
    *times = (tt_monitor_times){.window_ns = window_ns != 0 ? window_ns : TT_MONITOR_WINDOW_NS};
    times->parts[0].begin_ns = now.ns;
}

/** Adds to the newest part, and begins another when that is full. */
static void add(tt_monitor_times *times, const tt_bus_recent_times *recent, int64_t now_ns)
{
    if (now_ns - times->parts[times->part].begin_ns >= times->window_ns / TT_MONITOR_PARTS) {
        times->part = (times->part + 1) % TT_MONITOR_PARTS;
        times->parts[times->part] = (tt_monitor_times_part){.begin_ns = now_ns};
    }
    tt_bus_recent_times *newest = &times->parts[times->part].times;
    newest->count += recent->count;
    newest->sum_ns += recent->sum_ns;
    newest->max_ns = recent->max_ns > newest->max_ns ? recent->max_ns : newest->max_ns;
}

void tt_monitor_times_add(
    tt_monitor_times *times,
    const tt_bus_recent_times *recent,
    tt_time now,
    tt_monitor_sample *sample)
{
    tt_bus_recent_times all = {0};
    add(times, recent, now.ns);
    for (uint32_t i = 0; i < TT_MONITOR_PARTS; i++) {
        const tt_monitor_times_part *part = &times->parts[i];
        if (now.ns - part->begin_ns <= times->window_ns) {
            all.count += part->times.count;
            all.sum_ns += part->times.sum_ns;
            all.max_ns = part->times.max_ns > all.max_ns ? part->times.max_ns : all.max_ns;
        }
    }
    sample->handler_mean_ns = all.count == 0 ? 0 : (int64_t)(all.sum_ns / all.count);
    sample->handler_max_ns = (int64_t)all.max_ns;
}
