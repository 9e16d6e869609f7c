/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How the bus is doing, as JSON: counters by topic, the recent past, failures, lanes, handlers.
 */
#include "api/api_priv.h"

#include <inttypes.h>

static void put_topic(FILE *out, const tt_bus_topic_stats *stats)
{
    fprintf(
        out,
        "{\"published\": %" PRIu64 ", \"delivered\": %" PRIu64 ", \"failed\": %" PRIu64
        ", \"expired\": %" PRIu64 ", \"dropped\": %" PRIu64 ", \"dead_lettered\": %" PRIu64
        ", \"history\": %u, \"subscribers\": %u}",
        stats->published,
        stats->delivered,
        stats->failed,
        stats->expired,
        stats->dropped,
        stats->dead_lettered,
        stats->history_count,
        stats->subscribers);
}

static void put_recent(FILE *out, const tt_engine_bus_status *bus)
{
    fprintf(
        out,
        "  \"recent\": {\"window_ms\": %u, \"published\": %" PRIu64 ", \"delivered\": %" PRIu64
        ", \"failed\": %" PRIu64 ", \"expired\": %" PRIu64 ", \"dropped\": %" PRIu64
        ", \"retried\": %" PRIu64 ", \"dead_lettered\": %" PRIu64 ", \"success_ratio\": ",
        bus->window_ms,
        bus->recent.published,
        bus->recent.delivered,
        bus->recent.failed,
        bus->recent.expired,
        bus->recent.dropped,
        bus->recent.retried,
        bus->recent.dead_lettered);
    tt_api_put_ratio(out, bus->recent.delivered, bus->recent.delivered + bus->recent.failed);
    fputs("},\n", out);
}

static void put_failures(FILE *out, const tt_engine_bus_status *bus)
{
    const tt_bus_failure_stats *failures = &bus->failures;
    fprintf(
        out,
        "  \"failures\": {\"dead_letters\": %u, \"dead_lost\": %" PRIu64 ", \"discarded\": %" PRIu64
        ", \"redriven\": %" PRIu64 ", \"waiting_retries\": %u, \"blocked_correlations\": %u},\n",
        failures->dead_count,
        failures->dead_lost,
        failures->dead_discarded,
        failures->redriven,
        failures->retry_count,
        failures->blocked_count);
}

static void put_times(FILE *out, const tt_engine_times *times)
{
    fprintf(
        out,
        "{\"measured\": %" PRIu64 ", \"p50_ns\": %" PRIu64 ", \"p95_ns\": %" PRIu64
        ", \"p99_ns\": %" PRIu64 ", \"p999_ns\": %" PRIu64 ", \"max_ns\": %" PRIu64 "}",
        times->count,
        times->p50,
        times->p95,
        times->p99,
        times->p999,
        times->max);
}

static void put_lanes(FILE *out, const tt_engine_bus_status *bus)
{
    fputs("  \"lanes\": {", out);
    for (uint8_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        const tt_bus_lane_stats *lane = &bus->lanes[i];
        fprintf(
            out,
            "%s\n    \"%s\": {\"depth\": %u, \"high_water\": %u, \"max\": %u, \"delay\": ",
            i == TT_priority_LOW ? "" : ",",
            tt_enum_text(&tt_enum_priority, i),
            lane->depth,
            lane->high_water,
            lane->max);
        put_times(out, &bus->delays[i]);
        fputs("}", out);
    }
    fputs("\n  },\n", out);
}

static void put_handlers(FILE *out, const tt_engine_bus_status *bus)
{
    fprintf(out, "  \"handlers_left_out\": %u,\n  \"handlers\": [", bus->handlers_left_out);
    for (uint32_t i = 0; i < bus->handler_count; i++) {
        const tt_engine_handler *handler = &bus->handlers[i];
        fprintf(
            out,
            "%s\n    {\"name\": \"%s\", \"topic\": \"%s\", \"delivered\": %" PRIu64
            ", \"failed\": %" PRIu64 ", \"retried\": %" PRIu64 ", \"recent_delivered\": %" PRIu64
            ", \"recent_failed\": %" PRIu64 ", \"time\": ",
            i == 0 ? "" : ",",
            handler->name,
            tt_api_handler_topic(handler),
            handler->delivered,
            handler->failed,
            handler->retried,
            handler->recent_delivered,
            handler->recent_failed);
        put_times(out, &handler->times);
        fputs("}", out);
    }
    fputs("\n  ]\n", out);
}

void tt_api_render_bus(const tt_api *api, FILE *out)
{
    const tt_engine_status *engine = &api->status.engine;
    const tt_bus_topic_stats *totals = &engine->bus_totals;
    unsigned active = 0;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        active += engine->bus_topics[topic].subscribers > 0;
    }
    fprintf(
        out,
        "{\n  \"total_published\": %" PRIu64 ",\n  \"total_delivered\": %" PRIu64
        ",\n  \"delivery_errors\": %" PRIu64 ",\n  \"history_size\": %u,\n"
        "  \"subscriber_count\": %u,\n  \"topics_active\": %u,\n  \"queue_high_water\": %u,\n"
        "  \"last_seq\": %" PRIu64 ",\n  \"durable_seq\": %" PRIu64 ",\n  \"topics\": {",
        totals->published,
        totals->delivered,
        totals->failed,
        totals->history_count,
        totals->subscribers,
        active,
        engine->queue_high_water,
        engine->last_seq,
        api->status.host.durable_seq);
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        fprintf(out, "%s\n    \"%s\": ", topic == 1 ? "" : ",", tt_topic_info_get(topic)->name);
        put_topic(out, &engine->bus_topics[topic]);
    }
    fputs("\n  },\n", out);
    put_recent(out, &api->status.bus);
    put_failures(out, &api->status.bus);
    put_lanes(out, &api->status.bus);
    put_handlers(out, &api->status.bus);
    fputs("}\n", out);
}
