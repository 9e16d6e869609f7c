/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of two or three reports side by side, for a terminal.
 */
#ifndef TT_CLI_REPORT_COLUMNS_H
#define TT_CLI_REPORT_COLUMNS_H

#include "report/report.h"

/** What stands side by side. The last column is the third less the second. */
typedef struct tt_report_columns {
    const tt_report_numbers *numbers[3];
    const char *titles[3]; /**< At most 14 letters. */
    int first;             /**< 0: three columns; 1: the second and the third. All three are set. */
} tt_report_columns;

/** Prints the table; what is 0 on all sides of a list of names is left out. */
void tt_report_columns_print(const tt_report_columns *table, const char *currency);

#endif
