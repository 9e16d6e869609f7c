/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How the parts of a session are: measures beside their limits, rings, alerts that stand.
 */
#include "api/api_priv.h"

#include <inttypes.h>

static const char *symbol_of(const tt_api *api, uint32_t key)
{
    const tt_instruments *instruments = api->options.instruments;
    return key == 0 || key > instruments->count ? "" : instruments->list[key - 1].symbol;
}

static const char *unit_of(uint8_t measure)
{
    return measure == TT_health_measure_MEMORY           ? "bytes"
           : measure == TT_health_measure_VENUE_FAILURES ? "count"
                                                         : "ns";
}

static void put_measures(FILE *out, const tt_api *api)
{
    fputs("  \"measures\": [", out);
    for (uint8_t i = TT_health_measure_NONE + 1; i < TT_health_measure_COUNT; i++) {
        const tt_health_row *row = &api->status.host.health[i];
        fprintf(
            out,
            "%s\n    {\"name\": \"%s\", \"level\": \"%s\", \"value\": %" PRId64
            ", \"warn\": %" PRId64 ", \"critical\": %" PRId64
            ", \"unit\": \"%s\", \"symbol\": \"%s\"}",
            i == TT_health_measure_NONE + 1 ? "" : ",",
            tt_enum_text(&tt_enum_health_measure, i),
            tt_enum_text(&tt_enum_health_level, row->level),
            row->value,
            row->warn,
            row->critical,
            unit_of(i),
            symbol_of(api, row->key));
    }
    fputs("\n  ],\n", out);
}

static void put_feeds(FILE *out, const tt_api *api)
{
    const tt_host_numbers *host = &api->status.host;
    fputs("  \"feed_age_ns\": {", out);
    for (uint32_t i = 0; i < api->options.instruments->count; i++) {
        fprintf(
            out,
            "%s\"%s\": %" PRId64,
            i == 0 ? "" : ", ",
            symbol_of(api, i + 1),
            host->feed_age_ns[i]);
    }
    fputs("},\n", out);
}

static void put_queues(FILE *out, const tt_host_numbers *host)
{
    fputs("  \"queues\": [", out);
    for (uint32_t i = 0; i < host->ring_count; i++) {
        const tt_ring_row *row = &host->rings[i];
        fprintf(
            out,
            "%s\n    {\"name\": \"%s\", \"messages\": %" PRIu64 ", \"bytes\": %" PRIu64
            ", \"high_water\": %" PRIu64 ", \"size\": %" PRIu64 ", \"refused\": %" PRIu64 "}",
            i == 0 ? "" : ",",
            row->name,
            row->stats.pushed - row->stats.popped,
            row->stats.bytes_used,
            row->stats.bytes_max,
            row->size,
            row->stats.refused);
    }
    fputs("\n  ],\n", out);
}

static void put_alerts(FILE *out, uint32_t alerts)
{
    const char *comma = "";
    fputs("  \"alerts\": [", out);
    for (uint8_t i = 0; i < TT_bus_alert_type_COUNT; i++) {
        if ((alerts >> i & 1) != 0) {
            fprintf(out, "%s\"%s\"", comma, tt_enum_text(&tt_enum_bus_alert_type, i));
            comma = ", ";
        }
    }
    fputs("]\n", out);
}

void tt_api_render_parts(const tt_api *api, FILE *out)
{
    const tt_host_numbers *host = &api->status.host;
    uint8_t worst = host->is_store_down ? TT_health_level_CRITICAL : TT_health_level_OK;
    for (uint8_t i = 0; i < TT_health_measure_COUNT; i++) {
        worst = host->health[i].level > worst ? host->health[i].level : worst;
    }
    fprintf(
        out,
        "{\n  \"level\": \"%s\",\n  \"store_up\": %s,\n  \"calls_refused\": %" PRIu64
        ",\n  \"journal_pending_bytes\": %" PRIu64 ",\n",
        tt_enum_text(&tt_enum_health_level, worst),
        host->is_store_down ? "false" : "true",
        host->calls_refused,
        host->pending_bytes);
    put_measures(out, api);
    put_feeds(out, api);
    put_queues(out, host);
    put_alerts(out, host->alerts);
    fputs("}\n", out);
}

/* ---- metrics ---- */

static void put_head(FILE *out, const char *name, const char *help, const char *type)
{
    fprintf(out, "# HELP tutti_%s %s\n# TYPE tutti_%s %s\n", name, help, name, type);
}

static void put_measure_metrics(FILE *out, const tt_api *api)
{
    const tt_host_numbers *host = &api->status.host;
    put_head(out, "health_level", "0 ok, 1 warn, 2 critical, by measure.", "gauge");
    for (uint8_t i = TT_health_measure_NONE + 1; i < TT_health_measure_COUNT; i++) {
        const char *name = tt_enum_text(&tt_enum_health_measure, i);
        fprintf(out, "tutti_health_level{measure=\"%s\"} %u\n", name, host->health[i].level);
    }
    put_head(out, "health_value", "Value by measure: ns, bytes or a number.", "gauge");
    for (uint8_t i = TT_health_measure_NONE + 1; i < TT_health_measure_COUNT; i++) {
        const char *name = tt_enum_text(&tt_enum_health_measure, i);
        fprintf(
            out, "tutti_health_value{measure=\"%s\"} %" PRId64 "\n", name, host->health[i].value);
    }
    put_head(out, "feed_age_ns", "Event time since the last market data, by symbol.", "gauge");
    for (uint32_t i = 0; i < api->options.instruments->count; i++) {
        fprintf(
            out,
            "tutti_feed_age_ns{symbol=\"%s\"} %" PRId64 "\n",
            symbol_of(api, i + 1),
            host->feed_age_ns[i]);
    }
}

static void put_queue_metrics(FILE *out, const tt_host_numbers *host)
{
    put_head(out, "queue_bytes", "Waiting between two threads.", "gauge");
    for (uint32_t i = 0; i < host->ring_count; i++) {
        const tt_ring_row *row = &host->rings[i];
        fprintf(
            out, "tutti_queue_bytes{queue=\"%s\"} %" PRIu64 "\n", row->name, row->stats.bytes_used);
    }
    put_head(out, "queue_bytes_max", "Most that its reader found waiting.", "gauge");
    for (uint32_t i = 0; i < host->ring_count; i++) {
        const tt_ring_row *row = &host->rings[i];
        fprintf(
            out,
            "tutti_queue_bytes_max{queue=\"%s\"} %" PRIu64 "\n",
            row->name,
            row->stats.bytes_max);
    }
}

void tt_api_put_health_metrics(FILE *out, const tt_api *api)
{
    const tt_host_numbers *host = &api->status.host;
    put_measure_metrics(out, api);
    put_queue_metrics(out, host);
    put_head(out, "bus_alert", "1 while an alert about the bus stands.", "gauge");
    for (uint8_t i = 0; i < TT_bus_alert_type_COUNT; i++) {
        const char *name = tt_enum_text(&tt_enum_bus_alert_type, i);
        fprintf(out, "tutti_bus_alert{alert=\"%s\"} %u\n", name, host->alerts >> i & 1);
    }
    put_head(out, "calls_refused_total", "Agent calls that found no worker.", "counter");
    fprintf(out, "tutti_calls_refused_total %" PRIu64 "\n", host->calls_refused);
    put_head(out, "journal_pending_bytes", "Steps appended, but not committed.", "gauge");
    fprintf(out, "tutti_journal_pending_bytes %" PRIu64 "\n", host->pending_bytes);
}
