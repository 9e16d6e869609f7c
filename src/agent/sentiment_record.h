/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recorded sentiment: a CSV file in memory, and the latest entry of a symbol at a moment.
 *
 * The first line names the columns, in any order: time, symbol, confidence, and at least one of
 * score, social and news; event may be left out. A field may stand in double quotes (a quote inside
 * is doubled). Blank lines are skipped. A row:
 *
 *   time        ISO 8601 in UTC, such as 2022-01-03T10:00:00Z
 *   symbol      as configured
 *   score       -1..1; empty = the mean of social and news, or the one that is given
 *   confidence  0..1
 *   social      -1..1 or empty
 *   news        -1..1 or empty
 *   event       what happened, in words; cut at 63 bytes
 *
 * Rows may come in any order; two of the same symbol and time are an error.
 */
#ifndef TT_AGENT_SENTIMENT_RECORD_H
#define TT_AGENT_SENTIMENT_RECORD_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/payloads.h"

/** Largest number of rows. */
#define TT_SENTIMENT_ROWS_MAX 1000000
/** Longest line in bytes. */
#define TT_SENTIMENT_LINE_MAX 4096

/** One row. */
typedef struct tt_sentiment_entry {
    tt_time time;
    uint32_t key;  /**< Instrument id. */
    uint32_t line; /**< Where it stands in the file. */
    tt_ratio score;
    tt_ratio confidence;
    tt_ratio social; /**< 0 when not given. */
    tt_ratio news;
    char event[64];
    bool has_social;
    bool has_news;
} tt_sentiment_entry;

/** A loaded file, sorted by symbol and time. */
typedef struct tt_sentiment_record {
    tt_sentiment_entry *entries;
    uint32_t count;
    uint32_t capacity;
} tt_sentiment_record;

/** Loads a file; `record` must be empty. On failure it is empty again and `error` names file and
 * line.
 * @retval TUTTI_IO         it cannot be read.
 * @retval TUTTI_PARSE      a line has not the required form.
 * @retval TUTTI_RANGE      a number is outside its range.
 * @retval TUTTI_NOT_FOUND  a symbol is not configured.
 * @retval TUTTI_EXISTS     two rows of one symbol and time.
 * @retval TUTTI_LIMIT      too many rows or too long a line.
 * @retval TUTTI_NO_MEMORY.  @thread{setup} @blocks{disk} @alloc{setup} */
TUTTI_NODISCARD tutti_status tt_sentiment_record_load(
    tt_sentiment_record *record,
    const char *path,
    const tt_instruments *instruments,
    tt_error *error);
/** Releases a record; an empty one is fine. @thread{setup} */
void tt_sentiment_record_fini(tt_sentiment_record *record);
/** Finds the latest entry of an instrument at or before `now`, or NULL. @thread{any} @alloc{never}
 * @lends{until the record is released} */
const tt_sentiment_entry *
tt_sentiment_record_find(const tt_sentiment_record *record, uint32_t key, tt_time now);

#endif
