/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Verification of a journal in one pass: the reader checks checksums and chain, the auditor the
 * books, the engine that everything comes out again.
 */
#include "host/files.h"
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

static tutti_status open_verification(verification *run, const char *dir, tt_error *error)
{
    TUTTI_TRY(tt_journal_reader_open(dir, &run->reader, error));
    run->config = calloc(1, sizeof *run->config);
    if (run->config == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the configuration");
    }
    TUTTI_TRY(tt_journal_config(run->reader, run->config, error));
    TUTTI_TRY(tt_engine_new(&run->config->engine, &run->engine, error));
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

static tutti_status verify_steps(verification *run, tt_verify_result *result, tt_error *error)
{
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(run->reader, &step, &size, error);
        if (status == TUTTI_END) {
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        TUTTI_TRY(tt_books_check_step(run->books, step, size, error));
        TUTTI_TRY(tt_replay_step(run->engine, step, size, error));
        count_step(step, size, result);
    }
}

tutti_status tt_verify_run(const char *path, tt_verify_result *result, tt_error *error)
{
    char dir[TT_PATH_MAX];
    verification run = {0};
    *result = (tt_verify_result){0};
    TUTTI_TRY(tt_journal_locate(path, dir, error));
    tutti_status status = open_verification(&run, dir, error);
    if (status == TUTTI_OK) {
        status = verify_steps(&run, result, error);
        tt_journal_reader_end(run.reader, &result->end);
        result->replayed = status == TUTTI_OK;
    }
    close_verification(&run);
    return status;
}
