/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the configuration and the header line of a file to the places of its columns.
 */
#ifndef TT_FEED_CSV_LAYOUT_H
#define TT_FEED_CSV_LAYOUT_H

#include "feed/csv_row.h"

/** Places of the columns of a file. */
typedef struct tt_csv_places {
    tt_csv_layout layout;
    uint32_t wide[TT_INSTRUMENTS_MAX]; /**< Wide files: field of each instrument. */
} tt_csv_places;

/**
 * Finds the columns. `header` is the first row, or NULL when the file has none.
 *
 * @retval TUTTI_INVALID a column is not there, or is named though there is no header; `error` says
 * which key of the configuration and which names the file has. `place` is put in front.
 */
TUTTI_NODISCARD tutti_status tt_csv_places_find(
    const tt_feed_setup *setup,
    const tt_csv_row *header,
    const char *place,
    tt_csv_places *ret_places,
    tt_error *error);
/** Largest place that is used, plus one. */
uint32_t tt_csv_places_needed(const tt_csv_places *places);

#endif
