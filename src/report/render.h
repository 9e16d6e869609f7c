/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pieces that the renderings of a report share: JSON values and curves on a stream.
 */
#ifndef TT_REPORT_RENDER_H
#define TT_REPORT_RENDER_H

#include "report/report.h"

#include <stdio.h>

/** Writes a JSON string with its quotes; everything is escaped that HTML could mistake for markup.
 */
void tt_render_json_text(FILE *out, const char *text);
/** Writes a label and a decimal with all its digits. */
void tt_render_dec(FILE *out, const char *label, tt_dec value);
/** The same with `digits` decimals, for reading. */
void tt_render_fixed(FILE *out, const char *label, tt_dec value, int digits);
/** Writes `  "key": value,` and a line end; the decimal keeps all its digits. */
void tt_render_decimal_field(FILE *out, const char *key, tt_dec value);
/** Writes `  "key": "2022-01-01T00:00:00Z",` and a line end. */
void tt_render_time_field(FILE *out, const char *key, tt_time time);
/** Writes the digest in hexadecimal with quotes, or null. */
void tt_render_digest(FILE *out, const uint8_t *digest);
/** Writes [[seconds, equity, lowest], ...]. */
void tt_render_equity(FILE *out, const tt_report *report);
/** Writes [[seconds, close], ...] of one instrument. */
void tt_render_prices(FILE *out, const tt_report *report, uint32_t instrument);
/** Writes the list of closed trades as objects. */
void tt_render_trades(FILE *out, const tt_report *report, const tt_instruments *instruments);
/** Closes a memory stream; frees the text and says TUTTI_NO_MEMORY if it could not be written
 * whole. */
TUTTI_NODISCARD tutti_status tt_render_finish(FILE *out, char **text);

#endif
