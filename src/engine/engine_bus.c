/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus of an engine: its options, its stopwatch, how it is doing.
 */
#include "engine/engine_priv.h"

tt_bus_options tt_engine_bus_options(const tt_engine_config *config)
{
    const tt_bus_config *bus = &config->bus;
    return (tt_bus_options){
        .outbox_bytes = bus->outbox_bytes,
        .queue_messages = bus->queue_messages,
        .depth_max = bus->depth_max,
        .history_scale_pct = bus->history_scale_pct,
        .key_max = config->instruments.count,
        .keep_expired = bus->keep_expired,
        .dead_max = bus->dead_max,
        .dead_bytes = bus->dead_bytes,
        .idempotency_max = bus->idempotency_max,
        .subscriptions_max = bus->subscriptions_max,
        .requests_max = bus->requests_max,
        .blocked_max = bus->blocked_max,
        .retries_max = bus->retries_max,
        .retry_bytes = bus->retry_bytes,
        .cares_max = bus->cares_max,
        .quarantine_after = bus->quarantine_after,
        .probe_ms = bus->probe_ms,
        .window_ms = bus->window_ms,
        .timings_max = bus->timings_max,
    };
}

void tt_engine_set_stopwatch(tt_engine *engine, tt_bus_stopwatch_fn fn, void *ctx)
{
    uint32_t sample_every = engine->config.bus.timing_sample;
    tt_bus_set_stopwatch(engine->core.bus, sample_every != 0 ? fn : NULL, ctx, sample_every);
}

static tt_engine_times times_of(const tt_histogram *histogram)
{
    if (!histogram || histogram->count == 0) {
        return (tt_engine_times){0};
    }
    return (tt_engine_times){
        .count = histogram->count,
        .p50 = tt_histogram_percentile(histogram, TT_P50),
        .p95 = tt_histogram_percentile(histogram, TT_P95),
        .p99 = tt_histogram_percentile(histogram, TT_P99),
        .p999 = tt_histogram_percentile(histogram, TT_P999),
        .max = histogram->max,
    };
}

static void fill_handler(
    const tt_bus *bus, const tt_bus_subscriber_stats *stats, tt_engine_handler *ret_handler)
{
    tt_bus_subscriber_stats recent = {0};
    (void)tt_bus_subscriber_window(bus, stats->id, &recent); // it is there
    *ret_handler = (tt_engine_handler){
        .topic = (uint16_t)stats->topic,
        .delivered = stats->delivered,
        .failed = stats->failed,
        .retried = stats->retried,
        .recent_delivered = recent.delivered,
        .recent_failed = recent.failed,
        .times = times_of(tt_bus_handler_times(bus, stats->id)),
    };
    TT_TEXT_SET(ret_handler->name, stats->name);
}

static void fill_handlers(const tt_bus *bus, tt_engine_bus_status *ret_status)
{
    tt_bus_subscriber_stats stats;
    uint32_t cursor = 0;
    while (tt_bus_subscriber_next(bus, &cursor, &stats)) {
        if (ret_status->handler_count == TT_ENGINE_HANDLERS_MAX) {
            ret_status->handlers_left_out++;
        } else {
            fill_handler(bus, &stats, &ret_status->handlers[ret_status->handler_count++]);
        }
    }
}

static void copy_dead(const tt_bus_dead *dead, tt_engine_dead *ret_row)
{
    *ret_row = (tt_engine_dead){
        .id = dead->id,
        .seq = dead->head.seq,
        .first_failure = dead->first_failure,
        .last_failure = dead->last_failure,
        .attempts = dead->attempts,
        .key = dead->head.key,
        .topic = dead->head.topic,
        .source = dead->head.source,
        .reason = (uint8_t)dead->reason,
    };
    TT_TEXT_SET(ret_row->handler, dead->handler);
    TT_TEXT_SET(ret_row->text, dead->text);
}

/** Letters with an id below `before`; 0: all. */
static uint32_t count_dead(const tt_bus *bus, uint64_t before)
{
    tt_bus_dead dead = {0};
    uint32_t count = 0;
    while (tt_bus_dead_next(bus, dead.id, &dead) && (before == 0 || dead.id < before)) {
        count++;
    }
    return count;
}

/** Copies the newest of those; tells how many, and how many older ones there are. */
static uint32_t copy_page(
    const tt_bus *bus,
    uint64_t before,
    uint32_t limit,
    tt_engine_dead *ret_rows,
    uint32_t *ret_left_out)
{
    uint32_t count = before == 0 ? tt_bus_dead_count(bus) : count_dead(bus, before);
    uint32_t skip = count > limit ? count - limit : 0;
    tt_bus_dead dead = {0};
    *ret_left_out = skip;
    for (uint32_t i = 0; i < count && tt_bus_dead_next(bus, dead.id, &dead); i++) {
        if (i >= skip) {
            copy_dead(&dead, &ret_rows[i - skip]);
        }
    }
    return count - skip;
}

void tt_engine_dead_page_get(
    const tt_engine *engine, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page)
{
    *ret_page = (tt_engine_dead_page){0};
    ret_page->count = copy_page(
        engine->core.bus,
        before,
        limit < TT_ENGINE_DEAD_MAX ? limit : TT_ENGINE_DEAD_MAX,
        ret_page->rows,
        &ret_page->left_out);
}

static void fill_quarantined(const tt_bus *bus, tt_engine_bus_status *ret_status)
{
    tt_bus_care_stats stats;
    const char *name = NULL;
    for (uint32_t i = 0; (name = tt_bus_care_at(bus, i, &stats)) != NULL; i++) {
        if (!stats.is_quarantined) {
            continue;
        }
        if (ret_status->quarantined_count == TT_ENGINE_QUARANTINED_MAX) {
            ret_status->quarantined_left_out++;
            continue;
        }
        tt_engine_quarantined *row = &ret_status->quarantined[ret_status->quarantined_count++];
        *row =
            (tt_engine_quarantined){.skipped = stats.skipped, .failures = stats.failures_in_a_row};
        TT_TEXT_SET(row->name, name);
    }
}

void tt_engine_bus_status_get(const tt_engine *engine, tt_engine_bus_status *ret_status)
{
    const tt_bus *bus = engine->core.bus;
    *ret_status = (tt_engine_bus_status){
        .rest = times_of(tt_bus_handler_times(bus, 0)),
        .window_ms = tt_bus_window_ms(bus),
    };
    tt_bus_window_totals(bus, &ret_status->recent);
    tt_bus_failure_stats_get(bus, &ret_status->failures);
    tt_bus_request_stats_get(bus, &ret_status->requests);
    for (uint32_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        (void)tt_bus_lane_stats_get(bus, (tt_priority)i, &ret_status->lanes[i]);
        ret_status->delays[i] = times_of(tt_bus_queue_delays(bus, (tt_priority)i));
    }
    fill_handlers(bus, ret_status);
    ret_status->dead_count =
        copy_page(bus, 0, TT_ENGINE_DEAD_MAX, ret_status->dead, &ret_status->dead_left_out);
    fill_quarantined(bus, ret_status);
}

tt_bus_recent_times tt_engine_take_recent_times(tt_engine *engine)
{
    return tt_bus_take_recent_times(engine->core.bus);
}
