/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A venue report in work: shared by order_report.c (words) and order_fill.c (executions).
 */
#ifndef TT_TRADE_REPORT_H
#define TT_TRADE_REPORT_H

#include "trade/trade_priv.h"

/** A report and the order that it is about; lives as long as its handling. */
typedef struct tt_reading {
    tt_trade_module *trade;
    tt_order *order;
    const tt_venue_report *report;
    const tt_msg *msg;
} tt_reading;

/** Raises a critical alert about the order. */
void tt_report_raise(const tt_reading *in, tt_alert_type type, const char *what);
/** Offers an event to the order's machine in the words of the report. */
bool tt_report_step(const tt_reading *in, tt_order_event event);
/** Notes that the venue knows the order, and what it says it has filled. */
void tt_report_note_venue(const tt_reading *in);
/** Books an execution, drops its repeat, or refuses what cannot be true. */
void tt_report_fill(const tt_reading *in);

#endif
