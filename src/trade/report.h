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

/** Counts a report that changes nothing. */
void tt_report_count_late(const tt_reading *in);
/** Raises a critical alert about the order. */
void tt_report_raise(const tt_reading *in, tt_alert_type type, const char *what);
/** Offers an event to the order's machine in the words of the report. */
bool tt_report_step(const tt_reading *in, tt_order_event event);
/** Notes that the venue knows the order, and what it says it has filled. */
void tt_report_note_venue(const tt_reading *in);
/** Tells whether a negative answer to a query ("not found", "not amended") counts, and notes it.
 * Never twice for one query; not for one sent by `since`, or before the venue's last positive word:
 * such an answer tells what was. An answer that does not name its query is taken for one to the
 * newest; `*counted` is the number of queries at the last one of its kind. */
bool tt_report_is_news(const tt_reading *in, tt_seq since, uint32_t *counted);
/** Ends an order at which nothing is left to fill, if all that the venue filled is booked. Returns
 * whether it did. */
bool tt_report_end_if_full(const tt_reading *in);

/* --- amend_report.c --- */
/** The venue has amended an order. */
void tt_amend_on_amended(const tt_reading *in);
/** It has not, and will not. */
void tt_amend_on_rejected(const tt_reading *in);
/** What an answer to a query says of the values of an order that is not over. */
void tt_amend_on_status(const tt_reading *in);
/** Tells whether a report is about the amend that is on its way. */
bool tt_amend_is_meant(const tt_reading *in);

/** Books an execution, drops its repeat, or refuses what cannot be true. */
void tt_report_fill(const tt_reading *in);

#endif
