/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Metrics of the bus in the text format of Prometheus: by topic, lane and handler.
 */
#include "api/api_priv.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

static void put_head(FILE *out, const char *name, const char *help, const char *type)
{
    fprintf(out, "# HELP tutti_bus_%s %s\n# TYPE tutti_bus_%s %s\n", name, help, name, type);
}

static void put_number(FILE *out, const char *name, const char *help, uint64_t value)
{
    size_t length = strlen(name);
    bool is_total = length > 6 && strcmp(name + length - 6, "_total") == 0;
    put_head(out, name, help, is_total ? "counter" : "gauge");
    fprintf(out, "tutti_bus_%s %" PRIu64 "\n", name, value);
}

void tt_api_put_ratio(FILE *out, uint64_t part, uint64_t whole)
{
    uint64_t millionths = whole == 0 ? 1000000 : (uint64_t)((tt_u128)part * 1000000 / whole);
    fprintf(out, "%" PRIu64 ".%06" PRIu64, millionths / 1000000, millionths % 1000000);
}

const char *tt_api_handler_topic(const tt_engine_handler *handler)
{
    return handler->topic != TT_TOPIC_NONE ? tt_topic_info_get(handler->topic)->name : "*";
}

/** A counter of tt_bus_topic_stats. */
static uint64_t counter_at(const tt_bus_topic_stats *stats, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const unsigned char *)stats + offset, sizeof value);
    return value;
}

static void put_topics(FILE *out, const tt_engine_status *engine)
{
    static const struct {
        const char *name;
        const char *help;
        size_t offset; /**< In tt_bus_topic_stats. */
    } rows[] = {
/* Where a member stands; one that is no counter of 64 bits does not compile. */
#define COUNTER(member)                                                                            \
    _Generic(((tt_bus_topic_stats *)NULL)->member, uint64_t : offsetof(tt_bus_topic_stats, member))
        {"published_total", "Messages published, by topic.", COUNTER(published)},
        {"delivered_total", "Deliveries that went well, by topic.", COUNTER(delivered)},
        {"failed_total", "Deliveries that failed, by topic.", COUNTER(failed)},
        {"expired_total", "Messages that expired, by topic.", COUNTER(expired)},
        {"retries_total", "Deliveries tried again, by topic.", COUNTER(retried)},
        {"dead_lettered_total",
         "Dead letters, by the topic they are about.",
         COUNTER(dead_lettered)},
        {"duplicates_total", "Repeats that were not published, by topic.", COUNTER(duplicates)},
        {"quarantined_total",
         "Deliveries that a quarantine skipped, by topic.",
         COUNTER(quarantined)},
        {"guarded_total", "Deliveries that the guard skipped, by topic.", COUNTER(guarded)},
#undef COUNTER
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_head(out, rows[i].name, rows[i].help, "counter");
        for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
            fprintf(
                out,
                "tutti_bus_%s{topic=\"%s\"} %" PRIu64 "\n",
                rows[i].name,
                tt_topic_info_get(topic)->name,
                counter_at(&engine->bus_topics[topic], rows[i].offset));
        }
    }
}

static void put_dropped(FILE *out, const tt_bus_topic_stats *totals)
{
    const struct {
        const char *reason;
        uint64_t count;
    } rows[] = {
        {"queue_full", totals->dropped - totals->rate_limited - totals->too_deep},
        {"rate_limit", totals->rate_limited},
        {"depth_limit", totals->too_deep},
        {"invalid_input", totals->invalid},
    };
    put_head(out, "dropped_total", "Messages refused, by reason.", "counter");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(
            out,
            "tutti_bus_dropped_total{reason=\"%s\"} %" PRIu64 "\n",
            rows[i].reason,
            rows[i].count);
    }
}

static void put_failures(FILE *out, const tt_engine_bus_status *bus)
{
    const tt_bus_failure_stats *failures = &bus->failures;
    put_number(out, "dead_letters", "Dead letters kept.", failures->dead_count);
    put_number(out, "dead_lost_total", "Dead letters dropped for room.", failures->dead_lost);
    put_number(out, "redriven_total", "Dead letters delivered again.", failures->redriven);
    put_number(out, "retries_waiting", "Deliveries that wait for a retry.", failures->retry_count);
    put_number(
        out,
        "retries_refused_total",
        "Retries without room or timer.",
        failures->retries_refused + failures->timers_refused);
    put_number(out, "requests_pending", "Requests without an answer.", bus->requests.pending);
    put_number(
        out,
        "requests_timed_out_total",
        "Requests that ended without one.",
        bus->requests.timed_out);
    put_head(out, "success_ratio", "Deliveries that went well, in the window.", "gauge");
    fputs("tutti_bus_success_ratio ", out);
    tt_api_put_ratio(out, bus->recent.delivered, bus->recent.delivered + bus->recent.failed);
    fputs("\n", out);
}

/** The quantiles of one series; `labels` are those before the last one. */
static void
put_quantiles(FILE *out, const char *name, const char *labels, const tt_engine_times *times)
{
    const struct {
        const char *quantile;
        uint64_t ns;
    } rows[] = {
        {"0.5", times->p50},
        {"0.95", times->p95},
        {"0.99", times->p99},
        {"0.999", times->p999},
        {"1", times->max},
    };
    for (size_t i = 0; times->count != 0 && i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(
            out,
            "tutti_bus_%s{%s,quantile=\"%s\"} %" PRIu64 ".%09" PRIu64 "\n",
            name,
            labels,
            rows[i].quantile,
            rows[i].ns / NS_PER_S,
            rows[i].ns % NS_PER_S);
    }
}

static void put_lane(FILE *out, const char *name, uint8_t priority, uint32_t value)
{
    const char *lane = tt_enum_text(&tt_enum_priority, priority);
    fprintf(out, "tutti_bus_%s{lane=\"%s\"} %u\n", name, lane, value);
}

static void put_lanes(FILE *out, const tt_engine_bus_status *bus)
{
    char labels[64];
    put_head(out, "queue_depth", "Messages queued, by lane.", "gauge");
    for (uint8_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        put_lane(out, "queue_depth", i, bus->lanes[i].depth);
    }
    put_head(out, "queue_high_water", "Most messages ever queued at once, by lane.", "gauge");
    for (uint8_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        put_lane(out, "queue_high_water", i, bus->lanes[i].high_water);
    }
    put_head(out, "queue_delay_seconds", "Wait in a lane; quantile 1 is the maximum.", "gauge");
    for (uint8_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        const char *lane = tt_enum_text(&tt_enum_priority, i);
        (void)snprintf(labels, sizeof labels, "lane=\"%s\"", lane);
        put_quantiles(out, "queue_delay_seconds", labels, &bus->delays[i]);
    }
}

static void put_handlers(FILE *out, const tt_engine_bus_status *bus)
{
    char labels[128];
    put_head(out, "handler_seconds", "Time of a handler; quantile 1 is the maximum.", "gauge");
    for (uint32_t i = 0; i < bus->handler_count; i++) {
        const tt_engine_handler *handler = &bus->handlers[i];
        (void)snprintf(
            labels,
            sizeof labels,
            "handler=\"%s\",topic=\"%s\"",
            handler->name,
            tt_api_handler_topic(handler));
        put_quantiles(out, "handler_seconds", labels, &handler->times);
    }
    put_quantiles(out, "handler_seconds", "handler=\"others\",topic=\"*\"", &bus->rest);
}

void tt_api_put_bus_metrics(
    FILE *out, const tt_engine_status *engine, const tt_engine_bus_status *bus)
{
    put_topics(out, engine);
    put_dropped(out, &engine->bus_totals);
    put_failures(out, bus);
    put_lanes(out, bus);
    put_handlers(out, bus);
}
