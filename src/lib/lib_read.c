/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading a bus of the library: latest, history, dead letters, counters.
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

uint32_t tutti_bus_query(
    const tutti_bus *bus,
    const tutti_query *query,
    uint32_t limit,
    const tutti_message **ret_messages)
{
    const tt_bus_question question = {
        .topic = (tt_topic)query->topic,
        .source = (tt_source)query->source,
        .key = query->key,
        .is_keyed = query->is_keyed,
        .since_seq = query->since_seq,
        .since_time = {query->since_ns},
        .until_time = {query->until_ns},
        .limit = limit,
    };
    return tt_bus_query(bus->bus, &question, (const tt_msg **)(void *)ret_messages);
}

bool tutti_bus_dead_next(tutti_bus *bus, uint64_t previous, tutti_dead *ret_dead)
{
    tt_bus_dead dead;
    if (!tt_bus_dead_next(bus->bus, previous, &dead) ||
        tt_bus_dead_get(bus->bus, dead.id, &dead, bus->dead) != TUTTI_OK) {
        return false;
    }
    *ret_dead = (tutti_dead){
        .id = dead.id,
        .message = (const tutti_message *)(const void *)bus->dead,
        .reason = tt_enum_text(&tt_enum_dead_reason, (uint8_t)dead.reason),
        .attempts = dead.attempts,
    };
    memcpy(ret_dead->handler, dead.handler, sizeof ret_dead->handler);
    return true;
}

/** Redrives or discards within a step of its own. */
struct dead_work {
    uint64_t id;
    bool is_redrive;
    tutti_status status;
};

static void work_on_dead(void *ctx, tt_bus *core)
{
    struct dead_work *work = ctx;
    work->status = work->is_redrive ? tt_bus_dead_redrive(core, work->id)
                                    : tt_bus_dead_discard(core, work->id);
}

static tutti_status carry_out(tutti_bus *bus, uint64_t id, bool is_redrive)
{
    struct dead_work work = {.id = id, .is_redrive = is_redrive};
    if (tt_lib_is_within(bus)) {
        work_on_dead(&work, bus->bus);
    } else {
        TUTTI_TRY(tt_bus_loop_within(bus->loop, work_on_dead, &work));
    }
    return work.status;
}

tutti_status tutti_bus_dead_redrive(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, true);
}

tutti_status tutti_bus_dead_discard(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, false);
}

void tutti_bus_stats_get(const tutti_bus *bus, tutti_topic topic, tutti_bus_stats *ret_stats)
{
    tt_bus_topic_stats stats;
    if (topic == 0) {
        tt_bus_totals(bus->bus, &stats);
    } else {
        tt_bus_topic_stats_get(bus->bus, (tt_topic)topic, &stats);
    }
    *ret_stats = (tutti_bus_stats){
        .published = stats.published,
        .delivered = stats.delivered,
        .failed = stats.failed,
        .expired = stats.expired,
        .filtered = stats.filtered,
        .dropped = stats.dropped,
        .invalid = stats.invalid,
        .duplicates = stats.duplicates,
        .dead_lettered = stats.dead_lettered,
        .history_count = stats.history_count,
        .subscribers = stats.subscribers,
    };
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
