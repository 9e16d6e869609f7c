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

static void publish_command(void *ctx, tt_bus *core)
{
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .payload = ctx,
        .flags = TT_MSG_INPUT,
    };
    (void)tt_bus_publish(core, &post, NULL); // a refusal is dead-lettered
}

static uint64_t count_redriven(const tutti_bus *bus)
{
    tt_bus_failure_stats stats;
    tt_bus_failure_stats_get(bus->bus, &stats);
    return stats.redriven;
}

/** Whether the command will do what it says; for a letter that becomes a message anew it is known
 * only afterwards. */
static tutti_status
look_ahead(const tutti_bus *bus, uint64_t id, bool is_redrive, bool *ret_is_anew)
{
    char why_not[96];
    tt_bus_dead dead;
    TUTTI_TRY(tt_bus_dead_get(bus->bus, id, &dead, NULL));
    *ret_is_anew = is_redrive && !dead.is_outside && dead.head.seq == 0;
    if (!is_redrive) {
        return dead.is_queued ? TUTTI_BUSY : TUTTI_OK;
    }
    return tt_bus_dead_obstacle(bus->bus, id, why_not, sizeof why_not);
}

/** A handler acts at once, and its message is the cause. From anywhere else it is a command, so
 * that the journal has it. */
static tutti_status carry_out(tutti_bus *bus, uint64_t id, bool is_redrive)
{
    if (tt_bus_current(bus->bus)) {
        return is_redrive ? tt_bus_dead_redrive(bus->bus, id) : tt_bus_dead_discard(bus->bus, id);
    }
    bool is_anew = false;
    TUTTI_TRY(look_ahead(bus, id, is_redrive, &is_anew));
    tt_bus_command command = {
        .dead_id = id,
        .command = is_redrive ? TT_bus_command_type_REDRIVE : TT_bus_command_type_DISCARD,
        .actor = "library",
    };
    if (bus->is_calling) {
        publish_command(&command, bus->bus);
        return TUTTI_OK;
    }
    uint64_t before = count_redriven(bus);
    TUTTI_TRY(tt_bus_loop_within(bus->loop, publish_command, &command));
    return is_anew && count_redriven(bus) == before ? TUTTI_LIMIT : TUTTI_OK;
}

tutti_status tutti_bus_dead_redrive(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, true);
}

tutti_status tutti_bus_dead_discard(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, false);
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
        .duplicates = stats.duplicates + find_repeats(bus, topic),
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
