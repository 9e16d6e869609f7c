/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What sub-accounts did, as a report tells it: each beside the capital that it started with (ADR
 * 85). Nothing is told of an account without parts.
 */
#ifndef TT_REPORT_REPORT_PARTS_H
#define TT_REPORT_REPORT_PARTS_H

#include "report/report.h"

#include <stdio.h>

/** Writes `  "sub_accounts": [...],` and a line end: the newest record of each, in their order. */
void tt_parts_json(FILE *out, const tt_report_numbers *numbers);
/** Prints a row for each part with a capital. */
void tt_parts_table(FILE *out, const tt_report_numbers *numbers, const char *currency);

#endif
