/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the engine checks before an input becomes a message. Inputs come from outside and are never
 * trusted: nothing behind this file sees a value that is out of range.
 */
#include "engine/engine_priv.h"

#include <string.h>

tt_input tt_input_of(const tt_msg *msg)
{
    return (tt_input){
        .time = msg->time,
        .topic = (tt_topic)msg->topic,
        .source = (tt_source)msg->source,
        .key = msg->key,
        .cause = msg->cause,
        .correlation = msg->correlation,
        .payload = tt_msg_payload(msg),
        .payload_size = msg->size,
    };
}

static bool is_market_data(tt_topic topic)
{
    return topic == TT_TOPIC_MARKET_BAR || topic == TT_TOPIC_MARKET_QUOTE ||
           topic == TT_TOPIC_MARKET_TRADE || topic == TT_TOPIC_MARKET_DEPTH;
}

/** Head of an input: where it comes from and what it belongs to. */
static tutti_status check_head(const tt_engine *engine, const tt_input *input, tt_error *error)
{
    uint32_t instrument_count = engine->config.instruments.count;
    if ((uint32_t)input->source - 1 >= TT_SOURCE_COUNT - 1) {
        return tt_error_set(error, TUTTI_INVALID, "source %u is unknown", (unsigned)input->source);
    }
    if (input->key > instrument_count || (input->key == 0 && is_market_data(input->topic))) {
        tt_error_set(error, TUTTI_INVALID, "there is no instrument %u", input->key);
        tt_error_hint(error, "from 1 to %u", instrument_count);
        return TUTTI_INVALID;
    }
    if (input->time.ns < 0 || input->time.ns > TT_TIME_MAX.ns) {
        tt_error_set(error, TUTTI_INVALID, "the time is out of range");
        tt_error_hint(error, "from 1970 to 2199");
        return TUTTI_INVALID;
    }
    if (input->cause >= tt_bus_next_seq(engine->core.bus)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "the cause %llu is no message yet",
            (unsigned long long)input->cause);
    }
    return TUTTI_OK;
}

/** An input that is older than its kind may live is as dead as a message of that age. */
static bool is_late(const tt_engine *engine, const tt_input *input, const tt_topic_info *info)
{
    int64_t age = tt_bus_now(engine->core.bus).ns - input->time.ns;
    return info->ttl_ms != 0 && age > (int64_t)info->ttl_ms * TT_NS_PER_MS;
}

/** What the bus would refuse must not begin a step. */
static tutti_status check_limit(
    const tt_engine *engine,
    const tt_input *input,
    const tt_topic_info *info,
    tt_dead_reason *ret_reason,
    tt_error *error)
{
    const tt_bus *bus = engine->core.bus;
    tt_time now = tt_bus_now(bus);
    now = input->time.ns > now.ns ? input->time : now;
    if (!tt_bus_would_limit(bus, input->topic, input->source, now)) {
        return TUTTI_OK;
    }
    *ret_reason = TT_dead_reason_RATE_LIMIT;
    return tt_error_set(
        error,
        TUTTI_INVALID,
        "%s: more inputs than the limit of the topic or the source",
        info->name);
}

tutti_status tt_engine_check_input(
    const tt_engine *engine, const tt_input *input, tt_dead_reason *ret_reason, tt_error *error)
{
    const tt_topic_info *info =
        (uint32_t)input->topic < TT_TOPIC_COUNT ? tt_topic_info_get((uint16_t)input->topic) : NULL;
    *ret_reason = TT_dead_reason_INVALID_INPUT;
    if (!info || (info->origin & TT_ORIGIN_IN) == 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "%s is no topic of inputs",
            info ? info->name : "an unknown number");
    }
    if (!input->payload) {
        return tt_error_set(error, TUTTI_INVALID, "%s: there is no payload", info->name);
    }
    TUTTI_TRY(check_head(engine, input, error));
    TUTTI_TRY(tt_payload_check(info->layout, input->payload, input->payload_size, error));
    TUTTI_TRY(tt_engine_check_market(input, error));
    if (is_late(engine, input, info)) {
        *ret_reason = TT_dead_reason_EXPIRED;
        tt_error_set(error, TUTTI_INVALID, "%s: the input is too late", info->name);
        tt_error_hint(error, "at most %u ms behind the engine", info->ttl_ms);
        return TUTTI_INVALID;
    }
    return check_limit(engine, input, info, ret_reason, error);
}
