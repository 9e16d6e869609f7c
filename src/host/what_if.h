/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What if: the recorded inputs of a journal, run twice side by side - with the recorded settings
 * and with changed ones - and compared.
 *
 * Both runs get the same market data, commands and answers of agents, and both send their orders to
 * the simulated exchange. The recorded reports of the venue are set aside: they speak of orders
 * that the changed run may never send, and of numbers that mean something else there.
 * The run with the recorded settings is compared with the record, too: when they are the same byte
 * for byte, its numbers are those of the journal.
 */
#ifndef TT_HOST_WHAT_IF_H
#define TT_HOST_WHAT_IF_H

#include "config/config.h"
#include "host/what_if_compare.h"
#include "report/report.h"

/** What is asked. */
typedef struct tt_what_if_question {
    const char *path;
    const char *const *sets; /**< section.key=value */
    int set_count;
    tt_seq until;             /**< Stop behind this message; UINT64_MAX = all. */
    const volatile int *stop; /**< May be NULL. */
    tt_difference_fn told;    /**< Gets each difference, in order of time. */
    void *told_ctx;
} tt_what_if_question;

/** How one side has gone. */
typedef struct tt_what_if_side {
    tt_report *report;
    uint64_t answers_near;     /**< Calls answered by one of nearly the same moment. */
    uint64_t calls_unanswered; /**< Calls that the record has no answer for. */
    uint64_t answers_unused;   /**< Recorded answers that nobody asked for. */
} tt_what_if_side;

/** What came out. */
typedef struct tt_what_if_result {
    tt_config *config;   /**< As recorded. */
    tt_report *recorded; /**< What the journal says. */
    tt_what_if_side unchanged;
    tt_what_if_side changed;
    tt_difference_counts differences;
    tt_seq last_seq;        /**< Last message of the record that was read. */
    tt_seq first_deviation; /**< Where the unchanged run leaves the record; 0 = nowhere. */
    uint64_t venue_reports; /**< Recorded reports that were set aside. */
    uint8_t mode;           /**< Of the recorded run (tt_mode). */
} tt_what_if_result;

/**
 * Runs and compares. Release with tt_what_if_free, also after a failure.
 *
 * @retval TUTTI_INVALID, TUTTI_PARSE, ... a setting is not right, has the recorded value already,
 * or concerns only what stands outside the core; `ret_is_setting` tells that it was a setting.
 * @retval TUTTI_CORRUPT, ... the journal cannot be read.
 * @thread{any} @blocks{disk}
 */
TUTTI_NODISCARD tutti_status tt_what_if_run(
    const tt_what_if_question *question,
    tt_what_if_result *result,
    bool *ret_is_setting,
    tt_error *error);
void tt_what_if_free(tt_what_if_result *result);

/** Makes the changed configuration from the recorded text, checking that each setting takes effect.
 * @retval as tt_what_if_run. */
TUTTI_NODISCARD tutti_status tt_what_if_settings(
    const void *meta,
    size_t meta_size,
    const char *const *sets,
    int set_count,
    tt_config *ret_changed,
    tt_error *error);

#endif
