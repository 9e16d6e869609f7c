/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading a bus of the library: latest, history, counters.
 */
#include "lib/lib_priv.h"

#include <string.h>

static const tutti_message *as_public(const tt_msg *msg)
{
    return (const tutti_message *)(const void *)msg;
}

const tutti_message *tutti_bus_latest(
    const tutti_bus *bus, tutti_topic topic, tutti_source source, uint32_t key, int64_t max_age_ns)
{
    return as_public(
        tt_bus_latest(bus->bus, (tt_topic)topic, (tt_source)source, key, (tt_dur){max_age_ns}));
}

/** A filter with the public types. */
struct asked {
    tutti_filter_fn filter;
    void *ctx;
};

static tt_bus_match ask(void *ctx, const tt_msg *msg)
{
    const struct asked *asked = ctx;
    return tt_lib_match(asked->filter, asked->ctx, msg);
}

uint32_t tutti_bus_query(
    const tutti_bus *bus,
    const tutti_query *query,
    uint32_t limit,
    const tutti_message **ret_messages)
{
    struct asked asked = {.filter = query->filter, .ctx = query->ctx};
    const tt_bus_question question = {
        .topic = (tt_topic)query->topic,
        .source = (tt_source)query->source,
        .key = query->key,
        .is_keyed = query->is_keyed,
        .since_seq = query->since_seq,
        .until_seq = query->until_seq,
        .since_time = {query->since_ns},
        .until_time = {query->until_ns},
        .filter = query->filter ? ask : NULL,
        .ctx = &asked,
        .limit = limit,
    };
    return tt_bus_query(bus->bus, &question, (const tt_msg **)(void *)ret_messages);
}

const tutti_message *tutti_bus_find(const tutti_bus *bus, tutti_topic topic, uint64_t seq)
{
    return as_public(tt_bus_find(bus->bus, (tt_topic)topic, seq));
}

uint32_t tutti_bus_clear_history(tutti_bus *bus, tutti_topic topic)
{
    return tt_bus_clear_history(bus->bus, (tt_topic)topic);
}

/** Repeats that made no step. */
static uint64_t find_repeats(const tutti_bus *bus, tutti_topic topic)
{
    if (topic != 0) {
        return tt_bus_loop_duplicates(bus->loop, (tt_topic)topic);
    }
    tt_bus_loop_stats stats;
    tt_bus_loop_stats_get(bus->loop, &stats);
    return stats.duplicates;
}

static tutti_bus_stats as_stats(const tt_bus_topic_stats *stats)
{
    return (tutti_bus_stats){
        .published = stats->published,
        .delivered = stats->delivered,
        .failed = stats->failed,
        .expired = stats->expired,
        .filtered = stats->filtered,
        .dropped = stats->dropped,
        .invalid = stats->invalid,
        .duplicates = stats->duplicates,
        .dead_lettered = stats->dead_lettered,
        .history_count = stats->history_count,
        .subscribers = stats->subscribers,
        .filter_failed = stats->filter_failed,
        .guarded = stats->guarded,
        .retried = stats->retried,
        .quarantined = stats->quarantined,
        .rate_limited = stats->rate_limited,
    };
}

void tutti_bus_stats_get(const tutti_bus *bus, tutti_topic topic, tutti_bus_stats *ret_stats)
{
    tt_bus_topic_stats stats;
    if (topic == 0) {
        tt_bus_totals(bus->bus, &stats);
    } else {
        tt_bus_topic_stats_get(bus->bus, (tt_topic)topic, &stats);
    }
    *ret_stats = as_stats(&stats);
    ret_stats->duplicates += find_repeats(bus, topic);
}

void tutti_bus_recent(const tutti_bus *bus, tutti_topic topic, tutti_bus_stats *ret_stats)
{
    tt_bus_topic_stats stats;
    if (topic == 0) {
        tt_bus_window_totals(bus->bus, &stats);
    } else {
        tt_bus_topic_window(bus->bus, (tt_topic)topic, &stats);
    }
    *ret_stats = as_stats(&stats);
}

static bool read_times(const tt_histogram *histogram, tutti_times *ret_times)
{
    if (!histogram || histogram->count == 0) {
        return false;
    }
    *ret_times = (tutti_times){
        .count = histogram->count,
        .mean = tt_histogram_mean(histogram),
        .min = histogram->min,
        .max = histogram->max,
        .p50 = tt_histogram_percentile(histogram, TT_P50),
        .p95 = tt_histogram_percentile(histogram, TT_P95),
        .p99 = tt_histogram_percentile(histogram, TT_P99),
        .p999 = tt_histogram_percentile(histogram, TT_P999),
    };
    return true;
}

bool tutti_bus_handler_times(const tutti_bus *bus, uint64_t subscription, tutti_times *ret_times)
{
    return read_times(tt_bus_handler_times(bus->bus, subscription), ret_times);
}

bool tutti_bus_queue_delays(const tutti_bus *bus, uint8_t priority, tutti_times *ret_times)
{
    return read_times(tt_bus_queue_delays(bus->bus, (tt_priority)priority), ret_times);
}
