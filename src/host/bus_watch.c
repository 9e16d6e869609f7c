/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A sample of what the bus and the rings of a session have done.
 */
#include "host/bus_watch.h"

#include "base/error.h"

static tt_monitor_limits limits_of(const tt_bus_health_config *config)
{
    int64_t success_ppm = 0;
    tutti_status status = tt_dec_to_i64(config->success_min.d, 6, TT_ROUND_DOWN, &success_ppm);
    TT_ASSERT(status == TUTTI_OK);
    return (tt_monitor_limits){
        .success_ppm_min = (uint32_t)success_ppm,
        .handler_mean_ns_max = config->handler_mean.ns,
        .handler_max_ns_max = config->handler_max.ns,
        .in_row_max = config->failures_in_row,
        .failures_max = config->failures,
        .queue_pct_max = config->queue_pct,
        .overflows_max = config->overflows,
        .silence_ns_max = config->silence.ns,
        .window_ns = config->window.ns,
    };
}

void tt_bus_watch_init(tt_bus_watch *watch, const tt_bus_health_config *config, int64_t mono_ns)
{
    *watch = (tt_bus_watch){.config = config};
    tt_monitor_times_init(&watch->times, config->window.ns, (tt_time){mono_ns});
}

static void add_rings(const tt_hub *hub, tt_monitor_sample *sample)
{
    tt_ring_row rows[TT_RING_ROWS_MAX];
    uint32_t count = tt_hub_rings(hub, rows);
    for (uint32_t i = 0; i < count; i++) {
        tt_monitor_add_queue(sample, rows[i].stats.bytes_used, rows[i].size);
    }
    sample->overflowed = atomic_load_explicit(&hub->dropped_activity, memory_order_relaxed) +
                         atomic_load_explicit(&hub->dropped_events, memory_order_relaxed);
}

uint32_t tt_bus_watch_look(
    tt_bus_watch *watch,
    const tt_bus *bus,
    const tt_bus_recent_times *times,
    const tt_hub *hub,
    int64_t mono_ns,
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX])
{
    tt_monitor_sample sample = {0};
    tt_monitor_times_add(&watch->times, times, (tt_time){mono_ns}, &sample);
    tt_monitor_add_topics(&watch->topics, bus, &sample);
    add_rings(hub, &sample);
    if (!watch->has_begun) {
        const tt_monitor_limits limits = limits_of(watch->config);
        tt_monitor_init(&watch->judge, &limits, (tt_time){mono_ns}, &sample);
        watch->has_begun = true;
    }
    return tt_monitor_judge(&watch->judge, (tt_time){mono_ns}, &sample, changes);
}
