/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Verification of a journal in one pass: the reader checks checksums and chain, the auditor the
 * books, the engine that everything comes out again.
 */
#include "host/files.h"
#include "host/recover.h"
#include "host/replay.h"
#include "journal/books_check.h"

#include <stdlib.h>

/** What one verification holds. */
typedef struct verification {
    tt_journal_reader *reader;
    tt_config *config;
    tt_engine *engine;
    tt_books_check *books;
} verification;

static void close_verification(verification *run)
{
    tt_books_check_free(run->books);
    tt_engine_free(run->engine);
    free(run->config);
    tt_journal_reader_close(run->reader);
}

/** What another release decided is not for this one to decide again. */
static tutti_status open_engine(verification *run, tt_verify_result *result, tt_error *error)
{
    bool has_settings = result->settings_left_out == 0;
    result->is_foreign = tt_journal_reader_is_foreign(run->reader) || !has_settings;
    return result->is_foreign ? TUTTI_OK : tt_engine_new(&run->config->engine, &run->engine, error);
}

static tutti_status
open_verification(verification *run, const char *dir, tt_verify_result *result, tt_error *error)
{
    TUTTI_TRY(tt_journal_reader_open_any(dir, &run->reader, error));
    run->config = calloc(1, sizeof *run->config);
    if (run->config == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the configuration");
    }
    TUTTI_TRY(tt_journal_config_any(run->reader, run->config, &result->settings_left_out, error));
    TUTTI_TRY(open_engine(run, result, error));
    if (tt_books_check_new(&run->books) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the check of the books");
    }
    return TUTTI_OK;
}

static void count_step(const void *step, size_t size, tt_verify_result *result)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        result->messages++;
        result->fills_checked += msg->topic == TT_TOPIC_FILLS;
        result->accounts_checked += msg->topic == TT_TOPIC_ACCOUNT_UPDATES;
    }
}

/** Reads all that is left of a journal without its beginning, and replays what a snapshot allows.
 */
static tutti_status
verify_rest(verification *run, const char *dir, tt_verify_result *result, tt_error *error)
{
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        const void *step = NULL;
        size_t size = 0;
        status = tt_journal_reader_next(run->reader, &step, &size, error);
        for (const tt_msg *msg = status == TUTTI_OK ? tt_step_next(step, size, NULL) : NULL;
             msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            result->messages++;
        }
    }
    if (status != TUTTI_END) {
        return status;
    }
    if (result->is_foreign) {
        return TUTTI_OK;
    }
    tt_error ignored = {0};
    tt_journal_end end;
    void *state = NULL;
    size_t size = 0;
    if (tt_snapshot_read(dir, &end, &state, &size, &ignored) != TUTTI_OK) {
        return TUTTI_OK;
    }
    free(state);
    tt_recovery recovery;
    tt_engine_free(run->engine);
    run->engine = NULL;
    TUTTI_TRY(tt_recover_engine(dir, run->config, &run->engine, &recovery, error));
    result->replayed = true;
    result->steps_replayed = recovery.steps_replayed;
    return TUTTI_OK;
}

static tutti_status verify_steps(verification *run, tt_verify_result *result, tt_error *error)
{
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(run->reader, &step, &size, error);
        if (status == TUTTI_END) {
            result->replayed = !result->is_foreign;
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        TUTTI_TRY(tt_books_check_step(run->books, step, size, error));
        if (!result->is_foreign) {
            TUTTI_TRY(tt_replay_step(run->engine, step, size, error));
        }
        count_step(step, size, result);
    }
}

tutti_status tt_verify_run(const char *path, tt_verify_result *result, tt_error *error)
{
    char dir[TT_PATH_MAX];
    verification run = {0};
    *result = (tt_verify_result){0};
    TUTTI_TRY(tt_journal_locate(path, dir, error));
    tutti_status status = open_verification(&run, dir, result, error);
    if (status == TUTTI_OK) {
        tt_journal_end begin;
        tt_journal_reader_begin(run.reader, &begin);
        result->dropped = begin.last_seq;
        status = begin.last_seq > 0 ? verify_rest(&run, dir, result, error)
                                    : verify_steps(&run, result, error);
        result->passed_over = tt_journal_reader_passed_over(run.reader);
        tt_journal_reader_end(run.reader, &result->end);
    }
    close_verification(&run);
    return status;
}
