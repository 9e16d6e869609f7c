/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One row of comma-separated values, and the bar in it. Pure: no file, no state.
 */
#ifndef TT_FEED_CSV_ROW_H
#define TT_FEED_CSV_ROW_H

#include "feed/feed_source.h"

#define TT_CSV_FIELDS_MAX 512

/** Fields of a row, without blanks around and quotes. @lends{until the line changes} */
typedef struct tt_csv_row {
    tt_slice fields[TT_CSV_FIELDS_MAX];
    uint32_t count;
} tt_csv_row;

/** Places of the columns of a bar. */
typedef enum tt_csv_column {
    TT_CSV_TIME,
    TT_CSV_OPEN,
    TT_CSV_HIGH,
    TT_CSV_LOW,
    TT_CSV_CLOSE,
    TT_CSV_VOLUME,
    TT_CSV_SYMBOL,
    TT_CSV_COLUMN_COUNT
} tt_csv_column;

#define TT_CSV_NO_COLUMN UINT32_MAX

/** Which field holds what. */
typedef struct tt_csv_layout {
    uint32_t index[TT_CSV_COLUMN_COUNT]; /**< TT_CSV_NO_COLUMN = there is none. */
    uint32_t field_count;                /**< Fields that a row must have; 0 = as the first row. */
    tt_ratio price_scale;
} tt_csv_layout;

/** Splits at commas. A field may stand in double quotes, without a double quote in it.
 * @retval TUTTI_INVALID  more than TT_CSV_FIELDS_MAX fields, or a quote that is out of place. */
TUTTI_NODISCARD tutti_status
tt_csv_split(tt_slice line, tt_csv_row *ret_row, tt_feed_refusal *refusal);
/** Reads prices and volume of a row whose field count is right; times and symbol are the caller's.
 * @retval TUTTI_INVALID  a number is none or out of range, or high and low contradict the rest. */
TUTTI_NODISCARD tutti_status tt_csv_parse_bar(
    const tt_csv_row *row, const tt_csv_layout *layout, tt_bar *ret_bar, tt_feed_refusal *refusal);

#endif
