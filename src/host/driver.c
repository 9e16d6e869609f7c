/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The single-threaded driver: one loop that picks what happens next.
 */
#include "host/driver.h"

#include "host/venue_input.h"

#include <string.h>

tutti_status tt_driver_init(tt_driver *driver, const tt_driver_parts *parts)
{
    memset(driver, 0, sizeof *driver); // Too large for a copy on the stack.
    driver->parts = *parts;
    return tt_answer_queue_init(&driver->answers, TT_CALLS_MAX + TT_INSTRUMENTS_MAX);
}

void tt_driver_fini(tt_driver *driver)
{
    tt_answer_queue_fini(&driver->answers);
}

static tutti_status call_agent(tt_driver *driver, const tt_msg *msg, tt_error *error)
{
    const tt_driver_parts *parts = &driver->parts;
    if (parts->agents == NULL) {
        return TUTTI_OK;
    }
    tt_agent_request_build(parts->engine, &parts->config->instruments, msg, &driver->request);
    uint8_t agent = driver->request.call.agent;
    TT_ASSERT(agent < TT_agent_COUNT);
    tt_agent_slot_call(
        &parts->agents->slots[agent], &parts->config->instruments, &driver->request, &driver->item);
    driver->item.time.ns = msg->time.ns + parts->agent_latency.ns;
    driver->item.answer.latency = parts->agent_latency;
    tutti_status status = tt_answer_queue_push(&driver->answers, &driver->item);
    return status == TUTTI_OK
               ? TUTTI_OK
               : tt_error_set(
                     error, status, "more than %u agent calls are in flight", TT_CALLS_MAX);
}

/** Sends one effect. A failure becomes an input after the outbox of this step has been walked. */
static tutti_status send_effect(tt_driver *driver, const tt_msg *msg, tt_error *error)
{
    bool has_failed = false;
    tt_send_failure *failure = &driver->failures[driver->failure_count];
    if (driver->failure_count == TT_DRIVER_FAILURES_MAX) {
        return tt_error_set(error, TUTTI_LIMIT, "too many effects of one step could not be sent");
    }
    TUTTI_TRY(tt_send_effect(driver->parts.venue, msg->time, msg, failure, &has_failed, error));
    driver->failure_count += has_failed;
    return TUTTI_OK;
}

/** Tells the core what could not be sent; what that causes is a step of its own. */
static tutti_status deliver_failures(tt_driver *driver, tt_error *error)
{
    while (driver->failure_count > 0) {
        tt_send_failure failure = driver->failures[--driver->failure_count];
        failure.input.payload = &failure.report;
        TUTTI_TRY(tt_driver_input(driver, &failure.input, error));
    }
    return TUTTI_OK;
}

static tutti_status carry_out_effects(tt_driver *driver, tt_error *error)
{
    const tt_bus *bus = tt_engine_bus(driver->parts.engine);
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        tt_edge edge = tt_topic_info_get(msg->topic)->edge;
        if (edge == TT_EDGE_AGENT) {
            TUTTI_TRY(call_agent(driver, msg, error));
        } else if (edge == TT_EDGE_VENUE && driver->parts.venue != NULL) {
            TUTTI_TRY(send_effect(driver, msg, error));
        }
    }
    return deliver_failures(driver, error);
}

static bool has_venue_effect(const tt_bus *bus)
{
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        if (tt_topic_info_get(msg->topic)->edge == TT_EDGE_VENUE) {
            return true;
        }
    }
    return false;
}

static tutti_status record_step(tt_driver *driver, tt_error *error)
{
    const tt_driver_parts *parts = &driver->parts;
    const tt_bus *bus = tt_engine_bus(parts->engine);
    size_t size = 0;
    const void *step = tt_bus_outbox(bus, &size);
    if (parts->journal != NULL) {
        TUTTI_TRY(tt_journal_append(parts->journal, step, size, error));
        bool must_commit = parts->commit_before_effects && has_venue_effect(bus);
        if (must_commit || tt_journal_pending(parts->journal) >= parts->commit_bytes) {
            TUTTI_TRY(tt_journal_commit(parts->journal, error));
        }
    }
    return parts->sink == NULL ? TUTTI_OK : parts->sink(parts->sink_ctx, step, size, error);
}

tutti_status tt_driver_input(tt_driver *driver, const tt_input *input, tt_error *error)
{
    tutti_status status = tt_engine_step(driver->parts.engine, input);
    if (status == TUTTI_STATE) {
        return tt_error_set(error, status, "the engine stopped itself after a broken invariant");
    }
    driver->steps++;
    driver->refused_inputs += status != TUTTI_OK;
    TUTTI_TRY(record_step(driver, error));
    return carry_out_effects(driver, error);
}

static tutti_status deliver_report(tt_driver *driver, tt_time now, tt_error *error)
{
    tt_venue *venue = driver->parts.venue;
    tt_venue_output output;
    if (!venue->poll(venue->ctx, now, &output)) {
        return TUTTI_OK;
    }
    tt_input input;
    tt_venue_output_input(&output, &input);
    return tt_driver_input(driver, &input, error);
}

static tutti_status deliver_answer(tt_driver *driver, tt_error *error)
{
    // The item of the driver is reused by calls that this answer causes: work on a copy.
    tt_answer_item item;
    tt_answer_queue_pop(&driver->answers, &item);
    tt_input input;
    tt_answer_item_input(&item, &input);
    return tt_driver_input(driver, &input, error);
}

static tutti_status deliver_clock(tt_driver *driver, tt_time deadline, tt_error *error)
{
    tt_clock clock = {.tick = ++driver->clock_ticks};
    tt_input input = {
        .time = deadline,
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &clock,
        .payload_size = sizeof clock,
    };
    return tt_driver_input(driver, &input, error);
}

tutti_status tt_driver_advance(tt_driver *driver, tt_time until, tt_error *error)
{
    tt_venue *venue = driver->parts.venue;
    for (;;) {
        tt_time report = venue == NULL ? TT_TIME_NEVER : venue->next(venue->ctx);
        tt_time answer = tt_answer_queue_next(&driver->answers);
        tt_time timer = tt_engine_next_deadline(driver->parts.engine);
        if (report.ns <= until.ns && report.ns <= answer.ns && report.ns <= timer.ns) {
            TUTTI_TRY(deliver_report(driver, report, error));
        } else if (answer.ns <= until.ns && answer.ns <= timer.ns) {
            TUTTI_TRY(deliver_answer(driver, error));
        } else if (timer.ns <= until.ns) {
            TUTTI_TRY(deliver_clock(driver, timer, error));
        } else {
            return TUTTI_OK;
        }
    }
}

tutti_status tt_driver_market(tt_driver *driver, const tt_feed_item *item, tt_error *error)
{
    TUTTI_TRY(tt_driver_advance(driver, item->time, error));
    tt_venue *venue = driver->parts.venue;
    if (venue != NULL && venue->market != NULL) {
        TUTTI_TRY(
            venue->market(venue->ctx, item->time, item->topic, item->key, &item->payload, error));
        // What the venue did inside this bar or at this tick is known before the engine sees it.
        TUTTI_TRY(tt_driver_advance(driver, item->time, error));
    }
    tt_input input;
    tt_feed_item_input(item, &input);
    return tt_driver_input(driver, &input, error);
}

tutti_status tt_driver_session(
    tt_driver *driver,
    tt_session_event_type event,
    tt_mode mode,
    tt_time now,
    const uint8_t *config_hash,
    tt_error *error)
{
    tt_session_event session = {
        .seed = driver->parts.config->seed, .event = (uint8_t)event, .mode = (uint8_t)mode};
    memcpy(session.config_hash, config_hash, sizeof session.config_hash);
    TT_TEXT_SET(session.run_id, driver->parts.config->run_id);
    tt_input input = {
        .time = now,
        .topic = TT_TOPIC_SESSION_EVENTS,
        .source = TT_SOURCE_HOST,
        .payload = &session,
        .payload_size = sizeof session,
    };
    return tt_driver_input(driver, &input, error);
}

/** Tells whether no order works and no position is open. */
static bool is_at_rest(const tt_driver *driver)
{
    tt_engine_status status;
    tt_engine_status_get(driver->parts.engine, &status);
    return status.trade.account.open_orders == 0 && status.trade.account.unknown_orders == 0 &&
           status.trade.account.open_positions == 0;
}

tutti_status tt_driver_settle(tt_driver *driver, tt_time from, tt_dur limit, tt_error *error)
{
    for (int64_t waited = 0; waited < limit.ns && !is_at_rest(driver); waited += TT_NS_PER_S) {
        TUTTI_TRY(tt_driver_advance(driver, (tt_time){from.ns + waited + TT_NS_PER_S}, error));
    }
    return TUTTI_OK;
}

tutti_status tt_driver_finish(tt_driver *driver, tt_time now, tt_dur limit, tt_error *error)
{
    TUTTI_TRY(tt_driver_advance(driver, now, error));
    tt_feed_item end = {
        .time = now, .topic = TT_TOPIC_FEED_EVENTS, .size = sizeof end.payload.event};
    end.payload.event.event = TT_feed_event_type_END_OF_DATA;
    TT_TEXT_SET(end.payload.event.message, "the data has ended");
    TUTTI_TRY(tt_driver_market(driver, &end, error));
    return tt_driver_settle(driver, now, limit, error);
}
