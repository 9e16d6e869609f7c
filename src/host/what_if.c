/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads a record and drives two runs with it.
 */
#include "host/what_if.h"

#include "host/files.h"
#include "host/replay.h"
#include "host/rerun.h"

#include <stdlib.h>
#include <string.h>

/** Recorded calls whose answer has not come yet; more than can be in flight. */
#define CALLS_KEPT (4 * TT_CALLS_MAX)

/** A call of the record. */
typedef struct recorded_call {
    tt_call_identity identity;
    tt_seq seq;
} recorded_call;

/** Everything that one question holds. */
typedef struct what_if {
    const tt_what_if_question *question;
    tt_what_if_result *result;
    tt_journal_reader *reader;
    tt_config *changed;
    tt_rerun *runs[2]; /**< With the recorded settings, with the changed ones. */
    tt_compare compare;
    tt_message_chunk recorded; /**< Steps of the record that the first run has not passed yet. */
    tt_message_chunk passed;   /**< Messages of the first run that the record has not shown yet. */
    recorded_call calls[CALLS_KEPT];
    size_t call_count; /**< All that were ever seen; the newest are kept. */
    tt_time last_time;
} what_if;

/* ---- the record ---- */

static void keep_calls(what_if *run, const void *step, size_t size)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        if (msg->topic == TT_TOPIC_AGENT_CALLS) {
            run->calls[run->call_count++ % CALLS_KEPT] =
                (recorded_call){tt_call_identity_of(msg), msg->seq};
        }
    }
}

static const recorded_call *find_call(const what_if *run, tt_seq seq)
{
    for (size_t i = 0; i < CALLS_KEPT; i++) {
        if (seq != 0 && run->calls[i].seq == seq) {
            return &run->calls[i];
        }
    }
    return NULL;
}

/** An answer to a call that the record does not have was refused, and changed nothing. */
static tutti_status take_answer(what_if *run, const tt_msg *msg, tt_error *error)
{
    const tt_agent_answer *answer = TT_PAYLOAD(msg, AGENT_ANSWERS, agent_answer);
    const recorded_call *call = find_call(run, answer->call_seq);
    if (call == NULL) {
        return TUTTI_OK;
    }
    tt_recorded_answer recorded = {
        .call = call->identity,
        .latency.ns = msg->time.ns - call->identity.time.ns,
        .source = msg->source,
    };
    memcpy(
        &recorded.answer,
        answer,
        msg->size < sizeof recorded.answer ? msg->size : sizeof recorded.answer);
    for (int side = 0; side < 2; side++) {
        TUTTI_TRY(tt_rerun_answer(run->runs[side], &recorded, error));
    }
    return TUTTI_OK;
}

/** Drops what both hold in common, and notes the first message that is not the same. */
static void match_record(what_if *run)
{
    size_t at = 0;
    while (run->result->first_deviation == 0 && at < run->recorded.size && at < run->passed.size) {
        const tt_msg *old = (const void *)(run->recorded.bytes + at);
        const tt_msg *new = (const void *)(run->passed.bytes + at);
        size_t bytes = tt_msg_bytes(old);
        if (at + bytes > run->passed.size || tt_msg_bytes(new) != bytes ||
            memcmp(old, new, bytes) != 0) {
            run->result->first_deviation = old->seq;
        } else {
            at += bytes;
        }
    }
    if (run->result->first_deviation != 0) {
        run->recorded.size = 0;
        run->passed.size = 0;
        return;
    }
    memmove(run->recorded.bytes, run->recorded.bytes + at, run->recorded.size - at);
    memmove(run->passed.bytes, run->passed.bytes + at, run->passed.size - at);
    run->recorded.size -= at;
    run->passed.size -= at;
}

/* ---- the runs ---- */

/** Compares what both runs have done since the last time. */
static tutti_status compare_stretch(what_if *run, tt_seq input, tt_error *error)
{
    const tt_message_list sides[2] = {
        {run->runs[0]->chunk.bytes, run->runs[0]->chunk.size},
        {run->runs[1]->chunk.bytes, run->runs[1]->chunk.size},
    };
    tutti_status status = tt_compare_stretch(
        &run->compare,
        sides,
        input,
        &run->result->differences,
        run->question->told,
        run->question->told_ctx);
    if (status != TUTTI_OK) {
        return tt_error_set(error, status, "no memory to compare two runs");
    }
    if (run->result->first_deviation == 0) {
        TUTTI_TRY(tt_message_chunk_add(&run->passed, sides[0].bytes, sides[0].size, error));
        match_record(run);
    }
    tt_rerun_clear(run->runs[0]);
    tt_rerun_clear(run->runs[1]);
    return TUTTI_OK;
}

static tutti_status feed_input(what_if *run, const tt_msg *msg, tt_error *error)
{
    const tt_input input = tt_input_of(msg);
    for (int side = 0; side < 2; side++) {
        TUTTI_TRY(tt_rerun_input(run->runs[side], &input, error));
    }
    return compare_stretch(run, msg->seq, error);
}

/** Takes one step of the record: only its input matters; the rest comes out again, or does not. */
static tutti_status take_step(what_if *run, const void *step, size_t size, tt_error *error)
{
    const tt_msg *msg = tt_step_next(step, size, NULL);
    tt_report_apply(run->result->recorded, step, size);
    keep_calls(run, step, size);
    if (run->result->first_deviation == 0) {
        TUTTI_TRY(tt_message_chunk_add(&run->recorded, step, size, error));
    }
    run->last_time = msg->time;
    switch (msg->topic) {
    case TT_TOPIC_CLOCK:
        return TUTTI_OK; // The timers of each run know their own time.
    case TT_TOPIC_VENUE_REPORTS:
    case TT_TOPIC_VENUE_TRADES:
    case TT_TOPIC_VENUE_POSITIONS:
    case TT_TOPIC_FUNDING_PAYMENTS:
    case TT_TOPIC_VENUE_BALANCES:
    case TT_TOPIC_VENUE_TRANSFERS:
        run->result->venue_reports++;
        return TUTTI_OK;
    case TT_TOPIC_AGENT_ANSWERS:
        return take_answer(run, msg, error);
    case TT_TOPIC_SESSION_EVENTS:
        run->result->mode = TT_PAYLOAD(msg, SESSION_EVENTS, session_event)->mode;
        return feed_input(run, msg, error);
    default:
        return feed_input(run, msg, error);
    }
}

/** The record may end between two inputs that drive the runs. */
static tutti_status finish(what_if *run, tt_error *error)
{
    for (int side = 0; side < 2; side++) {
        TUTTI_TRY(tt_rerun_advance(run->runs[side], run->last_time, error));
    }
    TUTTI_TRY(compare_stretch(run, run->result->last_seq, error));
    // What only the record has left is a deviation, and so is what only the run has left - unless
    // the reading ended within a moment, whose rest the run has finished.
    const tt_msg *rest = NULL;
    if (run->recorded.size > 0) {
        rest = (const void *)run->recorded.bytes;
    } else if (run->passed.size > 0) {
        rest = (const void *)run->passed.bytes;
        rest = rest->time.ns < run->last_time.ns ? rest : NULL;
    }
    if (run->result->first_deviation == 0 && rest != NULL) {
        run->result->first_deviation = rest->seq;
    }
    return TUTTI_OK;
}

static bool is_stopped(const what_if *run)
{
    return run->question->stop != NULL && *run->question->stop != 0;
}

static tutti_status drive(what_if *run, tt_error *error)
{
    while (!is_stopped(run) && run->result->last_seq < run->question->until) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(run->reader, &step, &size, error);
        if (status == TUTTI_END) {
            break;
        }
        TUTTI_TRY(status);
        TUTTI_TRY(take_step(run, step, size, error));
        tt_journal_end end;
        tt_journal_reader_end(run->reader, &end);
        run->result->last_seq = end.last_seq;
    }
    return finish(run, error);
}

/* ---- opening and closing ---- */

static tutti_status open_configs(what_if *run, bool *ret_is_setting, tt_error *error)
{
    size_t size = 0;
    const void *meta = tt_journal_reader_meta(run->reader, &size);
    run->result->config = calloc(1, sizeof *run->result->config);
    run->changed = calloc(1, sizeof *run->changed);
    if (run->result->config == NULL || run->changed == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the configuration");
    }
    TUTTI_TRY(tt_journal_config(run->reader, run->result->config, error));
    const tt_what_if_question *asked = run->question;
    tutti_status status =
        tt_what_if_settings(meta, size, asked->sets, asked->set_count, run->changed, error);
    *ret_is_setting = status != TUTTI_OK && status != TUTTI_NO_MEMORY;
    return status;
}

static tutti_status open_runs(what_if *run, tt_error *error)
{
    const tt_config *configs[2] = {run->result->config, run->changed};
    if (tt_report_new(configs[0]->engine.instruments.count, &run->result->recorded) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the report");
    }
    for (int side = 0; side < 2; side++) {
        run->runs[side] = calloc(1, sizeof *run->runs[side]);
        if (run->runs[side] == NULL) {
            return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to run the journal again");
        }
        TUTTI_TRY(tt_rerun_open(configs[side], run->runs[side], error));
    }
    return TUTTI_OK;
}

/** Moves what a run found into the result, and closes it. */
static void close_run(tt_rerun *run, tt_what_if_side *side)
{
    if (run != NULL) {
        side->answers_near = run->answers.matched_near;
        side->calls_unanswered = tt_recorded_answers_unanswered(&run->answers);
        side->answers_unused = tt_recorded_answers_unused(&run->answers);
        side->report = run->report;
        run->report = NULL;
        tt_rerun_close(run);
        free(run);
    }
}

static void close_all(what_if *run)
{
    close_run(run->runs[0], &run->result->unchanged);
    close_run(run->runs[1], &run->result->changed);
    tt_compare_fini(&run->compare);
    tt_journal_reader_close(run->reader);
    free(run->changed);
    free(run->recorded.bytes);
    free(run->passed.bytes);
    free(run);
}

tutti_status tt_what_if_run(
    const tt_what_if_question *question,
    tt_what_if_result *result,
    bool *ret_is_setting,
    tt_error *error)
{
    char dir[TT_PATH_MAX];
    *result = (tt_what_if_result){0};
    *ret_is_setting = false;
    TUTTI_TRY(tt_journal_locate(question->path, dir, error));
    TUTTI_TRY(tt_journal_require_all(dir, error));
    what_if *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to run the journal again");
    }
    run->question = question;
    run->result = result;
    tutti_status status = tt_journal_reader_open(dir, &run->reader, error);
    if (status == TUTTI_OK) {
        status = open_configs(run, ret_is_setting, error);
    }
    if (status == TUTTI_OK) {
        status = open_runs(run, error);
    }
    if (status == TUTTI_OK) {
        status = drive(run, error);
    }
    close_all(run);
    return status;
}

void tt_what_if_free(tt_what_if_result *result)
{
    tt_report_free(result->recorded);
    tt_report_free(result->unchanged.report);
    tt_report_free(result->changed.report);
    free(result->config);
    *result = (tt_what_if_result){0};
}
