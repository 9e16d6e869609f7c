/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Operating a bus of the library: subscribers and their quarantines, blocked correlations, limits
 * of rate, what waits where.
 */
#include "lib/lib_priv.h"

#include <tutti/operate.h>

#include <string.h>

/** A command, and whether it comes from outside: a handler does its own again in a replay. */
struct command {
    tt_bus_command *command;
    bool is_input;
};

static void publish_command(void *ctx, tt_bus *core)
{
    const struct command *wanted = ctx;
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .payload = wanted->command,
        .flags = (uint8_t)(wanted->is_input ? TT_MSG_INPUT : 0),
    };
    (void)tt_bus_publish(core, &post, NULL); // a refusal is dead-lettered
}

tutti_status tt_lib_command(tutti_bus *bus, tt_bus_command *command)
{
    TT_TEXT_SET(command->actor, "library");
    struct command wanted = {.command = command, .is_input = !tt_lib_is_handling(bus)};
    if (tt_lib_is_within(bus)) {
        publish_command(&wanted, bus->bus);
        return TUTTI_OK;
    }
    return tt_bus_loop_within(bus->loop, publish_command, &wanted);
}

bool tutti_bus_subscriber_next(
    const tutti_bus *bus, uint32_t *cursor, tutti_subscriber *ret_subscriber)
{
    tt_bus_subscriber_stats stats;
    tt_bus_care_stats care = {0};
    if (!tt_bus_subscriber_next(bus->bus, cursor, &stats)) {
        return false;
    }
    (void)tt_bus_care_get(bus->bus, stats.name, &care); // without a record nothing has failed
    *ret_subscriber = (tutti_subscriber){
        .id = stats.id,
        .name = stats.name,
        .pattern = stats.pattern,
        .topic = (tutti_topic)stats.topic,
        .delivered = stats.delivered,
        .failed = stats.failed,
        .filtered = stats.filtered,
        .filter_failed = stats.filter_failed,
        .guarded = stats.guarded,
        .retried = stats.retried,
        .quarantined = stats.quarantined,
        .failures_in_row = care.failures_in_a_row,
        .is_quarantined = care.is_quarantined,
    };
    return true;
}

tutti_status tutti_bus_release(tutti_bus *bus, const char *name)
{
    tt_bus_care_stats care = {0};
    if (!name) {
        return TUTTI_NOT_FOUND;
    }
    if (tt_lib_is_handling(bus)) {
        return tt_bus_release(bus->bus, name);
    }
    if (!tt_bus_care_get(bus->bus, name, &care) || !care.is_quarantined) {
        return TUTTI_NOT_FOUND;
    }
    tt_bus_command command = {.command = TT_bus_command_type_RELEASE};
    TT_TEXT_SET(command.subscriber, name);
    return tt_lib_command(bus, &command);
}

static tt_uuid as_uuid(const uint8_t bytes[16])
{
    tt_uuid uuid;
    memcpy(uuid.bytes, bytes, sizeof uuid.bytes);
    return uuid;
}

tutti_status tutti_bus_block(tutti_bus *bus, const uint8_t correlation[16])
{
    const tt_uuid uuid = as_uuid(correlation);
    if (tt_lib_is_handling(bus)) {
        return tt_bus_block(bus->bus, uuid);
    }
    if (tt_bus_is_blocked(bus->bus, uuid)) {
        return TUTTI_OK;
    }
    if (tt_uuid_is_zero(uuid)) {
        return TUTTI_INVALID;
    }
    if (tt_bus_blocked_count(bus->bus) >= bus->options.blocked_max) {
        return TUTTI_LIMIT;
    }
    tt_bus_command command = {.command = TT_bus_command_type_BLOCK, .correlation = uuid};
    return tt_lib_command(bus, &command);
}

tutti_status tutti_bus_unblock(tutti_bus *bus, const uint8_t correlation[16])
{
    const tt_uuid uuid = as_uuid(correlation);
    if (!tt_bus_is_blocked(bus->bus, uuid)) {
        return TUTTI_NOT_FOUND;
    }
    if (tt_lib_is_handling(bus)) {
        (void)tt_bus_unblock(bus->bus, uuid);
        return TUTTI_OK;
    }
    tt_bus_command command = {.command = TT_bus_command_type_UNBLOCK, .correlation = uuid};
    return tt_lib_command(bus, &command);
}

bool tutti_bus_is_blocked(const tutti_bus *bus, const uint8_t correlation[16])
{
    return tt_bus_is_blocked(bus->bus, as_uuid(correlation));
}

static tt_bus_rate as_rate(tutti_rate rate)
{
    return (tt_bus_rate){rate.per_s, rate.burst == 0 ? rate.per_s : rate.burst};
}

static bool is_same(tt_bus_rate a, tt_bus_rate b)
{
    return a.per_s == b.per_s && a.burst == b.burst;
}

tutti_status tutti_bus_limit(tutti_bus *bus, tutti_topic topic, tutti_rate all, tutti_rate each)
{
    const tt_bus_rate of_all = as_rate(all);
    const tt_bus_rate of_each = as_rate(each);
    const tt_bus_limits before = tt_bus_limits_get(bus->bus, (tt_topic)topic);
    tt_bus_command command = {
        .command = TT_bus_command_type_LIMIT,
        .limited_topic = topic,
        .topic_per_s = of_all.per_s,
        .topic_burst = of_all.burst,
        .source_per_s = of_each.per_s,
        .source_burst = of_each.burst,
    };
    // In force before it is recorded: so the next publish is judged by it, also one in the same
    // step, and a replay, which comes to the command before that publish, judges alike.
    TUTTI_TRY(tt_bus_command_set(bus->bus, &command));
    bool is_news = !is_same(before.topic, of_all) || !is_same(before.source, of_each);
    return is_news ? tt_lib_command(bus, &command) : TUTTI_OK;
}

tutti_status tutti_bus_exempt(tutti_bus *bus, tutti_source source, bool is_exempt)
{
    bool before = tt_bus_is_exempt(bus->bus, (tt_source)source);
    tt_bus_command command = {
        .command = TT_bus_command_type_EXEMPT,
        .exempt_source = source,
        .is_exempt = is_exempt,
    };
    TUTTI_TRY(tt_bus_command_set(bus->bus, &command));
    return before != is_exempt ? tt_lib_command(bus, &command) : TUTTI_OK;
}

void tutti_bus_state_get(const tutti_bus *bus, tutti_bus_state *ret_state)
{
    tt_bus_failure_stats failures;
    tt_bus_request_stats requests;
    tt_bus_loop_stats loop;
    tt_bus_failure_stats_get(bus->bus, &failures);
    tt_bus_request_stats_get(bus->bus, &requests);
    tt_bus_loop_stats_get(bus->loop, &loop);
    *ret_state = (tutti_bus_state){
        .next_seq = tt_bus_next_seq(bus->bus),
        .steps = loop.steps,
        .posts_refused = loop.refused,
        .clock_back = loop.clock_back,
        .dead_lost = failures.dead_lost + loop.dead_unsent,
        .dead_discarded = failures.dead_discarded,
        .redriven = failures.redriven,
        .retries_refused = failures.retries_refused + failures.timers_refused,
        .requested = requests.requested,
        .answered = requests.answered,
        .timed_out = requests.timed_out,
        .late_answers = requests.late,
        .dead_count = failures.dead_count,
        .retry_count = failures.retry_count,
        .request_count = requests.pending,
        .blocked_count = failures.blocked_count,
    };
}

tutti_status tutti_bus_lane(const tutti_bus *bus, uint8_t priority, tutti_lane *ret_lane)
{
    tt_bus_lane_stats lane;
    tt_inbox_stats inbox;
    if (priority == TUTTI_PRIORITY_DEFAULT ||
        !tt_bus_lane_stats_get(bus->bus, (tt_priority)priority, &lane)) {
        return TUTTI_INVALID;
    }
    tt_inbox_stats_get(bus->inbox, &inbox);
    *ret_lane = (tutti_lane){
        .depth = lane.depth,
        .high_water = lane.high_water,
        .max = lane.max,
        .inbox_bytes = inbox.lanes[priority].bytes_used,
    };
    return TUTTI_OK;
}
