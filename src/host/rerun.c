/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A run of recorded inputs on the simulated exchange.
 */
#include "host/rerun.h"

#include "venue/sim.h"

#include <stdlib.h>
#include <string.h>

tutti_status
tt_message_chunk_add(tt_message_chunk *chunk, const void *bytes, size_t size, tt_error *error)
{
    if (chunk->size + size > TT_RERUN_CHUNK_MAX) {
        return tt_error_set(
            error, TUTTI_LIMIT, "more happens between two recorded inputs than can be compared");
    }
    if (chunk->size + size > chunk->capacity) {
        size_t wanted = chunk->capacity == 0 ? 65536 : chunk->capacity;
        while (wanted < chunk->size + size) {
            wanted *= 2;
        }
        // malloc aligns to 16, as messages are, and so does realloc.
        unsigned char *grown = realloc(chunk->bytes, wanted);
        if (grown == NULL) {
            return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to compare two runs");
        }
        chunk->bytes = grown;
        chunk->capacity = wanted;
    }
    memcpy(chunk->bytes + chunk->size, bytes, size);
    chunk->size += size;
    return TUTTI_OK;
}

static tutti_status push_answer(tt_rerun *run, tt_error *error)
{
    tt_time now = tt_engine_now(run->engine);
    run->item.time.ns = run->item.time.ns < now.ns ? now.ns : run->item.time.ns;
    tutti_status status = tt_answer_queue_push(&run->driver.answers, &run->item);
    return status == TUTTI_OK ? TUTTI_OK
                              : tt_error_set(error, status, "too many agent calls are in flight");
}

/** Sees every step: keeps it, counts it, and finds the answers of its calls. */
static tutti_status take_step(void *ctx, const void *step, size_t size, tt_error *error)
{
    tt_rerun *run = ctx;
    TUTTI_TRY(tt_message_chunk_add(&run->chunk, step, size, error));
    tt_report_apply(run->report, step, size);
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        if (msg->topic == TT_TOPIC_AGENT_CALLS &&
            tt_recorded_answers_call(&run->answers, msg, &run->item)) {
            TUTTI_TRY(push_answer(run, error));
        }
    }
    return TUTTI_OK;
}

/** Calls of one task are at least an interval apart, so half of the shortest never confuses two. */
static tt_dur match_window(const tt_config *config)
{
    tt_dur window = {5 * TT_NS_PER_S};
    for (int task = 0; task < TT_task_COUNT; task++) {
        const tt_schedule_config *schedule = &config->engine.coord.schedules[task];
        if (schedule->enabled && schedule->interval.ns / 2 < window.ns) {
            window.ns = schedule->interval.ns / 2;
        }
    }
    return window;
}

tutti_status tt_rerun_open(const tt_config *config, tt_rerun *result, tt_error *error)
{
    const tt_instruments *instruments = &config->engine.instruments;
    TUTTI_TRY(tt_engine_new(&config->engine, &result->engine, error));
    TUTTI_TRY(tt_sim_venue_open(
        &config->venue, instruments, config->engine.seed, NULL, &result->venue, error));
    const tt_account_config *account = &config->engine.trade.account;
    tt_sim_venue_endow(&result->venue, account->initial_balance, account->currency);
    tt_driver_parts parts = {
        .config = &config->engine,
        .engine = result->engine,
        .venue = &result->venue,
        .sink = take_step,
        .sink_ctx = result,
    };
    if (tt_report_new(instruments->count, &result->report) != TUTTI_OK ||
        tt_recorded_answers_init(&result->answers, match_window(config)) != TUTTI_OK ||
        tt_driver_init(&result->driver, &parts) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to run the journal again");
    }
    return TUTTI_OK;
}

void tt_rerun_close(tt_rerun *run)
{
    tt_driver_fini(&run->driver);
    tt_recorded_answers_fini(&run->answers);
    tt_report_free(run->report);
    if (run->venue.close != NULL) {
        run->venue.close(run->venue.ctx);
    }
    tt_engine_free(run->engine);
    free(run->chunk.bytes);
}

static bool is_end_of_data(const tt_feed_item *item)
{
    return item->topic == TT_TOPIC_FEED_EVENTS &&
           item->payload.event.event == TT_feed_event_type_END_OF_DATA;
}

static tutti_status feed_market(tt_rerun *run, const tt_input *input, tt_error *error)
{
    tt_feed_item item = {
        .time = input->time,
        .topic = input->topic,
        .key = input->key,
        .size = (uint16_t)input->payload_size};
    TT_ASSERT(input->payload_size <= sizeof item.payload);
    memcpy(&item.payload, input->payload, input->payload_size);
    TUTTI_TRY(tt_driver_market(&run->driver, &item, error));
    run->has_ended = is_end_of_data(&item);
    run->data_end = item.time;
    return TUTTI_OK;
}

/** After the data orders may still be open, in this run or in the recorded one. The record is read
 * up to the next input before, so that its answers are there. */
static tutti_status settle(tt_rerun *run, tt_error *error)
{
    const tt_dur limit = {600 * TT_NS_PER_S};
    if (!run->has_ended) {
        return TUTTI_OK;
    }
    run->has_ended = false;
    return tt_driver_settle(&run->driver, run->data_end, limit, error);
}

tutti_status tt_rerun_input(tt_rerun *run, const tt_input *input, tt_error *error)
{
    TUTTI_TRY(settle(run, error));
    if (input->source == TT_SOURCE_FEED) {
        return feed_market(run, input, error);
    }
    TUTTI_TRY(tt_driver_advance(&run->driver, input->time, error));
    return tt_driver_input(&run->driver, input, error);
}

tutti_status tt_rerun_answer(tt_rerun *run, const tt_recorded_answer *answer, tt_error *error)
{
    return tt_recorded_answers_answer(&run->answers, answer, &run->item) ? push_answer(run, error)
                                                                         : TUTTI_OK;
}

tutti_status tt_rerun_advance(tt_rerun *run, tt_time until, tt_error *error)
{
    TUTTI_TRY(settle(run, error));
    return tt_driver_advance(&run->driver, until, error);
}

void tt_rerun_clear(tt_rerun *run)
{
    run->chunk.size = 0;
}
