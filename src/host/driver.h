/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Runs an engine with its edges on one thread, in event time and in a defined order: the driver of
 * backtests and scenarios.
 *
 * Order at one moment: what the edges have to say (venue reports, agent answers), then timers, then
 * market data. Each step goes to the journal before its effects are carried out.
 */
#ifndef TT_HOST_DRIVER_H
#define TT_HOST_DRIVER_H

#include "agent/agent.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "host/answers.h"
#include "host/send_failure.h"
#include "journal/journal.h"
#include "venue/venue.h"

/** Sees every step after it is in the journal. */
typedef tutti_status (*tt_step_sink_fn)(void *ctx, const void *step, size_t size, tt_error *error);

/** What a driver works with; everything is borrowed until tt_driver_fini. */
typedef struct tt_driver_parts {
    const tt_engine_config *config;
    tt_engine *engine;
    tt_agents *agents;          /**< NULL: agent calls are left to the caller (scenarios). */
    tt_venue *venue;            /**< NULL: venue effects are left to the caller. */
    tt_journal_writer *journal; /**< NULL: nothing is written. */
    bool commit_before_effects; /**< Durable modes: intent before wire. */
    size_t commit_bytes;        /**< Commit when this much is pending. */
    tt_dur agent_latency;       /**< Event time between call and answer. */
    tt_step_sink_fn sink;       /**< May be NULL. */
    void *sink_ctx;
} tt_driver_parts;

#define TT_DRIVER_FAILURES_MAX 256

typedef struct tt_driver {
    tt_driver_parts parts;
    tt_send_failure
        failures[TT_DRIVER_FAILURES_MAX]; /**< Of the current step; last in, first out. */
    uint32_t failure_count;
    tt_answer_queue answers;
    tt_agent_request request;
    tt_answer_item item;
    uint64_t clock_ticks;
    uint64_t steps;
    uint64_t refused_inputs;
} tt_driver;

TUTTI_NODISCARD tutti_status tt_driver_init(tt_driver *driver, const tt_driver_parts *parts);
void tt_driver_fini(tt_driver *driver);

/** Steps one input: engine, journal, sink, effects. A refused input is counted, not an error. */
TUTTI_NODISCARD tutti_status
tt_driver_input(tt_driver *driver, const tt_input *input, tt_error *error);
/** Handles everything that is due up to and including `until`: reports, answers, timers. */
TUTTI_NODISCARD tutti_status tt_driver_advance(tt_driver *driver, tt_time until, tt_error *error);
/** One item of market data: advances to its time, shows it to the venue, then to the engine. */
TUTTI_NODISCARD tutti_status
tt_driver_market(tt_driver *driver, const tt_feed_item *item, tt_error *error);
/** Publishes a session event at `now`. `config_hash` has 32 bytes. */
TUTTI_NODISCARD tutti_status tt_driver_session(
    tt_driver *driver,
    tt_session_event_type event,
    tt_mode mode,
    tt_time now,
    const uint8_t *config_hash,
    tt_error *error);
/** Advances from `from` on until nothing is in flight and nothing is open, at most `limit`. */
TUTTI_NODISCARD tutti_status
tt_driver_settle(tt_driver *driver, tt_time from, tt_dur limit, tt_error *error);
/** Ends a run: END_OF_DATA, then settles. */
TUTTI_NODISCARD tutti_status
tt_driver_finish(tt_driver *driver, tt_time now, tt_dur limit, tt_error *error);

#endif
