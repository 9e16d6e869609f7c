/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A run of recorded market data, commands and answers with a given configuration, on the simulated
 * exchange. It writes nothing and asks nobody.
 */
#ifndef TT_HOST_RERUN_H
#define TT_HOST_RERUN_H

#include "config/config.h"
#include "host/driver.h"
#include "host/recorded_answers.h"
#include "report/report.h"

/** Bytes that one recorded input may cause, with all that was due before it. */
#define TT_RERUN_CHUNK_MAX ((size_t)256 * 1024 * 1024)

/** Messages back to back. */
typedef struct tt_message_chunk {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
} tt_message_chunk;

/** Appends bytes. @retval TUTTI_LIMIT more than TT_RERUN_CHUNK_MAX.  @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status
tt_message_chunk_add(tt_message_chunk *chunk, const void *bytes, size_t size, tt_error *error);

/** One run. */
typedef struct tt_rerun {
    tt_engine *engine;
    tt_venue venue;
    tt_report *report;
    tt_recorded_answers answers;
    tt_message_chunk chunk; /**< What happened since tt_rerun_clear. */
    tt_answer_item item;
    tt_time data_end; /**< Where the market data ended. */
    bool has_ended;   /**< What is open then settles before the next input. */
    tt_driver driver;
} tt_rerun;

/** Opens a run; `config` is borrowed until it is closed. `result` is zero, and is to be closed also
 * after a failure. */
TUTTI_NODISCARD tutti_status
tt_rerun_open(const tt_config *config, tt_rerun *result, tt_error *error);
void tt_rerun_close(tt_rerun *run);
/** Feeds an input that nothing inside the run makes: market data, session events, commands. All
 * that is due before it happens first. */
TUTTI_NODISCARD tutti_status tt_rerun_input(tt_rerun *run, const tt_input *input, tt_error *error);
/** Tells the run what an agent has answered. */
TUTTI_NODISCARD tutti_status
tt_rerun_answer(tt_rerun *run, const tt_recorded_answer *answer, tt_error *error);
/** Lets time pass to the end of a record that has no end of its own. */
TUTTI_NODISCARD tutti_status tt_rerun_advance(tt_rerun *run, tt_time until, tt_error *error);
/** Forgets the messages up to now. */
void tt_rerun_clear(tt_rerun *run);

#endif
