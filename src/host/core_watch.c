/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of the hub and of the system in, inputs of health_reports and bus_alerts out.
 */
#include "host/core_watch.h"

#include "host/core_thread.h"
#include "host/files.h"

void tt_core_watch_init(
    tt_core_watch *watch, const tt_config *config, bool is_recovered, tt_time now, int64_t mono_ns)
{
    *watch = (tt_core_watch){
        .interval_ns = config->health.interval.ns,
        .next_ns = mono_ns + config->health.interval.ns,
        .has_store = config->store.enabled,
    };
    tt_watch_init(
        &watch->parts, &config->health, &config->engine.instruments, is_recovered, now, mono_ns);
    tt_bus_watch_init(&watch->bus, &config->bus_health, mono_ns);
}

static int64_t longest_call(const tt_hub *hub, int64_t mono_ns)
{
    int64_t longest = 0;
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        int64_t since = atomic_load_explicit(&hub->busy_since_ns[i], memory_order_relaxed);
        int64_t span = since == 0 ? 0 : mono_ns - since;
        longest = span > longest ? span : longest;
    }
    return longest;
}

static void take_sample(
    const struct tt_core_thread *core, tt_time now, int64_t mono_ns, tt_watch_sample *ret_sample)
{
    const tt_hub *hub = core->hub;
    *ret_sample = (tt_watch_sample){
        .now = now,
        .mono_ns = mono_ns,
        .market_ns = atomic_load_explicit(&hub->market_beat_ns, memory_order_relaxed),
        .has_ended = atomic_load_explicit(&hub->data_ended, memory_order_relaxed) != 0,
        .last_seq = tt_bus_next_seq(tt_engine_bus(core->engine)) - 1,
        .durable_seq = atomic_load_explicit(&hub->durable_seq, memory_order_relaxed),
        .flush_ns = atomic_load_explicit(&hub->flush_ns, memory_order_relaxed),
        .has_store = core->watch.has_store,
        .is_store_down = atomic_load_explicit(&hub->store_down, memory_order_relaxed) != 0,
        .stored_seq = atomic_load_explicit(&hub->stored_seq, memory_order_relaxed),
        .pool_ns = longest_call(hub, mono_ns),
        .resident_bytes = tt_resident_bytes(),
    };
}

static void
step(struct tt_core_thread *core, tt_topic topic, uint32_t key, const void *payload, size_t size)
{
    const tt_input input = {
        .time = core->safe,
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .key = key,
        .payload = payload,
        .payload_size = size,
    };
    tt_core_thread_step(core, &input);
}

static void tell_alert(struct tt_core_thread *core, const tt_monitor_change *change)
{
    const tt_bus_alert alert = {
        .value = change->value,
        .limit = change->limit,
        .alert = (uint8_t)change->alert,
        .is_raised = change->is_raised,
        .subject = "bus",
    };
    step(core, TT_TOPIC_BUS_ALERTS, 0, &alert, sizeof alert);
}

void tt_core_watch_turn(struct tt_core_thread *core, tt_time now)
{
    tt_core_watch *watch = &core->watch;
    int64_t mono_ns = tt_mono_ns();
    if (watch->interval_ns == 0 || mono_ns < watch->next_ns) {
        return;
    }
    watch->next_ns = mono_ns + watch->interval_ns;
    tt_watch_sample sample;
    take_sample(core, now, mono_ns, &sample);
    tt_watch_look(&watch->parts, &sample);
    tt_health_report report;
    uint32_t key = 0;
    while (tt_watch_next(&watch->parts, &report, &key)) {
        step(core, TT_TOPIC_HEALTH_REPORTS, key, &report, sizeof report);
    }
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX];
    const tt_bus *bus = tt_engine_bus(core->engine);
    const tt_bus_recent_times times = tt_engine_take_recent_times(core->engine);
    uint32_t count = tt_bus_watch_look(&watch->bus, bus, &times, core->hub, mono_ns, changes);
    for (uint32_t i = 0; i < count; i++) {
        tell_alert(core, &changes[i]);
    }
}

void tt_core_watch_fill(const tt_core_watch *watch, const tt_hub *hub, tt_host_numbers *host)
{
    tt_watch_rows(&watch->parts, host->health);
    for (uint32_t i = 0; i < watch->parts.instruments->count; i++) {
        host->feed_age_ns[i] = watch->parts.feeds[i].now.value;
    }
    host->alerts = watch->bus.judge.raised;
    host->ring_count = tt_hub_rings(hub, host->rings);
    host->pending_bytes = atomic_load_explicit(&hub->pending_bytes, memory_order_relaxed);
    host->calls_refused = atomic_load_explicit(&hub->calls_refused, memory_order_relaxed);
}
